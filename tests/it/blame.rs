//! Whom a page accuses that came out otherwise: the host that drew it, this one that drew it again, or nobody.

use kontor::store::entities::{attempts, canaries, documents, invoices, withdrawals};
use kontor_pdf::content::{Content, sha256};
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::process::Running;
use sea_orm::{EntityTrait, IntoActiveModel, QueryOrder};
use serde_json::Value;
use uuid::Uuid;

use crate::canary::{BAD, GOOD, at, hit_alike, host, queue, until, work};
use crate::damage::drawn::{key, literal};
use crate::repair::store;
use crate::support::{kontor, mailing, office, past_the_guards, text};

/// An office whose invoices were drawn on this host.
fn drawn_on(db: &TestDb, host: &str, customers: usize) {
    office(db, customers);
    queue(db);
    drop(work(db, host).args(["--until-idle", "--canary", "600"]).run().expect(0));
}

/// A worker without work that draws what others archived, again and again.
fn patrol(db: &TestDb, host: &str, failpoints: &str) -> Running {
    at(host, mailing(db)).args(["work", "--workers", "0", "--canary", "0.1"]).failpoints(failpoints).spawn()
}

const WITHDRAWN: &str = "SELECT count(*) FROM withdrawals";

/// Every document with its invoice, in the order in which they were archived.
async fn archived(db: &TestDb) -> Vec<(documents::Model, invoices::Model)> {
    let store = store(db).await;
    let papers =
        documents::Entity::find().order_by_asc(documents::Column::Id).all(store.read()).await.expect("documents");
    let rows = invoices::Entity::find().all(store.read()).await.expect("invoices");
    let of = |id: Uuid| rows.iter().find(|row| row.id == id).expect("its invoice").clone();
    papers.into_iter().map(|document| (document.clone(), of(document.invoice_id))).collect()
}

