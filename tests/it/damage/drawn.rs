//! A document that was drawn wrong, and hashed and mailed as it was drawn: found, drawn anew if it never left, taken back.

use kontor::damage::{self, PaperState, Scope};
use kontor::delivery::message;
use kontor::invoice::archive;
use kontor::repair::{self, Order, Undo};
use kontor::seal::hex;
use kontor::store::Store;
use kontor::store::entities::{canaries, deliveries, documents, invoices};
use kontor::withdrawal::{self, Order as Withdrawal};
use kontor_pdf::audit;
use kontor_pdf::content::sha256;
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use sea_orm::{EntityTrait, IntoActiveModel, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{SUSPECT, invoiced_there, on, person, withdrawn};
use crate::check::{check, damage as past, told};
use crate::repair::{differing, only, store, stored};
use crate::support::{mailing, messages, office, past_the_guards};

pub fn literal(db: &TestDb, bytes: &[u8]) -> String {
    match db.kind {
        Kind::Sqlite => format!("X'{}'", hex(bytes)),
        Kind::Postgres => format!("'\\x{}'::bytea", hex(bytes)),
    }
}

pub fn key(db: &TestDb, id: Uuid) -> String {
    match db.kind {
        Kind::Sqlite => format!("X'{}'", id.simple()),
        Kind::Postgres => format!("'{id}'::uuid"),
    }
}

async fn first(store: &Store) -> (documents::Model, invoices::Model, deliveries::Model) {
    let query = documents::Entity::find().order_by_asc(documents::Column::Id);
    let document = query.one(store.read()).await.expect("rows").expect("a document");
    let invoice =
        invoices::Entity::find_by_id(document.invoice_id).one(store.read()).await.expect("rows").expect("an invoice");
    let mails = deliveries::Entity::find().all(store.read()).await.expect("rows");
    let mail = mails.into_iter().find(|mail| mail.document_id == Some(document.id)).expect("a mail");
    (document, invoice, mail)
}

/// Draws it wrong as bad memory would: one bit, in a place where the page still passes its audit; hash and mail follow.
pub async fn draw_wrong(db: &TestDb, store: &Store) -> (documents::Model, deliveries::Model) {
    let (document, invoice, mail) = first(store).await;
    let expected = archive::expected(&invoice, None);
    let is_good = |bytes: &[u8]| audit::audit(Some(bytes), &expected).is_good();
    let flipped = |at: usize| {
        let mut bytes = document.bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let places = (0..document.bytes.len()).rev().step_by(97);
    let wrong = places.map(flipped).find(|bytes| is_good(bytes)).expect("a bit that no audit sees");
    let (head, tail) = (mail.message_head.clone().expect("a head"), mail.message_tail.clone().expect("a tail"));
    let whole = sha256(&message::joined(&head, &wrong, &tail));
    let statements = [
        format!(
            "UPDATE documents SET bytes = {}, sha256 = {} WHERE id = {}",
            literal(db, &wrong),
            literal(db, &sha256(&wrong)),
            key(db, document.id)
        ),
        format!("UPDATE deliveries SET message_sha256 = {} WHERE id = {}", literal(db, &whole), key(db, mail.id)),
    ];
    past(db, &statements.iter().map(String::as_str).collect::<Vec<_>>()).await;
    (document, mail)
}

/// Archived on the suspect host, and not mailed yet.
async fn archived_there(db: &TestDb) {
    office(db, 3);
    let died = mailing(db)
        .env("KONTOR_HOST", SUSPECT)
        .args(["invoices", "run", "--period", "2013-01"])
        .failpoints("archive.after_commit=return(abort)")
        .run();
    assert_eq!(died.signal, Some(6));
    assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'queued'").await, 3);
    // Its lease runs out.
    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, false);
    let over = format!("UPDATE run_items SET lease_expires_at = '{now}' WHERE lease_expires_at IS NOT NULL");
    assert_eq!(past_the_guards(db, "run_items", &over).await, 3);
}

fn finding(findings: &[Value]) -> Uuid {
    only(findings, "document_drawn_wrong")["id"].as_str().expect("an id").parse().expect("an id")
}

both_databases! {
    async fn another_host_draws_what_it_mails_for_one_that_is_out(db: TestDb) {
        archived_there(&db).await;
        let database = store(&db).await;
        let (right, mail) = draw_wrong(&db, &database).await;
        drop(withdrawn(&database).await);
        // Nobody has checked anything; the mails wait as the suspect host left them.
        drop(mailing(&db).env("KONTOR_HOST", "rechnung-01").args(["work", "--until-idle"]).run().expect(0));
        assert_eq!(messages(&db).len(), 2, "what comes out as it lies there goes out");
        let kept = deliveries::Entity::find_by_id(mail.id).one(database.read()).await.expect("rows").expect("the mail");
        assert_eq!(kept.state, "queued", "what comes out otherwise stays");
        let told = "SELECT count(*) FROM attempts WHERE host = 'rechnung-01' AND outcome = 'failed' AND code = 'quarantined'";
        assert_eq!(db.number(told).await, 1);
        let canaries = "SELECT count(DISTINCT document_id) FROM canaries WHERE host = 'rechnung-01' AND author = 'rechnung-03' AND outcome =";
        let drawn = [db.number(&format!("{canaries} 'same'")).await, db.number(&format!("{canaries} 'differs'")).await];
        assert_eq!(drawn, [2, 1]);
        let found = documents::Entity::find_by_id(right.id).one(database.read()).await.expect("rows").expect("it");
        let open = "SELECT count(*) FROM findings WHERE rule = 'document_drawn_wrong' AND closed_at IS NULL";
        assert_eq!((db.number(open).await, found.bytes == right.bytes), (1, false), "it is a finding, and nobody wrote over it");
    }

    async fn what_never_left_is_drawn_anew_and_goes_out_right(db: TestDb) {
        archived_there(&db).await;
        let database = store(&db).await;
        let (right, mail) = draw_wrong(&db, &database).await;
        assert_eq!(told(&check(&db, &[])), Vec::<String>::new(), "its hash fits, and nobody is suspect");
        drop(withdrawn(&database).await);
        let found = check(&db, &[]);
        assert_eq!(found.len(), 1, "{:#?}", told(&found));
        let one = only(&found, "document_drawn_wrong");
        assert_eq!((&one["severity"], &one["proposal"]["evidence"], &one["proposal"]["action"]), (&json!("critical"), &json!("copy"), &json!("restore_document")));
        assert_eq!(one["proposal"]["value"], hex(&right.sha256));
        // It does not go out like that.
        drop(mailing(&db).args(["work", "--until-idle"]).run().expect(0));
        assert_eq!(messages(&db).len(), 2, "it is in quarantine");

        let broken = stored(&db).await;
        let act = person("eva");
        let orders = [Order::named(finding(&found))];
        // A desk that is out of service writes nothing.
        let there = kontor::identity::Actor { desk: SUSPECT.to_owned(), ..person("eva") };
        let refused = repair::apply(&database, &there, &orders, "neu gezeichnet").await.expect_err("it may not");
        assert!(matches!(refused, kontor::Error::OutOfService { .. }), "{refused:?}");
        assert_eq!(stored(&db).await, broken);
        let bulk = repair::apply(&database, &person("eva"), &[Order::among(finding(&found))], "alle").await.expect("an answer");
        assert_eq!(bulk.applied, 0, "it is not proven");
        let done = repair::apply(&database, &act, &orders, "neu gezeichnet").await.expect("an answer");
        assert_eq!(done.applied, 1, "{done:?}");
        let (document, _, letter) = first(&database).await;
        assert_eq!((document.bytes == right.bytes, &document.sha256, &letter.message_sha256), (true, &right.sha256, &mail.message_sha256));
        assert_eq!(check(&db, &[]).len(), 0);
        // Taken back it is exactly as it was, and found again.
        let undone = repair::undo(&database, &person("max"), &Undo::Batch(act.request), "Probe").await.expect("an answer");
        assert_eq!(undone.applied, 1, "{undone:?}");
        let kept: Vec<String> = differing(&broken, &stored(&db).await);
        assert_eq!(kept, Vec::<String>::new());
        let again = repair::apply(&database, &person("eva"), &[Order::named(finding(&check(&db, &[])))], "doch").await.expect("an answer");
        assert_eq!(again.applied, 1, "{again:?}");
        // Now it goes out, as the mail that was stored for the right bytes.
        let run = mailing(&db).args(["runs", "start", "--all", "--reason", "nachgezeichnet"]).run().expect(0).json();
        assert_eq!(run["done"], 1, "{run}");
        assert_eq!(messages(&db).len(), 3);
        assert_eq!(check(&db, &[]).len(), 0);
    }

    async fn a_mail_that_left_meanwhile_or_is_damaged_itself_keeps_the_document_as_it_is(db: TestDb) {
        archived_there(&db).await;
        let database = store(&db).await;
        let (_, mail) = draw_wrong(&db, &database).await;
        drop(withdrawn(&database).await);
        let orders = [Order::named(finding(&check(&db, &[])))];
        let before = first(&database).await.0;
        let apply = async || repair::apply(&database, &person("eva"), &orders, "neu gezeichnet").await.expect("an answer");
        // It was found while the mail waited; now it may have left, so a person decides.
        let not_arrived = "refused', code = 'not_arrived";
        for state in ["sending", "accepted", "unknown", "bounced", not_arrived] {
            past(&db, &[&format!("UPDATE deliveries SET state = '{state}' WHERE id = {}", key(&db, mail.id))]).await;
            let done = apply().await;
            assert_eq!((done.applied, done.refused), (0, 1), "{state}: {done:?}");
        }
        // A mail that does not fit the old bytes either is damaged: the new hash would hide it.
        let mut tail = mail.message_tail.clone().expect("a tail");
        tail[2] ^= 1;
        past(&db, &[&format!("UPDATE deliveries SET state = 'queued', code = NULL, message_tail = {} WHERE id = {}", literal(&db, &tail), key(&db, mail.id))]).await;
        let done = apply().await;
        assert_eq!((done.applied, done.refused), (0, 1), "{done:?}");
        let (after, _, letter) = first(&database).await;
        assert_eq!((after, letter.message_sha256 == mail.message_sha256), (before, false), "neither the page nor the mail was touched");
        let tail = literal(&db, mail.message_tail.as_ref().expect("a tail"));
        past(&db, &[&format!("UPDATE deliveries SET message_tail = {tail} WHERE id = {}", key(&db, mail.id))]).await;
        assert_eq!(apply().await.applied, 1);
    }

    async fn a_word_about_other_bytes_or_of_the_host_itself_proves_nothing(db: TestDb) {
        office(&db, 3);
        invoiced_there(&db);
        let database = store(&db).await;
        let until = database.now().await.expect("a clock");
        let order = Withdrawal { host: SUSPECT.to_owned(), from: Some(until - chrono::TimeDelta::days(3)), until: Some(until), reason: "Speichertest".to_owned() };
        let row = withdrawal::withdraw(&database, &person("eva"), &order).await.expect("it is withdrawn");
        let scope = Scope::of_withdrawal(&row, until);
        let invoice = first(&database).await.1.id;
        let said = async || {
            let papers = damage::of(&database, &scope).await.expect("figures").papers;
            let listed = damage::list(&database, &scope, None, 100).await.expect("entries");
            let proven = listed.iter().filter(|entry| entry.paper == Some(PaperState::Proven)).count();
            let doubt = damage::doubts(database.read(), invoice).await.expect("an answer").expect("a doubt");
            (papers.proven, papers.unproven, proven, doubt.drawn.map(|(host, _, is_same)| (host, is_same)))
        };
        // What the host itself says after its bad time is still its own word.
        let says = async |host: &str, outcome: &str, hours: i64, count: usize| {
            let papers = documents::Entity::find().order_by_asc(documents::Column::Id).all(database.read()).await.expect("documents");
            let write = database.write().await.expect("a transaction");
            for document in papers.iter().take(count) {
                let row = canaries::Model {
                    id: Uuid::now_v7(),
                    host: host.to_owned(),
                    boot_id: String::new(),
                    worker_id: None,
                    drawn_at: until + chrono::TimeDelta::hours(hours),
                    kind: "sample".to_owned(),
                    outcome: outcome.to_owned(),
                    drawings: 1,
                    document_id: Some(document.id),
                    author: Some(SUSPECT.to_owned()),
                    expected_sha256: Some(document.sha256.clone()),
                    found_sha256: Some(document.sha256.clone()),
                };
                assert_eq!(canaries::Entity::insert(row.into_active_model()).exec_without_returning(&*write).await.expect("a canary"), 1);
            }
            write.commit().await.expect("it is written");
        };
        says(SUSPECT, "same", 2, 3).await;
        assert_eq!(said().await, (0, 3, 0, None));
        let done = damage::examine(&database, &on("rechnung-02"), &scope, &false.into(), &mut |_| ()).await.expect("it is examined");
        assert_eq!((done.drawn, done.same), (3, 3));
        assert_eq!(said().await, (3, 0, 3, Some(("rechnung-02".to_owned(), true))));
        // Of several one that drew it otherwise decides, though another said the same after it.
        says("rechnung-04", "differs", -1, 1).await;
        assert_eq!(said().await, (2, 0, 2, Some(("rechnung-04".to_owned(), false))));
        // Other bytes came into its place, with their hash: nobody has said anything about these.
        drop(draw_wrong(&db, &database).await);
        assert_eq!(said().await, (2, 1, 2, None));
    }

    async fn what_left_is_a_persons_to_decide(db: TestDb) {
        office(&db, 3);
        invoiced_there(&db);
        let database = store(&db).await;
        drop(draw_wrong(&db, &database).await);
        drop(withdrawn(&database).await);
        let found = check(&db, &[]);
        let one = only(&found, "document_drawn_wrong");
        assert_eq!((&one["proposal"]["action"], &one["proposal"]["evidence"], found.len()), (&json!("decide"), &json!("none"), 1), "{:#?}", told(&found));
        let refused = repair::apply(&database, &person("eva"), &[Order::named(finding(&found))], "x").await.expect("an answer");
        assert_eq!(refused.applied, 0);
        // Once it is cancelled, and issued anew, nothing is left to decide.
        let (_, invoice, _) = first(&database).await;
        let call = ["invoices", "cancel", &invoice.number, "--reissue", "--reason", "anders gezeichnet"];
        drop(mailing(&db).args(call).run().expect(0));
        assert_eq!(told(&check(&db, &[])), Vec::<String>::new());
    }

    async fn what_another_host_drew_otherwise_is_looked_at_although_nobody_is_suspect(db: TestDb) {
        office(&db, 3);
        invoiced_there(&db);
        let database = store(&db).await;
        drop(draw_wrong(&db, &database).await);
        let days = chrono::Utc::now().date_naive();
        let scope = Scope::of_days(SUSPECT, days.pred_opt().expect("a day"), days.succ_opt().expect("a day")).expect("days");
        let done = damage::examine(&database, &on("rechnung-02"), &scope, &false.into(), &mut |_| ()).await.expect("it is examined");
        assert_eq!((done.drawn, done.same, done.otherwise, done.findings), (3, 2, 1, Some(1)));
        let papers = damage::of(&database, &scope).await.expect("figures").papers;
        assert_eq!((papers.proven, papers.otherwise), (2, 1));
        assert_eq!(db.number("SELECT count(*) FROM findings WHERE rule = 'document_drawn_wrong' AND closed_at IS NULL").await, 1);
        // Stopped before it began it draws nothing.
        let stopped = damage::examine(&database, &on("rechnung-02"), &scope, &true.into(), &mut |_| ()).await.expect("an answer");
        assert_eq!((stopped.stopped, stopped.drawn), (true, 0));
    }
}
