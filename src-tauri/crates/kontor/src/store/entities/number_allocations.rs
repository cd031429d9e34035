//! The log of numbers: who took which, and what became of it.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "number_allocations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub range_id: Uuid,
    pub serial: i64,
    #[sea_orm(column_type = "Text")]
    pub number: String,
    #[sea_orm(nullable)]
    pub subscription_id: Option<Uuid>,
    #[sea_orm(nullable)]
    pub period: Option<NaiveDate>,
    #[sea_orm(nullable)]
    pub invoice_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub host: String,
    pub allocated_at: DateTime<Utc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub explanation: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
