//! Every durable step fails once in every way: panic, abort, database error, and an answer to COMMIT that never comes.

use kontor::failpoint;
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::postgres::Cluster;
use kontor_tests::proxy::CutProxy;

use crate::support::{assert_audited, assert_mailed_once, assert_sound, kontor, mailing, office, outbox};

/// Customers; two batches.
const CUSTOMERS: usize = 12;

async fn fail_everywhere(db: &TestDb, action: &str, survives: bool) {
    office(db, CUSTOMERS);
    let mut months = Vec::new();
    for (index, name) in failpoint::ALL.iter().enumerate() {
        let month = format!("{}-{:02}", 2013 + index / 12, index % 12 + 1);
        drop(kontor(db).args(["invoices", "run", "--period", &month, "--queue"]).run().expect(0));
        let failing = mailing(db)
            .args(["work", "--workers", "0", "--until-idle", "--lease", "0.5", "--batch", "6"])
            .failpoints(&format!("{name}=1*{action}"))
            .run();
        if survives {
            assert_eq!(failing.code, Some(0), "{name}: {}", failing.stderr);
        } else {
            assert_eq!(failing.signal, Some(6), "{name} was hit: {}", failing.stderr);
            drop(mailing(db).args(["work", "--until-idle", "--lease", "0.5"]).run().expect(0));
        }
        months.push(month);
        let periods: Vec<&str> = months.iter().map(String::as_str).collect();
        assert_sound(db, &periods, i64::try_from(CUSTOMERS).expect("a count")).await;
    }
    assert_eq!(db.number("SELECT count(*) FROM run_items WHERE state <> 'done'").await, 0);
    assert_mailed_once(db).await;
    assert_audited(db);
}

both_databases! {
    async fn a_panic_at_each_step(db: TestDb) {
        fail_everywhere(&db, "panic", true).await;
    }

    async fn an_abort_at_each_step(db: TestDb) {
        fail_everywhere(&db, "return(abort)", false).await;
    }

    async fn a_database_error_at_each_step(db: TestDb) {
        fail_everywhere(&db, "return(database)", true).await;
    }
}

/// The server commits, the answer is lost: whatever the transaction was, the work goes on from the rows.
#[test]
fn an_answer_to_commit_that_is_lost() {
    kontor_tests::databases::block_on(async {
        let db = TestDb::postgres();
        office(&db, CUSTOMERS);
        let proxy = CutProxy::start(Cluster::shared().port());
        let target = format!("file:{}", outbox(&db).display());
        let mut months = Vec::new();
        // A run of twelve in two batches commits about a dozen times; each of them is lost once.
        for nth in 1..=14 {
            let month = format!("{}-{:02}", 2013 + nth / 12, nth % 12 + 1);
            proxy.cut_commit(nth);
            let run = kontor_tests::process::Kontor::new(env!("CARGO_BIN_EXE_kontor-test-worker"))
                .db(&proxy.url(&db.url))
                .smtp(&target)
                .args(["--json", "invoices", "run", "--period", &month, "--batch", "6", "--lease", "0.5"])
                .run()
                .expect(0)
                .json();
            assert_eq!(run["total"], CUSTOMERS, "cut {nth}: {run}");
            months.push(month);
        }
        println!("{} answers lost, {} commits seen", proxy.lost(), proxy.commits());
        assert!(proxy.lost() >= 10, "the cuts hit");
        let periods: Vec<&str> = months.iter().map(String::as_str).collect();
        assert_sound(&db, &periods, i64::try_from(CUSTOMERS).expect("a count")).await;
        assert_mailed_once(&db).await;
        assert_audited(&db);
        assert_eq!(db.number("SELECT count(*) FROM journal").await, 2 + 14, "each run was started once");
    });
}
