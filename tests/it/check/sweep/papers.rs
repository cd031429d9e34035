//! Hashed bytes: frozen contents, stored PDFs, stored mails.
//!
//! Whether a flip shows is a question to the hash alone and is asked for every bit; bringing back is tried for a sample, by
//! way of the database, the check and the repair.

use std::collections::BTreeMap;

use kontor::check::{self, Evidence, Options};
use kontor::identity::Actor;
use kontor::invoice::archive;
use kontor::repair::{self, Order};
use kontor::seal::hex;
use kontor::store::Store;
use kontor::store::entities::{documents, invoices};
use kontor_pdf::audit;
use kontor_pdf::content::{Content, sha256};
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use uuid::Uuid;

use super::super::damage;
use super::super::fixtures::{month, spelled};
use super::{opened, records};
use crate::support::{invoice, office};

/// Flips that go through the full audit, in each of the two databases.
const AUDITED: usize = 1_000;

/// How many flips of these bytes leave their hash: none, if it is one.
fn unseen(bytes: &[u8]) -> usize {
    let hash = sha256(bytes);
    let halves = bytes.len().div_ceil(2).max(1);
    let places: Vec<usize> = (0..bytes.len()).collect();
    std::thread::scope(|scope| {
        let half = |places: &'_ [usize]| {
            let (mut wrong, mut unseen) = (bytes.to_vec(), 0);
            for at in places {
                for bit in 0..8 {
                    wrong[*at] ^= 1 << bit;
                    unseen += usize::from(sha256(&wrong) == hash);
                    wrong[*at] ^= 1 << bit;
                }
            }
            unseen
        };
        let both: Vec<_> = places.chunks(halves).map(|places| scope.spawn(move || half(places))).collect();
        both.into_iter().map(|one| one.join().expect("a thread ends")).sum()
    })
}

fn literal(db: &TestDb, bytes: &[u8]) -> String {
    match db.kind {
        Kind::Sqlite => format!("X'{}'", hex(bytes)),
        Kind::Postgres => format!("'\\x{}'::bytea", hex(bytes)),
    }
}

/// A statement that writes bytes.
fn written(db: &TestDb, table: &str, column: &str, id: Uuid, bytes: &[u8]) -> String {
    let id = match db.kind {
        Kind::Sqlite => format!("X'{}'", id.simple()),
        Kind::Postgres => format!("'{id}'::uuid"),
    };
    format!("UPDATE {table} SET {column} = {} WHERE id = {id}", literal(db, bytes))
}

