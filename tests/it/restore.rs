//! The way back for frozen columns: after any damage the rows are exactly as they were frozen, and nothing else gets in.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use kontor::identity::Actor;
use kontor::invoice::restore::{self, Order};
use kontor::store::Store;
use kontor::store::entities::{invoice_lines, invoices, subscriptions};
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb, block_on};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use crate::support::{counts, customers_csv, import, invoice, kontor, office, past_the_guards, text};

/// Damages per database in the property test.
const DAMAGES: usize = 150;
/// Tables that a restoration writes.
const WRITTEN: [&str; 3] = ["restorations", "journal", "invoice_lines"];

/// The rows of one invoice.
#[derive(Clone, Debug, PartialEq)]
struct Rows {
    invoice: invoices::Model,
    lines: Vec<invoice_lines::Model>,
}

async fn store(db: &TestDb) -> Store {
    Store::open(&db.url.parse().expect("an address")).await.expect("the database opens")
}

async fn rows(store: &Store, id: Uuid) -> Rows {
    let invoice = invoices::Entity::find_by_id(id).one(store.read()).await.expect("the row can be read");
    let lines = invoice_lines::Entity::find()
        .filter(invoice_lines::Column::InvoiceId.eq(id))
        .order_by_asc(invoice_lines::Column::Id)
        .all(store.read())
        .await
        .expect("the lines can be read");
    Rows { invoice: invoice.expect("the invoice is there"), lines }
}

/// The same, but for what counts changes.
fn unversioned(rows: &Rows) -> Rows {
    let mut rows = rows.clone();
    rows.invoice.version = 0;
    rows.invoice.updated_at = rows.invoice.created_at;
    rows
}

fn actor() -> Actor {
    Actor { person: "erika".to_owned(), desk: "desk-1".to_owned(), request: Uuid::now_v7() }
}

fn order(rows: &Rows) -> Order {
    Order { id: rows.invoice.id, version: rows.invoice.version, content: None, reason: "bit flip".to_owned() }
}

/// A damaged value of one column, as SQL writes it, and the table it stands in.
fn damages(kind: Kind, others: &BTreeMap<&'static str, String>) -> impl Strategy<Value = (&'static str, String)> {
    let cents = prop_oneof![(0_u32..62).prop_map(|bit| 1_i64 << bit), -1_000_000_000_i64..1_000_000_000];
    let days = (0_u64..40_000).prop_map(|days| {
        let first = NaiveDate::from_ymd_opt(1990, 1, 1).expect("a day");
        format!("'{}'", first + Days::new(days))
    });
    let texts = "[A-Za-zÄÖÜäöüß0-9 .€–-]{0,60}".prop_map(|text| format!("'{text}'"));
    let number = prop::sample::select(vec!["net_cents", "tax_cents", "gross_cents", "line_count"]);
    let date = prop::sample::select(vec!["period", "issued_on", "due_on"]);
    let word = prop::sample::select(vec!["number", "recipient_name", "currency"]);
    let reference = prop::sample::select(vec!["registration_id", "subscription_id", "cancels_id"]);
    let line = prop::sample::select(vec![
        "quantity",
        "unit_gross_cents",
        "tax_basis_points",
        "net_cents",
        "tax_cents",
        "gross_cents",
    ]);
    let others = others.clone();
    let bytes = match kind {
        Kind::Postgres => "decode('7b7d', 'hex')",
        Kind::Sqlite => "x'7b7d'",
    };
    prop_oneof![
        4 => (number, cents.clone()).prop_map(|(column, value)| ("invoices", format!("{column} = {value}"))),
        4 => (date, days).prop_map(|(column, value)| ("invoices", format!("{column} = {value}"))),
        1 => Just(("invoices", "due_on = NULL".to_owned())),
        4 => (word, texts.clone()).prop_map(|(column, value)| ("invoices", format!("{column} = {value}"))),
        2 => reference.prop_map(move |column| ("invoices", format!("{column} = {}", others[column]))),
        1 => Just(("invoices", format!("snapshot = {bytes}"))),
        4 => (line, cents).prop_map(|(column, value)| ("invoice_lines", format!("{column} = {value}"))),
        2 => texts.prop_map(|value| ("invoice_lines", format!("description = {value}"))),
        1 => (2_i64..99).prop_map(|position| ("invoice_lines", format!("position = {position}"))),
    ]
}

