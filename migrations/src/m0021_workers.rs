//! Workers: one row for each time a process begins to work on runs, how it ended, and what the machine's counters said.

use sea_orm_migration::prelude::*;

use crate::columns::{at, flag, id, index, maybe_at, maybe_whole, text, whole, word};

/// Creates `workers`.
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
                    .table("workers")
                    // The id that stands with attempts and items as `worker_id`.
                    .col(id())
                    .col(text("host"))
                    .col(text("boot_id"))
                    .col(whole("pid"))
                    .col(text("program_version"))
                    .col(text("renderer"))
                    .col(text("kernel"))
                    .col(at("started_at"))
                    .col(maybe_at("ended_at"))
                    // `lost`: its lease ran out and nobody saw it end.
                    .col(word("outcome", &["running", "done", "failed", "died", "lost"]))
                    .col(maybe_whole("exit_code"))
                    .col(maybe_whole("signal"))
                    .col(flag("is_out_of_memory").default(false).take())
                    // Memory errors that the machine had counted by then; none where it counts none.
                    .col(maybe_whole("memory_errors_before"))
                    .col(maybe_whole("memory_errors_after"))
                    .take(),
            )
            .await?;
        index(manager, "workers", &["host", "started_at"]).await?;
        index(manager, "workers", &["outcome", "started_at"]).await
    }
}
