//! Hosts that are not trusted: what canaries drew and found, which hosts were taken out of service since when, and the same
//! inputs drawn on a suspect host, on another one, and on the suspect host again.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::{at, id, index, maybe_at, maybe_bytes, maybe_text, maybe_uuid, partial, refers, text, unique};
use crate::columns::{uuid, whole, word};
use crate::guard::{Guard, statements};

/// Creates `canaries`, `withdrawals`, `replays` and `replay_legs`.
#[derive(DeriveMigrationName)]
pub struct Step;

const GUARDS: [Guard; 8] = [
    Guard {
        name: "canaries_kept",
        table: "canaries",
        event: "DELETE",
        message: "kontor.kept: what a canary found is never deleted",
        condition: "1 = 1",
    },
    Guard {
        name: "canaries_fixed",
        table: "canaries",
        event: "UPDATE",
        message: "kontor.frozen: what a canary found never changes",
        condition: "1 = 1",
    },
    Guard {
        name: "withdrawals_kept",
        table: "withdrawals",
        event: "DELETE",
        message: "kontor.kept: a withdrawal is never deleted",
        condition: "1 = 1",
    },
    Guard {
        name: "withdrawals_fixed",
        table: "withdrawals",
        event: "UPDATE",
        message: "kontor.frozen: a withdrawal only ends",
        condition: "({differs:id,host,source,suspect_from_at,suspect_until_at,withdrawn_at,canary_id,person,desk,reason,\
                    request_id}) OR OLD.returned_at IS NOT NULL",
    },
    Guard {
        name: "replays_kept",
        table: "replays",
        event: "DELETE",
        message: "kontor.kept: a replay is never deleted",
        condition: "1 = 1",
    },
    Guard {
        name: "replays_fixed",
        table: "replays",
        event: "UPDATE",
        message: "kontor.frozen: a replay only goes on",
        condition: "({differs:id,host,other_host,inputs,rounds,person,desk,reason,request_id,asked_at}) OR \
                    (OLD.state <> 'open' AND ({differs:state,ended_at})) OR OLD.confirmed_at IS NOT NULL",
    },
    Guard {
        name: "replay_legs_kept",
        table: "replay_legs",
        event: "DELETE",
        message: "kontor.kept: a leg of a replay is never deleted",
        condition: "1 = 1",
    },
    Guard {
        name: "replay_legs_fixed",
        table: "replay_legs",
        event: "UPDATE",
        message: "kontor.frozen: a leg of a replay that ended never changes",
        condition: "OLD.outcome <> 'running' OR ({differs:id,replay_id,position,host,worker_id,boot_id,started_at})",
    },
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_canaries(manager).await?;
        create_withdrawals(manager).await?;
        create_replays(manager).await?;
        let backend = manager.get_database_backend();
        for guard in &GUARDS {
            for statement in statements(guard, backend) {
                manager.get_connection().execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}

async fn create_canaries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("canaries")
                .col(id())
                .col(text("host"))
                .col(text("boot_id"))
                .col(maybe_uuid("worker_id"))
                .col(at("drawn_at"))
                // The reference invoices; each document of a batch a second time; stored documents of others.
                .col(word("kind", &["reference", "twice", "sample"]))
                .col(word("outcome", &["same", "differs"]))
                // How many pages were drawn for it.
                .col(whole("drawings"))
                // What was drawn again, and whose work it was.
                .col(maybe_uuid("document_id"))
                .col(maybe_text("author"))
                .col(maybe_bytes("expected_sha256"))
                .col(maybe_bytes("found_sha256"))
                .foreign_key(&mut refers("canaries", "document_id", "documents"))
                .take(),
        )
        .await?;
    index(manager, "canaries", &["host", "outcome", "drawn_at"]).await?;
    index(manager, "canaries", &["document_id"]).await
}

async fn create_withdrawals(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("withdrawals")
                .col(id())
                .col(text("host"))
                // Who took it out of service: its canary, or a person.
                .col(word("source", &["canary", "person"]))
                // What the host wrote from then on is unproven; the end is open while it is out of service.
                .col(at("suspect_from_at"))
                .col(maybe_at("suspect_until_at"))
                .col(at("withdrawn_at"))
                .col(maybe_uuid("canary_id"))
                .col(text("person"))
                .col(text("desk"))
                .col(text("reason"))
                .col(uuid("request_id"))
                .col(maybe_at("returned_at"))
                .col(maybe_text("returned_by"))
                .col(maybe_text("returned_reason"))
                .foreign_key(&mut refers("withdrawals", "canary_id", "canaries"))
                .take(),
        )
        .await?;
    index(manager, "withdrawals", &["host", "withdrawn_at"]).await?;
    index(manager, "withdrawals", &["canary_id"]).await?;
    unique(manager, "withdrawals", &["request_id"]).await?;
    // A host is out of service once.
    partial(manager, "withdrawals", &["host"], "open", Expr::col("returned_at").is_null(), true).await
}

async fn create_replays(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("replays")
                .col(id())
                // The suspect host, and the one it is held against; none takes whichever other host comes first.
                .col(text("host"))
                .col(maybe_text("other_host"))
                // Ids of the invoices that are drawn, as JSON, and how often each.
                .col(text("inputs"))
                .col(whole("rounds"))
                .col(text("person"))
                .col(text("desk"))
                .col(text("reason"))
                .col(uuid("request_id"))
                .col(at("asked_at"))
                .col(word("state", &["open", "done", "cancelled"]))
                .col(maybe_at("ended_at"))
                .col(maybe_at("confirmed_at"))
                .col(maybe_text("confirmed_by"))
                .col(maybe_text("confirmed_reason"))
                .take(),
        )
        .await?;
    unique(manager, "replays", &["request_id"]).await?;
    index(manager, "replays", &["host", "asked_at"]).await?;
    index(manager, "replays", &["state", "asked_at"]).await?;
    // One at a time: two would draw on the same host and wait for each other.
    partial(manager, "replays", &["host"], "open", Expr::col("state").eq("open"), true).await?;
    manager
        .create_table(
            Table::create()
                .table("replay_legs")
                .col(id())
                .col(uuid("replay_id"))
                // 1 the suspect host, 2 the other one, 3 the suspect host again.
                .col(whole("position"))
                .col(text("host"))
                .col(text("boot_id"))
                .col(uuid("worker_id"))
                .col(text("program_version"))
                .col(text("renderer"))
                .col(at("started_at"))
                .col(maybe_at("lease_expires_at"))
                .col(maybe_at("ended_at"))
                .col(word("outcome", &["running", "done", "died"]))
                .col(whole("drawings").default(0).take())
                // As JSON: for each input each SHA-256 that came out, and how often.
                .col(maybe_text("found"))
                .foreign_key(&mut refers("replay_legs", "replay_id", "replays"))
                .take(),
        )
        .await?;
    unique(manager, "replay_legs", &["replay_id", "position"]).await
}
