//! What the rules found and how it was put right: findings, repairs, and each changed field.

use sea_orm_migration::prelude::*;

use crate::columns::{
    at, id, index, maybe_at, maybe_text, maybe_uuid, partial, refers, text, unique, uuid, whole, word,
};

/// Creates `findings`, `repairs` and `repair_changes`.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_findings(manager).await?;
        create_repairs(manager).await?;
        create_changes(manager).await
    }
}

async fn create_findings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("findings")
                .col(id())
                .col(text("rule"))
                .col(word("severity", &["critical", "high", "medium", "info"]))
                .col(text("table_name"))
                .col(text("row_key"))
                .col(maybe_text("field"))
                .col(maybe_text("current_value"))
                .col(maybe_text("proposal"))
                .col(word("evidence", &["proven", "copy", "single", "several", "none"]))
                .col(at("opened_at"))
                .col(at("seen_at"))
                .col(maybe_at("closed_at"))
                .col(maybe_at("set_aside_until_at"))
                .col(maybe_text("set_aside_reason"))
                .take(),
        )
        .await?;
    index(manager, "findings", &["rule", "opened_at"]).await?;
    index(manager, "findings", &["severity", "opened_at"]).await?;
    index(manager, "findings", &["table_name", "row_key"]).await?;
    let open = Expr::col("closed_at").is_null();
    partial(manager, "findings", &["rule", "table_name", "row_key", "field"], "open", open, false).await
}

async fn create_repairs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("repairs")
                .col(id())
                .col(maybe_uuid("finding_id"))
                .col(text("table_name"))
                .col(text("row_key"))
                .col(text("action"))
                .col(word("state", &["staged", "applied", "refused", "undone"]))
                .col(maybe_text("reason"))
                .col(text("person"))
                .col(text("desk"))
                .col(uuid("request_id"))
                .col(maybe_uuid("batch_id"))
                .col(at("staged_at"))
                .col(maybe_at("applied_at"))
                .col(maybe_at("undone_at"))
                .foreign_key(&mut refers("repairs", "finding_id", "findings"))
                .take(),
        )
        .await?;
    unique(manager, "repairs", &["request_id"]).await?;
    index(manager, "repairs", &["finding_id"]).await?;
    index(manager, "repairs", &["state", "staged_at"]).await?;
    index(manager, "repairs", &["batch_id"]).await?;
    index(manager, "repairs", &["table_name", "row_key"]).await
}

async fn create_changes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("repair_changes")
                .col(id())
                .col(uuid("repair_id"))
                .col(whole("position"))
                .col(text("field"))
                .col(maybe_text("old_value"))
                .col(maybe_text("new_value"))
                .foreign_key(&mut refers("repair_changes", "repair_id", "repairs"))
                .take(),
        )
        .await?;
    unique(manager, "repair_changes", &["repair_id", "position"]).await
}