both_databases! {
    async fn a_host_that_draws_unsteadily_accuses_itself(db: TestDb) {
        drawn_on(&db, GOOD, 8);
        // Its references come out right, one page of others does not, and then does again.
        let references = kontor_pdf::references().len();
        let bad = patrol(&db, BAD, &format!("render.flip={references}*off->1*return->off"));
        until(&db, "the withdrawal", WITHDRAWN).await;
        drop(bad.kill());
        assert_eq!(text(&db, "SELECT host || ' ' || desk FROM withdrawals").await, format!("{BAD} {BAD}"));
        assert_eq!(host(&db, GOOD)["wrong"], 0);
    }

    async fn a_host_whose_references_fail_accuses_itself(db: TestDb) {
        drawn_on(&db, GOOD, 8);
        hit_alike(&db, 8).await;
        // It draws steadily, but what it must draw comes out wrong meanwhile.
        let references = kontor_pdf::references().len();
        let bad = patrol(&db, BAD, &format!("reference.flip={references}*off->return"));
        until(&db, "the withdrawal", WITHDRAWN).await;
        drop(bad.kill());
        assert_eq!(text(&db, "SELECT host || ' ' || desk FROM withdrawals").await, format!("{BAD} {BAD}"));
    }

    async fn what_is_damaged_where_it_lies_accuses_nobody(db: TestDb) {
        drawn_on(&db, BAD, 6);
        for (place, (document, invoice)) in archived(&db).await.into_iter().enumerate() {
            let (table, update) = if place.is_multiple_of(2) {
                let mut hash = document.sha256.clone();
                hash[3] ^= 16;
                ("documents", format!("UPDATE documents SET sha256 = {} WHERE id = {}", literal(&db, &hash), key(&db, document.id)))
            } else {
                let mut content = Content::from_bytes(&invoice.snapshot.expect("a content")).expect("a content");
                content.number.push('0');
                ("invoices", format!("UPDATE invoices SET snapshot = {} WHERE id = {}", literal(&db, &content.to_bytes()), key(&db, invoice.id)))
            };
            assert_eq!(past_the_guards(&db, table, &update).await, 1);
        }
        let good = patrol(&db, GOOD, "");
        until(&db, "the fourth patrol", "SELECT count(*) / 4 FROM canaries WHERE host = 'rechnung-01' AND kind = 'reference'").await;
        drop(good.kill());
        assert_eq!(db.number(WITHDRAWN).await, 0);
        assert_eq!(db.number("SELECT count(*) FROM canaries WHERE kind = 'sample'").await, 0, "they are the check's matter");
    }

    async fn a_host_that_was_put_back_is_not_taken_out_for_the_same_time_again(db: TestDb) {
        drawn_on(&db, BAD, 4);
        hit_alike(&db, 4).await;
        drop(kontor(&db).args(["hosts", "withdraw", BAD, "--from", "2013-01-01", "--reason", "Speichertest"]).run().expect(0));
        drop(kontor(&db).args(["hosts", "return", BAD, "--reason", "Riegel getauscht"]).run().expect(0));
        let good = patrol(&db, GOOD, "");
        until(&db, "the last page", "SELECT count(DISTINCT document_id) / 4 FROM canaries WHERE outcome = 'differs'").await;
        until(&db, "the last finding", "SELECT count(*) / 4 FROM findings WHERE rule = 'document_drawn_wrong'").await;
        drop(good.kill());
        assert_eq!((db.number(WITHDRAWN).await, &host(&db, BAD)["withdrawal"]), (1, &Value::Null));
        assert_eq!(db.number("SELECT count(*) FROM canaries WHERE outcome = 'differs' AND author = 'rechnung-03'").await, 4, "each is told once");
    }

    async fn the_bad_time_begins_with_the_last_page_that_another_host_drew_the_same(db: TestDb) {
        drawn_on(&db, BAD, 6);
        let store = store(&db).await;
        let base = store.now().await.expect("a clock") - chrono::TimeDelta::minutes(50);
        let minute = |minutes| base + chrono::TimeDelta::minutes(minutes);
        let at = |minutes| format!("'{}'", minute(minutes).to_rfc3339_opts(chrono::SecondsFormat::Micros, false));
        let span = format!("UPDATE attempts SET started_at = {}, ended_at = {}", at(0), at(20));
        assert_eq!(past_the_guards(&db, "attempts", &span).await, 6);
        let all = archived(&db).await;
        for (minutes, (document, _)) in (1..).zip(&all) {
            let update = format!("UPDATE documents SET created_at = {} WHERE id = {}", at(minutes), key(&db, document.id));
            assert_eq!(past_the_guards(&db, "documents", &update).await, 1);
        }
        // The second is proven elsewhere. The third only by the host's own word, the fourth is another host's, and the sixth
        // was archived after the wrong one.
        let said = |place: usize, by: &str, author: &str| canaries::Model {
            id: Uuid::now_v7(),
            host: by.to_owned(),
            boot_id: String::new(),
            worker_id: None,
            drawn_at: minute(30),
            kind: "sample".to_owned(),
            outcome: "same".to_owned(),
            drawings: 1,
            document_id: Some(all[place].0.id),
            author: Some(author.to_owned()),
            expected_sha256: Some(all[place].0.sha256.clone()),
            found_sha256: None,
        };
        let write = store.write().await.expect("a transaction");
        for row in [said(0, GOOD, BAD), said(1, GOOD, BAD), said(2, BAD, BAD), said(3, GOOD, "rechnung-02"), said(5, GOOD, BAD)] {
            assert_eq!(canaries::Entity::insert(row.into_active_model()).exec_without_returning(&*write).await.expect("a canary"), 1);
        }
        write.commit().await.expect("it is written");
        let (wrong, invoice) = &all[4];
        let mut bytes = wrong.bytes.clone();
        *bytes.last_mut().expect("a byte") ^= 1;
        let update = format!("UPDATE documents SET bytes = {}, sha256 = {} WHERE id = {}", literal(&db, &bytes), literal(&db, &sha256(&bytes)), key(&db, wrong.id));
        assert_eq!(past_the_guards(&db, "documents", &update).await, 1);
        // The others are not drawn: what came out right of them meanwhile would count too.
        let others = format!("UPDATE documents SET renderer = 'another' WHERE id <> {}", key(&db, wrong.id));
        assert_eq!(past_the_guards(&db, "documents", &others).await, 5);
        // Another host had the invoice in hand afterwards; it did not draw it.
        let attempt = attempts::Entity::find().all(store.read()).await.expect("attempts").into_iter().find(|row| row.invoice_id == Some(invoice.id)).expect("an attempt");
        let later = attempts::Model { id: Uuid::now_v7(), item_id: None, host: "rechnung-02".to_owned(), started_at: minute(25), ended_at: Some(minute(26)), ..attempt };
        let write = store.write().await.expect("a transaction");
        assert_eq!(attempts::Entity::insert(later.into_active_model()).exec_without_returning(&*write).await.expect("an attempt"), 1);
        write.commit().await.expect("it is written");

        let good = patrol(&db, GOOD, "");
        until(&db, "the withdrawal", WITHDRAWN).await;
        // Who found it out works on.
        let patrols = "FROM canaries WHERE host = 'rechnung-01' AND kind = 'reference'";
        let later = db.number(&format!("SELECT count(*) {patrols}")).await + 2;
        until(&db, "another patrol", &format!("SELECT count(*) / {later} {patrols}")).await;
        drop(good.kill());
        let rows = withdrawals::Entity::find().all(store.read()).await.expect("withdrawals");
        let told: Vec<_> = rows.iter().map(|row| (row.host.as_str(), row.suspect_from_at)).collect();
        let proven = documents::Entity::find_by_id(all[1].0.id).one(store.read()).await.expect("rows").expect("it").created_at;
        assert_eq!(told, [(BAD, proven)]);
    }

    async fn a_bad_time_that_is_over_hides_no_later_one(db: TestDb) {
        drawn_on(&db, BAD, 4);
        hit_alike(&db, 4).await;
        let days = ["hosts", "withdraw", BAD, "--from", "2013-01-21", "--to", "2013-01-25", "--reason", "Speichertest"];
        drop(kontor(&db).args(days).run().expect(0));
        drop(kontor(&db).args(["hosts", "return", BAD, "--reason", "Riegel getauscht"]).run().expect(0));
        let good = patrol(&db, GOOD, "");
        until(&db, "the second withdrawal", "SELECT count(*) / 2 FROM withdrawals").await;
        drop(good.kill());
        let open = "SELECT host || ' ' || source FROM withdrawals WHERE returned_at IS NULL";
        assert_eq!(text(&db, open).await, format!("{BAD} canary"), "what it wrote today has nothing to do with January");
    }

    async fn what_the_patrol_drew_is_known_of_each_document(db: TestDb) {
        drawn_on(&db, BAD, 12);
        hit_alike(&db, 5).await;
        let good = patrol(&db, GOOD, "");
        until(&db, "the withdrawal", WITHDRAWN).await;
        let same = "SELECT count(DISTINCT document_id) / 4 FROM canaries WHERE outcome = 'same' AND author = 'rechnung-03'";
        until(&db, "right ones", same).await;
        until(&db, "all wrong ones", "SELECT count(DISTINCT document_id) / 5 FROM canaries WHERE outcome = 'differs'").await;
        drop(good.kill());
        // What was drawn the same is proven by now, what was drawn otherwise is known as such.
        let same = "SELECT count(DISTINCT document_id) FROM canaries WHERE outcome = 'same' AND author = 'rechnung-03'";
        let papers = kontor(&db).args(["causes", "damage", "--host", BAD]).run().expect(0).json()["papers"].clone();
        let told = ["proven", "otherwise", "unproven", "undrawable"].map(|state| papers[state].as_i64().expect("a number"));
        let same = db.number(same).await;
        assert_eq!(told, [same, 5, 7 - same, 0], "{papers}");
        // Put right, they are no longer what was drawn otherwise.
        let store = store(&db).await;
        for (document, invoice) in archived(&db).await {
            let right = kontor_pdf::render(&Content::from_bytes(&invoice.snapshot.expect("a content")).expect("a content")).expect("a page");
            let update = format!("UPDATE documents SET bytes = {}, sha256 = {} WHERE id = {}", literal(&db, &right), literal(&db, &sha256(&right)), key(&db, document.id));
            assert_eq!(past_the_guards(&db, "documents", &update).await, 1);
            let doubt = kontor::damage::doubts(store.read(), invoice.id).await.expect("an answer").expect("its host is out");
            assert_ne!(doubt.drawn.map(|(_, _, is_same)| is_same), Some(false));
        }
    }

    async fn a_page_that_nobody_is_known_to_have_drawn_accuses_nobody(db: TestDb) {
        drawn_on(&db, BAD, 4);
        hit_alike(&db, 4).await;
        assert_eq!(past_the_guards(&db, "attempts", "UPDATE attempts SET invoice_id = NULL").await, 4);
        let good = patrol(&db, GOOD, "");
        until(&db, "the last page", "SELECT count(DISTINCT document_id) / 4 FROM canaries WHERE outcome = 'differs'").await;
        drop(good.kill());
        assert_eq!(db.number(WITHDRAWN).await, 0);
        assert_eq!(host(&db, GOOD)["wrong"], 0, "who found it did not draw it");
    }
}
