//! Killed at any moment, again and again: nothing is lost, nothing is done twice, no mail goes out a second time.
//!
//! Workers are processes and die by SIGKILL, each time at a random moment; leases last half a second. Months are invoiced
//! one after another until enough workers have died: once to files, once to a mail server.

use std::time::{Duration, Instant};

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use kontor_tests::process::Running;
use kontor_tests::sink::SmtpSink;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sea_orm::{ConnectionTrait, Statement};

use crate::support::{assert_audited, assert_mailed_once, assert_sound, kontor, mailing, office, outbox};

/// Kills in each database.
const KILLS: usize = 200;
/// Customers; each month gives as many items.
const CUSTOMERS: usize = 400;
/// Workers side by side.
const WORKERS: usize = 3;

/// How long is waited for what comes at once on a machine that has nothing else to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// Connections of each worker to the mail server.
const SENDERS: usize = 2;

/// A worker for this target.
fn worker(db: &TestDb, target: &str) -> Running {
    // The process that works is the one that is killed; `deaths` has those that are watched.
    kontor(db).smtp(target).args(["work", "--workers", "0", "--lease", "0.5", "--batch", "16"]).spawn()
}

/// Kills workers until enough have died, and lets another one finish; the months that were invoiced meanwhile.
async fn kill_workers(db: &TestDb, target: &str) -> Vec<String> {
    let mut dice = StdRng::seed_from_u64(2013);
    let mut months: Vec<String> = Vec::new();
    let mut workers: Vec<Running> = (0..WORKERS).map(|_| worker(db, target)).collect();
    for _ in 0..KILLS {
        if open_items(db).await < 100 {
            let next = month(months.len());
            drop(kontor(db).args(["invoices", "run", "--period", &next, "--queue"]).run().expect(0));
            months.push(next);
        }
        std::thread::sleep(Duration::from_millis(dice.random_range(20..160)));
        let victim = workers.swap_remove(dice.random_range(0..workers.len()));
        let output = victim.kill();
        assert_eq!(output.signal, Some(9), "a worker ends only when it is killed: {}", output.stderr);
        workers.push(worker(db, target));
    }
    drop(workers);
    drop(kontor(db).smtp(target).args(["work", "--until-idle", "--lease", "0.5"]).run().expect(0));
    months
}

/// What several deaths in a row gave up is a person's to rerun.
async fn rerun_given_up(db: &TestDb, target: &str) {
    let given_up = db.number("SELECT count(*) FROM run_items WHERE state = 'failed'").await;
    let other = db.number("SELECT count(*) FROM run_items WHERE state = 'failed' AND code <> 'workers_lost'").await;
    assert_eq!(other, 0, "nothing fails but what workers died on");
    if given_up > 0 {
        drop(kontor(db).smtp(target).args(["runs", "start", "--all", "--reason", "after the kills"]).run().expect(0));
    }
    let died = db.number("SELECT count(*) FROM attempts WHERE outcome = 'died'").await;
    println!("{died} attempts died, {given_up} items given up");
    assert!(died > 0, "the kills hit something");
}

fn month(number: usize) -> String {
    format!("{}-{:02}", 2013 + number / 12, number % 12 + 1)
}

async fn open_items(db: &TestDb) -> i64 {
    db.number("SELECT count(*) FROM run_items WHERE state IN ('waiting', 'claimed')").await
}

both_databases! {
    async fn two_hundred_kills_do_no_harm(db: TestDb) {
        office(&db, CUSTOMERS);
        let target = format!("file:{}", outbox(&db).display());
        let months = kill_workers(&db, &target).await;
        rerun_given_up(&db, &target).await;
        let periods: Vec<&str> = months.iter().map(String::as_str).collect();
        assert_sound(&db, &periods, i64::try_from(CUSTOMERS).expect("a count")).await;
        assert_mailed_once(&db).await;
        assert_audited(&db);
    }

    async fn two_hundred_kills_of_senders_send_nothing_twice(db: TestDb) {
        office(&db, CUSTOMERS);
        let sink = SmtpSink::setup().bodies_off().start();
        let target = format!("{}?senders={SENDERS}", sink.url());
        let months = kill_workers(&db, &target).await;
        rerun_given_up(&db, &target).await;
        assert_eq!(sink.duplicates().len(), 0, "no Message-ID is accepted twice");
        let unknown = "SELECT count(*) FROM deliveries WHERE state = 'unknown'";
        let before = db.number(unknown).await;
        assert!(before <= i64::try_from(KILLS * SENDERS).expect("a count"), "{before} unknown");
        // The server's log tells of those that it took.
        let log = db.path().join("mail.log");
        std::fs::write(&log, sink.log()).expect("the temporary folder is writable");
        drop(kontor(&db).args(["deliveries", "evidence", "--maillog"]).args([&log]).run().expect(0));
        let after = db.number(unknown).await;
        let accepted = db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await;
        let all = db.number("SELECT count(*) FROM deliveries").await;
        println!("{} months, {all} mails, {before} unknown, {after} of them without a line in the log", months.len());
        assert_eq!(usize::try_from(accepted).expect("a count"), sink.accepted().len(), "accepted is what the server took");
        // A kill seldom hits a mail between its mark and its last dot; how many mails there are depends on the machine.
        assert!(all - accepted <= i64::try_from(KILLS / 4).expect("a count"), "{accepted} of {all} are accepted");
        // What the server never had, a person has sent again; then everybody has exactly one.
        if after > 0 {
            let settle = ["deliveries", "settle", "--all-unknown", "--not-arrived", "--resend", "--reason", "not in the log"];
            drop(kontor(&db).smtp(&target).args(settle).run().expect(0));
            drop(kontor(&db).smtp(&target).args(["work", "--until-idle", "--lease", "0.5"]).run().expect(0));
        }
        let periods: Vec<&str> = months.iter().map(String::as_str).collect();
        assert_sound(&db, &periods, i64::try_from(CUSTOMERS).expect("a count")).await;
        assert_eq!(sink.duplicates().len(), 0);
        assert_eq!(sink.kept(), months.len() * CUSTOMERS, "one mail for each invoice");
        assert_audited(&db);
    }

    async fn a_worker_that_slept_past_its_lease_loses(db: TestDb) {
        office(&db, 40);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0));
        let alone = ["work", "--workers", "0", "--until-idle", "--lease", "2", "--batch", "40", "--lanes", "1"];
        let sleeper = mailing(&db).args(alone).spawn();
        wait_for_claim(&db).await;
        put_to_sleep(&db, &sleeper).await;
        // The other one waits for the sleeper's lease to run out; its own is long, so that a slow disk does not end it.
        drop(mailing(&db).args(["work", "--until-idle", "--lease", "60"]).run().expect(0));
        signal(&sleeper, "CONT");
        drop(sleeper.wait().expect(0));
        assert_sound(&db, &["2013-01"], 40).await;
        assert_mailed_once(&db).await;
    }
}

