//! Mails that take their time: put off and tried again, slow recipients, replies that come after somebody else took over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::sink::{Behaviour, SmtpSink};
use serde_json::json;

use crate::kill::{put_to_sleep, signal};
use crate::support::{kontor, office};

/// The customer's number in an address such as `kunde7@example.com`.
fn customer(address: &str) -> Option<u32> {
    address.strip_prefix("kunde")?.split('@').next()?.parse().ok()
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
        sink.behave(|_| Behaviour::Delay(Duration::from_secs(3)));
        let run = ["invoices", "run", "--period", "2013-01", "--lease", "0.5"];
        let sleeper = kontor(&db).smtp(&sink.url()).args(run).spawn();
        while sink.messages().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        put_to_sleep(&db, &sleeper).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        drop(kontor(&db).smtp(&sink.url()).args(["work", "--until-idle", "--lease", "0.5"]).run().expect(0));
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'unknown'").await, 1);
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
