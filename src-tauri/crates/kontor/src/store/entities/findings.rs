//! What the rules found.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "findings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub rule: String,
    #[sea_orm(column_type = "Text")]
    pub severity: String,
    #[sea_orm(column_type = "Text")]
    pub table_name: String,
    #[sea_orm(column_type = "Text")]
    pub row_key: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub field: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub current_value: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub proposal: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub evidence: String,
    pub opened_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    #[sea_orm(nullable)]
    pub closed_at: Option<DateTime<Utc>>,
    #[sea_orm(nullable)]
    pub set_aside_until_at: Option<DateTime<Utc>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub set_aside_reason: Option<String>,
    #[sea_orm(nullable)]
    pub row_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