async fn past(db: &TestDb, statements: &[String]) {
    damage(db, &statements.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

fn hit(bytes: &[u8], dice: &mut StdRng) -> Vec<u8> {
    let mut wrong = bytes.to_vec();
    let byte = dice.random_range(0..wrong.len());
    wrong[byte] ^= 1 << dice.random_range(0..8);
    wrong
}

async fn papers(store: &Store) -> Vec<(documents::Model, invoices::Model)> {
    let query = documents::Entity::find().all(store.read()).await.expect("documents");
    let invoices = invoices::Entity::find().all(store.read()).await.expect("invoices");
    let mut invoices: BTreeMap<Uuid, invoices::Model> = invoices.into_iter().map(|row| (row.id, row)).collect();
    query
        .into_iter()
        .filter_map(|paper| Some((invoices.remove(&paper.invoice_id)?, paper)))
        .map(|(row, paper)| (paper, row))
        .collect()
}

/// Checks one rule, applies all that is proven, and expects all of it to be applied.
pub(super) async fn brought_back(store: &Store, rule: &str, expected: usize) {
    let options = Options { rules: vec![rule.to_owned()], ..Options::default() };
    let found = check::check(store, &options, &mut |_| (), &false.into()).await.expect("a check").findings;
    assert_eq!(found.len(), expected, "each is found");
    for one in &found {
        assert_eq!(one.evidence, Evidence::Proven, "{one:?}");
    }
    let orders: Vec<Order> = found.iter().map(|one| Order::among(one.id)).collect();
    let done = repair::apply(store, &Actor::of_this_desk(), &orders, "Speicher getauscht").await.expect("an answer");
    let refused: Vec<_> = done.items.iter().filter(|item| item.obstacle.is_some()).collect();
    assert!(refused.is_empty() && done.applied == expected as u64, "{refused:?}");
}

both_databases! {
    async fn every_bit_of_contents_and_of_two_pdfs_shows_in_the_hash(db: TestDb) {
        let (store, _) = records(&db).await;
        let (begun, mut bits) = (std::time::Instant::now(), 0);
        let papers = papers(&store).await;
        for (_, row) in &papers {
            let (snapshot, hash) = (row.snapshot.as_ref().expect("bytes"), row.snapshot_sha256.as_ref().expect("a hash"));
            assert_eq!(sha256(snapshot)[..], hash[..]);
            assert_eq!(unseen(snapshot), 0);
            bits += snapshot.len() * 8;
        }
        println!("{bits} flips in {} frozen contents, {:.0} s", papers.len(), begun.elapsed().as_secs_f64());
        let (begun, mut bits) = (std::time::Instant::now(), 0);
        for (paper, _) in papers.iter().take(2) {
            assert_eq!(sha256(&paper.bytes)[..], paper.sha256[..]);
            assert_eq!(unseen(&paper.bytes), 0);
            bits += paper.bytes.len() * 8;
        }
        println!("{bits} flips in two PDFs, {:.0} s", begun.elapsed().as_secs_f64());
        assert!(bits > 300_000, "{bits}");
    }

    async fn flips_of_pdfs_do_not_pass_the_audit_and_are_drawn_back(db: TestDb) {
        let (store, _) = records(&db).await;
        let papers = papers(&store).await;
        let mut dice = StdRng::seed_from_u64(if db.kind == Kind::Sqlite { 18 } else { 19 });
        for at in 0..AUDITED {
            let (paper, row) = &papers[at % papers.len()];
            let wrong = hit(&paper.bytes, &mut dice);
            let expected = archive::expected(row, Some(&paper.sha256));
            assert!(audit::audit(Some(&paper.bytes), &expected).is_good());
            assert!(!audit::audit(Some(&wrong), &expected).is_good(), "flip {at} passes the audit");
            let content = Content::from_bytes(row.snapshot.as_ref().expect("bytes")).expect("a content");
            assert!(at >= papers.len() || kontor_pdf::render(&content).expect("bytes") == paper.bytes, "drawn alike");
        }
        // All of them at once, several times, through the database, the check and the repair.
        let mut restored = 0;
        for _ in 0..4 {
            let wrong: Vec<String> = papers.iter().map(|(paper, _)| written(&db, "documents", "bytes", paper.id, &hit(&paper.bytes, &mut dice))).collect();
            past(&db, &wrong).await;
            brought_back(&store, "document_damaged", papers.len()).await;
            let now = documents::Entity::find().all(store.read()).await.expect("documents");
            assert!(now.iter().all(|one| papers.iter().any(|(paper, _)| paper == one)), "byte for byte");
            restored += now.len();
        }
        println!("{AUDITED} flips through the audit, {restored} restored through the database");
    }

    async fn flips_of_contents_mails_and_hashes_are_proven_and_put_right(db: TestDb) {
        office(&db, 6);
        invoice(&db, "2013-01");
        let store = opened(&db).await;
        let mut dice = StdRng::seed_from_u64(20);
        for (table, column, rule) in [
            ("invoices", "snapshot", "snapshot_broken"),
            ("documents", "bytes", "document_damaged"),
            ("documents", "sha256", "document_damaged"),
            ("deliveries", "message_head", "message_damaged"),
            ("deliveries", "message_tail", "message_damaged"),
            ("deliveries", "message_sha256", "message_damaged"),
        ] {
            let text = format!("SELECT id, {column} FROM {table} ORDER BY id");
            let ask = Statement::from_string(store.backend(), text);
            let read = async || -> Vec<(Uuid, Vec<u8>)> {
                let rows = store.read().query_all_raw(ask.clone()).await.expect("rows");
                rows.iter().map(|row| (row.try_get("", "id").expect("an id"), row.try_get("", column).expect("bytes"))).collect()
            };
            let right = read().await;
            let wrong: Vec<String> = right.iter().map(|(id, bytes)| written(&db, table, column, *id, &hit(bytes, &mut dice))).collect();
            past(&db, &wrong).await;
            assert_ne!(read().await, right, "{table}.{column}");
            brought_back(&store, rule, right.len()).await;
            assert_eq!(read().await, right, "{table}.{column} is as it was");
        }
        let rest = check::check(&store, &Options::default(), &mut |_| (), &false.into()).await.expect("a check");
        assert_eq!(rest.findings, [], "nothing is left");
    }

    async fn pdfs_of_the_old_programs_come_back_by_their_hash_or_say_why_not(db: TestDb) {
        month(&db).await;
        let store = opened(&db).await;
        let papers: Vec<_> = papers(&store).await.into_iter().filter(|(paper, _)| paper.origin == "legacy").take(4).collect();
        assert!(papers.len() == 4 && papers.iter().all(|(_, row)| row.snapshot.is_none()));
        let mut dice = StdRng::seed_from_u64(21);
        let begun = std::time::Instant::now();
        let wrong: Vec<String> = papers.iter().map(|(paper, _)| written(&db, "documents", "bytes", paper.id, &hit(&paper.bytes, &mut dice))).collect();
        past(&db, &wrong).await;
        brought_back(&store, "document_damaged", papers.len()).await;
        println!("four PDFs of {} bytes and more in {:.1} s", papers[0].0.bytes.len(), begun.elapsed().as_secs_f64());
        let now = self::papers(&store).await;
        assert!(papers.iter().all(|paper| now.contains(paper)), "byte for byte");
        // One of Kontor's own size that another renderer drew: only its hash is left to go by.
        let whole = self::papers(&store).await.into_iter().find(|(paper, _)| paper.origin == "kontor").expect("a PDF").0;
        let begun = std::time::Instant::now();
        past(&db, &[
            written(&db, "documents", "bytes", whole.id, &hit(&whole.bytes, &mut dice)),
            spelled(&db, "UPDATE documents SET renderer = 'another' WHERE origin = 'kontor'"),
        ]).await;
        brought_back(&store, "document_damaged", 1).await;
        println!("one PDF of {} bytes in {:.1} s", whole.bytes.len(), begun.elapsed().as_secs_f64());
        let now = self::papers(&store).await.into_iter().find(|(paper, _)| paper.id == whole.id).expect("a PDF").0;
        assert_eq!(now.bytes, whole.bytes, "byte for byte");
        // Two bits, and a file that was cut: nothing is proven, and each says why.
        let twice = hit(&hit(&papers[0].0.bytes, &mut dice), &mut dice);
        let cut = &papers[1].0.bytes[..papers[1].0.bytes.len() / 2];
        past(&db, &[
            written(&db, "documents", "bytes", papers[0].0.id, &twice),
            written(&db, "documents", "bytes", papers[1].0.id, cut),
        ]).await;
        let options = Options { rules: vec!["document_damaged".to_owned()], ..Options::default() };
        let found = check::check(&store, &options, &mut |_| (), &false.into()).await.expect("a check").findings;
        let why = |id: Uuid| -> Vec<String> {
            let one = found.iter().find(|one| one.row == id.to_string()).expect("a finding");
            assert_eq!(one.evidence, Evidence::None, "{one:?}");
            one.proposal.iter().flat_map(|proposal| &proposal.reasons).map(|reason| reason.code.clone()).collect()
        };
        assert_eq!(why(papers[0].0.id), ["substitute", "no_content", "no_single_bit"]);
        assert_eq!(why(papers[1].0.id), ["substitute", "no_content", "cut_off"]);
    }
}
