//! Long lists: an index for every order they are shown in, ending in the id that breaks ties, and an index for searching.
//!
//! Registrations are also sorted by what their first mailbox holds. An index cannot reach into another table, and a
//! column beside the customer's own would write the customer's row, with all its indexes, each time the mail server
//! counts; so `first_mailboxes` has one narrow row per registration, kept by triggers.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::columns::index;
use crate::search;

/// Adds columns, indexes and triggers.
#[derive(DeriveMigrationName)]
pub struct Step;

const INDEXES: [(&str, &[&str]); 11] = [
    ("registrations", &["customer_serial", "id"]),
    ("registrations", &["sort_name", "id"]),
    ("registrations", &["state", "id"]),
    ("first_mailboxes", &["address", "registration_id"]),
    ("first_mailboxes", &["used_bytes", "registration_id"]),
    ("first_mailboxes", &["used_percent", "registration_id"]),
    ("invoices", &["issued_on", "id"]),
    ("deliveries", &["recipient", "id"]),
    ("deliveries", &["state", "id"]),
    ("invoices", &["number", "id"]),
    ("payments", &["amount_cents", "id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let columns = added_columns(backend);
        let keeping = kept_first_mailboxes(backend);
        let searching = search::statements(backend);
        for statement in columns.into_iter().chain(keeping).chain(searching) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        for (table, columns) in INDEXES {
            index(manager, table, columns).await?;
        }
        Ok(())
    }
}

/// Texts that are sorted are compared byte by byte on both databases, so that an order is the same on both.
fn added_columns(backend: DbBackend) -> Vec<String> {
    let text = if backend == DbBackend::Postgres { "text COLLATE \"C\"" } else { "text" };
    // As all other tables of the embedded database have ids: bytes, in a column of this type.
    let (id, whole) = if backend == DbBackend::Postgres { ("uuid", "bigint") } else { ("uuid_text", "integer") };
    vec![
        format!("ALTER TABLE registrations ADD COLUMN sort_name {text} NOT NULL DEFAULT ''"),
        format!(
            "UPDATE registrations SET sort_name = {}",
            search::folded(
                "CASE WHEN last_name = '' THEN coalesce(company, '') ELSE last_name || ' ' || first_name END"
            )
        ),
        "ALTER TABLE invoices ADD COLUMN search_text text NOT NULL DEFAULT ''".to_owned(),
        format!("UPDATE invoices SET search_text = {}", search::folded("number || ' ' || recipient_name")),
        format!(
            "CREATE TABLE first_mailboxes (registration_id {id} NOT NULL PRIMARY KEY REFERENCES registrations (id) \
             ON DELETE CASCADE, address {text} NOT NULL, used_bytes {whole} NOT NULL, used_percent {whole} NOT NULL)"
        ),
        "INSERT INTO first_mailboxes (registration_id, address, used_bytes, used_percent) SELECT id, '', -1, -1 FROM \
         registrations"
            .to_owned(),
        fill("first_mailboxes.registration_id", false),
    ]
}

/// Sets what there is to say about the first mailbox of a registration (or of every one).
fn fill(registration: &str, of_one: bool) -> String {
    let first = if of_one {
        format!(
            "SELECT registration_id, address, used_bytes, quota_bytes FROM mailboxes WHERE registration_id = {registration} ORDER BY id LIMIT 1"
        )
    } else {
        "SELECT b.registration_id, b.address, b.used_bytes, b.quota_bytes FROM mailboxes b WHERE NOT EXISTS (SELECT 1 FROM \
         mailboxes e WHERE e.registration_id = b.registration_id AND e.id < b.id)"
            .to_owned()
    };
    // A damaged count may be too large to be multiplied.
    format!(
        "UPDATE first_mailboxes SET address = m.address, used_bytes = m.used_bytes, used_percent = coalesce(CASE WHEN \
         m.used_bytes < 90000000000000000 THEN m.used_bytes * 100 / m.quota_bytes ELSE 90000000000000000 END, -1) \
         FROM ({first}) AS m WHERE first_mailboxes.registration_id = m.registration_id"
    )
}

fn clear(registration: &str) -> String {
    format!(
        "UPDATE first_mailboxes SET address = '', used_bytes = -1, used_percent = -1 WHERE registration_id = {registration}"
    )
}

fn kept_first_mailboxes(backend: DbBackend) -> Vec<String> {
    let born =
        "INSERT INTO first_mailboxes (registration_id, address, used_bytes, used_percent) VALUES (NEW.id, '', -1, -1)";
    let (clear, old, new) =
        (clear("OLD.registration_id"), fill("OLD.registration_id", true), fill("NEW.registration_id", true));
    let events = [
        ("born", "INSERT", "registrations", vec![born.to_owned()]),
        ("added", "INSERT", "mailboxes", vec![new.clone()]),
        (
            "changed",
            "UPDATE OF id, registration_id, address, used_bytes, quota_bytes",
            "mailboxes",
            vec![clear.clone(), old.clone(), new],
        ),
        ("removed", "DELETE", "mailboxes", vec![clear, old]),
    ];
    let mut statements = Vec::new();
    for (name, event, table, acts) in events {
        statements.extend(search::after(&format!("first_mailbox_{name}"), event, table, "TRUE", &acts, backend));
    }
    statements
}
