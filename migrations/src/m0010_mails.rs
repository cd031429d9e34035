//! Mails that are tried again, sent again on request, and found out about: what an item of a run is about, when it is due,
//! the return path of a mail, the mail server's queue id, and the text that opens the mails of a run.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::{add, index, maybe_at, maybe_text, maybe_uuid, partial, unique, whole, word};
use crate::guard::{Guard, dropped, statements};

/// Adds columns to `runs`, `run_items`, `deliveries` and `delivery_evidence`.
#[derive(DeriveMigrationName)]
pub struct Step;

/// A stored mail keeps its return path like its text.
const DELIVERIES_FIXED: Guard = Guard {
    name: "deliveries_fixed",
    table: "deliveries",
    event: "UPDATE",
    message: "kontor.frozen: a stored mail never changes",
    condition: "({differs:id,invoice_id,purpose,origin,message_id,queued_at}) OR (OLD.message_head IS NOT NULL AND \
                ({differs:message_head,message_tail,message_sha256,document_id,recipient,return_path}))",
};

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What a person did: a run over what is due or open, or sending, cancelling and settling single invoices.
        let occasion = word("occasion", &["run", "resend", "cancellation", "settlement"]).default("run").take();
        add(manager, "runs", occasion).await?;
        add(manager, "runs", maybe_text("covering")).await?;
        add(manager, "runs", maybe_text("covering_en")).await?;
        alter_items(manager).await?;
        add(manager, "deliveries", maybe_text("return_path")).await?;
        add(manager, "delivery_evidence", maybe_text("queue_id")).await?;
        add(manager, "delivery_evidence", maybe_text("fingerprint")).await?;
        index(manager, "delivery_evidence", &["queue_id"]).await?;
        // The same line of the same log counts once, however often the log is read.
        unique(manager, "delivery_evidence", &["fingerprint"]).await?;
        unique(manager, "deliveries", &["return_path"]).await?;
        let open = Expr::col("purpose").eq("cancellation").and(Expr::col("state").is_not_in(["refused", "bounced"]));
        partial(manager, "deliveries", &["invoice_id"], "one_cancellation_mail", open, true).await?;
        let backend = manager.get_database_backend();
        for statement in dropped(DELIVERIES_FIXED.name, DELIVERIES_FIXED.table, backend)
            .into_iter()
            .chain(statements(&DELIVERIES_FIXED, backend))
        {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}

/// An item is about a subscription's period, or about one cancellation invoice or one mail of it.
async fn alter_items(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let subject = word("subject", &["period", "cancellation", "resend"]).default("period").take();
    add(manager, "run_items", subject).await?;
    add(manager, "run_items", maybe_uuid("subject_id")).await?;
    add(manager, "run_items", maybe_at("due_at")).await?;
    add(manager, "run_items", whole("retries").default(0).take()).await?;
    for name in ["run_items_run_id_subscription_id_period", "run_items_one_claim"] {
        manager.drop_index(Index::drop().name(name).table("run_items").to_owned()).await?;
    }
    let period = || Expr::col("subject_id").is_null();
    let single = || Expr::col("subject_id").is_not_null();
    let claimed = || Expr::col("state").eq("claimed");
    let key = ["subscription_id", "period"];
    partial(manager, "run_items", &["run_id", "subscription_id", "period"], "one_a_period", period(), true).await?;
    partial(manager, "run_items", &["run_id", "subject_id"], "one_a_subject", single(), true).await?;
    // At any moment one worker at most works on the same thing, whichever run sent it.
    partial(manager, "run_items", &key, "one_claim", claimed().and(period()), true).await?;
    partial(manager, "run_items", &["subject_id"], "one_single_claim", claimed().and(single()), true).await?;
    index(manager, "run_items", &["subject_id"]).await
}
