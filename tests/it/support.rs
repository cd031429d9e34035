//! An office to test in: tables, settings and customers, made through the command line as a person would.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kontor_tests::databases::{Kind, TestDb, number};
use kontor_tests::process::{Kontor, Output};
use sea_orm::{ConnectionTrait, Statement, TransactionTrait};
use serde_json::Value;

/// The program under test.
pub fn kontor(db: &TestDb) -> Kontor {
    Kontor::new(env!("CARGO_BIN_EXE_kontor-test-worker")).db(&db.url).args(["--json"]).dir(db.path())
}

/// The program with a mail target.
pub fn mailing(db: &TestDb) -> Kontor {
    kontor(db).smtp(&format!("file:{}", outbox(db).display()))
}

/// Where mails of a test go.
pub fn outbox(db: &TestDb) -> PathBuf {
    db.path().join("outbox")
}

/// Messages in the outbox; drafts are hidden and do not count.
pub fn messages(db: &TestDb) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(outbox(db)) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("the outbox can be read").path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "eml")).collect()
}

/// Makes the tables, the settings and this many customers, due from January 2013.
pub fn office(db: &TestDb, customers: usize) {
    empty_office(db);
    drop(import(db, &customers_csv(1, customers)).expect(0));
}

/// Makes the tables and the settings.
pub fn empty_office(db: &TestDb) {
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/settings.example.json");
    drop(kontor(db).args(["db", "migrate", "--purpose", "test"]).run().expect(0));
    drop(kontor(db).args(["db", "settings"]).args([settings]).run().expect(0));
}

/// A file of customers with the numbers `first` to `first + count - 1`.
pub fn customers_csv(first: usize, count: usize) -> String {
    let mut text = "company,first_name,last_name,street,postal_code,city,email,mailbox,start_date\n".to_owned();
    for number in first..first + count {
        let company = if number % 20 == 0 { "Kröger & Söhne GmbH" } else { "" };
        writeln!(
            text,
            "{company},Jürgen,Groß-Müller {number},Straße {number},24103,Kiel,kunde{number}@example.com,\
             box{number}@mail.example.com,2013-01-{:02}",
            number % 28 + 1
        )
        .expect("a string takes any text");
    }
    text
}

/// Imports a CSV text.
pub fn import(db: &TestDb, text: &str) -> Output {
    let file = db.path().join("customers.csv");
    std::fs::write(&file, text).expect("the temporary folder is writable");
    kontor(db).args(["registrations", "import"]).args([file]).run()
}

/// Invoices a period to the outbox.
pub fn invoice(db: &TestDb, period: &str) -> Value {
    mailing(db).args(["invoices", "run", "--period", period]).run().expect(0).json()
}

/// The one text that a query returns.
pub async fn text(db: &TestDb, sql: &str) -> String {
    let connection = db.connect().await;
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let row = row.unwrap_or_else(|| panic!("{sql} returned no row"));
    row.try_get_by_index(0).unwrap_or_else(|error| panic!("{sql} returned no text: {error}"))
}

/// Number of rows of each of these tables: nothing was written while it stays the same.
pub async fn counts(db: &TestDb, tables: &[&str]) -> Vec<i64> {
    let connection = db.connect().await;
    let mut counts = Vec::with_capacity(tables.len());
    for table in tables {
        counts.push(number(&connection, &format!("SELECT count(*) FROM {table}")).await);
    }
    counts
}

/// Changes rows of a table past its guards, as faulty memory would, and returns how many.
pub async fn past_the_guards(db: &TestDb, table: &str, sql: &str) -> u64 {
    let connection = db.connect().await;
    let backend = connection.get_database_backend();
    let mut guards = Vec::new();
    if db.kind == Kind::Sqlite {
        let asked = format!("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'");
        let rows = connection.query_all_raw(Statement::from_string(backend, asked)).await.expect("the catalogue");
        let pair = |row: &sea_orm::QueryResult| -> (String, String) {
            (row.try_get_by_index(0).expect("a name"), row.try_get_by_index(1).expect("its text"))
        };
        guards = rows.iter().map(pair).collect();
    }
    let before: Vec<String> = match db.kind {
        Kind::Sqlite => guards.iter().map(|(name, _)| format!("DROP TRIGGER {name}")).collect(),
        Kind::Postgres => vec![format!("ALTER TABLE {table} DISABLE TRIGGER USER")],
    };
    let after: Vec<String> = match db.kind {
        Kind::Sqlite => guards.into_iter().map(|(_, text)| text).collect(),
        Kind::Postgres => vec![format!("ALTER TABLE {table} ENABLE TRIGGER USER")],
    };
    // One connection for all of it: another one of the pool may still believe that a trigger is there.
    let transaction = connection.begin().await.expect("a transaction");
    for statement in before {
        transaction.execute_unprepared(&statement).await.expect("a guard is put aside");
    }
    let changed = transaction.execute_raw(Statement::from_string(backend, sql)).await;
    let changed = changed.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected();
    for statement in after {
        transaction.execute_unprepared(&statement).await.expect("a guard is put back");
    }
    transaction.commit().await.expect("the change is written");
    changed
}

