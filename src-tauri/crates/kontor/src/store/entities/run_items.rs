//! Items of runs, with lease and fencing token.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "run_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub run_id: Uuid,
    pub ordinal: i64,
    pub subscription_id: Uuid,
    pub period: NaiveDate,
    #[sea_orm(nullable)]
    pub invoice_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub code: Option<String>,
    pub token: i64,
    #[sea_orm(nullable)]
    pub worker_id: Option<Uuid>,
    #[sea_orm(nullable)]
    pub lease_expires_at: Option<DateTime<Utc>>,
    pub losses: i64,
    pub updated_at: DateTime<Utc>,
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    #[sea_orm(nullable)]
    pub subject_id: Option<Uuid>,
    #[sea_orm(nullable)]
    pub due_at: Option<DateTime<Utc>>,
    pub retries: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
