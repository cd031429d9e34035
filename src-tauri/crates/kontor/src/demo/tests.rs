//! The demo as a whole, on a small scale and on `SQLite`; the integration tests make it on both databases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kontor_pdf::audit::{Expected, audit};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::*;
use crate::store::entities::{
    attempts, deliveries, delivery_evidence, documents, installation, invoice_lines, invoices, mailboxes,
    number_allocations, number_ranges, payments, storage_samples, subscriptions, tariffs, tax_rates,
};

struct Demo {
    folder: tempfile::TempDir,
    store: Store,
    summary: Summary,
    truth: String,
}

fn url(folder: &Path) -> DbUrl {
    DbUrl::Sqlite(folder.join("demo.db"))
}

async fn make(order: Order) -> Demo {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("truth.json");
    let file = |name: &str| Some(folder.path().join(name));
    let order = Order {
        truth: Some(place.clone()),
        maillog: file("maillog"),
        bounces: file("bounces"),
        signup_export: file("signup.csv"),
        ..order
    };
    let url = url(folder.path());
    let summary = create(&url, &order, &mut |_, _, _| ()).await.expect("a demo");
    let store = Store::open(&url).await.expect("a database");
    let truth = std::fs::read_to_string(place).expect("a truth file");
    Demo { folder, store, summary, truth }
}

fn small(registrations: u64, seed: u64) -> Order {
    Order { registrations, seed, ..Order::default() }
}

/// A digest per file that came with a demo.
fn files(demo: &Demo) -> BTreeMap<String, String> {
    let mut digests = BTreeMap::new();
    for folder in [demo.folder.path().to_owned(), demo.folder.path().join("bounces")] {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_file() && !name.starts_with("demo.db") {
                digests.insert(name, format!("{:?}", Sha256::digest(std::fs::read(path).expect("readable"))));
            }
        }
    }
    digests
}

/// A digest per table over all of its rows.
async fn digests(store: &Store) -> BTreeMap<&'static str, String> {
    let mut digests = BTreeMap::new();
    macro_rules! table {
        ($($name:ident by $key:ident),*) => {$(
            let rows = $name::Entity::find().order_by_asc($name::Column::$key).all(store.read()).await.expect("rows");
            let hash = rows.iter().fold(Sha256::new(), |hash, row| hash.chain_update(format!("{row:?}")));
            digests.insert(stringify!($name), format!("{} {:?}", rows.len(), hash.finalize()));
        )*};
    }
    table!(
        installation by Id, issuers by Id, tariffs by Id, tax_rates by Id, number_ranges by Id, registrations by Id,
        mailboxes by Id, subscriptions by Id, number_allocations by Id, invoices by Id, invoice_lines by Id,
        documents by Id, deliveries by Id, delivery_evidence by Id, attempts by Id, payments by Id,
        storage_samples by Id
    );
    digests
}

#[tokio::test]
async fn the_same_seed_makes_the_same_demo() {
    let (first, second, other) = (make(small(300, 7)).await, make(small(300, 7)).await, make(small(300, 8)).await);
    assert_eq!(files(&first), files(&second));
    for (name, digest) in files(&other) {
        assert_ne!(files(&first).get(&name), Some(&digest), "{name}");
    }
    let (first, second) = (digests(&first.store).await, digests(&second.store).await);
    assert_eq!(first, second);
    for (table, digest) in digests(&other.store).await {
        let is_fixed = table == "installation";
        assert_eq!(first[table] == digest, is_fixed, "{table}");
    }
}

#[tokio::test]
async fn without_an_incident_nothing_is_wrong() {
    let demo = make(Order { incident: Incident::None, ..small(300, 1) }).await;
    assert_eq!(demo.truth, "[]\n");
    assert_eq!(std::fs::read_dir(demo.folder.path().join("bounces")).expect("a folder").count(), 0);
    let Summary { registrations, invoices, documents, deliveries, failed, damage, .. } = demo.summary;
    assert_eq!([registrations, invoices, documents, deliveries, failed, damage], [300, 300, 300, 300, 0, 0]);
    let read = demo.store.read();
    let attempts = attempts::Entity::find().all(read).await.expect("rows");
    assert!(attempts.iter().all(|row| row.outcome == "done"));
    let mails = deliveries::Entity::find().all(read).await.expect("rows");
    assert!(mails.iter().all(|row| row.state == "accepted" && row.settled_at >= row.sending_at));
    let paid = payments::Entity::find().all(read).await.expect("rows");
    assert!((150..300).contains(&paid.len()) && paid.len() as u64 == demo.summary.payments);
    assert!(paid.iter().all(|row| (row.state.as_str(), row.amount_cents) == ("matched", 100)));
    assert_eq!(sound_documents(&demo.store).await, 300);
}

