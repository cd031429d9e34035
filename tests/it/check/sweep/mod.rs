//! Every bit of every sealed or hashed field of records that Kontor wrote itself: each flip is found, and what is proven is
//! right.
//!
//! Every flip of every record is looked at in memory, by the functions that a check calls for each row (`fields`); rounds
//! of flips go through the database, one bit in every record at once, a whole check for each round (`rounds`). Hashed bytes
//! are in `papers`. A test takes a hundred records in each of the two databases; `KONTOR_SWEEP=whole` takes two hundred in
//! each and sends every flip through the database as well, which is for an hour without other work.

mod fields;
mod papers;
mod rounds;
mod wholes;

use std::collections::BTreeMap;

use kontor::check::{self, Evidence, SealedRow};
use kontor::identity::Actor;
use kontor::registration::note;
use kontor::store::entities::{invoices, mailboxes, notes, registrations, subscriptions};
use kontor::store::{DbUrl, Store};
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use sea_orm::EntityTrait;

use self::fields::{Field, Flip};
use crate::support::{invoice, office};

/// Customers: each has a registration, a mailbox, a subscription and an invoice.
fn customers() -> usize {
    if is_whole() { 50 } else { 25 }
}

/// Whether there is an hour for it.
fn is_whole() -> bool {
    std::env::var("KONTOR_SWEEP").is_ok_and(|sweep| sweep == "whole")
}

async fn opened(db: &TestDb) -> Store {
    let url: DbUrl = db.url.parse().expect("an address");
    Store::open(&url).await.expect("the database opens")
}

/// An office whose two hundred records, and a few notes, Kontor wrote itself.
async fn records(db: &TestDb) -> (Store, Vec<SealedRow>) {
    office(db, customers());
    invoice(db, "2013-01");
    let store = opened(db).await;
    let customers = registrations::Entity::find().all(store.read()).await.expect("rows");
    for customer in customers.iter().take(5) {
        let text = "Ruft zurück,\nwegen der Größe.";
        note::add(&store, &Actor::of_this_desk(), customer.id, text).await.expect("a note");
    }
    let mut rows: Vec<SealedRow> = customers.into_iter().map(SealedRow::Registration).collect();
    let mailboxes = mailboxes::Entity::find().all(store.read()).await.expect("rows");
    rows.extend(mailboxes.into_iter().map(SealedRow::Mailbox));
    let subscriptions = subscriptions::Entity::find().all(store.read()).await.expect("rows");
    rows.extend(subscriptions.into_iter().map(SealedRow::Subscription));
    rows.extend(invoices::Entity::find().all(store.read()).await.expect("rows").into_iter().map(SealedRow::Invoice));
    rows.extend(notes::Entity::find().all(store.read()).await.expect("rows").into_iter().map(SealedRow::Note));
    (store, rows)
}

/// Looks at a row with one bit flipped: it is found, and what is proposed is what stood there.
fn swept(row: &SealedRow, field: &Field, flip: &Flip) {
    let broken = check::broken_seal(&(field.with)(row, &flip.value)).unwrap_or_else(|| panic!("unseen: {flip:?}"));
    let proposal = broken.proposal.as_ref().unwrap_or_else(|| panic!("nothing proposed: {flip:?}"));
    assert_eq!(proposal.evidence, Evidence::Proven, "{flip:?}: {broken:?}");
    if field.name == "seal" {
        assert_eq!(proposal.action, check::Action::AcceptRow, "{flip:?}: {broken:?}");
        return;
    }
    let told = (broken.field.as_deref(), proposal.value.as_deref());
    assert_eq!(told, (Some(field.name), Some(flip.right.as_str())), "{flip:?}: {broken:?}");
}

both_databases! {
    async fn every_bit_of_every_sealed_field_is_found_and_proven_right(db: TestDb) {
        let (_, rows) = records(&db).await;
        assert_eq!(rows.len(), customers() * 4 + 5);
        let begun = std::time::Instant::now();
        let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
        for row in &rows {
            assert_eq!(check::broken_seal(row), None, "{row:?}");
            for field in fields::of(row) {
                let flips = fields::flips(row, &field);
                let count = counts.entry((field.table, field.name)).or_default();
                count.1 += flips.no_text;
                for flip in &flips.all {
                    swept(row, &field, flip);
                    count.0 += 1;
                }
            }
        }
        println!("{:<16}{:<22} found and proven, no text any more", "table", "field");
        for ((table, field), (found, no_text)) in &counts {
            println!("{table:<16}{field:<22}{found:>17}{no_text:>18}");
        }
        let all: usize = counts.values().map(|(found, _)| found).sum();
        println!("{all} flips in {} records, {:.0} s", rows.len(), begun.elapsed().as_secs_f64());
        assert!(all > 3_000 * customers(), "{all}");
    }
}
