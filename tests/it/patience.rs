//! Mails that take their time: put off and tried again, slow recipients, replies that come after somebody else took over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::postgres::Cluster;
use kontor_tests::process::Kontor;
use kontor_tests::proxy::CutProxy;
use kontor_tests::sink::{Behaviour, Phase, SmtpSink};
use serde_json::json;

use crate::kill::{put_to_sleep, signal};
use crate::support::{assert_sound, kontor, office};

/// The customer's number in an address such as `kunde7@example.com`.
fn customer(address: &str) -> Option<u32> {
    address.strip_prefix("kunde")?.split('@').next()?.parse().ok()
}

/// The first customer's mail, announced at the mail server, which says nothing to it yet: what is next is to mark it as
/// leaving.
struct Held {
    is_waiting: Arc<AtomicBool>,
    may_go: Arc<AtomicBool>,
}

impl Held {
    fn up(sink: &SmtpSink) -> Self {
        let held = Self { is_waiting: Arc::default(), may_go: Arc::default() };
        let (is_waiting, may_go) = (Arc::clone(&held.is_waiting), Arc::clone(&held.may_go));
        sink.behave(move |envelope| {
            while customer(&envelope.to) == Some(1) && !may_go.load(Ordering::SeqCst) {
                is_waiting.store(true, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(5));
            }
            Behaviour::Accept
        });
        held
    }

    /// Until all the others, so many, have gone.
    async fn waits_alone(&self, db: &TestDb, others: i64) {
        let started = Instant::now();
        let accepted = "SELECT count(*) FROM deliveries WHERE state = 'accepted'";
        while !self.is_waiting.load(Ordering::SeqCst) || db.number(accepted).await < others {
            assert!(started.elapsed() < Duration::from_mins(2), "the others never went");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn let_go(&self) {
        self.may_go.store(true, Ordering::SeqCst);
    }
}

both_databases! {
    async fn what_is_put_off_is_tried_again_and_then_given_up(db: TestDb) {
        office(&db, 6);
        let sink = SmtpSink::start();
        // The first is always put off, the second once, the third twice; the others never.
        let seen = std::sync::Mutex::new(std::collections::HashMap::<u32, u32>::new());
        sink.behave(move |envelope| {
            let number = customer(&envelope.to).unwrap_or(0);
            let mut seen = seen.lock().expect("nobody panics here");
            let tries = seen.entry(number).or_default();
            *tries += 1;
            match (number, *tries) {
                (1, _) => Behaviour::AnswerRecipient("451 4.7.1 later".to_owned()),
                (2, 1) | (3, 1..=2) => Behaviour::AnswerMessage("452 4.2.2 full".to_owned()),
                _ => Behaviour::Accept,
            }
        });
        let run = ["invoices", "run", "--period", "2013-01", "--retries", "3", "--backoff", "0.1"];
        let run = kontor(&db).smtp(&sink.url()).args(run).run().expect(3).json();
        assert_eq!((&run["done"], &run["failed"], &run["put_off"]), (&json!(5), &json!(1), &json!(0)));
        assert_eq!(run["by_code"], json!({"mail_deferred": 1}));
        let tries = async |number: u32| {
            let sql = format!("SELECT tries FROM deliveries WHERE recipient = 'kunde{number}@example.com'");
            db.number(&sql).await
        };
        // What the server refuses before DATA was never being sent.
        assert_eq!((tries(1).await, tries(2).await, tries(3).await, tries(4).await), (0, 2, 3, 1));
        let attempts = "SELECT count(*) FROM attempts WHERE outcome = 'failed'";
        assert_eq!(db.number(attempts).await, 4 + 1 + 2, "each try is an attempt of its own");
        assert_eq!(sink.messages().len(), 5);
    }

    async fn one_slow_recipient_holds_up_nobody(db: TestDb) {
        office(&db, 60);
        let sink = SmtpSink::start();
        let others_are_done = Arc::new(AtomicBool::new(false));
        let may_answer = Arc::clone(&others_are_done);
        sink.behave(move |envelope| {
            while customer(&envelope.to) == Some(1) && !may_answer.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(5));
            }
            Behaviour::Accept
        });
        // One lane and small batches: the batch of the slow one must let the next ones pass.
        let target = format!("{}?senders=2", sink.url());
        let run = ["invoices", "run", "--period", "2013-01", "--lanes", "1", "--batch", "6"];
        let running = kontor(&db).smtp(&target).args(run).spawn();
        let accepted = "SELECT count(*) FROM deliveries WHERE state = 'accepted'";
        let started = Instant::now();
        while db.number(accepted).await < 59 {
            assert!(started.elapsed() < Duration::from_mins(2), "the slow one holds up others");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let slow = "SELECT count(*) FROM deliveries WHERE state <> 'accepted' AND recipient = 'kunde1@example.com'";
        assert_eq!(db.number(slow).await, 1);
        others_are_done.store(true, Ordering::SeqCst);
        assert_eq!(running.wait().expect(0).json()["done"], 60);
    }

    async fn a_late_reply_settles_what_a_takeover_could_not_know(db: TestDb) {
        office(&db, 1);
        let sink = SmtpSink::start();
        // It has the whole message, and answers when the test says so.
        let (arrived, is_taken_over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (has_it, may_answer) = (Arc::clone(&arrived), Arc::clone(&is_taken_over));
        sink.fault(move |moment| {
            if moment.phase == Phase::Dot {
                has_it.store(true, Ordering::SeqCst);
                while !may_answer.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
            None
        });
        let run = ["invoices", "run", "--period", "2013-01", "--lease", "0.5"];
        let sleeper = kontor(&db).smtp(&sink.url()).args(run).spawn();
        let started = Instant::now();
        while !arrived.load(Ordering::SeqCst) {
            assert!(started.elapsed() < Duration::from_mins(2), "the mail never arrives");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        put_to_sleep(&db, &sleeper).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        drop(kontor(&db).smtp(&sink.url()).args(["work", "--until-idle", "--lease", "0.5"]).run().expect(0));
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'unknown'").await, 1);
        is_taken_over.store(true, Ordering::SeqCst);
        signal(&sleeper, "CONT");
        drop(sleeper.wait());
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await, 1);
        let evidence = "SELECT count(*) FROM delivery_evidence WHERE source = 'smtp_reply' AND verdict = 'accepted'";
        assert_eq!(db.number(evidence).await, 1);
        // Nothing is sent again, and nothing is left to do.
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        assert_eq!((&plan["eligible"], &plan["ineligible"]), (&json!(0), &json!(0)));
        assert_eq!(sink.messages().len(), 1);
    }

    async fn a_rate_limit_is_kept(db: TestDb) {
        office(&db, 12);
        let sink = SmtpSink::start();
        let target = format!("{}?rate=300", sink.url());
        let run = kontor(&db).smtp(&target).args(["invoices", "run", "--period", "2013-01"]).run().expect(0);
        assert_eq!(run.json()["done"], 12);
        // Five at once, then five a second: the last of twelve leaves 1.4 seconds after the first at the earliest.
        assert!(run.elapsed >= Duration::from_millis(1_300), "{:?}", run.elapsed);
    }

    async fn every_mail_has_a_return_path_of_its_own(db: TestDb) {
        office(&db, 5);
        let sink = SmtpSink::start();
        drop(kontor(&db).smtp(&sink.url()).args(["invoices", "run", "--period", "2013-01"]).run().expect(0));
        let mut paths: Vec<String> = sink.messages().into_iter().map(|message| message.from).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), 5);
        let stored = "SELECT count(*) FROM deliveries WHERE return_path IN";
        let list = paths.iter().map(|path| format!("'{path}'")).collect::<Vec<_>>().join(", ");
        assert_eq!(db.number(&format!("{stored} ({list})")).await, 5);
    }
}

/// A worker bears with a database that is away, whatever it has in hand: also with letters that wait for a mail server.
#[test]
fn a_database_that_is_away_while_a_letter_waits_is_borne_with() {
    kontor_tests::databases::block_on(async {
        let db = TestDb::postgres();
        office(&db, 12);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0));
        let sink = SmtpSink::start();
        let letter = Held::up(&sink);
        let proxy = CutProxy::start(Cluster::shared().port());
        let work = ["--json", "work", "--workers", "0", "--until-idle", "--lease", "2", "--batch", "6"];
        let worker = Kontor::new(env!("CARGO_BIN_EXE_kontor-test-worker"))
            .db(&proxy.url(&db.url))
            .smtp(&sink.url())
            .args(work)
            .spawn();
        letter.waits_alone(&db, 11).await;
        proxy.go_away();
        letter.let_go();
        // Longer than a batch begins again and again before it leaves its items to their lease.
        tokio::time::sleep(Duration::from_secs(20)).await;
        proxy.come_back();
        drop(worker.wait().expect(0));
        assert_sound(&db, &["2013-01"], 12).await;
        assert_eq!((sink.kept(), sink.duplicates().len()), (12, 0));
        assert_eq!(db.number("SELECT count(*) FROM run_items WHERE state <> 'done'").await, 0);
    });
}

