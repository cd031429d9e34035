//! Every attempt ever made.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(nullable)]
    pub item_id: Option<Uuid>,
    pub subscription_id: Uuid,
    pub period: NaiveDate,
    #[sea_orm(nullable)]
    pub invoice_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub step: String,
    pub token: i64,
    #[sea_orm(column_type = "Text")]
    pub host: String,
    #[sea_orm(column_type = "Text")]
    pub boot_id: String,
    pub pid: i64,
    #[sea_orm(column_type = "Text")]
    pub program_version: String,
    #[sea_orm(nullable)]
    pub worker_id: Option<Uuid>,
    pub started_at: DateTime<Utc>,
    #[sea_orm(nullable)]
    pub ended_at: Option<DateTime<Utc>>,
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    #[sea_orm(nullable)]
    pub signal: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub code: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub message: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