/// Documents that pass every check of the audit.
async fn sound_documents(store: &Store) -> usize {
    let invoices = invoices::Entity::find().all(store.read()).await.expect("rows");
    let invoices: BTreeMap<_, _> = invoices.into_iter().map(|row| (row.id, row)).collect();
    let documents = documents::Entity::find().all(store.read()).await.expect("rows");
    let is_sound = |row: &&documents::Model| {
        let invoice = &invoices[&row.invoice_id];
        let expected = Expected {
            number: invoice.number.clone(),
            issued_on: invoice.issued_on,
            recipient: invoice.recipient_name.clone(),
            gross_cents: 100,
            sha256: row.sha256.clone().try_into().ok(),
            pages: Some(1),
        };
        audit(Some(&row.bytes), &expected).is_good()
    };
    documents.iter().filter(is_sound).count()
}

#[tokio::test]
async fn the_truth_names_what_the_rows_show() {
    let demo = make(small(2_000, 1)).await;
    let truth: Vec<Value> = serde_json::from_str(&demo.truth).expect("json");
    assert_eq!(truth.len() as u64, demo.summary.damage);
    let of = |fault: &str| truth.iter().filter(|entry| entry["fault"] == fault).count();
    let read = demo.store.read();
    let invoices = invoices::Entity::find().all(read).await.expect("rows");
    let documents = documents::Entity::find().all(read).await.expect("rows");
    let mails = deliveries::Entity::find().all(read).await.expect("rows");
    let in_state = |state: &str| mails.iter().filter(|row| row.state == state).count();
    assert_eq!(invoices.len() + of("number_without_invoice"), 2_000 + of("second_invoice"));
    assert_eq!(invoices.iter().filter(|row| row.line_count == 0).count(), of("invoice_without_lines"));
    let missing = of("document_missing") + of("character_not_covered");
    assert_eq!(invoices.len() - documents.len(), of("invoice_without_lines") + missing);
    assert_eq!(documents.iter().filter(|row| row.bytes.is_empty()).count(), of("document_empty"));
    assert_eq!(in_state("queued"), of("mail_queued"));
    assert_eq!(in_state("sending"), of("mail_stuck_sending"));
    assert_eq!(in_state("refused"), of("mistyped_address") + of("mail_recorded_refused"));
    assert_eq!(in_state("deferred"), of("mailbox_full") + of("connection_timeout"));
    assert_eq!(in_state("unknown"), of("connection_lost") + of("reply_garbled"));
    let cut = of("document_truncated") + of("document_empty");
    assert_eq!(documents.len() - mails.len(), cut + of("mail_never_queued") + of("address_invalid"));
    assert_eq!(in_state("accepted") as u64, 2_000 + of("second_invoice") as u64 - demo.summary.failed);
}

#[tokio::test]
async fn kills_happen_on_one_host_in_its_bad_days() {
    let demo = make(small(2_000, 1)).await;
    let attempts = attempts::Entity::find().all(demo.store.read()).await.expect("rows");
    let (from, until) = hosts::bad_days();
    let killed: Vec<_> = attempts.iter().filter(|row| row.outcome == "died").collect();
    assert!(killed.len() > 10, "{}", killed.len());
    for row in killed {
        assert_eq!((row.host.as_str(), row.code.as_deref()), (hosts::FAULTY, Some("process_killed")));
        assert!((from..until).contains(&row.started_at) && row.signal.is_some());
    }
    for host in hosts::NAMES {
        let share = attempts.iter().filter(|row| row.host == host).count();
        assert!((400..600).contains(&share), "{host} {share}");
    }
}

