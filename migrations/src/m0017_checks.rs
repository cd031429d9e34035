//! Checks: one open finding per rule, row and field, the row's id as an id so that findings can be joined with what they
//! are about, and when each rule last looked at everything.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::{add, at, id, index, maybe_uuid, text, unique};

/// Makes the index of open findings unique, adds `findings.row_id`, and creates `rule_checks`.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("findings_open").table("findings").to_owned()).await?;
        // A finding without a field is one too: NULL would differ from NULL.
        let open = "CREATE UNIQUE INDEX findings_open ON findings (rule, table_name, row_key, (coalesce(field, ''))) \
                    WHERE closed_at IS NULL";
        manager.get_connection().execute_unprepared(open).await?;
        add(manager, "findings", maybe_uuid("row_id")).await?;
        index(manager, "findings", &["row_id"]).await?;
        manager
            .create_table(Table::create().table("rule_checks").col(id()).col(text("rule")).col(at("checked_at")).take())
            .await?;
        unique(manager, "rule_checks", &["rule"]).await
    }
}
