//! What rests on the word of a suspect host is not proven; what another machine draws the same is.

use kontor::damage::{self, Far};
use kontor::identity::Process;
use kontor::store::Store;
use kontor::store::entities::{documents, invoices};
use kontor::withdrawal;
use kontor_pdf::content::Content;
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::Value;

use super::drawn::{draw_wrong, key, literal};
use super::{SUSPECT, invoiced_there, on, person, withdrawn};
use crate::check::{check, damage as past, told};
use crate::repair::{only, store};
use crate::support::{kontor, office};

fn evidence(findings: &[Value], rule: &str) -> String {
    only(findings, rule)["proposal"]["evidence"].as_str().expect("a word").to_owned()
}

fn reasons(finding: &Value) -> Vec<&str> {
    let reasons = finding["proposal"]["reasons"].as_array().map(Vec::as_slice).unwrap_or_default();
    reasons.iter().filter_map(|reason| reason["code"].as_str()).collect()
}

async fn examined(store: &Store, process: &Process, scope: &damage::Scope) -> kontor::Result<damage::Examined> {
    damage::examine(store, process, scope, &false.into(), &mut |_: Far| ()).await
}

both_databases! {
    async fn a_seal_of_a_suspect_host_proves_nothing(db: TestDb) {
        office(&db, 4);
        invoiced_there(&db);
        let store = store(&db).await;
        let rows = invoices::Entity::find().order_by_asc(invoices::Column::Number).all(store.read()).await.expect("rows");
        let mut seal = rows[0].seal.clone().expect("a seal");
        seal[7] ^= 4;
        let second = "(SELECT id FROM invoices ORDER BY number LIMIT 1 OFFSET 1)";
        let flips = [
            format!("UPDATE invoices SET seal = {} WHERE id = {}", literal(&db, &seal), key(&db, rows[0].id)),
            format!("UPDATE invoices SET line_count = 3 WHERE id = {second}"),
        ];
        past(&db, &flips.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let before = check(&db, &[]);
        assert_eq!((evidence(&before, "seal_broken"), evidence(&before, "invoice_deviates")), ("proven".into(), "proven".into()), "{:#?}", told(&before));
        drop(withdrawn(&store).await);
        let after = check(&db, &[]);
        assert_eq!((evidence(&after, "seal_broken"), evidence(&after, "invoice_deviates")), ("single".into(), "copy".into()), "{:#?}", told(&after));
        for rule in ["seal_broken", "invoice_deviates"] {
            let finding = only(&after, rule);
            assert!(reasons(finding).contains(&"written_by_suspect"), "{finding:#}");
        }
        // In bulk it is left out, by name it is put right.
        let refused = kontor(&db).args(["repairs", "apply", "--rule", "seal_broken", "--yes", "--reason", "x"]).run().expect(3).json();
        assert_eq!(refused["refused"], 1, "{refused}");
        let id = only(&after, "seal_broken")["id"].as_str().expect("an id");
        let done = kontor(&db).args(["repairs", "apply", "--finding", id, "--reason", "nachgesehen"]).run().expect(0).json();
        assert_eq!(done["applied"], 1, "{done}");
        assert_eq!(check(&db, &["--rule", "seal_broken"]).len(), 0);
    }

    async fn a_hash_of_a_suspect_host_proves_nothing_either(db: TestDb) {
        office(&db, 4);
        invoiced_there(&db);
        let store = store(&db).await;
        let papers = documents::Entity::find().order_by_asc(documents::Column::Id).all(store.read()).await.expect("documents");
        let turned = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 4;
            literal(&db, &bytes)
        };
        let content = invoices::Entity::find_by_id(papers[1].invoice_id).one(store.read()).await.expect("rows").expect("it");
        // Nobody can draw the one again, so its hash alone speaks for the bit; the other's content has one turned.
        past(&db, &[
            &format!("UPDATE documents SET renderer = 'another', bytes = {} WHERE id = {}", turned(&papers[0].bytes), key(&db, papers[0].id)),
            &format!("UPDATE invoices SET snapshot = {} WHERE id = {}", turned(&content.snapshot.expect("a content")), key(&db, content.id)),
        ]).await;
        let before = check(&db, &[]);
        let said = |found: &[Value]| (evidence(found, "document_damaged"), evidence(found, "snapshot_broken"));
        assert_eq!(said(&before), ("proven".into(), "proven".into()), "{:#?}", told(&before));
        drop(withdrawn(&store).await);
        let after = check(&db, &[]);
        assert_eq!(said(&after), ("single".into(), "single".into()), "{:#?}", told(&after));
        let all = kontor(&db).args(["repairs", "apply", "--all-proven", "--yes", "--reason", "x"]).run().stdout;
        assert_eq!(db.number("SELECT count(*) FROM repairs WHERE state = 'applied'").await, 0, "{all}");
    }

    async fn another_host_proves_documents_and_a_suspect_one_does_not(db: TestDb) {
        office(&db, 3);
        invoiced_there(&db);
        let store = store(&db).await;
        let scope = withdrawn(&store).await;
        let papers = async || damage::of(&store, &scope).await.expect("figures").papers;
        assert_eq!((papers().await.unproven, papers().await.proven), (3, 0));
        // On the host itself, or on another one that is out of service, it is refused and nothing is noted.
        assert!(examined(&store, &on(SUSPECT), &scope).await.is_err());
        let order = withdrawal::Order { host: "rechnung-02".to_owned(), from: None, until: None, reason: "Probe".to_owned() };
        let text = "UPDATE workers SET host = 'rechnung-02' WHERE id = (SELECT id FROM workers LIMIT 1)";
        assert_eq!(db.execute(text).await, 1);
        let second = withdrawal::withdraw(&store, &person("eva"), &order).await.expect("it is withdrawn");
        assert!(matches!(examined(&store, &on("rechnung-02"), &scope).await, Err(kontor::Error::OutOfService { .. })));
        assert_eq!(db.number("SELECT count(*) FROM canaries WHERE kind = 'sample' AND host <> author").await, 0);
        withdrawal::put_back(&store, &person("eva"), &second.host, "getestet").await.expect("it is back");

        let done = examined(&store, &on("rechnung-02"), &scope).await.expect("it is examined");
        assert_eq!((done.drawn, done.same, done.otherwise, done.findings), (3, 3, 0, Some(0)));
        let noted = format!("SELECT count(*) FROM canaries WHERE kind = 'sample' AND outcome = 'same' AND host = 'rechnung-02' AND author = '{SUSPECT}'");
        assert_eq!((db.number(&noted).await, papers().await.proven), (3, 3));
        let invoice = invoices::Entity::find().one(store.read()).await.expect("rows").expect("an invoice").id;
        let doubt = damage::doubts(store.read(), invoice).await.expect("an answer").expect("a doubt");
        assert_eq!((doubt.host.as_str(), doubt.drawn.map(|(host, _, is_same)| (host, is_same))), (SUSPECT, Some(("rechnung-02".to_owned(), true))));
        // A document whose bytes have not its hash any more is not proven by that.
        past(&db, &["UPDATE documents SET bytes = substr(bytes, 1, 100) WHERE id = (SELECT id FROM documents ORDER BY id LIMIT 1)"]).await;
        assert_eq!((papers().await.proven, papers().await.otherwise), (2, 1));
        let listed = damage::list(&store, &scope, None, 100).await.expect("entries");
        assert_eq!(listed.iter().filter(|entry| entry.paper == Some(damage::PaperState::Proven)).count(), 2);
        // What that host said is worth nothing once it is suspect itself for that time.
        let from = store.now().await.expect("a clock") - chrono::TimeDelta::hours(1);
        let order = withdrawal::Order { from: Some(from), ..order };
        drop(withdrawal::withdraw(&store, &person("eva"), &order).await.expect("it is withdrawn"));
        assert_eq!((papers().await.proven, papers().await.unproven), (0, 3));
        assert_eq!(damage::doubts(store.read(), invoice).await.expect("an answer").expect("a doubt").drawn, None);
    }

    async fn what_cannot_be_drawn_again_is_counted_and_not_judged(db: TestDb) {
        office(&db, 5);
        invoiced_there(&db);
        let store = store(&db).await;
        let scope = withdrawn(&store).await;
        let rows = invoices::Entity::find().order_by_asc(invoices::Column::Number).all(store.read()).await.expect("rows");
        // One was drawn by another program, and otherwise; the content of the next is not what was frozen.
        let (first, _) = draw_wrong(&db, &store).await;
        let mut rows = rows;
        rows.sort_by_key(|row| row.id != first.invoice_id);
        let mut content = Content::from_bytes(rows[1].snapshot.as_ref().expect("a content")).expect("a content");
        content.number.push('0');
        let other = |place: usize| format!("UPDATE documents SET renderer = 'another' WHERE invoice_id = {}", key(&db, rows[place].id));
        let altered = format!("UPDATE invoices SET snapshot = {} WHERE id = {}", literal(&db, &content.to_bytes()), key(&db, rows[1].id));
        past(&db, &[&other(0), &altered]).await;
        let done = examined(&store, &on("rechnung-02"), &scope).await.expect("it is examined");
        assert_eq!((done.drawn, done.same, done.otherwise, done.undrawable), (3, 3, 0, 2));
        let papers = async || damage::of(&store, &scope).await.expect("figures").papers;
        let known = papers().await;
        assert_eq!((known.proven, known.otherwise, known.unproven, known.undrawable), (3, 0, 1, 1));
        // What an earlier version drew and proved stays proven; this one cannot tell.
        past(&db, &[&other(2)]).await;
        let done = examined(&store, &on("rechnung-02"), &scope).await.expect("it is examined");
        assert_eq!((done.drawn, done.same, done.otherwise, done.undrawable), (2, 2, 0, 3));
        assert_eq!(papers().await, known);
        let wrong = "SELECT count(*) FROM findings WHERE rule = 'document_drawn_wrong' AND closed_at IS NULL";
        assert_eq!(db.number(wrong).await, 0, "what cannot be drawn was not drawn wrong");
    }

    async fn what_a_suspect_host_touched_is_not_sealed_as_first_seen(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "400", "--incident", "none"]).run().expect(0));
        let store = store(&db).await;
        drop(withdrawn(&store).await);
        let touched = format!("SELECT invoice_id FROM attempts WHERE host = '{SUSPECT}' AND outcome <> 'skipped' AND invoice_id IS NOT NULL");
        let invoices = db.number(&format!("SELECT count(*) FROM invoices WHERE id IN ({touched})")).await;
        assert!(invoices > 10, "{invoices}");
        let sealed = kontor(&db).args(["check", "--seal-first-seen"]).run().expect(0).json()["first_seen"].clone();
        assert!(sealed["invoices"].as_i64() > Some(10) && sealed["held"].as_i64() > Some(10), "{sealed}");
        let wrong = format!("SELECT count(*) FROM invoices WHERE seal IS NOT NULL AND id IN ({touched})");
        let people = format!("SELECT count(*) FROM registrations r JOIN subscriptions s ON s.registration_id = r.id JOIN attempts a ON a.subscription_id = s.id WHERE a.host = '{SUSPECT}' AND a.outcome <> 'skipped' AND r.seal IS NOT NULL");
        assert_eq!((db.number(&wrong).await, db.number(&people).await), (0, 0));
    }
}
