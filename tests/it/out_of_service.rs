//! What happens to letters while they wait at a slow mail server: their host is taken out of service, their PDF is written
//! anew, or a finding holds their invoice back. None of them leaves as it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kontor::delivery::message;
use kontor::store::entities::{deliveries, documents};
use kontor_pdf::content::sha256;
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::process::Kontor;
use kontor_tests::sink::{Behaviour, Phase, SmtpSink};
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::canary::{BAD, GOOD, at, queue, until};
use crate::damage::drawn::{draw_wrong, key};
use crate::repair::store;
use crate::support::{assert_sound, kontor, office, text};

/// A worker of a host that mails to this server.
fn worker(db: &TestDb, host: &str, target: &str) -> Kontor {
    let work = ["work", "--workers", "0", "--lanes", "1", "--lease", "600"];
    at(host, kontor(db).smtp(target)).args(work)
}

/// What a conversation waits at until the test opens it.
#[derive(Clone, Default)]
struct Gate(Arc<AtomicBool>);

impl Gate {
    fn open(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn pass(&self) {
        let started = Instant::now();
        while !self.0.load(Ordering::SeqCst) && started.elapsed() < Duration::from_mins(2) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn withdraw(db: &TestDb) {
    drop(kontor(db).args(["hosts", "withdraw", BAD, "--reason", "Speichertest"]).run().expect(0));
}

async fn begun(sink: &SmtpSink, transactions: usize) {
    let started = Instant::now();
    while sink.transactions() < transactions {
        assert!(started.elapsed() < Duration::from_mins(2), "the mail server waits for its mails");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn assert_each_mailed_once(db: &TestDb, sink: &SmtpSink, customers: usize) {
    let count = i64::try_from(customers).expect("a count");
    assert_sound(db, &["2013-01"], count).await;
    assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await, count);
    assert_eq!((sink.kept(), sink.accepted().len()), (customers, customers), "each once");
}

both_databases! {
    async fn letters_that_wait_at_a_slow_server_are_given_back(db: TestDb) {
        office(&db, 20);
        queue(&db);
        let sink = SmtpSink::start();
        let (gate, server) = (Gate::default(), Gate::default());
        let (sending, slow) = (gate.clone(), server.clone());
        sink.fault(move |moment| {
            if moment.phase == Phase::Dot {
                sending.open();
                slow.pass();
            }
            None
        });
        // One sender: the first letter is being sent, the others wait for it.
        let bad = worker(&db, BAD, &format!("{}?senders=1", sink.url())).args(["--until-idle"]).spawn();
        until(&db, "the first mail", "SELECT count(*) FROM deliveries WHERE state = 'sending'").await;
        gate.pass();
        withdraw(&db);
        server.open();
        let stopped = bad.wait().expect(1);
        assert!(stopped.stderr.contains("rechnung-03 is out of service since"), "{}", stopped.stderr);

        assert_eq!(sink.kept(), 1, "only what was on its way left the house");
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await, 1);
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'queued' AND tries = 0").await, 19);
        let back = "SELECT count(*) FROM run_items WHERE state = 'waiting' AND code = 'host_withdrawn' AND losses = 0";
        assert_eq!(db.number(back).await, 19);
        let attempts = "SELECT count(*) FROM attempts WHERE outcome = 'skipped' AND code = 'host_withdrawn'";
        assert_eq!(db.number(attempts).await, 19);

        drop(worker(&db, GOOD, &sink.url()).args(["--until-idle"]).run().expect(0));
        assert_each_mailed_once(&db, &sink, 20).await;
    }

    async fn who_works_for_good_waits_to_be_put_back(db: TestDb) {
        office(&db, 4);
        queue(&db);
        let sink = SmtpSink::start();
        let server = Gate::default();
        let slow = server.clone();
        sink.behave(move |_| {
            slow.pass();
            Behaviour::Accept
        });
        // All letters of the batch are with the senders, and announced: the lane has left them alone.
        let bad = worker(&db, BAD, &format!("{}?senders=4", sink.url())).spawn();
        begun(&sink, 4).await;
        withdraw(&db);
        server.open();
        let back = "SELECT count(*) / 4 FROM run_items WHERE state = 'waiting' AND code = 'host_withdrawn' AND losses = 0";
        until(&db, "what is given back", back).await;
        assert_eq!((sink.kept(), db.number("SELECT count(*) FROM deliveries WHERE state = 'queued'").await), (0, 4));
        // Long enough for a worker that stumbles over it to end.
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(db.number("SELECT count(*) FROM workers WHERE outcome = 'running'").await, 1);

        drop(kontor(&db).args(["hosts", "return", BAD, "--reason", "Riegel getauscht"]).run().expect(0));
        until(&db, "the end of the run", "SELECT count(*) FROM runs WHERE state = 'done'").await;
        drop(bad.kill());
        assert_each_mailed_once(&db, &sink, 4).await;
    }

    async fn what_changed_while_it_waited_leaves_as_it_is_now_or_not_at_all(db: TestDb) {
        office(&db, 4);
        queue(&db);
        let sink = SmtpSink::start();
        let server = Gate::default();
        let slow = server.clone();
        sink.behave(move |_| {
            slow.pass();
            Behaviour::Accept
        });
        let worker = worker(&db, GOOD, &format!("{}?senders=4", sink.url())).args(["--until-idle"]).spawn();
        begun(&sink, 4).await;
        let (document, mail) = draw_wrong(&db, &store(&db).await).await;
        let other = format!("FROM invoices WHERE id <> {} ORDER BY id LIMIT 1", key(&db, document.invoice_id));
        let held = text(&db, &format!("SELECT number {other}")).await;
        db.execute(&format!(
            "INSERT INTO findings (id, rule, severity, table_name, row_key, row_id, evidence, opened_at, seen_at) SELECT {}, \
             'document_drawn_wrong', 'critical', 'invoices', number, id, 'none', '2013-02-01 00:00:00+00:00', \
             '2013-02-01 00:00:00+00:00' {other}",
            key(&db, Uuid::from_u128(9))
        ))
        .await;
        server.open();
        drop(worker.wait().expect(0));

        assert_eq!((sink.kept(), sink.duplicates().len()), (3, 0), "{}", sink.log());
        let anew = sink.messages().into_iter().find(|sent| sent.message_id.as_deref() == Some(&format!("<{}>", mail.message_id)));
        let sent = anew.expect("the mail that was written anew").data;
        let connection = db.connect().await;
        let row = deliveries::Entity::find_by_id(mail.id).one(&connection).await.expect("a row").expect("the mail");
        let paper = documents::Entity::find_by_id(document.id).one(&connection).await.expect("a row").expect("its PDF");
        assert_ne!(paper.bytes, document.bytes);
        let (head, tail) = (row.message_head.expect("a head"), row.message_tail.expect("a tail"));
        let now = message::joined(&head, &paper.bytes, &tail);
        assert_eq!((row.state.as_str(), row.message_sha256.as_deref()), ("accepted", Some(&sha256(&now)[..])));
        assert!(sent.trim_ascii_end() == now.trim_ascii_end(), "the mail as it is now");
        let item = "SELECT count(*) FROM run_items WHERE state = 'failed' AND code = 'quarantined' AND losses = 0";
        assert_eq!(db.number(item).await, 1);
        let waiting = format!(
            "SELECT count(*) FROM deliveries m JOIN invoices i ON i.id = m.invoice_id WHERE i.number = '{held}' AND \
             m.state = 'queued' AND m.tries = 0"
        );
        assert_eq!(db.number(&waiting).await, 1);
        assert_eq!(db.number("SELECT count(*) FROM attempts WHERE outcome IN ('running', 'died')").await, 0);
    }
}
