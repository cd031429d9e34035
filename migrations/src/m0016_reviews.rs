//! Marks that somebody looked at a PDF. A mark is for the bytes as they were looked at: document, hash and size stand
//! with it, and it counts only as long as these are still the original's.

use sea_orm_migration::prelude::*;

use crate::columns::{at, bytes, id, index, refers, text, unique, uuid, whole};

/// Creates `reviews`.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("reviews")
                    .col(id())
                    .col(uuid("invoice_id"))
                    .col(uuid("document_id"))
                    .col(bytes("sha256"))
                    .col(whole("size_bytes"))
                    .col(text("person"))
                    .col(text("desk"))
                    .col(uuid("request_id"))
                    .col(at("reviewed_at"))
                    .foreign_key(&mut refers("reviews", "invoice_id", "invoices"))
                    .foreign_key(&mut refers("reviews", "document_id", "documents"))
                    .take(),
            )
            .await?;
        unique(manager, "reviews", &["document_id"]).await?;
        unique(manager, "reviews", &["request_id"]).await?;
        index(manager, "reviews", &["invoice_id"]).await
    }
}
