//! What is known of a mail's fate, as it came in.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_evidence")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub delivery_id: Uuid,
    #[sea_orm(nullable)]
    pub attempt_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub source: String,
    #[sea_orm(column_type = "Text")]
    pub verdict: String,
    #[sea_orm(nullable)]
    pub reply_code: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub detail: String,
    pub seen_at: DateTime<Utc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub queue_id: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub fingerprint: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
