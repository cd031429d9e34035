//! The journal: who did what, when, from which desk, and why, as one hash chain.

use sea_orm_migration::prelude::*;

use crate::columns::{at, index, maybe_text, text, unique, uuid};

/// Creates `journal`.
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
                    .table("journal")
                    .col(ColumnDef::new("seq").big_integer().not_null().primary_key().take())
                    .col(at("written_at"))
                    .col(text("person"))
                    .col(text("desk"))
                    .col(text("action"))
                    .col(maybe_text("table_name"))
                    .col(maybe_text("row_key"))
                    .col(text("reason"))
                    .col(maybe_text("before"))
                    .col(maybe_text("after"))
                    .col(uuid("request_id"))
                    .col(text("previous_hash"))
                    .col(text("hash"))
                    .take(),
            )
            .await?;
        unique(manager, "journal", &["request_id"]).await?;
        index(manager, "journal", &["written_at", "seq"]).await?;
        index(manager, "journal", &["person", "written_at"]).await?;
        index(manager, "journal", &["table_name", "row_key", "seq"]).await
    }
}
