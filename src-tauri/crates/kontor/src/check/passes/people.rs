//! Customers and what they rent, notes and lists: seals, addresses, check digits, and the words that searches look into.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::sealed::{Kind, Sealed};
use super::{Page, Rows, Scope, aside, numbers, rows};
use crate::Result;
use crate::check::rules::{email_invalid, text_unprintable, vat_id_invalid, words_deviate};
use crate::seal;
use crate::store::entities::{mailboxes, notes, registrations, saved_filters, subscriptions};
use crate::store::{self, places};

pub(in crate::check) const REGISTRATION: Sealed<registrations::Model> = Sealed {
    table: "registrations",
    canonical: seal::of_registration,
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[
        ("id", Kind::Id),
        ("customer_serial", Kind::Whole),
        ("customer_number", Kind::Text),
        ("kind", Kind::Text),
        ("company", Kind::Text),
        ("first_name", Kind::Text),
        ("last_name", Kind::Text),
        ("email", Kind::Text),
        ("language", Kind::Text),
        ("street", Kind::Text),
        ("postal_code", Kind::Text),
        ("city", Kind::Text),
        ("country", Kind::Text),
        ("vat_id", Kind::Text),
        ("state", Kind::Text),
        ("source", Kind::Text),
        ("registered_at", Kind::At),
    ],
};

pub(in crate::check) const MAILBOX: Sealed<mailboxes::Model> = Sealed {
    table: "mailboxes",
    canonical: seal::of_mailbox,
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[
        ("id", Kind::Id),
        ("registration_id", Kind::Id),
        ("address", Kind::Text),
        ("quota_bytes", Kind::Whole),
        ("quota_override_reason", Kind::Text),
        ("state", Kind::Text),
    ],
};

pub(in crate::check) const SUBSCRIPTION: Sealed<subscriptions::Model> = Sealed {
    table: "subscriptions",
    canonical: seal::of_subscription,
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[
        ("id", Kind::Id),
        ("registration_id", Kind::Id),
        ("mailbox_id", Kind::Id),
        ("tariff_id", Kind::Id),
        ("started_on", Kind::Day),
        ("ended_on", Kind::Day),
        ("state", Kind::Text),
    ],
};

pub(in crate::check) const NOTE: Sealed<notes::Model> = Sealed {
    table: "notes",
    canonical: seal::of_note,
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[
        ("id", Kind::Id),
        ("registration_id", Kind::Id),
        ("text", Kind::Text),
        ("person", Kind::Text),
        ("desk", Kind::Text),
    ],
};

pub(in crate::check) const FILTER: Sealed<saved_filters::Model> = Sealed {
    table: "saved_filters",
    canonical: seal::of_saved_filter,
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[
        ("id", Kind::Id),
        ("person", Kind::Text),
        ("list", Kind::Text),
        ("name", Kind::Text),
        ("query", Kind::Text),
        ("columns", Kind::Text),
        ("is_shared", Kind::Flag),
    ],
};

/// Registrations.
pub(super) async fn registrations(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use registrations::Column;
    let Rows { rows, mut page } =
        rows::<registrations::Entity>(connection, scope, "registrations", Column::Id, Some(Column::UpdatedAt)).await?;
    let wants_words = scope.wants(words_deviate::RULE.id);
    let mailboxes = if wants_words { first_mailboxes(connection, &rows).await? } else { HashMap::new() };
    let (rows, broken) = aside(move || {
        let broken: Vec<_> = rows.iter().filter_map(|row| REGISTRATION.look(row)).collect();
        (rows, broken)
    })
    .await?;
    page.found.extend(broken);
    for row in &rows {
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
    page.found.extend(aside(move || rows.iter().filter_map(|row| MAILBOX.look(row)).collect::<Vec<_>>()).await?);
    Ok(page)
}

/// Subscriptions.
pub(super) async fn subscriptions(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use subscriptions::Column;
    let Rows { rows, mut page } =
        rows::<subscriptions::Entity>(connection, scope, "subscriptions", Column::Id, Some(Column::UpdatedAt)).await?;
    page.found.extend(aside(move || rows.iter().filter_map(|row| SUBSCRIPTION.look(row)).collect::<Vec<_>>()).await?);
    Ok(page)
}

/// Notes.
pub(super) async fn notes(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use notes::Column;
    let Rows { rows, mut page } =
        rows::<notes::Entity>(connection, scope, "notes", Column::Id, Some(Column::UpdatedAt)).await?;
    page.found.extend(aside(move || rows.iter().filter_map(|row| NOTE.look(row)).collect::<Vec<_>>()).await?);
    Ok(page)
}

/// Lists under a name.
pub(super) async fn filters(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use saved_filters::Column;
    let Rows { rows, mut page } =
        rows::<saved_filters::Entity>(connection, scope, "saved_filters", Column::Id, Some(Column::UpdatedAt)).await?;
    page.found.extend(aside(move || rows.iter().filter_map(|row| FILTER.look(row)).collect::<Vec<_>>()).await?);
    Ok(page)
}
