//! Two databases side by side, cell by cell: what one has and the other lacks, and whom it belongs to.

use std::collections::{BTreeMap, HashMap};

use kontor::store::entities as rows;
use kontor_pdf::content::sha256;
use sea_orm::{DatabaseConnection, EntityTrait, IdenStatic, Iterable, ModelTrait, Value};

/// Tables whose rows belong to a customer, those first that others refer to.
const OWNED: [&str; 11] = [
    "registrations",
    "mailboxes",
    "subscriptions",
    "invoices",
    "invoice_lines",
    "number_allocations",
    "documents",
    "deliveries",
    "attempts",
    "delivery_evidence",
    "payments",
];

/// Every row of a table, as text; bytes are their SHA-256.
#[derive(Debug)]
pub struct Table {
    columns: Vec<&'static str>,
    rows: BTreeMap<String, Vec<Option<String>>>,
}

/// A whole database.
#[derive(Debug, Default)]
pub struct Contents(BTreeMap<&'static str, Table>);

/// A cell that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub row: String,
    pub right: Option<String>,
    pub wrong: Option<String>,
}

/// All differences, by table and by the customer they belong to; settings belong to nobody (an empty id).
#[derive(Debug, Default)]
pub struct Differences {
    pub changed: BTreeMap<Field, Vec<Change>>,
    pub missing: BTreeMap<Place, Vec<String>>,
    pub surplus: BTreeMap<Place, Vec<String>>,
}

/// A table, and the customer whose row it is.
pub type Place = (String, String);
/// The same, and a column.
pub type Field = (String, String, String);

/// Reads all tables.
pub async fn contents(database: &DatabaseConnection) -> Contents {
    let mut contents = Contents::default();
    macro_rules! tables {
        ($($name:ident)*) => {$(
            contents.0.insert(stringify!($name), table::<rows::$name::Entity>(database).await);
        )*};
    }
    tables!(
        installation fencing issuers tariffs tax_rates number_ranges storage_samples registrations mailboxes
        subscriptions invoices invoice_lines number_allocations documents deliveries runs run_items attempts
        delivery_evidence payments findings repairs repair_changes restorations journal
    );
    contents
}

async fn table<E: EntityTrait>(database: &DatabaseConnection) -> Table
where
    E::Model: ModelTrait<Entity = E>,
{
    let columns: Vec<&'static str> = E::Column::iter().map(|column| column.as_str()).collect();
    let models = E::find().all(database).await.expect("the table can be read");
    let cells = |model: E::Model| E::Column::iter().map(|column| text(model.get(column))).collect::<Vec<_>>();
    let rows = models.into_iter().map(cells);
    let key = columns.iter().position(|column| ["id", "seq"].contains(column)).expect("a key");
    Table { rows: rows.map(|row| (row[key].clone().expect("a key"), row)).collect(), columns }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Bool(value) => value.map(|value| value.to_string()),
        Value::Int(value) => value.map(|value| value.to_string()),
        Value::BigInt(value) => value.map(|value| value.to_string()),
        Value::String(value) => value,
        Value::Uuid(value) => value.map(|value| value.to_string()),
        Value::ChronoDate(value) => value.map(|value| value.to_string()),
        Value::ChronoDateTimeUtc(value) => value.map(|value| value.to_rfc3339()),
        Value::Bytes(value) => value.map(|value| hex(&sha256(&value))),
        other => panic!("no column holds {other:?}"),
    }
}

/// Bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

impl Table {
    fn cell(&self, row: &str, column: &str) -> Option<&str> {
        let place = self.columns.iter().position(|name| *name == column)?;
        self.rows.get(row)?[place].as_deref()
    }
}

impl Contents {
    /// One cell; none where it is NULL, or there is no such row.
    pub fn cell(&self, table: &str, row: &str, column: &str) -> Option<&str> {
        self.0[table].cell(row, column)
    }

    /// The values of a column.
    pub fn column<'a>(&'a self, table: &str, column: &'a str) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let table = &self.0[table];
        table.rows.keys().map(move |row| (row.as_str(), table.cell(row, column)))
    }
}

/// Whom every row belongs to: its customer's id.
#[derive(Debug, Default)]
pub struct Owners {
    owners: HashMap<String, String>,
    rows: HashMap<String, Vec<String>>,
}

impl Owners {
    /// As the right database says, and for rows that only the damaged one has, as that one says.
    pub fn of(right: &Contents, damaged: &Contents) -> Self {
        let mut owners = Self::default();
        for table in OWNED {
            for contents in [right, damaged] {
                for row in contents.0[table].rows.keys() {
                    if !owners.owners.contains_key(row) {
                        let owner = owners.owner(&contents.0[table], table, row);
                        owners.rows.entry(owner.clone()).or_default().push(row.clone());
                        owners.owners.insert(row.clone(), owner);
                    }
                }
            }
        }
        owners
    }

    fn owner(&self, contents: &Table, table: &str, row: &str) -> String {
        if table == "registrations" {
            return row.to_owned();
        }
        let columns = ["registration_id", "subscription_id", "delivery_id", "invoice_id"];
        let referred = columns.iter().find_map(|column| contents.cell(row, column));
        referred.and_then(|id| self.owners.get(id)).cloned().unwrap_or_default()
    }

    /// The customer of a row.
    pub fn get(&self, row: &str) -> String {
        self.owners.get(row).cloned().unwrap_or_default()
    }

    /// All rows, of whatever table, of the customer whose row this is.
    pub fn beside(&self, row: &str) -> impl Iterator<Item = &str> {
        self.owners.get(row).and_then(|owner| self.rows.get(owner)).into_iter().flatten().map(String::as_str)
    }
}

impl Differences {
    /// Compares all cells.
    pub fn between(right: &Contents, damaged: &Contents, owners: &Owners) -> Self {
        let mut all = Self::default();
        for (name, table) in &right.0 {
            let other = &damaged.0[name];
            for (row, cells) in &table.rows {
                match other.rows.get(row) {
                    Some(damaged) => all.compare(name, row, (table, cells, damaged), owners),
                    None => all.missing.entry((name.to_string(), owners.get(row))).or_default().push(row.clone()),
                }
            }
            for row in other.rows.keys().filter(|row| !table.rows.contains_key(*row)) {
                all.surplus.entry((name.to_string(), owners.get(row))).or_default().push(row.clone());
            }
        }
        all
    }

    fn compare(
        &mut self,
        name: &str,
        row: &str,
        (table, right, wrong): (&Table, &[Option<String>], &[Option<String>]),
        owners: &Owners,
    ) {
        for ((column, right), wrong) in table.columns.iter().zip(right).zip(wrong) {
            if right != wrong {
                let change = Change { row: row.to_owned(), right: right.clone(), wrong: wrong.clone() };
                self.changed.entry((name.to_owned(), owners.get(row), column.to_string())).or_default().push(change);
            }
        }
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.missing.is_empty() && self.surplus.is_empty()
    }
}
