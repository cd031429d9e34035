//! Which records lie in a scope: the bounds of its time, what was still in hand, and what another host did.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use kontor::damage::{self, Scope, Source};
use kontor::store::Store;
use kontor::store::entities::documents;
use kontor::withdrawal::{self, Order};
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::{SUSPECT, invoiced_there, person, withdrawn};
use crate::repair::store;
use crate::support::{kontor, office, past_the_guards, text};

/// From the 21st to the 25th of January, as the office counts days.
const FROM: &str = "2013-01-20T23:00:00+00:00";
const TO: &str = "2013-01-25T23:00:00+00:00";

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2013, 1, day).expect("a day")
}

fn scope() -> Scope {
    Scope::of_days(SUSPECT, day(21), day(25)).expect("days")
}

/// Condition on the attempts and numbers of one customer.
fn of(serial: u32) -> String {
    format!(
        "subscription_id = (SELECT s.id FROM subscriptions s JOIN registrations r ON r.id = s.registration_id WHERE \
         r.customer_serial = {serial})"
    )
}

/// Changes the one attempt of a customer.
async fn attempt(db: &TestDb, serial: u32, set: &str) {
    let changed = past_the_guards(db, "attempts", &format!("UPDATE attempts SET {set} WHERE {}", of(serial))).await;
    assert_eq!(changed, 1, "{serial}: {set}");
}

/// The customer's invoice.
async fn invoice(db: &TestDb, serial: u32) -> Uuid {
    let column = if db.url.starts_with("postgres") { "CAST(id AS text)" } else { "lower(hex(id))" };
    let id = text(db, &format!("SELECT {column} FROM invoices WHERE {}", of(serial))).await;
    id.parse().expect("an id")
}

/// One attempt each at every bound. Those of customers 2, 3, 5 and 8 were in hand at the suspect host in its bad time.
async fn at_the_bounds(db: &TestDb) -> BTreeSet<Uuid> {
    office(db, 9);
    invoiced_there(db);
    assert_eq!(db.number("SELECT count(*) FROM attempts").await, 9);
    let hours = |from: &str, to: &str| format!("started_at = '{from}', ended_at = '{to}'");
    attempt(db, 1, &hours("2013-01-20T22:00:00+00:00", "2013-01-20T22:59:59+00:00")).await;
    attempt(db, 2, &format!("outcome = 'unknown', {}", hours("2013-01-20T22:00:00+00:00", FROM))).await;
    attempt(db, 3, "started_at = '2013-01-20T22:30:00+00:00', ended_at = NULL, outcome = 'running'").await;
    attempt(db, 4, &hours(TO, "2013-01-25T23:00:01+00:00")).await;
    attempt(db, 5, &hours("2013-01-25T22:59:59+00:00", "2013-01-26T01:00:00+00:00")).await;
    attempt(db, 6, &format!("host = 'rechnung-01', {}", hours(FROM, "2013-01-21T08:00:00+00:00"))).await;
    let skipped =
        |code: &str| format!("outcome = 'skipped', code = {code}, {}", hours(FROM, "2013-01-21T08:00:00+00:00"));
    attempt(db, 7, &skipped("'done_already'")).await;
    // What a host that was taken out gave back it had in hand all the same: its number, its page, its mail.
    attempt(db, 8, &skipped("'host_withdrawn'")).await;
    attempt(db, 9, &hours("2013-01-27T08:00:00+00:00", "2013-01-27T08:00:01+00:00")).await;
    let mut in_hand = BTreeSet::new();
    for serial in [2, 3, 5, 8] {
        in_hand.insert(invoice(db, serial).await);
    }
    in_hand
}

async fn listed(store: &Store, scope: &Scope) -> BTreeSet<Uuid> {
    let (mut after, mut all) = (None, Vec::new());
    loop {
        let page = damage::list(store, scope, after, 1).await.expect("a page");
        let Some(entry) = page.first() else { break };
        assert_eq!(page.len(), 1, "no more than was asked for");
        assert_ne!(after, Some(entry.attempt), "a page begins behind the last one");
        after = Some(entry.attempt);
        all.extend(entry.invoice);
    }
    let distinct: BTreeSet<Uuid> = all.iter().copied().collect();
    assert_eq!(distinct.len(), all.len(), "each once");
    distinct
}