/// Everything that must hold whatever happened before: run after each crash test.
pub async fn assert_sound(db: &TestDb, periods: &[&str], customers: i64) {
    let connection = db.connect().await;
    let zero = async |what: &str, sql: &str| assert_eq!(number(&connection, sql).await, 0, "{what}");
    for period in periods {
        let sql = format!(
            "SELECT count(*) FROM invoices WHERE kind = 'invoice' AND state = 'archived' AND period = '{period}-01'"
        );
        assert_eq!(number(&connection, &sql).await, customers, "one valid invoice per customer in {period}");
    }
    zero(
        "two valid invoices for a period",
        "SELECT count(*) FROM (SELECT 1 FROM invoices WHERE kind = 'invoice' AND \
         state <> 'cancelled' GROUP BY subscription_id, period HAVING count(*) > 1) x",
    )
    .await;
    zero("a number used twice", "SELECT count(*) FROM (SELECT 1 FROM invoices GROUP BY number HAVING count(*) > 1) x")
        .await;
    zero(
        "a gap without explanation",
        "SELECT count(*) FROM number_allocations WHERE invoice_id IS NULL AND explanation IS NULL",
    )
    .await;
    zero(
        "a number missing in the log",
        "SELECT CAST(sum(r.last_serial) AS bigint) - (SELECT count(*) FROM number_allocations) \
         FROM number_ranges r WHERE r.kind <> 'customer'",
    )
    .await;
    zero(
        "an invoice without its lines",
        "SELECT count(*) FROM invoices i WHERE i.line_count <> (SELECT count(*) FROM \
         invoice_lines l WHERE l.invoice_id = i.id)",
    )
    .await;
    zero(
        "an invoice without its PDF",
        "SELECT count(*) FROM invoices i WHERE NOT EXISTS (SELECT 1 FROM documents d \
         WHERE d.invoice_id = i.id AND d.role = 'original')",
    )
    .await;
    zero("an item that is stuck", "SELECT count(*) FROM run_items WHERE state IN ('waiting', 'claimed')").await;
    zero("a run that is stuck", "SELECT count(*) FROM runs WHERE state NOT IN ('done', 'cancelled')").await;
    zero("an attempt left open", "SELECT count(*) FROM attempts WHERE outcome = 'running'").await;
    zero(
        "two first mails",
        "SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE purpose = 'invoice' GROUP BY invoice_id \
         HAVING count(*) > 1) x",
    )
    .await;
}

/// Every accepted mail lies in the outbox once, whole, with the PDF that is archived.
pub async fn assert_mailed_once(db: &TestDb) {
    let accepted = db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await;
    let open = db.number("SELECT count(*) FROM deliveries WHERE state <> 'accepted'").await;
    assert_eq!(open, 0, "every mail is accepted");
    let messages = messages(db);
    assert_eq!(i64::try_from(messages.len()).expect("a count"), accepted, "one file per accepted mail");
    for path in messages {
        let text = std::fs::read_to_string(&path).expect("a message is ASCII");
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: <")).expect("a Message-ID");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert_eq!(id.trim_end_matches('>'), name, "the file bears its Message-ID");
        assert!(text.trim_end().ends_with("--"), "{name} is whole");
    }
}

/// All archived PDFs pass their audit.
pub fn assert_audited(db: &TestDb) {
    let report = kontor(db).args(["invoices", "audit"]).run().expect(0).json();
    assert_eq!(report["damaged"], serde_json::json!([]), "no damaged PDF");
}
