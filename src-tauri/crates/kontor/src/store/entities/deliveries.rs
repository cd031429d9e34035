//! Mails that carry a document.
#![expect(missing_docs, reason = "the columns are described where the tables are made, in `migrations`")]

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub invoice_id: Uuid,
    #[sea_orm(nullable)]
    pub document_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub purpose: String,
    #[sea_orm(column_type = "Text")]
    pub origin: String,
    #[sea_orm(column_type = "Text")]
    pub recipient: String,
    #[sea_orm(column_type = "Text")]
    pub message_id: String,
    #[sea_orm(column_type = "Blob", nullable)]
    pub message_head: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob", nullable)]
    pub message_tail: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob", nullable)]
    pub message_sha256: Option<Vec<u8>>,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub target: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub code: Option<String>,
    pub tries: i64,
    pub queued_at: DateTime<Utc>,
    #[sea_orm(nullable)]
    pub sending_at: Option<DateTime<Utc>>,
    #[sea_orm(nullable)]
    pub settled_at: Option<DateTime<Utc>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub person: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    #[sea_orm(nullable)]
    pub request_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub return_path: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
