//! Whose rows are not sealed: records about which something is found, and those that a withdrawn host had in hand in its bad
//! time.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Ids;
use crate::check::finding;
use crate::store::{self, places};
use crate::{Result, damage};

/// Ids asked about in one statement.
const CHUNK: usize = 500;

/// Records about which something above `info` is open, whether it is set aside or not.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Rows that findings or their proposals name.
    pub rows: Ids,
    /// Customers of whom such a row is: themselves, their mailboxes, their subscriptions.
    pub customers: Ids,
    /// Invoices of which such a row is: themselves, their lines, documents, mails.
    pub invoices: Ids,
}

impl Held {
    /// Reads them.
    pub async fn read(connection: &impl ConnectionTrait) -> Result<Self> {
        let mut rows = Ids::new();
        for one in finding::open(connection, &[]).await? {
            if one.severity == "info" {
                continue;
            }
            let target = one.proposal.and_then(|proposal| proposal.target);
            let keys = [Some(one.row), target.map(|target| target.row)];
            rows.extend(keys.into_iter().flatten().filter_map(|key| Uuid::parse_str(&key).ok()));
        }
        let mut held = Self { customers: rows.clone(), invoices: rows.clone(), rows };
        for table in ["mailboxes", "subscriptions"] {
            held.customers.extend(owners(connection, table, "registration_id", &held.rows).await?);
        }
        for table in ["invoice_lines", "documents", "deliveries", "number_allocations"] {
            held.invoices.extend(owners(connection, table, "invoice_id", &held.rows).await?);
        }
        let (invoices, customers) = damage::touched(connection).await?;
        held.invoices.extend(invoices);
        held.customers.extend(customers);
        Ok(held)
    }
}

/// To whom these rows of a table belong.
async fn owners(connection: &impl ConnectionTrait, table: &str, owner: &str, rows: &Ids) -> Result<Ids> {
    let rows: Vec<Uuid> = rows.iter().copied().collect();
    let mut owners = Ids::new();
    for part in rows.chunks(CHUNK) {
        let text = format!("SELECT {owner} AS owner FROM {table} WHERE id IN ({})", places(part.len()));
        let values = part.iter().map(|id| (*id).into());
        for row in connection.query_all_raw(store::sql(connection.get_database_backend(), &text, values)).await? {
            owners.extend(row.try_get::<Option<Uuid>>("", "owner").ok().flatten());
        }
    }
    Ok(owners)
}

/// Those of these rows about which something above `info` is open.
pub(super) async fn found_about(connection: &impl ConnectionTrait, rows: &[Uuid]) -> Result<Ids> {
    let mut found = Ids::new();
    for part in rows.chunks(CHUNK) {
        let text = format!(
            "SELECT DISTINCT row_id FROM findings WHERE closed_at IS NULL AND severity <> 'info' AND row_id IN ({})",
            places(part.len())
        );
        let values = part.iter().map(|id| (*id).into());
        for row in connection.query_all_raw(store::sql(connection.get_database_backend(), &text, values)).await? {
            found.insert(row.try_get("", "row_id")?);
        }
    }
    Ok(found)
}