#[tokio::test]
async fn numbers_and_mailboxes_are_unique_and_people_ascend() {
    let demo = make(Order { invoiced: Some(400), damage: false, ..small(1_500, 3) }).await;
    let read = demo.store.read();
    let people = registrations::Entity::find()
        .order_by_asc(registrations::Column::CustomerSerial)
        .all(read)
        .await
        .expect("rows");
    assert_eq!(people.len(), 1_500);
    assert!(people.is_sorted_by_key(|row| row.registered_at));
    assert!(people.iter().all(|row| row.seal.is_none()));
    let mailboxes = mailboxes::Entity::find().all(read).await.expect("rows");
    let addresses: BTreeSet<_> = mailboxes.iter().map(|row| row.address.as_str()).collect();
    assert_eq!(addresses.len(), 1_500);
    let subscriptions = subscriptions::Entity::find().all(read).await.expect("rows");
    let begun = subscriptions.iter().filter(|row| row.started_on < BUSINESS_DATE && row.started_on >= FIRST_DAY);
    assert_eq!(begun.count(), 400);
    let numbers = number_allocations::Entity::find().all(read).await.expect("rows");
    let serials: BTreeSet<_> = numbers.iter().map(|row| row.serial).collect();
    let taken = i64::try_from(serials.len()).expect("a count");
    assert!(serials.into_iter().eq(1..=taken) && (400..420).contains(&taken));
    let ranges = number_ranges::Entity::find().all(read).await.expect("rows");
    let last: BTreeSet<_> = ranges.iter().map(|row| (row.kind.as_str(), row.last_serial)).collect();
    assert_eq!(last, BTreeSet::from([("customer", 1_500), ("invoice", taken)]));
}

#[tokio::test]
async fn a_database_in_use_is_left_alone() {
    let demo = make(small(5, 1)).await;
    let before = digests(&demo.store).await;
    let error = create(&url(demo.folder.path()), &small(5, 2), &mut |_, _, _| ()).await.expect_err("refused");
    assert!(matches!(error, Error::Refused(_)), "{error}");
    assert_eq!(digests(&demo.store).await, before);

    let folder = tempfile::tempdir().expect("a folder");
    let url = url(folder.path());
    let new = NewDatabase { purpose: "production", name: "Echt".to_owned(), business_date: None };
    drop(Store::create(&url, &new).await.expect("a database"));
    let error = create(&url, &small(5, 1), &mut |_, _, _| ()).await.expect_err("refused");
    assert!(error.to_string().contains("production"), "{error}");
}

#[tokio::test]
async fn impossible_orders_write_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = url(folder.path());
    let nowhere = || Some(folder.path().join("missing").join("truth.json"));
    let free = || Some(folder.path().join("free"));
    let orders = [
        small(0, 1),
        small(MOST_REGISTRATIONS + 1, 1),
        Order { invoiced: Some(6), ..small(5, 1) },
        Order { truth: nowhere(), ..small(5, 1) },
        Order { truth: Some(folder.path().to_owned()), ..small(5, 1) },
        Order { truth: free(), maillog: nowhere(), ..small(5, 1) },
        Order { truth: free(), signup_export: free(), ..small(5, 1) },
        Order { maillog: free(), bounces: nowhere(), ..small(5, 1) },
        Order { truth: free(), bounces: Some(std::env::temp_dir()), ..small(5, 1) },
    ];
    for order in orders {
        let refused = create(&url, &order, &mut |_, _, _| ()).await;
        assert!(refused.is_err(), "{order:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 0);
    assert!("february".parse::<Incident>().is_err());
}

#[tokio::test]
async fn progress_ends_at_the_totals() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut seen = Vec::new();
    let order = Order { invoiced: Some(100), incident: Incident::None, ..small(1_200, 1) };
    create(&url(folder.path()), &order, &mut |stage, done, total| seen.push((stage, done, total)))
        .await
        .expect("a demo");
    assert!(seen.ends_with(&[(Stage::People, 1_200, 1_200), (Stage::Invoices, 100, 100)]), "{seen:?}");
}
