//! Customers and what they rent: registrations, mailboxes, subscriptions.

use sea_orm_migration::prelude::*;

use crate::columns::{
    at, day, edited, id, index, maybe_day, maybe_text, maybe_uuid, refers, text, unique, uuid, whole, word,
};

/// Creates `registrations`, `mailboxes` and `subscriptions`.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_registrations(manager).await?;
        create_mailboxes(manager).await?;
        create_subscriptions(manager).await
    }
}

async fn create_registrations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create()
        .table("registrations")
        .col(id())
        .col(whole("customer_serial").check(Expr::col("customer_serial").gt(0)).take())
        .col(text("customer_number"))
        .col(word("kind", &["person", "company"]))
        .col(maybe_text("company"))
        .col(text("first_name"))
        .col(text("last_name"))
        .col(text("email"))
        .col(word("language", &["de", "en"]))
        .col(maybe_text("street"))
        .col(maybe_text("postal_code"))
        .col(maybe_text("city"))
        .col(maybe_text("country"))
        .col(maybe_text("vat_id"))
        .col(word("state", &["active", "blocked", "closed"]))
        .col(word("source", &["signup", "import", "desk"]))
        .col(at("registered_at"))
        .col(text("search_text"))
        .check(Expr::col("kind").eq("person").or(Expr::col("company").is_not_null()))
        .take();
    edited(&mut table);
    manager.create_table(table).await?;
    unique(manager, "registrations", &["customer_serial"]).await?;
    unique(manager, "registrations", &["customer_number"]).await?;
    index(manager, "registrations", &["registered_at", "id"]).await?;
    index(manager, "registrations", &["last_name", "first_name", "id"]).await?;
    index(manager, "registrations", &["state", "registered_at", "id"]).await?;
    index(manager, "registrations", &["email"]).await?;
    index(manager, "registrations", &["updated_at", "id"]).await
}

async fn create_mailboxes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create()
        .table("mailboxes")
        .col(id())
        .col(uuid("registration_id"))
        .col(text("address"))
        .col(whole("quota_bytes").check(Expr::col("quota_bytes").gt(0)).take())
        .col(whole("used_bytes").default(0).check(Expr::col("used_bytes").gte(0)).take())
        .col(maybe_text("quota_override_reason"))
        .col(word("state", &["active", "closed"]))
        .foreign_key(&mut refers("mailboxes", "registration_id", "registrations"))
        .take();
    edited(&mut table);
    manager.create_table(table).await?;
    unique(manager, "mailboxes", &["address"]).await?;
    index(manager, "mailboxes", &["registration_id"]).await?;
    index(manager, "mailboxes", &["updated_at", "id"]).await
}

async fn create_subscriptions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create()
        .table("subscriptions")
        .col(id())
        .col(uuid("registration_id"))
        .col(maybe_uuid("mailbox_id"))
        .col(uuid("tariff_id"))
        .col(day("started_on"))
        .col(maybe_day("ended_on"))
        .col(word("state", &["active", "ended"]))
        .check(Expr::col("ended_on").is_null().or(Expr::col("ended_on").gte(Expr::col("started_on"))))
        .foreign_key(&mut refers("subscriptions", "registration_id", "registrations"))
        .foreign_key(&mut refers("subscriptions", "mailbox_id", "mailboxes"))
        .foreign_key(&mut refers("subscriptions", "tariff_id", "tariffs"))
        .take();
    edited(&mut table);
    manager.create_table(table).await?;
    index(manager, "subscriptions", &["registration_id"]).await?;
    index(manager, "subscriptions", &["mailbox_id"]).await?;
    index(manager, "subscriptions", &["tariff_id"]).await?;
    index(manager, "subscriptions", &["started_on", "id"]).await?;
    index(manager, "subscriptions", &["updated_at", "id"]).await
}
