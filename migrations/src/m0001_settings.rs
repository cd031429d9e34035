//! What this database is, and the settings that have a validity: the issuing company, tariffs, VAT rates.

use sea_orm_migration::prelude::*;

use crate::columns::{at, day, flag, id, maybe_day, maybe_text, text, unique, whole, word};

/// Creates `installation`, `issuers`, `tariffs`, `tax_rates` and `fencing`.
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
                    .table("installation")
                    .col(ColumnDef::new("id").integer().not_null().primary_key().check(Expr::col("id").eq(1)).take())
                    .col(word("purpose", &["production", "test", "demo"]))
                    .col(text("name"))
                    .col(maybe_day("business_date"))
                    .col(whole("journal_seq"))
                    .col(text("journal_hash"))
                    .col(at("created_at"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("fencing")
                    .col(ColumnDef::new("id").integer().not_null().primary_key().check(Expr::col("id").eq(1)).take())
                    .col(whole("last_token"))
                    .take(),
            )
            .await?;
        create_issuers(manager).await?;
        manager
            .create_table(
                Table::create()
                    .table("tariffs")
                    .col(id())
                    .col(text("code"))
                    .col(text("name_de"))
                    .col(text("name_en"))
                    .col(whole("gross_cents").check(Expr::col("gross_cents").gte(0)).take())
                    .col(text("currency"))
                    .col(text("tax_code"))
                    .col(whole("quota_bytes").check(Expr::col("quota_bytes").gt(0)).take())
                    .col(flag("first_month_full"))
                    .col(day("valid_from_on"))
                    .col(maybe_day("valid_until_on"))
                    .take(),
            )
            .await?;
        unique(manager, "tariffs", &["code", "valid_from_on"]).await?;
        manager
            .create_table(
                Table::create()
                    .table("tax_rates")
                    .col(id())
                    .col(text("code"))
                    .col(whole("basis_points").check(Expr::col("basis_points").between(0, 10_000)).take())
                    .col(day("valid_from_on"))
                    .col(maybe_day("valid_until_on"))
                    .take(),
            )
            .await?;
        unique(manager, "tax_rates", &["code", "valid_from_on"]).await
    }
}

async fn create_issuers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut issuers = Table::create().table("issuers").col(id()).take();
    for column in [
        "name",
        "street",
        "postal_code",
        "city",
        "country",
        "vat_id",
        "register",
        "directors",
        "email",
        "phone",
        "bank",
        "iban",
        "bic",
    ] {
        issuers.col(text(column));
    }
    issuers
        .col(maybe_text("reply_to"))
        .col(whole("payment_days").check(Expr::col("payment_days").between(0, 365)).take())
        .col(day("valid_from_on"));
    manager.create_table(issuers).await?;
    unique(manager, "issuers", &["valid_from_on"]).await
}
