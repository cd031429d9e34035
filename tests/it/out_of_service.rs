//! Letters of a host that is taken out of service while they wait at a slow mail server: none of them leaves any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::process::Kontor;
use kontor_tests::sink::{Behaviour, Phase, SmtpSink};

use crate::canary::{BAD, GOOD, at, queue, until};
use crate::support::{assert_sound, kontor, office};

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
}
