//! Repairs: planned, applied, refused, undone.

mod actions;
mod bulk;
mod january;
mod races;
mod undo;

use std::collections::BTreeMap;

use kontor::repair::Table;
use kontor::store::{DbUrl, Store};
use kontor_tests::databases::{Kind, TestDb};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::support::kontor;

/// Tables that repairs may write.
const TABLES: [Table; 13] = [
    Table::Registrations,
    Table::Mailboxes,
    Table::Subscriptions,
    Table::Notes,
    Table::SavedFilters,
    Table::Payments,
    Table::Invoices,
    Table::InvoiceLines,
    Table::Documents,
    Table::Deliveries,
    Table::NumberAllocations,
    Table::Runs,
    Table::RunItems,
];
/// Columns that only count changes.
const COUNTING: [&str; 2] = ["version", "updated_at"];

/// Every cell of these tables in the form in which the database keeps it, by table, row and column.
pub type Stored = BTreeMap<(String, String, String), Option<String>>;

/// Reads all tables that repairs may write, but for what counts changes.
pub async fn stored(db: &TestDb) -> Stored {
    let connection = db.connect().await;
    let backend = connection.get_database_backend();
    let mut all = Stored::new();
    for table in TABLES.map(Table::name) {
        let columns = columns(&connection, db.kind, table).await;
        let asked: Vec<String> = columns
            .iter()
            .map(|column| match db.kind {
                // Text may be no text.
                Kind::Sqlite => format!(
                    "typeof({column}) || ' ' || CASE typeof({column}) WHEN 'text' THEN hex(CAST({column} AS blob)) ELSE \
                     quote({column}) END"
                ),
                Kind::Postgres => format!("CAST({column} AS text)"),
            })
            .collect();
        let key = if db.kind == Kind::Sqlite { "hex(id)" } else { "CAST(id AS text)" };
        let text = format!("SELECT {key}, {} FROM {table}", asked.join(", "));
        for row in connection.query_all_raw(Statement::from_string(backend, text)).await.expect("rows") {
            let id: String = row.try_get_by_index(0).expect("a key");
            for (index, column) in columns.iter().enumerate() {
                let value = row.try_get_by_index(index + 1).expect("a cell");
                all.insert((table.to_owned(), id.clone(), column.clone()), value);
            }
        }
    }
    all
}

async fn columns(connection: &sea_orm::DatabaseConnection, kind: Kind, table: &str) -> Vec<String> {
    let text = match kind {
        Kind::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
        Kind::Postgres => {
            format!("SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}'")
        }
    };
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), text)).await;
    let names = rows.expect("the catalogue").into_iter().map(|row| row.try_get_by_index(0).expect("a name"));
    names.filter(|name: &String| !COUNTING.contains(&name.as_str())).collect()
}

/// Cells in which two databases differ, for messages.
pub fn differing(before: &Stored, after: &Stored) -> Vec<String> {
    let short = |value: Option<&Option<String>>| format!("{value:?}").chars().take(80).collect::<String>();
    let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    keys.into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| format!("{key:?}: {} → {}", short(before.get(key)), short(after.get(key))))
        .collect()
}

/// Runs `kontor repairs` and expects this exit code.
pub fn repairs(db: &TestDb, arguments: &[&str], code: i32) -> Value {
    kontor(db).args(["repairs"]).args(arguments).run().expect(code).json()
}

/// The open finding of a rule, the only one.
pub fn only<'a>(findings: &'a [Value], rule: &str) -> &'a Value {
    let found: Vec<&Value> = findings.iter().filter(|finding| finding["rule"] == rule).collect();
    let [one] = &found[..] else { panic!("{rule}: {:#?}", crate::check::told(findings)) };
    one
}

/// The database.
pub async fn store(db: &TestDb) -> Store {
    let url: DbUrl = db.url.parse().expect("an address");
    Store::open(&url).await.expect("the database opens")
}