both_databases! {
    async fn the_first_moment_lies_in_a_time_and_the_last_one_does_not(db: TestDb) {
        let in_hand = at_the_bounds(&db).await;
        for (serial, host, at) in [(1, SUSPECT, FROM), (2, SUSPECT, TO), (3, SUSPECT, "2013-01-20T22:59:59+00:00"), (4, "rechnung-01", FROM), (5, SUSPECT, "2013-01-25T22:59:59+00:00")] {
            let set = format!("UPDATE number_allocations SET host = '{host}', allocated_at = '{at}' WHERE {}", of(serial));
            assert_eq!(past_the_guards(&db, "number_allocations", &set).await, 1);
        }
        let store = store(&db).await;
        // A page that was discarded is none that went out.
        let second = documents::Entity::find().filter(documents::Column::InvoiceId.eq(invoice(&db, 2).await)).one(store.read()).await.expect("rows").expect("it");
        let discarded = documents::Model { id: Uuid::now_v7(), role: "discarded".to_owned(), ..second };
        let write = store.write().await.expect("a transaction");
        assert_eq!(documents::Entity::insert(discarded.into_active_model()).exec_without_returning(&*write).await.expect("a page"), 1);
        write.commit().await.expect("it is written");
        let figures = damage::of(&store, &scope()).await.expect("figures");
        assert_eq!((figures.attempts, figures.invoices, figures.documents, figures.mails, figures.customers), (4, 4, 4, 4, 4));
        assert_eq!(figures.numbers, 2);
        assert_eq!(figures.papers.unproven, 4);
        assert_eq!(listed(&store, &scope()).await, in_hand);
        // A second attempt at the same record changes how many there were, and nothing else.
        let same = format!("UPDATE attempts SET subscription_id = (SELECT b.subscription_id FROM attempts b WHERE b.{0}), invoice_id = (SELECT b.invoice_id FROM attempts b WHERE b.{0}), started_at = '2013-01-22T08:00:00+00:00', ended_at = '2013-01-22T08:00:01+00:00' WHERE {1}", of(5), of(9));
        assert_eq!(past_the_guards(&db, "attempts", &same).await, 1);
        let figures = damage::of(&store, &scope()).await.expect("figures");
        assert_eq!((figures.attempts, figures.invoices, figures.customers), (5, 4, 4));
        assert_eq!(listed(&store, &scope()).await, in_hand);
        let (second, fifth) = (invoice(&db, 2).await, invoice(&db, 5).await);
        let entries = damage::list(&store, &scope(), None, 100).await.expect("entries");
        let failed: Vec<_> = entries.iter().filter_map(|entry| Some((entry.invoice?, entry.failed.clone()?))).collect();
        assert_eq!(failed, [(second, "unknown".to_owned())], "nobody knows counts as failed, running or given back does not");
        let told = entries.into_iter().find(|entry| entry.invoice == Some(fifth)).expect("an entry");
        assert_eq!(told.at.to_rfc3339(), "2013-01-22T08:00:00+00:00", "the last attempt at it");
    }

    async fn a_withdrawn_host_is_doubted_for_just_its_bad_time(db: TestDb) {
        let in_hand = at_the_bounds(&db).await;
        let store = store(&db).await;
        let Scope { from, to, .. } = scope();
        let all: Vec<Uuid> = { let mut all = Vec::new(); for serial in 1..=9 { all.push(invoice(&db, serial).await); } all };
        assert!(damage::unproven_among(store.read(), &all).await.expect("an answer").is_empty(), "nobody was withdrawn");
        let order = Order { host: SUSPECT.to_owned(), from: Some(from), until: Some(from), reason: "Speichertest".to_owned() };
        let none = withdrawal::withdraw(&store, &person("eva"), &order).await;
        assert!(matches!(none, Err(kontor::Error::Usage(_))), "a time without a moment is none");
        let order = Order { until: Some(to), ..order };
        let row = withdrawal::withdraw(&store, &person("eva"), &order).await.expect("it is withdrawn");
        let doubted = async || -> BTreeSet<Uuid> {
            let found = damage::unproven_among(store.read(), &all).await.expect("an answer");
            assert!(found.values().all(|host| host == SUSPECT));
            found.into_keys().collect()
        };
        assert_eq!(doubted().await, in_hand);
        let counted = async || {
            let hosts = withdrawal::hosts(&store).await.expect("hosts");
            hosts.into_iter().find(|host| host.host == SUSPECT).expect("the host").unproven
        };
        assert_eq!(counted().await, 4);
        let traced = damage::trace(&store, SUSPECT, None).await.expect("its time");
        assert_eq!((traced.source, &traced.scope), (Source::Withdrawal, &scope()));
        // Put back, it was bad for the time that was named, not until it was put back.
        withdrawal::put_back(&store, &person("eva"), SUSPECT, "Riegel getauscht").await.expect("it is back");
        assert_eq!((doubted().await, counted().await), (in_hand, 4));
        let row = withdrawal::list(store.read()).await.expect("rows").into_iter().find(|one| one.id == row.id).expect("it");
        assert_eq!(Scope::of_withdrawal(&row, store.now().await.expect("a clock")), scope());
    }

    async fn a_bad_time_never_begins_after_the_host_was_taken_out(db: TestDb) {
        office(&db, 3);
        invoiced_there(&db);
        let store = store(&db).await;
        let from = store.now().await.expect("a clock") + chrono::TimeDelta::days(3);
        let order = Order { host: SUSPECT.to_owned(), from: Some(from), until: None, reason: "Vertippt".to_owned() };
        let row = withdrawal::withdraw(&store, &person("eva"), &order).await.expect("it is withdrawn");
        assert_eq!(row.suspect_from_at, row.withdrawn_at);
    }

    async fn what_a_host_gave_back_is_doubted_too(db: TestDb) {
        office(&db, 12);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0));
        // It archives, and is taken out of service before its mails go: it gives them back.
        let there = crate::support::mailing(&db).env("KONTOR_HOST", SUSPECT).args(["work", "--until-idle", "--workers", "0", "--batch", "4"]);
        let output = there.failpoints("archive.after_commit=sleep(5000)").spawn();
        let store = store(&db).await;
        crate::canary::until(&db, "the first documents", "SELECT count(*) FROM documents").await;
        let scope = withdrawn(&store).await;
        drop(output.wait().expect(1));
        let documents = db.number("SELECT count(*) FROM documents").await;
        let given_back = "SELECT count(*) FROM attempts WHERE outcome = 'skipped' AND code = 'host_withdrawn' AND invoice_id IS NOT NULL";
        assert!(documents > 0 && db.number(given_back).await >= documents, "{documents} archived");
        let figures = damage::of(&store, &scope).await.expect("figures");
        assert_eq!(i64::try_from(figures.documents).expect("a count"), documents);
        let all: Vec<Uuid> = listed(&store, &scope).await.into_iter().collect();
        assert_eq!(damage::unproven_among(store.read(), &all).await.expect("an answer").len(), all.len());
    }
}
