//! Numbers, the log of who took which, invoices and their lines.

use sea_orm_migration::prelude::*;

use crate::columns::{
    at, day, edited, id, index, maybe_bytes, maybe_day, maybe_text, maybe_uuid, partial, refers, text, unique, uuid,
    whole, word,
};

/// Creates `number_ranges`, `invoices`, `number_allocations` and `invoice_lines`.
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
                    .table("number_ranges")
                    .col(id())
                    .col(word("kind", &["customer", "invoice", "cancellation"]))
                    .col(whole("year"))
                    .col(text("prefix"))
                    .col(whole("last_serial").check(Expr::col("last_serial").gte(0)).take())
                    .take(),
            )
            .await?;
        unique(manager, "number_ranges", &["kind", "year"]).await?;
        create_invoices(manager).await?;
        create_allocations(manager).await?;
        create_lines(manager).await
    }
}

async fn create_invoices(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create()
        .table("invoices")
        .col(id())
        .col(word("kind", &["invoice", "cancellation"]))
        .col(word("origin", &["kontor", "legacy"]))
        .col(text("number"))
        .col(uuid("registration_id"))
        .col(uuid("subscription_id"))
        .col(day("period"))
        .col(day("issued_on"))
        .col(maybe_day("due_on"))
        .col(text("recipient_name"))
        .col(whole("net_cents"))
        .col(whole("tax_cents"))
        .col(whole("gross_cents"))
        .col(text("currency"))
        .col(whole("line_count"))
        .col(maybe_bytes("snapshot"))
        .col(maybe_bytes("snapshot_sha256"))
        .col(maybe_uuid("cancels_id"))
        .col(word("state", &["incomplete", "issued", "archived", "cancelled"]))
        .col(maybe_uuid("cancelled_by"))
        .check(Expr::col("snapshot").is_null().eq(Expr::col("snapshot_sha256").is_null()))
        .check(Expr::col("origin").eq("legacy").or(Expr::col("snapshot").is_not_null()))
        .check(Expr::col("kind").eq("invoice").or(Expr::col("cancels_id").is_not_null()))
        .check(Expr::col("state").ne("cancelled").or(Expr::col("cancelled_by").is_not_null()))
        .foreign_key(&mut refers("invoices", "registration_id", "registrations"))
        .foreign_key(&mut refers("invoices", "subscription_id", "subscriptions"))
        .foreign_key(&mut refers("invoices", "cancels_id", "invoices"))
        .foreign_key(&mut refers("invoices", "cancelled_by", "invoices"))
        .take();
    edited(&mut table);
    manager.create_table(table).await?;
    unique(manager, "invoices", &["number"]).await?;
    // One valid invoice per subscription and period: whoever comes second is refused by the database.
    partial(
        manager,
        "invoices",
        &["subscription_id", "period"],
        "one_per_period",
        Expr::col("kind").eq("invoice").and(Expr::col("state").ne("cancelled")),
        true,
    )
    .await?;
    index(manager, "invoices", &["subscription_id", "period"]).await?;
    index(manager, "invoices", &["registration_id", "period"]).await?;
    index(manager, "invoices", &["period", "number"]).await?;
    index(manager, "invoices", &["state", "number"]).await?;
    index(manager, "invoices", &["issued_on", "number"]).await?;
    index(manager, "invoices", &["gross_cents", "id"]).await?;
    index(manager, "invoices", &["recipient_name", "id"]).await?;
    index(manager, "invoices", &["cancels_id"]).await?;
    index(manager, "invoices", &["cancelled_by"]).await?;
    index(manager, "invoices", &["updated_at", "id"]).await
}

async fn create_allocations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("number_allocations")
                .col(id())
                .col(uuid("range_id"))
                .col(whole("serial").check(Expr::col("serial").gt(0)).take())
                .col(text("number"))
                .col(maybe_uuid("subscription_id"))
                .col(maybe_day("period"))
                .col(maybe_uuid("invoice_id"))
                .col(text("host"))
                .col(at("allocated_at"))
                .col(maybe_text("explanation"))
                .foreign_key(&mut refers("number_allocations", "range_id", "number_ranges"))
                .foreign_key(&mut refers("number_allocations", "subscription_id", "subscriptions"))
                .foreign_key(&mut refers("number_allocations", "invoice_id", "invoices"))
                .take(),
        )
        .await?;
    unique(manager, "number_allocations", &["range_id", "serial"]).await?;
    unique(manager, "number_allocations", &["number"]).await?;
    index(manager, "number_allocations", &["invoice_id"]).await?;
    index(manager, "number_allocations", &["subscription_id", "period"]).await
}

async fn create_lines(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("invoice_lines")
                .col(id())
                .col(uuid("invoice_id"))
                .col(whole("position").check(Expr::col("position").gt(0)).take())
                .col(text("description"))
                .col(whole("quantity"))
                .col(whole("unit_gross_cents"))
                .col(whole("tax_basis_points"))
                .col(whole("net_cents"))
                .col(whole("tax_cents"))
                .col(whole("gross_cents"))
                .foreign_key(&mut refers("invoice_lines", "invoice_id", "invoices"))
                .take(),
        )
        .await?;
    unique(manager, "invoice_lines", &["invoice_id", "position"]).await
}