/// Put out of service shortly before the database went away: a worker that works for good gives back what it has in hand,
/// and waits.
#[test]
fn a_host_that_is_out_of_service_when_the_database_is_back_is_waited_for() {
    kontor_tests::databases::block_on(async {
        let db = TestDb::postgres();
        office(&db, 6);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0));
        let sink = SmtpSink::start();
        let letter = Held::up(&sink);
        let proxy = CutProxy::start(Cluster::shared().port());
        let work = ["--json", "work", "--workers", "0", "--lease", "30"];
        let worker = Kontor::new(env!("CARGO_BIN_EXE_kontor-test-worker")).db(&proxy.url(&db.url)).smtp(&sink.url());
        let mut worker = worker.env("KONTOR_HOST", "rechnung-03").args(work).spawn();
        letter.waits_alone(&db, 5).await;
        drop(kontor(&db).args(["hosts", "withdraw", "rechnung-03", "--reason", "Speichertest"]).run().expect(0));
        proxy.go_away();
        letter.let_go();
        // Long enough for the ledger to give up, and short enough for the batch to begin again.
        tokio::time::sleep(Duration::from_secs(7)).await;
        proxy.come_back();
        let none_in_hand = "SELECT CAST(count(*) = 0 AS int)::bigint FROM run_items WHERE state = 'claimed' AND \
                            lease_expires_at > now()";
        crate::canary::until(&db, "the letter that is given back", none_in_hand).await;
        drop(kontor(&db).args(["hosts", "return", "rechnung-03", "--reason", "Riegel getauscht"]).run().expect(0));
        crate::canary::until(&db, "the end of the run", "SELECT count(*) FROM runs WHERE state = 'done'").await;
        assert!(!worker.has_ended(), "{}", worker.stderr_so_far());
        drop(worker.kill());
        assert_sound(&db, &["2013-01"], 6).await;
        assert_eq!((sink.kept(), sink.duplicates().len()), (6, 0));
    });
}
