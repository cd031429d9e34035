//! Work on invoices: runs, their items with lease and fencing token, and every attempt ever made.

use sea_orm_migration::prelude::*;

use crate::columns::{
    at, day, id, index, maybe_at, maybe_day, maybe_text, maybe_uuid, maybe_whole, partial, refers, text, unique, uuid,
    whole, word,
};

/// Steps of the pipeline, in order.
const STEPS: [&str; 4] = ["issue", "render", "archive", "deliver"];

/// Creates `runs`, `run_items` and `attempts`.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_runs(manager).await?;
        create_items(manager).await?;
        create_attempts(manager).await
    }
}

async fn create_runs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("runs")
                .col(id())
                .col(word("kind", &["invoice", "rerun"]))
                .col(maybe_day("period"))
                .col(day("issue_on"))
                .col(word("last_step", &STEPS))
                .col(text("selection"))
                .col(text("reason"))
                .col(word("state", &["running", "paused", "cancelling", "cancelled", "done"]))
                .col(whole("total"))
                .col(text("person"))
                .col(text("desk"))
                .col(uuid("request_id"))
                .col(at("created_at"))
                .col(maybe_at("ended_at"))
                .take(),
        )
        .await?;
    unique(manager, "runs", &["request_id"]).await?;
    index(manager, "runs", &["state", "created_at"]).await?;
    index(manager, "runs", &["created_at", "id"]).await
}

async fn create_items(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("run_items")
                .col(id())
                .col(uuid("run_id"))
                .col(whole("ordinal"))
                .col(uuid("subscription_id"))
                .col(day("period"))
                .col(maybe_uuid("invoice_id"))
                .col(word("state", &["waiting", "claimed", "done", "failed", "skipped", "unknown", "cancelled"]))
                .col(maybe_text("code"))
                .col(whole("token").default(0).take())
                .col(maybe_uuid("worker_id"))
                .col(maybe_at("lease_expires_at"))
                .col(whole("losses").default(0).take())
                .col(at("updated_at"))
                .check(Expr::col("state").ne("claimed").or(Expr::col("lease_expires_at").is_not_null()))
                .foreign_key(&mut refers("run_items", "run_id", "runs"))
                .foreign_key(&mut refers("run_items", "subscription_id", "subscriptions"))
                .foreign_key(&mut refers("run_items", "invoice_id", "invoices"))
                .take(),
        )
        .await?;
    unique(manager, "run_items", &["run_id", "subscription_id", "period"]).await?;
    index(manager, "run_items", &["run_id", "state", "ordinal"]).await?;
    index(manager, "run_items", &["subscription_id", "period"]).await?;
    index(manager, "run_items", &["invoice_id"]).await?;
    // At any moment one worker at most works on a subscription's period, whichever run sent it.
    let claimed = || Expr::col("state").eq("claimed");
    partial(manager, "run_items", &["subscription_id", "period"], "one_claim", claimed(), true).await?;
    partial(manager, "run_items", &["lease_expires_at"], "leases", claimed(), false).await
}

async fn create_attempts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("attempts")
                .col(id())
                .col(maybe_uuid("item_id"))
                .col(uuid("subscription_id"))
                .col(day("period"))
                .col(maybe_uuid("invoice_id"))
                .col(word("step", &STEPS))
                .col(whole("token"))
                .col(text("host"))
                .col(text("boot_id"))
                .col(whole("pid"))
                .col(text("program_version"))
                .col(maybe_uuid("worker_id"))
                .col(at("started_at"))
                .col(maybe_at("ended_at"))
                .col(word("outcome", &["running", "done", "failed", "died", "skipped", "unknown"]))
                .col(maybe_whole("signal"))
                .col(maybe_text("code"))
                .col(maybe_text("message"))
                .check(Expr::col("outcome").eq("running").eq(Expr::col("ended_at").is_null()))
                .foreign_key(&mut refers("attempts", "item_id", "run_items"))
                .foreign_key(&mut refers("attempts", "subscription_id", "subscriptions"))
                .foreign_key(&mut refers("attempts", "invoice_id", "invoices"))
                .take(),
        )
        .await?;
    unique(manager, "attempts", &["item_id", "token"]).await?;
    index(manager, "attempts", &["subscription_id", "period", "started_at"]).await?;
    index(manager, "attempts", &["invoice_id"]).await?;
    index(manager, "attempts", &["host", "started_at"]).await?;
    index(manager, "attempts", &["outcome", "code", "started_at"]).await
}
