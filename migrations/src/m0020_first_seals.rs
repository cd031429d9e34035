//! Which rows were sealed as they were first seen: Kontor did not write them, and their seal says only that they have not
//! changed since.

use sea_orm_migration::prelude::*;

use crate::columns::{at, id, text, unique, uuid};

/// Creates `first_seals`.
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
                    .table("first_seals")
                    .col(id())
                    .col(text("table_name"))
                    .col(uuid("row_id"))
                    .col(at("seen_at"))
                    .take(),
            )
            .await?;
        unique(manager, "first_seals", &["row_id", "table_name"]).await
    }
}
