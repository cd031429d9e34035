//! What the windows stand in front of: a database with January 2013, made through the command line as a person would, and
//! what is looked up in it afterwards.

use std::path::{Path, PathBuf};

use kontor::check::finding;
use kontor::identity::Actor;
use kontor::repair::{self, Order, Undo};
use kontor::store::{DbUrl, Store};
use kontor_tests::databases::{Kind, TestDb};
use kontor_tests::process::Kontor;
use sea_orm::{ConnectionTrait, Statement, TransactionTrait};
use uuid::Uuid;

/// The command line on this database; its mails go where the window's go.
pub fn kontor(db: &TestDb) -> Kontor {
    let outbox = db.path().join("outbox");
    Kontor::new(env!("CARGO_BIN_EXE_kontor-test-worker"))
        .db(&db.url)
        .smtp(&format!("file:{}", outbox.display()))
        .args(["--json"])
        .dir(db.path())
}

/// The demo with this many registrations: all kinds of failures are among them.
pub fn demo(db: &TestDb, registrations: usize) {
    let count = registrations.to_string();
    drop(kontor(db).args(["demo", "create", "--registrations", &count, "--seed", "1"]).run().expect(0));
}

/// Tables and settings for a purpose, with this many customers and no invoices.
pub fn office(db: &TestDb, purpose: &str, customers: usize) {
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/settings.example.json");
    drop(kontor(db).args(["db", "migrate", "--purpose", purpose]).run().expect(0));
    drop(kontor(db).args(["db", "settings"]).args([settings]).run().expect(0));
    let head = "company,first_name,last_name,street,postal_code,city,email,mailbox,start_date";
    let line = |number: usize| {
        format!(
            ",Jürgen,Groß-Müller {number},Straße {number},24103,Kiel,kunde{number}@example.com,box{number}@mail.example.com,2013-01-07"
        )
    };
    let lines: Vec<String> = std::iter::once(head.to_owned()).chain((1..=customers).map(line)).collect();
    let file = db.path().join("customers.csv");
    std::fs::write(&file, lines.join("\n")).expect("the temporary folder is writable");
    drop(kontor(db).args(["registrations", "import"]).args([file]).run().expect(0));
}

/// Messages in the outbox.
pub fn messages(db: &TestDb) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(db.path().join("outbox")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("the outbox can be read").path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "eml")).collect()
}

/// The one text that a query returns.
pub async fn text(db: &TestDb, sql: &str) -> String {
    let connection = db.connect().await;
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let row = row.unwrap_or_else(|| panic!("{sql} returned no row"));
    row.try_get_by_index(0).unwrap_or_else(|error| panic!("{sql} returned no text: {error}"))
}

/// Changes a row of a table past its guards, as faulty memory would.
pub async fn past_the_guards(db: &TestDb, table: &str, sql: &str) {
    let connection = db.connect().await;
    if db.kind == Kind::Postgres {
        let transaction = connection.begin().await.expect("a transaction");
        let aside = "SET LOCAL session_replication_role = replica";
        transaction.execute_unprepared(aside).await.expect("the guards are put aside");
        let changed = transaction.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(changed.rows_affected() > 0, "{sql} hits a row");
        return transaction.commit().await.expect("the change is written");
    }
    let asked = format!("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'");
    let asked = Statement::from_string(connection.get_database_backend(), asked);
    let guards = connection.query_all_raw(asked).await.expect("the catalogue of an SQLite database");
    for guard in &guards {
        let name: String = guard.try_get_by_index(0).expect("a name");
        connection.execute_unprepared(&format!("DROP TRIGGER {name}")).await.expect("a guard is put aside");
    }
    let changed = connection.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert!(changed.rows_affected() > 0, "{sql} hits a row");
    for guard in &guards {
        let text: String = guard.try_get_by_index(1).expect("its text");
        connection.execute_unprepared(&text).await.expect("a guard is put back");
    }
}

/// Repairs in every state, of an embedded database that was checked: two applied, one of them undone; the rest staged, one of
/// them of a record that changed since.
pub async fn repaired(db: &TestDb) {
    let url: DbUrl = db.url.parse().expect("an address");
    let store = Store::open(&url).await.expect("the database opens");
    let actor = || Actor { person: "m.weber".to_owned(), desk: "zentrale-2".to_owned(), request: Uuid::now_v7() };
    let open = finding::open(store.read(), &[]).await.expect("findings");
    let orders: Vec<Order> = open.iter().map(|one| Order::named(one.id)).collect();
    let plans = repair::plan(&store, &orders).await.expect("plans");
    let able = |is_undoable: bool| {
        let wanted = plans.iter().filter(move |plan| plan.obstacle.is_none() && plan.undoable == is_undoable);
        wanted.map(|plan| Order::named(plan.finding)).collect::<Vec<_>>()
    };
    let (undoable, last) = (able(true), able(false));
    let mut applied = Vec::new();
    for order in &undoable {
        let done =
            repair::apply(&store, &actor(), std::slice::from_ref(order), "gekippte Bits").await.expect("an answer");
        applied.extend(done.items.iter().filter(|item| item.obstacle.is_none()).filter_map(|item| item.repair));
        if applied.len() == 2 {
            break;
        }
    }
    let undone = repair::undo(&store, &actor(), &Undo::Repairs(applied[..1].to_vec()), "doch nicht").await;
    assert_eq!(undone.expect("an answer").applied, 1);
    let rest: Vec<Order> = undoable.into_iter().rev().chain(last).take(30).collect();
    let staged = repair::stage(&store, &actor(), &rest).await.expect("an answer");
    assert!(staged.applied > 3, "{staged:?}");
    let first = staged.items.iter().find_map(|item| item.repair).expect("a staged one");
    let changed = format!("UPDATE repairs SET before_sha256 = x'00' WHERE id = x'{}'", first.simple());
    assert_eq!(db.execute(&changed).await, 1);
}
