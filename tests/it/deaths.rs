//! Killed workers leave a trace: exit status, signal, want of memory; and where nobody saw the end, that nobody saw it.

use std::time::{Duration, Instant};

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::process::{Kontor, Running};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use crate::kill::signal;
use crate::support::{assert_mailed_once, assert_sound, kontor, mailing, office, outbox, text};

const CUSTOMERS: usize = 40;
/// What a slow worker takes at once: two lanes with eight items each.
const BOTH_LANES: u64 = 16;
/// How long is waited for what comes at once on a machine that has nothing else to do.
const PATIENCE: Duration = Duration::from_mins(2);

/// A run that waits for workers.
fn queue(db: &TestDb) {
    office(db, CUSTOMERS);
    drop(kontor(db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0));
}

/// A watched worker that takes a long while over each batch: it has something in hand when it is killed.
fn slow(db: &TestDb, lease: &str) -> Kontor {
    mailing(db).args(["work", "--lease", lease, "--batch", "8"]).failpoints("render.before=sleep(60000)")
}

async fn until(db: &TestDb, what: &str, sql: &str) {
    let started = Instant::now();
    while db.number(sql).await == 0 {
        assert!(started.elapsed() < PATIENCE, "{what} never came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The process id of a worker that has so many items in hand.
async fn at_work(db: &TestDb, items: u64) -> i64 {
    let held = format!(
        "SELECT coalesce(max(pid), 0) FROM (SELECT pid FROM attempts WHERE outcome = 'running' GROUP BY pid HAVING count(*) >= \
         {items}) x"
    );
    let started = Instant::now();
    loop {
        let pid = db.number(&held).await;
        if pid > 0 {
            return pid;
        }
        assert!(started.elapsed() < PATIENCE, "no worker ever had {items} items in hand");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn send(name: &str, pid: i64) {
    let sent = std::process::Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
    assert!(sent.is_ok(), "kill can be called");
}

/// Sends a signal until the process is gone: the first SEGV only takes a handler away.
async fn fell(name: &str, pid: i64) {
    let started = Instant::now();
    // One that nobody has waited for yet still has a place in the list, as a zombie.
    let lives = || std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    while lives() && started.elapsed() < PATIENCE {
        send(name, pid);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whatever happened before, another worker brings it to its end.
async fn finish(db: &TestDb) {
    drop(mailing(db).args(["work", "--until-idle", "--lease", "5"]).run().expect(0));
    assert_sound(db, &["2013-01"], i64::try_from(CUSTOMERS).expect("a count")).await;
    assert_mailed_once(db).await;
}

async fn assert_killed_by(db: &TestDb, name: &str, number: i64) {
    queue(db);
    // Leases outlast the test: what waits again waits because the death was seen.
    let watcher = slow(db, "600").spawn();
    let victim = at_work(db, BOTH_LANES).await;
    fell(name, victim).await;
    let died = format!("SELECT count(*) FROM workers WHERE outcome = 'died' AND signal = {number} AND pid = {victim}");
    until(db, "the trace of the worker", &died).await;
    let attempts = format!(
        "SELECT count(*) FROM attempts a JOIN workers w ON w.id = a.worker_id WHERE w.pid = {victim} AND a.outcome = 'died' \
         AND a.signal = {number} AND a.code = 'process_killed' AND a.ended_at IS NOT NULL"
    );
    assert_eq!(db.number(&attempts).await, 16);
    let left = format!(
        "SELECT count(*) FROM attempts a JOIN workers w ON w.id = a.worker_id WHERE w.pid = {victim} AND a.outcome = 'running'"
    );
    assert_eq!(db.number(&left).await, 0);
    assert_eq!(db.number("SELECT count(*) FROM workers WHERE is_out_of_memory").await, 0);
    // The next worker was started without being asked for.
    let next = format!("SELECT count(*) FROM workers WHERE outcome = 'running' AND pid <> {victim}");
    until(db, "another worker", &next).await;
    stop_hard(db, watcher).await;
}

/// Power cut: the watcher dies first, and the workers with nobody watching.
async fn stop_hard(db: &TestDb, watcher: Running) {
    signal(&watcher, "STOP");
    let pids = "SELECT count(*) FROM workers WHERE outcome = 'running'";
    let connection = db.connect().await;
    let statement = sea_orm::Statement::from_string(
        connection.get_database_backend(),
        "SELECT pid FROM workers WHERE outcome = 'running'",
    );
    let rows = connection.query_all_raw(statement).await.expect("the workers");
    assert!(db.number(pids).await > 0);
    for row in rows {
        fell("KILL", row.try_get("", "pid").expect("a pid")).await;
    }
    drop(watcher.kill());
}

both_databases! {
    async fn a_sigkill_is_seen(db: TestDb) {
        assert_killed_by(&db, "KILL", 9).await;
    }

    async fn a_sigsegv_is_seen(db: TestDb) {
        assert_killed_by(&db, "SEGV", 11).await;
    }

    async fn a_death_is_seen_while_the_server_still_works_for_the_dead(db: TestDb) {
        queue(&db);
        let watcher = slow(&db, "600").spawn();
        let victim = at_work(&db, BOTH_LANES).await;
        // What the server has begun for a worker it brings to its end, whether or not the worker lives.
        let connection = db.connect().await;
        let begun = connection.begin().await.expect("a transaction");
        begun.execute_unprepared("UPDATE run_items SET token = token WHERE state = 'claimed'").await.expect("a statement");
        fell("KILL", victim).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        begun.rollback().await.expect("the server finds that nobody is there");
        let attempts = "SELECT count(*) / 16 FROM attempts WHERE outcome = 'died' AND signal = 9 AND code = 'process_killed'";
        until(&db, "the death", attempts).await;
        let next = format!("SELECT count(*) FROM workers WHERE outcome = 'running' AND pid <> {victim}");
        until(&db, "another worker", &next).await;
        stop_hard(&db, watcher).await;
    }

    async fn want_of_memory_is_seen(db: TestDb) {
        queue(&db);
        let limited = Kontor::new("/bin/sh").args(["-c", "ulimit -v 3000000; exec \"$@\"", "sh"]);
        let watcher = limited
            .args([env!("CARGO_BIN_EXE_kontor-test-worker")])
            .db(&db.url)
            .smtp(&format!("file:{}", outbox(&db).display()))
            .args(["work", "--lease", "60", "--batch", "8"])
            .failpoints("archive.before_commit=1*return(memory)")
            .dir(db.path())
            .spawn();
        let died = "SELECT count(*) FROM workers WHERE outcome = 'died' AND is_out_of_memory AND signal = 6";
        until(&db, "the trace of the worker", died).await;
        drop(watcher.kill());
        let told = "SELECT count(*) FROM attempts WHERE outcome = 'died' AND signal = 6 AND message = 'the process ended by \
                    signal 6, out of memory'";
        assert!(db.number(told).await > 0);
    }

    async fn a_power_cut_is_not_seen_and_says_so(db: TestDb) {
        queue(&db);
        let watcher = slow(&db, "0.5").spawn();
        let victim = at_work(&db, BOTH_LANES).await;
        stop_hard(&db, watcher).await;
        finish(&db).await;
        assert_eq!(text(&db, &format!("SELECT outcome FROM workers WHERE pid = {victim}")).await, "lost");
        let attempts = format!(
            "SELECT count(*) FROM attempts a JOIN workers w ON w.id = a.worker_id WHERE w.pid = {victim} AND a.outcome = 'died' \
             AND a.code = 'process_died' AND a.signal IS NULL AND a.message LIKE '%cause not seen'"
        );
        assert_eq!(db.number(&attempts).await, 16);
        assert_eq!(db.number("SELECT count(*) FROM workers WHERE outcome = 'done' AND exit_code = 0").await, 1);
    }

    async fn workers_finish_what_they_have_in_hand(db: TestDb) {
        queue(&db);
        let watcher = mailing(&db)
            .args(["work", "--workers", "2", "--lease", "600", "--batch", "4"])
            .failpoints("archive.after_commit=sleep(200)")
            .spawn();
        assert!(at_work(&db, 1).await > 0);
        signal(&watcher, "TERM");
        let output = watcher.wait().expect(0);
        assert_eq!(output.json(), json!({ "stopped": true }));
        assert_eq!(db.number("SELECT count(*) FROM workers WHERE outcome = 'done' AND exit_code = 0").await, 2);
        assert_eq!(db.number("SELECT count(*) FROM attempts WHERE outcome NOT IN ('done')").await, 0);
        assert_eq!(db.number("SELECT count(*) FROM run_items WHERE state = 'claimed'").await, 0);
        finish(&db).await;
    }

    async fn a_worker_whose_watcher_is_gone_finishes_and_ends(db: TestDb) {
        queue(&db);
        let watcher = mailing(&db).args(["work", "--lease", "600", "--batch", "4"]).failpoints("archive.after_commit=sleep(200)").spawn();
        let worker = at_work(&db, 1).await;
        drop(watcher.kill());
        let done = format!("SELECT count(*) FROM workers WHERE outcome = 'done' AND exit_code IS NULL AND pid = {worker}");
        until(&db, "the worker's own end", &done).await;
        assert_eq!(db.number("SELECT count(*) FROM run_items WHERE state = 'claimed'").await, 0);
        finish(&db).await;
    }

    async fn counters_of_the_machine_stand_with_the_worker(db: TestDb) {
        queue(&db);
        let controller = db.path().join("edac/mc0");
        std::fs::create_dir_all(&controller).expect("a folder");
        std::fs::write(controller.join("ce_count"), "7\n").expect("a file");
        let work = mailing(&db).env("KONTOR_EDAC", db.path().join("edac")).args(["work", "--until-idle", "--lease", "5"]);
        drop(work.run().expect(0));
        let counted = "SELECT count(*) FROM workers WHERE memory_errors_before = 7 AND memory_errors_after = 7 AND outcome = \
                       'done' AND exit_code = 0 AND kernel LIKE 'Linux %' AND boot_id <> '' AND renderer LIKE 'kontor-pdf%'";
        assert_eq!(db.number(counted).await, 1);
        // One that works for itself notes its begin and its end too.
        drop(mailing(&db).args(["work", "--workers", "0", "--until-idle"]).run().expect(0));
        assert_eq!(db.number("SELECT count(*) FROM workers WHERE outcome = 'done' AND exit_code IS NULL").await, 1);
        assert_eq!(db.number("SELECT count(*) FROM attempts a WHERE NOT EXISTS (SELECT 1 FROM workers w WHERE w.id = \
                              a.worker_id)").await, 0);
        // What hinders a worker is said once, with the exit code of a wrong call.
        drop(kontor(&db).args(["work", "--until-idle"]).run().expect(2));
    }

    async fn counters_are_noted_while_a_worker_works(db: TestDb) {
        office(&db, 1);
        let counter = db.path().join("edac/mc0/ce_count");
        std::fs::create_dir_all(counter.parent().expect("a folder")).expect("a folder");
        std::fs::write(&counter, "7\n").expect("a file");
        let work = mailing(&db).env("KONTOR_EDAC", db.path().join("edac")).args(["work", "--workers", "0", "--canary", "0.1"]);
        let worker = work.spawn();
        let counted = |count: i64| {
            format!("SELECT count(*) FROM workers WHERE outcome = 'running' AND memory_errors_before = 7 AND memory_errors_after = {count}")
        };
        until(&db, "the first count", &counted(7)).await;
        std::fs::write(&counter, "9\n").expect("a file");
        until(&db, "the second count", &counted(9)).await;
        // The machine goes down: nobody notes anything any more.
        drop(worker.kill());
        assert_eq!(db.number(&counted(9)).await, 1);
    }
}
