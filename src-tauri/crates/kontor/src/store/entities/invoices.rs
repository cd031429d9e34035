//! Invoices: frozen columns and progress columns.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invoices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub origin: String,
    #[sea_orm(column_type = "Text")]
    pub number: String,
    pub registration_id: Uuid,
    pub subscription_id: Uuid,
    pub period: NaiveDate,
    pub issued_on: NaiveDate,
    #[sea_orm(nullable)]
    pub due_on: Option<NaiveDate>,
    #[sea_orm(column_type = "Text")]
    pub recipient_name: String,
    pub net_cents: i64,
    pub tax_cents: i64,
    pub gross_cents: i64,
    #[sea_orm(column_type = "Text")]
    pub currency: String,
    pub line_count: i64,
    #[sea_orm(column_type = "Blob", nullable)]
    pub snapshot: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob", nullable)]
    pub snapshot_sha256: Option<Vec<u8>>,
    #[sea_orm(nullable)]
    pub cancels_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(nullable)]
    pub cancelled_by: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
    #[sea_orm(column_type = "Blob", nullable)]
    pub seal: Option<Vec<u8>>,
    #[sea_orm(column_type = "Text")]
    pub search_text: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
