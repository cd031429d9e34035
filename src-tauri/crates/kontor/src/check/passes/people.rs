//! Customers and what they rent, notes and lists: seals, addresses, check digits, and the words that searches look into.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::sealed::{Cell, Sealed};
use super::{Page, Rows, Scope, numbers, rows};
use crate::Result;
use crate::check::rules::{email_invalid, text_unprintable, vat_id_invalid, words_deviate};
use crate::seal;
use crate::store::entities::{mailboxes, notes, registrations, saved_filters, subscriptions};
use crate::store::{self, places};

const REGISTRATION: Sealed<registrations::Model> = Sealed {
    table: "registrations",
    seal: seal::registration,
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[
        Cell::Id("id", |row| &mut row.id),
        Cell::Whole("customer_serial", |row| &mut row.customer_serial),
        Cell::Text("customer_number", |row| &mut row.customer_number),
        Cell::Text("kind", |row| &mut row.kind),
        Cell::MaybeText("company", |row| &mut row.company),
        Cell::Text("first_name", |row| &mut row.first_name),
        Cell::Text("last_name", |row| &mut row.last_name),
        Cell::Text("email", |row| &mut row.email),
        Cell::Text("language", |row| &mut row.language),
        Cell::MaybeText("street", |row| &mut row.street),
        Cell::MaybeText("postal_code", |row| &mut row.postal_code),
        Cell::MaybeText("city", |row| &mut row.city),
        Cell::MaybeText("country", |row| &mut row.country),
        Cell::MaybeText("vat_id", |row| &mut row.vat_id),
        Cell::Text("state", |row| &mut row.state),
        Cell::Text("source", |row| &mut row.source),
        Cell::At("registered_at", |row| &mut row.registered_at),
    ],
};

const MAILBOX: Sealed<mailboxes::Model> = Sealed {
    table: "mailboxes",
    seal: seal::mailbox,
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[
        Cell::Id("id", |row| &mut row.id),
        Cell::Id("registration_id", |row| &mut row.registration_id),
        Cell::Text("address", |row| &mut row.address),
        Cell::Whole("quota_bytes", |row| &mut row.quota_bytes),
        Cell::MaybeText("quota_override_reason", |row| &mut row.quota_override_reason),
        Cell::Text("state", |row| &mut row.state),
    ],
};

const SUBSCRIPTION: Sealed<subscriptions::Model> = Sealed {
    table: "subscriptions",
    seal: seal::subscription,
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[
        Cell::Id("id", |row| &mut row.id),
        Cell::Id("registration_id", |row| &mut row.registration_id),
        Cell::MaybeId("mailbox_id", |row| &mut row.mailbox_id),
        Cell::Id("tariff_id", |row| &mut row.tariff_id),
        Cell::Day("started_on", |row| &mut row.started_on),
        Cell::MaybeDay("ended_on", |row| &mut row.ended_on),
        Cell::Text("state", |row| &mut row.state),
    ],
};

const NOTE: Sealed<notes::Model> = Sealed {
    table: "notes",
    seal: seal::note,
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[
        Cell::Id("id", |row| &mut row.id),
        Cell::Id("registration_id", |row| &mut row.registration_id),
        Cell::Text("text", |row| &mut row.text),
        Cell::Text("person", |row| &mut row.person),
        Cell::Text("desk", |row| &mut row.desk),
    ],
};

const FILTER: Sealed<saved_filters::Model> = Sealed {
    table: "saved_filters",
    seal: seal::saved_filter,
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[
        Cell::Id("id", |row| &mut row.id),
        Cell::Text("person", |row| &mut row.person),
        Cell::Text("list", |row| &mut row.list),
        Cell::Text("name", |row| &mut row.name),
        Cell::Text("query", |row| &mut row.query),
        Cell::MaybeText("columns", |row| &mut row.columns),
        Cell::Flag("is_shared", |row| &mut row.is_shared),
    ],
};

/// Registrations.
pub(super) async fn registrations(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use registrations::Column;
    let Rows { rows, mut page } =
        rows::<registrations::Entity>(connection, scope, "registrations", Column::Id, Some(Column::UpdatedAt)).await?;
    let wants_words = scope.wants(words_deviate::RULE.id);
    let mailboxes = if wants_words { first_mailboxes(connection, &rows).await? } else { HashMap::new() };
    for row in &rows {
        page.found.extend(REGISTRATION.look(row));
        page.found.extend(email_invalid::look(row));
        page.found.extend(vat_id_invalid::look(row));
        if scope.wants(text_unprintable::RULE.id) {
            page.found.extend(text_unprintable::look(row));
        }
        page.found.extend(numbers::of_customer(row));
        if wants_words {
            let mailbox = mailboxes.get(&row.id).map_or("", String::as_str);
            page.found.extend(words_deviate::of_registration(row, mailbox));
        }
    }
    Ok(page)
}

/// Addresses of the first mailboxes; one that cannot be decoded is another pass's finding.
async fn first_mailboxes(
    connection: &impl ConnectionTrait,
    rows: &[registrations::Model],
) -> Result<HashMap<Uuid, String>> {
    let mut first = HashMap::new();
    let backend = connection.get_database_backend();
    // Fewer than the parameters that a statement takes.
    for part in rows.chunks(500) {
        let text = format!(
            "SELECT registration_id, address FROM mailboxes WHERE registration_id IN ({}) ORDER BY id",
            places(part.len())
        );
        let ids = part.iter().map(|row| row.id.into());
        for row in connection.query_all_raw(store::sql(backend, &text, ids)).await? {
            let read = row.try_get::<Uuid>("", "registration_id").ok().zip(row.try_get::<String>("", "address").ok());
            if let Some((registration, address)) = read {
                first.entry(registration).or_insert(address);
            }
        }
    }
    Ok(first)
}

/// Mailboxes.
pub(super) async fn mailboxes(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use mailboxes::Column;
    let Rows { rows, mut page } =
        rows::<mailboxes::Entity>(connection, scope, "mailboxes", Column::Id, Some(Column::UpdatedAt)).await?;
    page.found.extend(rows.iter().filter_map(|row| MAILBOX.look(row)));
    Ok(page)
}

/// Subscriptions.
pub(super) async fn subscriptions(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use subscriptions::Column;
    let Rows { rows, mut page } =
        rows::<subscriptions::Entity>(connection, scope, "subscriptions", Column::Id, Some(Column::UpdatedAt)).await?;
    page.found.extend(rows.iter().filter_map(|row| SUBSCRIPTION.look(row)));
    Ok(page)
}

/// Notes.
pub(super) async fn notes(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use notes::Column;
    let Rows { rows, mut page } =
        rows::<notes::Entity>(connection, scope, "notes", Column::Id, Some(Column::UpdatedAt)).await?;
    page.found.extend(rows.iter().filter_map(|row| NOTE.look(row)));
    Ok(page)
}

/// Lists under a name.
pub(super) async fn filters(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use saved_filters::Column;
    let Rows { rows, mut page } =
        rows::<saved_filters::Entity>(connection, scope, "saved_filters", Column::Id, Some(Column::UpdatedAt)).await?;
    page.found.extend(rows.iter().filter_map(|row| FILTER.look(row)));
    Ok(page)
}
