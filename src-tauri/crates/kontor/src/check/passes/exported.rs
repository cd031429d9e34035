//! An export beside the rows: what the sign-up site, or a backup, still has of every customer, field by field.
//!
//! Customers are found in the file by their number or by their mailbox. A field that somebody changed in Kontor since is
//! left out: the journal knows. Who is missing on one side is told at the end (`missing`). What an earlier file found, and
//! this one says nothing about, stays open as long as the field has not become what the file said.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::{Page, Rows, Scope, missing, rows};
use crate::Result;
use crate::check::book::Found;
use crate::check::export::{Export, Line};
use crate::check::facts::Facts;
use crate::check::finding::{self, Finding};
use crate::check::neighbours;
use crate::check::question::model;
use crate::check::rules::COPY_DEVIATES;
use crate::registration::change;
use crate::registration::contact::Field;
use crate::store::entities::{journal, mailboxes, registrations, subscriptions};
use crate::store::{self};

/// Customers whose rows are read together.
const CHUNK: usize = 400;
/// What a file says something about.
const TABLES: [&str; 3] = ["registrations", "mailboxes", "subscriptions"];

/// A page of customers.
pub(super) async fn page(connection: &impl ConnectionTrait, facts: &Facts, scope: &Scope) -> Result<Page> {
    let Some(export) = &facts.export else { return without_file(connection, scope).await };
    let mut scope = scope.clone();
    if let Some(only) = scope.only {
        scope.only = Some(customer_of(connection, only).await?);
    }
    let Rows { rows, mut page } =
        rows::<registrations::Entity>(connection, &scope, "registrations", registrations::Column::Id, None).await?;
    let earlier = Earlier::read(connection).await?;
    for part in rows.chunks(CHUNK) {
        let rented = Rented::read(connection, part).await?;
        for row in part {
            let mailbox = rented.mailboxes.get(&row.id);
            let address = mailbox.map(|mailbox| mailbox.address.as_str());
            if !scope.is_about_one() {
                export.meet(row.id, &row.customer_number, address, row.customer_serial, &row.source);
            }
            if export.names(&row.customer_number, address) {
                page.found.extend(rented.compare(export, row).into_iter().map(|found| (COPY_DEVIATES, found)));
                continue;
            }
            let mailbox = mailbox.map(|mailbox| mailbox.id);
            let subscription = mailbox.and_then(|id| rented.subscriptions.get(&id)).map(|rented| rented.id);
            for id in [Some(row.id), mailbox, subscription].into_iter().flatten() {
                page.found.extend(earlier.still(connection, id).await?);
            }
        }
    }
    if page.last.is_none() && !scope.is_about_one() {
        missing::told(connection, export, &earlier, &mut page).await?;
    }
    Ok(page)
}

/// What customers rent, and which of their fields somebody changed in Kontor.
struct Rented {
    mailboxes: HashMap<Uuid, mailboxes::Model>,
    subscriptions: HashMap<Uuid, subscriptions::Model>,
    changed: HashSet<(String, String)>,
}

impl Rented {
    async fn read(connection: &impl ConnectionTrait, rows: &[registrations::Model]) -> Result<Self> {
        let backend = connection.get_database_backend();
        let ids = || rows.iter().map(|row| row.id);
        let query = mailboxes::Entity::find().filter(mailboxes::Column::RegistrationId.is_in(ids())).build(backend);
        let mut rented = Self {
            mailboxes: HashMap::new(),
            subscriptions: HashMap::new(),
            changed: changed(connection, rows).await?,
        };
        for row in connection.query_all_raw(query).await? {
            let Ok(mailbox) = model::<mailboxes::Model>(&row) else { continue };
            // Lines of such a file are about the first mailbox.
            let first = rented.mailboxes.entry(mailbox.registration_id).or_insert_with(|| mailbox.clone());
            if mailbox.id < first.id {
                *first = mailbox;
            }
        }
        let query = subscriptions::Entity::find().filter(subscriptions::Column::RegistrationId.is_in(ids()));
        for row in connection.query_all_raw(query.build(backend)).await? {
            let Ok(subscription) = model::<subscriptions::Model>(&row) else { continue };
            if let Some(mailbox) = subscription.mailbox_id {
                rented.subscriptions.insert(mailbox, subscription);
            }
        }
        Ok(rented)
    }

    fn compare(&self, export: &Export, row: &registrations::Model) -> Vec<Found> {
        let mailbox = self.mailboxes.get(&row.id);
        let by_mailbox = mailbox.and_then(|mailbox| export.by_mailbox(&mailbox.address));
        let Some(line) = by_mailbox.or_else(|| export.by_number(&row.customer_number)) else { return Vec::new() };
        let mut found = Vec::new();
        let mut look = |table, id: Uuid, field: &str, column: &str, current: Option<String>| {
            found.extend(deviation(line, table, id, field, column, current));
        };
        look("registrations", row.id, "customer_number", "customer_number", Some(row.customer_number.clone()));
        for field in Field::ALL {
            if !self.changed.contains(&(row.id.to_string(), field.name().to_owned())) {
                look("registrations", row.id, field.name(), field.name(), field.of(row));
            }
        }
        if let Some(mailbox) = mailbox {
            look("mailboxes", mailbox.id, "address", "mailbox", Some(mailbox.address.clone()));
            if mailbox.quota_override_reason.is_none() {
                look("mailboxes", mailbox.id, "quota_bytes", "quota_bytes", Some(mailbox.quota_bytes.to_string()));
            }
            if let Some(rented) = self.subscriptions.get(&mailbox.id) {
                look("subscriptions", rented.id, "started_on", "start_date", Some(rented.started_on.to_string()));
            }
        }
        found
    }
}

