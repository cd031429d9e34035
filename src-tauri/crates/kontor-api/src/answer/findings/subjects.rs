//! What people know a record by, and where it can be looked at: one question per table, for a page of findings.

use std::collections::{BTreeMap, HashMap};

use kontor::store::{self, places};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::super::Answered;
use crate::list::Destination;
use crate::office::Open;

/// Records by table and key.
pub(in super::super) type Subjects = HashMap<(String, String), Subject>;

/// A record as people know it.
#[derive(Clone, Debug)]
pub(in super::super) struct Subject {
    /// Its number or address.
    pub label: Option<String>,
    /// Where it can be looked at.
    pub destination: Option<Destination>,
}

/// How the records of a table are asked for: `id`, `label`, and `target`, the id of what is shown.
const QUESTIONS: [(&str, &str, Shown); 11] = [
    (
        "registrations",
        "SELECT t.id, t.customer_number AS label, t.id AS target FROM registrations t",
        Shown::Registration,
    ),
    ("mailboxes", "SELECT t.id, t.address AS label, t.registration_id AS target FROM mailboxes t", Shown::Registration),
    (
        "subscriptions",
        "SELECT t.id, r.customer_number AS label, t.registration_id AS target FROM subscriptions t LEFT JOIN \
         registrations r ON r.id = t.registration_id",
        Shown::Registration,
    ),
    ("notes", "SELECT t.id, NULL AS label, t.registration_id AS target FROM notes t", Shown::Registration),
    ("invoices", "SELECT t.id, t.number AS label, t.id AS target FROM invoices t", Shown::Invoice),
    (
        "invoice_lines",
        "SELECT t.id, i.number AS label, t.invoice_id AS target FROM invoice_lines t LEFT JOIN invoices i ON i.id = \
         t.invoice_id",
        Shown::Invoice,
    ),
    (
        "documents",
        "SELECT t.id, i.number AS label, t.invoice_id AS target FROM documents t LEFT JOIN invoices i ON i.id = \
         t.invoice_id",
        Shown::Invoice,
    ),
    ("deliveries", "SELECT t.id, t.recipient AS label, t.id AS target FROM deliveries t", Shown::Delivery),
    ("payments", "SELECT t.id, t.payer AS label, t.invoice_id AS target FROM payments t", Shown::Invoice),
    ("run_items", "SELECT t.id, NULL AS label, t.run_id AS target FROM run_items t", Shown::Run),
    ("runs", "SELECT t.id, t.reason AS label, t.id AS target FROM runs t", Shown::Run),
];

/// What is shown for a record.
#[derive(Clone, Copy, Debug)]
enum Shown {
    Registration,
    Invoice,
    Delivery,
    Run,
}

impl Shown {
    fn destination(self, id: Uuid) -> Destination {
        match self {
            Self::Registration => Destination::Registration { id },
            Self::Invoice => Destination::Invoice { id },
            Self::Delivery => Destination::Delivery { id },
            Self::Run => Destination::Run { id },
        }
    }
}

/// What is known of these records, by table and key. A record that is gone, or of another table, is not among them.
pub(in super::super) async fn subjects(open: &Open, about: &[(String, String)]) -> Answered<Subjects> {
    let mut by_table: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
    for (table, row) in about {
        if let Ok(id) = row.parse() {
            by_table.entry(table).or_default().push(id);
        }
    }
    let mut subjects = Subjects::new();
    for (table, question, shown) in QUESTIONS {
        let Some(ids) = by_table.get(table) else { continue };
        let text = format!("{question} WHERE t.id IN ({})", places(ids.len()));
        let values = ids.iter().map(|id| (*id).into());
        for row in open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await? {
            let id: Uuid = row.try_get("", "id")?;
            subjects.insert((table.to_owned(), id.to_string()), read(&row, shown));
        }
    }
    Ok(subjects)
}

/// A value that cannot be decoded may be the very finding; then the record has no label.
fn read(row: &QueryResult, shown: Shown) -> Subject {
    let target: Option<Uuid> = row.try_get("", "target").ok().flatten();
    Subject { label: row.try_get("", "label").ok().flatten(), destination: target.map(|id| shown.destination(id)) }
}
