//! Money that came in, and samples of how full the storage is.

use sea_orm_migration::prelude::*;

use crate::columns::{at, day, edited, id, index, maybe_text, maybe_uuid, refers, text, whole, word};

/// Creates `payments` and `storage_samples`.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut payments = Table::create()
            .table("payments")
            .col(id())
            .col(maybe_uuid("invoice_id"))
            .col(day("received_on"))
            .col(whole("amount_cents"))
            .col(text("currency"))
            .col(text("payer"))
            .col(maybe_text("iban"))
            .col(text("reference"))
            .col(word("state", &["matched", "open", "returned"]))
            .foreign_key(&mut refers("payments", "invoice_id", "invoices"))
            .take();
        edited(&mut payments);
        manager.create_table(payments).await?;
        index(manager, "payments", &["invoice_id"]).await?;
        index(manager, "payments", &["received_on", "id"]).await?;
        index(manager, "payments", &["state", "received_on"]).await?;
        manager
            .create_table(
                Table::create()
                    .table("storage_samples")
                    .col(id())
                    .col(at("taken_at"))
                    .col(whole("capacity_bytes"))
                    .col(whole("sold_bytes"))
                    .col(whole("used_bytes"))
                    .take(),
            )
            .await?;
        index(manager, "storage_samples", &["taken_at"]).await
    }
}
