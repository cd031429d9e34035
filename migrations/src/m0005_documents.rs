//! Stored PDFs, the mails that carry them, and the evidence of what became of each mail.

use sea_orm_migration::prelude::*;

use crate::columns::{
    at, bytes, id, index, maybe_at, maybe_bytes, maybe_text, maybe_uuid, maybe_whole, partial, refers, text, unique,
    uuid, whole, word,
};

/// Creates `documents`, `deliveries` and `delivery_evidence`.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_documents(manager).await?;
        create_deliveries(manager).await?;
        create_evidence(manager).await
    }
}

async fn create_documents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("documents")
                .col(id())
                .col(uuid("invoice_id"))
                .col(word("role", &["original", "discarded"]))
                .col(word("origin", &["kontor", "legacy"]))
                .col(maybe_text("renderer"))
                .col(bytes("bytes"))
                .col(bytes("sha256"))
                .col(at("created_at"))
                .check(Expr::col("origin").eq("legacy").or(Expr::col("renderer").is_not_null()))
                .foreign_key(&mut refers("documents", "invoice_id", "invoices"))
                .take(),
        )
        .await?;
    index(manager, "documents", &["invoice_id"]).await?;
    index(manager, "documents", &["created_at", "id"]).await?;
    let original = Expr::col("role").eq("original");
    partial(manager, "documents", &["invoice_id"], "one_original", original, true).await
}

async fn create_deliveries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("deliveries")
                .col(id())
                .col(uuid("invoice_id"))
                .col(maybe_uuid("document_id"))
                .col(word("purpose", &["invoice", "resend", "cancellation"]))
                .col(word("origin", &["kontor", "legacy"]))
                .col(text("recipient"))
                .col(text("message_id"))
                .col(maybe_bytes("message_head"))
                .col(maybe_bytes("message_tail"))
                .col(maybe_bytes("message_sha256"))
                .col(word("state", &["queued", "sending", "accepted", "deferred", "refused", "unknown", "bounced"]))
                .col(maybe_text("target"))
                .col(maybe_text("code"))
                .col(whole("tries").default(0).take())
                .col(at("queued_at"))
                .col(maybe_at("sending_at"))
                .col(maybe_at("settled_at"))
                .col(maybe_text("person"))
                .col(maybe_text("reason"))
                .col(maybe_uuid("request_id"))
                .check(
                    Expr::col("origin").eq("legacy").or(Expr::col("message_head")
                        .is_not_null()
                        .and(Expr::col("message_tail").is_not_null())
                        .and(Expr::col("message_sha256").is_not_null())
                        .and(Expr::col("document_id").is_not_null())),
                )
                .foreign_key(&mut refers("deliveries", "invoice_id", "invoices"))
                .foreign_key(&mut refers("deliveries", "document_id", "documents"))
                .take(),
        )
        .await?;
    unique(manager, "deliveries", &["message_id"]).await?;
    unique(manager, "deliveries", &["request_id"]).await?;
    index(manager, "deliveries", &["invoice_id", "purpose", "state"]).await?;
    index(manager, "deliveries", &["document_id"]).await?;
    index(manager, "deliveries", &["state", "queued_at"]).await?;
    index(manager, "deliveries", &["recipient"]).await?;
    index(manager, "deliveries", &["queued_at", "id"]).await?;
    // The mail of an invoice goes out once; what was refused or came back may be followed by another.
    let open = Expr::col("purpose").eq("invoice").and(Expr::col("state").is_not_in(["refused", "bounced"]));
    partial(manager, "deliveries", &["invoice_id"], "one_first_mail", open, true).await
}

async fn create_evidence(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("delivery_evidence")
                .col(id())
                .col(uuid("delivery_id"))
                .col(maybe_uuid("attempt_id"))
                .col(word("source", &["smtp_reply", "connection", "file", "takeover", "maillog", "bounce", "person"]))
                .col(word("verdict", &["accepted", "deferred", "refused", "unknown", "bounced"]))
                .col(maybe_whole("reply_code"))
                .col(text("detail"))
                .col(at("seen_at"))
                .foreign_key(&mut refers("delivery_evidence", "delivery_id", "deliveries"))
                .foreign_key(&mut refers("delivery_evidence", "attempt_id", "attempts"))
                .take(),
        )
        .await?;
    index(manager, "delivery_evidence", &["delivery_id", "seen_at"]).await?;
    index(manager, "delivery_evidence", &["attempt_id"]).await
}