/// A process that stands still in the middle of a transaction holds up nobody for longer than the server bears with it.
/// (In an embedded database it keeps the only write lock, and nobody but the system can take that away.)
#[test]
fn a_worker_frozen_within_a_transaction_gives_way() {
    kontor_tests::databases::block_on(async {
        let db = TestDb::postgres();
        office(&db, 40);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0));
        let mailing = |db| mailing(db).env("PGOPTIONS", "-c idle_in_transaction_session_timeout=3s");
        let alone = ["work", "--workers", "0", "--until-idle", "--lease", "2", "--batch", "40", "--lanes", "1"];
        // It dawdles between its statements and its commit, which is where it is stopped.
        let sleeper = mailing(&db).args(alone).failpoints("issue.before_commit=1*sleep(2500)").spawn();
        let within = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND \
                      state = 'idle in transaction' AND clock_timestamp() - state_change > interval '0.3 s'";
        let started = Instant::now();
        while db.number(within).await == 0 {
            assert!(started.elapsed() < PATIENCE, "the worker is never within a transaction");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        signal(&sleeper, "STOP");
        drop(mailing(&db).args(["work", "--until-idle", "--lease", "60"]).run().expect(0));
        assert_eq!(
            db.number("SELECT count(*) FROM attempts WHERE outcome = 'died'").await,
            40,
            "all of it was in hand"
        );
        signal(&sleeper, "CONT");
        drop(sleeper.wait().expect(0));
        assert_sound(&db, &["2013-01"], 40).await;
        assert_mailed_once(&db).await;
    });
}

/// The patience is a minute unless the address sets another one.
#[test]
fn the_server_is_asked_to_end_what_stands_still() {
    kontor_tests::databases::block_on(async {
        let db = TestDb::postgres();
        office(&db, 1);
        let asked = "SELECT current_setting('idle_in_transaction_session_timeout') AS patience";
        for (options, patience) in [("", "1min"), ("?options[idle_in_transaction_session_timeout]=10s", "10s")] {
            let url = format!("{}{options}", db.url).parse().expect("an address");
            let store = kontor::store::Store::open(&url).await.expect("it opens");
            let row =
                store.read().query_one_raw(Statement::from_string(store.backend(), asked)).await.expect("an answer");
            assert_eq!(row.expect("a row").try_get::<String>("", "patience").expect("a text"), patience);
        }
    });
}

/// Stops the process between two transactions: whoever sleeps within one keeps its locks, `SQLite`'s only write lock
/// among them, until it wakes or dies.
pub async fn put_to_sleep(db: &TestDb, process: &Running) {
    let connection = db.connect().await;
    let run = async |text: &str| {
        connection.execute_raw(Statement::from_string(connection.get_database_backend(), text)).await
    };
    if db.kind == Kind::Sqlite {
        run("PRAGMA busy_timeout = 100").await.expect("a patience can be set");
    }
    let between = async || match db.kind {
        Kind::Sqlite => run("UPDATE fencing SET last_token = last_token").await.is_ok(),
        Kind::Postgres => {
            let within = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND \
                          application_name = 'kontor' AND xact_start IS NOT NULL";
            db.number(within).await == 0
        }
    };
    let started = Instant::now();
    for pause in (1..).map(|turn: u64| Duration::from_millis(turn * 7 % 50)) {
        signal(process, "STOP");
        if between().await {
            return;
        }
        signal(process, "CONT");
        assert!(started.elapsed() < PATIENCE, "the process is within a transaction whenever it is stopped");
        tokio::time::sleep(pause).await;
    }
}

async fn wait_for_claim(db: &TestDb) {
    let started = Instant::now();
    while db.number("SELECT count(*) FROM run_items WHERE state <> 'waiting'").await == 0 {
        assert!(started.elapsed() < PATIENCE, "nothing was claimed");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

pub fn signal(process: &Running, name: &str) {
    let sent = std::process::Command::new("kill").args([&format!("-{name}"), &process.id().to_string()]).status();
    // A process that has finished already cannot be stopped; then there is nothing to sleep through.
    assert!(sent.is_ok(), "kill can be called");
}
