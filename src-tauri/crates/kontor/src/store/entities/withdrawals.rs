//! Hosts that were taken out of service, since when their work is suspect, and their return.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "withdrawals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub host: String,
    #[sea_orm(column_type = "Text")]
    pub source: String,
    pub suspect_from_at: DateTime<Utc>,
    #[sea_orm(nullable)]
    pub suspect_until_at: Option<DateTime<Utc>>,
    pub withdrawn_at: DateTime<Utc>,
    #[sea_orm(nullable)]
    pub canary_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub person: String,
    #[sea_orm(column_type = "Text")]
    pub desk: String,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub request_id: Uuid,
    #[sea_orm(nullable)]
    pub returned_at: Option<DateTime<Utc>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub returned_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub returned_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
