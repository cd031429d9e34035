//! Marks that somebody looked at a PDF.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reviews")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub invoice_id: Uuid,
    pub document_id: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub sha256: Vec<u8>,
    pub size_bytes: i64,
    #[sea_orm(column_type = "Text")]
    pub person: String,
    #[sea_orm(column_type = "Text")]
    pub desk: String,
    pub request_id: Uuid,
    pub reviewed_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