/// The first invoice of the database, and where its references could point instead.
async fn first(db: &TestDb, store: &Store) -> (Uuid, BTreeMap<&'static str, String>) {
    let all = invoices::Entity::find().order_by_asc(invoices::Column::Number).all(store.read()).await.expect("rows");
    let literal = |id: Uuid| match db.kind {
        Kind::Postgres => format!("'{id}'"),
        Kind::Sqlite => format!("x'{}'", id.simple()),
    };
    drop(import(db, &customers_csv(40, 1)).expect(0));
    let other = subscriptions::Entity::find().order_by_desc(subscriptions::Column::CreatedAt).one(store.read()).await;
    let other = other.expect("the row can be read").expect("a customer without invoices");
    let others = BTreeMap::from([
        ("registration_id", literal(other.registration_id)),
        ("subscription_id", literal(other.id)),
        ("cancels_id", literal(all[1].id)),
    ]);
    (all[0].id, others)
}

/// Only the invoice with this id.
fn only(db: &TestDb, table: &str, id: Uuid) -> String {
    let column = if table == "invoices" { "id" } else { "invoice_id" };
    match db.kind {
        Kind::Postgres => format!("{column} = '{id}'"),
        Kind::Sqlite => format!("{column} = x'{}'", id.simple()),
    }
}

async fn restored_from_any_damage(db: &TestDb, id: Uuid, others: &BTreeMap<&'static str, String>, times: usize) {
    let store = store(db).await;
    let mut runner = TestRunner::deterministic();
    let strategy = damages(db.kind, others);
    for _ in 0..times {
        let (table, damage) = strategy.new_tree(&mut runner).expect("a damage").current();
        let before = rows(&store, id).await;
        let sql = format!("UPDATE {table} SET {damage} WHERE {}", only(db, table, id));
        assert_eq!(past_the_guards(db, table, &sql).await, 1, "{damage}");
        let damaged = rows(&store, id).await;
        if unversioned(&damaged) == unversioned(&before) {
            continue;
        }
        let mut order = order(&damaged);
        if damage.starts_with("snapshot") {
            let refused = restore::restore(&store, &actor(), &order).await.expect_err("damaged bytes").to_string();
            assert!(refused.contains("does not have the hash"), "{refused}");
            order.content.clone_from(&before.invoice.snapshot);
        }
        let done = restore::restore(&store, &actor(), &order).await.unwrap_or_else(|error| panic!("{damage}: {error}"));
        assert_eq!(done.changes.len(), 1, "{damage}: {:?}", done.changes);
        let after = rows(&store, id).await;
        assert_eq!(unversioned(&after), unversioned(&before), "{table}: {damage}");
        assert_eq!(after.invoice.version, damaged.invoice.version + 1, "{damage}");
        let again = restore::restore(&store, &actor(), &self::order(&after)).await.expect_err("nothing differs");
        assert!(again.to_string().contains("nothing to restore"), "{again}");
    }
}

