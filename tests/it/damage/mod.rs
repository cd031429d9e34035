//! From a cause to its damage: what a host had in hand, drawn again elsewhere, put right in one go.

mod bounds;
mod desk;
mod distrust;
pub mod drawn;
mod january;
mod others;

use chrono::{DateTime, Utc};
use kontor::damage::Scope;
use kontor::identity::{Actor, Process};
use kontor::store::Store;
use kontor::withdrawal::{self, Order};
use kontor_tests::databases::TestDb;
use serde_json::Value;
use uuid::Uuid;

use crate::support::{kontor, mailing};

/// The suspect host.
pub const SUSPECT: &str = "rechnung-03";

/// Somebody at a desk.
pub fn person(name: &str) -> Actor {
    Actor { person: name.to_owned(), desk: "desk-7".to_owned(), request: Uuid::now_v7() }
}

/// A process on this host.
pub fn on(host: &str) -> Process {
    Process { host: host.to_owned(), ..Process::this() }
}

/// Runs `kontor causes damage` for the suspect host.
pub fn damage(db: &TestDb, arguments: &[&str], code: i32) -> Value {
    let command = kontor(db).args(["causes", "damage", "--host", SUSPECT]).args(arguments);
    let output = command.run().expect(code);
    if code == 0 { output.json() } else { Value::Null }
}

/// Invoices January on the suspect host.
pub fn invoiced_there(db: &TestDb) {
    drop(mailing(db).env("KONTOR_HOST", SUSPECT).args(["invoices", "run", "--period", "2013-01"]).run().expect(0));
}

/// Takes the suspect host out of service; nothing it did since the beginning of time is trusted.
pub async fn withdrawn(store: &Store) -> Scope {
    let from = Some(DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::days(10_000));
    let order = Order { host: SUSPECT.to_owned(), from, until: None, reason: "Speichertest".to_owned() };
    let row = withdrawal::withdraw(store, &person("eva"), &order).await.expect("it is withdrawn");
    Scope::of_withdrawal(&row, store.now().await.expect("a clock"))
}