/// A field that says something else than the file; a column that the file lacks says nothing.
fn deviation(
    line: Line<'_>,
    table: &'static str,
    id: Uuid,
    field: &str,
    column: &str,
    current: Option<String>,
) -> Option<Found> {
    let right = line.get(column);
    let current = current.filter(|current| !current.is_empty());
    // Addresses of mailboxes are kept in small letters, however somebody typed them.
    let small = right.filter(|_| field == "address").map(str::to_lowercase);
    let right = small.as_deref().or(right);
    if !line.has(column) || right == current.as_deref() {
        return None;
    }
    // Only what the file has can be put back; that it has nothing is no reason to empty a field.
    let right = right?;
    let shown = current.clone().unwrap_or_default();
    let proposal = neighbours::copied(neighbours::expected(field, &shown, right, "export"));
    Some(Found::new(table, id).field(field, current).proposing(proposal))
}

/// Fields that people changed in Kontor, by customer.
async fn changed(
    connection: &impl ConnectionTrait,
    rows: &[registrations::Model],
) -> Result<HashSet<(String, String)>> {
    let edited: Vec<String> = rows.iter().filter(|row| row.version > 1).map(|row| row.id.to_string()).collect();
    let mut changed = HashSet::new();
    if edited.is_empty() {
        return Ok(changed);
    }
    let query = journal::Entity::find()
        .filter(journal::Column::TableName.eq("registrations"))
        .filter(journal::Column::Action.eq(change::ACTION))
        .filter(journal::Column::RowKey.is_in(edited));
    for entry in query.all(connection).await? {
        let after = entry.after.as_deref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        let fields = after.as_ref().and_then(serde_json::Value::as_object).into_iter().flatten();
        let key = entry.row_key.unwrap_or_default();
        changed.extend(fields.map(|(field, _)| (key.clone(), field.clone())));
    }
    Ok(changed)
}

/// The customer of a row that may be a mailbox or a subscription.
async fn customer_of(connection: &impl ConnectionTrait, id: Uuid) -> Result<Uuid> {
    for table in ["mailboxes", "subscriptions"] {
        let text = format!("SELECT registration_id FROM {table} WHERE id = ?");
        let statement = store::sql(connection.get_database_backend(), &text, [id.into()]);
        if let Some(row) = connection.query_one_raw(statement).await? {
            return Ok(row.try_get("", "registration_id")?);
        }
    }
    Ok(id)
}

/// What earlier files found and is still open.
pub(super) struct Earlier(HashMap<String, Vec<Finding>>);

impl Earlier {
    async fn read(connection: &impl ConnectionTrait) -> Result<Self> {
        let mut rows: HashMap<String, Vec<Finding>> = HashMap::new();
        for one in finding::open(connection, &[COPY_DEVIATES]).await? {
            rows.entry(one.row.clone()).or_default().push(one);
        }
        Ok(Self(rows))
    }

    /// What files called customers who were not here.
    pub fn customers(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|key| Uuid::parse_str(key).is_err())
    }

    /// What is still so about a row, as long as the field is not what the file said.
    async fn still(&self, connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<(&'static str, Found)>> {
        let mut still = Vec::new();
        for one in self.0.get(&id.to_string()).into_iter().flatten() {
            let Some(table) = TABLES.into_iter().find(|table| *table == one.table) else { continue };
            let Some(proposal) = &one.proposal else { continue };
            let found = Found::new(table, id).proposing(proposal.clone());
            still.extend(match &one.field {
                None => Some((COPY_DEVIATES, found)),
                Some(field) => {
                    let current = value(connection, table, field, id).await?;
                    (current != proposal.value).then(|| (COPY_DEVIATES, found.field(field, current)))
                }
            });
        }
        Ok(still)
    }

    /// A customer whom an earlier file named and who is still not here.
    pub fn still_missing(&self, key: &str) -> Option<(&'static str, Found)> {
        let one = self.0.get(key)?.first()?;
        Some((COPY_DEVIATES, Found::new("registrations", key).proposing(one.proposal.clone()?)))
    }
}

/// What an earlier file found about a row, or about a customer who was not here.
async fn without_file(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    let mut page = Page::default();
    let earlier = Earlier::read(connection).await?;
    match (scope.only, &scope.key) {
        (Some(id), _) => page.found = earlier.still(connection, id).await?,
        (None, Some(key)) if missing::here(connection, vec![key.clone()]).await?.is_empty() => {
            page.found.extend(earlier.still_missing(key));
        }
        _ => {}
    }
    Ok(page)
}

async fn value(connection: &impl ConnectionTrait, table: &str, field: &str, id: Uuid) -> Result<Option<String>> {
    // A name that the program itself wrote, and still no reason to trust it.
    let is_column = ["customer_number", "address", "quota_bytes", "started_on"].contains(&field);
    if !is_column && Field::named(field).is_none() {
        return Ok(None);
    }
    let text = format!("SELECT CAST({field} AS text) AS told FROM {table} WHERE id = ?");
    let row = connection.query_one_raw(store::sql(connection.get_database_backend(), &text, [id.into()])).await?;
    Ok(row.and_then(|row| row.try_get("", "told").ok()).flatten())
}