both_databases! {
    async fn any_single_damage_is_undone_exactly(db: TestDb) {
        office(&db, 3);
        invoice(&db, "2013-01");
        let (id, others) = first(&db, &store(&db).await).await;
        restored_from_any_damage(&db, id, &others, DAMAGES).await;
        assert!(kontor(&db).args(["journal", "verify"]).run().expect(0).json()["fault"].is_null());
    }

    async fn a_cancellation_invoice_is_restored_like_any_other(db: TestDb) {
        office(&db, 3);
        invoice(&db, "2013-01");
        let store = store(&db).await;
        let (id, others) = first(&db, &store).await;
        let number = rows(&store, id).await.invoice.number;
        drop(kontor(&db).args(["invoices", "cancel", &number, "--queue", "--reason", "x"]).run().expect(0));
        let cancelled = rows(&store, id).await;
        restored_from_any_damage(&db, cancelled.invoice.cancelled_by.expect("a cancellation invoice"), &others, 40).await;
        // Damage to its kind as well.
        let taking = cancelled.invoice.cancelled_by.expect("a cancellation invoice");
        let before = rows(&store, taking).await;
        let sql = format!("UPDATE invoices SET kind = 'invoice' WHERE {}", only(&db, "invoices", taking));
        assert_eq!(past_the_guards(&db, "invoices", &sql).await, 1);
        drop(restore::restore(&store, &actor(), &order(&before)).await.expect("the kind is part of the content"));
        assert_eq!(unversioned(&rows(&store, taking).await), unversioned(&before));
        // The cancelled original can be restored too, and stays cancelled.
        past_the_guards(&db, "invoices", &format!("UPDATE invoices SET net_cents = 85 WHERE {}", only(&db, "invoices", id))).await;
        drop(restore::restore(&store, &actor(), &order(&cancelled)).await.expect("restored"));
        assert_eq!(unversioned(&rows(&store, id).await), unversioned(&cancelled));
    }

    async fn a_person_restores_by_number_or_id(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        let store = store(&db).await;
        let (id, _) = first(&db, &store).await;
        let before = rows(&store, id).await;
        let only = only(&db, "invoices", id);
        past_the_guards(&db, "invoices", &format!("UPDATE invoices SET number = 'RE-2013-000991-0', gross_cents = 164 WHERE {only}")).await;
        past_the_guards(&db, "invoice_lines", "UPDATE invoice_lines SET description = 'Postfach 10 GC'").await;
        let call = |by: &[&str]| kontor(&db).args(["invoices", "restore", "--reason", "flipped bit"]).args(by).run();
        let request = ["--request-id", "0190a000-0000-7000-8000-0000000000ee"];
        let done = call(&["RE-2013-000991-0", request[0], request[1]]).expect(0).json();
        assert_eq!((&done["number"], &done["repeated"]), (&json!(before.invoice.number), &json!(false)));
        let changes = done["changes"].as_array().expect("changes").clone();
        assert_eq!(changes.len(), 3, "{done}");
        assert!(changes.contains(&json!({"line": null, "field": "gross_cents", "old": "164", "new": "100"})), "{done}");
        assert!(changes.contains(&json!({"line": 1, "field": "description", "old": "Postfach 10 GC", "new": before.lines[0].description})), "{done}");
        assert_eq!(unversioned(&rows(&store, id).await), unversioned(&before));
        // The answer was lost: the same request says the same and writes nothing.
        let written = counts(&db, &WRITTEN).await;
        let again = call(&["--id", &id.to_string(), request[0], request[1]]).expect(0).json();
        assert_eq!((&again["repeated"], &again["changes"], &again["version"]), (&json!(true), &done["changes"], &done["version"]));
        let other = text(&db, &format!("SELECT number FROM invoices WHERE number <> '{}'", before.invoice.number)).await;
        let refused = call(&[&other, request[0], request[1]]).expect(2);
        assert!(refused.stderr.contains("restored another invoice already"), "{}", refused.stderr);
        assert_eq!(counts(&db, &WRITTEN).await, written);

        let entry = kontor(&db).args(["journal", "list", "--limit", "1"]).run().expect(0).json()[0].clone();
        assert_eq!((&entry["action"], &entry["row"], &entry["reason"]), (&json!("invoice.restore"), &json!(id), &json!("flipped bit")));
        assert_eq!((&entry["before"]["fields"]["gross_cents"], &entry["after"]["fields"]["gross_cents"]), (&json!("164"), &json!("100")));
        assert_eq!(entry["before"]["fields"]["1.description"], "Postfach 10 GC");
        let kept = "SELECT count(*) FROM restorations p JOIN invoices i ON i.id = p.invoice_id WHERE p.invoice_version = i.version - 1 AND \
                    p.snapshot_sha256 = i.snapshot_sha256 AND p.reason = 'flipped bit'";
        assert_eq!(db.number(kept).await, 1);
    }

    async fn only_the_right_bytes_get_in(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        let store = store(&db).await;
        let (id, _) = first(&db, &store).await;
        let before = rows(&store, id).await;
        let number = before.invoice.number.clone();
        let written = counts(&db, &WRITTEN).await;
        let call = |more: &[&str]| kontor(&db).args(["invoices", "restore", &number, "--reason", "x"]).args(more).dir(db.path()).run();
        let refused = |more: &[&str], code: i32, word: &str| {
            let output = call(more).expect(code);
            assert!(output.stderr.contains(word), "{}", output.stderr);
        };
        refused(&[], 1, "nothing to restore");
        let blank = kontor(&db).args(["invoices", "restore", &number, "--reason", " "]).run().expect(2);
        assert!(blank.stderr.contains("needs a reason"), "{}", blank.stderr);
        refused(&["--content", "missing.json"], 1, "no such file");
        drop(kontor(&db).args(["invoices", "restore", "--reason", "x"]).run().expect(2));
        let copy = before.invoice.snapshot.clone().expect("a content");
        let mut wrong = copy.clone();
        wrong[40] ^= 1;
        std::fs::write(db.path().join("wrong.json"), &wrong).expect("a file");
        std::fs::write(db.path().join("copy.json"), &copy).expect("a file");
        past_the_guards(&db, "invoices", "UPDATE invoices SET snapshot = snapshot_sha256, tax_cents = 17").await;
        refused(&[], 1, "The frozen content does not have the hash");
        refused(&["--content", "wrong.json"], 1, "The copy that was given does not have the hash");
        assert_eq!(counts(&db, &WRITTEN).await, written);
        let done = call(&["--content", "copy.json"]).expect(0).json();
        assert_eq!(done["changes"].as_array().map(Vec::len), Some(2), "{done}");
        assert_eq!(unversioned(&rows(&store, id).await), unversioned(&before));
        // Somebody else was quicker.
        past_the_guards(&db, "invoices", "UPDATE invoices SET tax_cents = 17").await;
        let stale = restore::restore(&store, &actor(), &order(&before)).await.expect_err("the version moved").to_string();
        assert!(stale.contains("was changed meanwhile"), "{stale}");
    }

    async fn two_desks_restore_once(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        let store = store(&db).await;
        let (id, _) = first(&db, &store).await;
        past_the_guards(&db, "invoices", "UPDATE invoices SET tax_cents = 17").await;
        let order = order(&rows(&store, id).await);
        let actors = [actor(), actor()];
        let (one, two) = tokio::join!(
            restore::restore(&store, &actors[0], &order),
            restore::restore(&store, &actors[1], &order)
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        assert_eq!(db.number("SELECT count(*) FROM restorations").await, 1);
        // With one request, both hear the same.
        past_the_guards(&db, "invoices", "UPDATE invoices SET tax_cents = 17").await;
        let order = self::order(&rows(&store, id).await);
        let actor = actor();
        let (one, two) = tokio::join!(restore::restore(&store, &actor, &order), restore::restore(&store, &actor, &order));
        let (one, two) = (one.expect("done"), two.expect("done"));
        assert_eq!((one.version, &one.changes), (two.version, &two.changes));
        assert_eq!(db.number("SELECT count(*) FROM restorations").await, 2);
    }

    async fn what_cannot_be_restored_says_so(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        let store = store(&db).await;
        let (id, _) = first(&db, &store).await;
        let before = rows(&store, id).await;
        // Its period was invoiced again while the row said another one.
        past_the_guards(&db, "invoices", &format!("UPDATE invoices SET period = '2013-05-01' WHERE {}", only(&db, "invoices", id))).await;
        assert_eq!(invoice(&db, "2013-01")["done"], 2, "this one, and the customer who came later");
        let refused = restore::restore(&store, &actor(), &order(&before)).await.expect_err("two invoices").to_string();
        assert!(refused.contains("Another invoice bears this number or is valid for this period"), "{refused}");
        // A line too many.
        let line = "INSERT INTO invoice_lines SELECT i.id, i.id, 2, 'x', 1, 1, 1900, 1, 0, 1 FROM invoices i WHERE i.number = ";
        past_the_guards(&db, "invoice_lines", &format!("{line} '{}'", before.invoice.number)).await;
        let refused = restore::restore(&store, &actor(), &order(&before)).await.expect_err("a line").to_string();
        assert!(refused.contains("has a line that its frozen content does not know"), "{refused}");
        assert_eq!(db.number("SELECT count(*) FROM restorations").await, 0);
    }

    async fn a_lost_line_comes_back(db: TestDb) {
        office(&db, 1);
        invoice(&db, "2013-01");
        let store = store(&db).await;
        let id = invoices::Entity::find().one(store.read()).await.expect("rows").expect("a row").id;
        let before = rows(&store, id).await;
        past_the_guards(&db, "invoice_lines", "DELETE FROM invoice_lines").await;
        past_the_guards(&db, "invoices", "UPDATE invoices SET line_count = 0").await;
        let done = restore::restore(&store, &actor(), &order(&before)).await.expect("restored");
        let missing = done.changes.iter().find(|change| change.field == "line").expect("the line is named");
        assert_eq!((missing.line, missing.new.as_ref()), (Some(1), Some(&before.lines[0].description)));
        let mut after = unversioned(&rows(&store, id).await);
        after.lines[0].id = before.lines[0].id;
        assert_eq!(after, unversioned(&before));
    }

    async fn invoices_of_the_old_programs_were_never_frozen(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "20", "--incident", "none"]).run().expect(0));
        let number = text(&db, "SELECT number FROM invoices ORDER BY number LIMIT 1").await;
        let refused = kontor(&db).args(["invoices", "restore", &number, "--reason", "x"]).run().expect(1);
        assert!(refused.stderr.contains("was never frozen"), "{}", refused.stderr);
        assert_eq!(db.number("SELECT count(*) FROM restorations").await, 0);
    }
}

/// `PostgreSQL` keeps such values out; in an embedded database a flipped bit makes them.
#[test]
fn values_that_cannot_be_read_come_back() {
    block_on(async {
        let db = TestDb::sqlite();
        office(&db, 1);
        invoice(&db, "2013-01");
        let store = store(&db).await;
        let found = invoices::Entity::find().one(store.read()).await.expect("the row can be read");
        let before = rows(&store, found.expect("an invoice").id).await;
        for damage in ["issued_on = '2013-0q-31'", "gross_cents = '1p0'", "period = 'x'", "currency = x'ff'"] {
            assert_eq!(past_the_guards(&db, "invoices", &format!("UPDATE invoices SET {damage}")).await, 1, "{damage}");
            let call = ["invoices", "restore", &before.invoice.number, "--reason", "x"];
            let done = kontor(&db).args(call).run().expect(0).json();
            assert_eq!(done["changes"][0]["old"], "(unreadable)", "{done}");
            assert_eq!(unversioned(&rows(&store, before.invoice.id).await), unversioned(&before), "{damage}");
        }
    });
}
