//! Findings as rows: they open once, stay, close by themselves, and are set aside until a date.

use std::sync::atomic::AtomicBool;

use chrono::{TimeDelta, Utc};
use kontor::check::{self, Options, finding};
use kontor::identity::Actor;
use kontor::store::{DbUrl, Store};
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use uuid::Uuid;

use super::{damage, told};
use crate::support::{kontor, office};

const WRONG: &str = "UPDATE mailboxes SET quota_bytes = 42 WHERE registration_id = (SELECT id FROM registrations WHERE customer_serial = 3)";
const RIGHT: &str = "UPDATE mailboxes SET quota_bytes = (SELECT quota_bytes FROM tariffs) WHERE quota_bytes = 42";

async fn opened(db: &TestDb) -> Store {
    let url: DbUrl = db.url.parse().expect("an address");
    Store::open(&url).await.expect("the database opens")
}

async fn whole(store: &Store, options: &Options) -> check::Report {
    check::check(store, options, &mut |_| (), &AtomicBool::new(false)).await.expect("a check")
}

fn only(rules: &[&str]) -> Options {
    Options { rules: rules.iter().map(|&rule| rule.to_owned()).collect(), ..Options::default() }
}

both_databases! {
    async fn a_finding_opens_once_stays_and_closes_by_itself(db: TestDb) {
        office(&db, 5);
        damage(&db, &[WRONG]).await;
        let store = opened(&db).await;
        let rules = only(&["quota_deviates", "seal_broken"]);
        let first = whole(&store, &rules).await;
        assert_eq!(first.findings.len(), 2, "{:?}", first.findings);
        let again = whole(&store, &rules).await;
        let ids = |report: &check::Report| report.findings.iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(&first), ids(&again), "a finding stays the same row");
        assert!(again.findings[0].seen_at > first.findings[0].seen_at && again.findings[0].opened_at == first.findings[0].opened_at);
        damage(&db, &[RIGHT]).await;
        let last = whole(&store, &rules).await;
        assert_eq!((last.findings.len(), last.closed), (0, 2));
        assert_eq!(db.number("SELECT count(*) FROM findings WHERE closed_at IS NOT NULL").await, 2);
        damage(&db, &[WRONG]).await;
        assert_eq!(whole(&store, &rules).await.findings.len(), 2);
        assert_eq!(db.number("SELECT count(*) FROM findings").await, 4, "what comes back is a new finding");
    }

    async fn one_row_is_looked_at_again_by_itself(db: TestDb) {
        office(&db, 5);
        damage(&db, &[WRONG]).await;
        let store = opened(&db).await;
        let found = whole(&store, &only(&["quota_deviates", "seal_broken"])).await.findings;
        damage(&db, &[RIGHT]).await;
        let write = store.write().await.expect("a transaction");
        for one in &found {
            let left = check::recheck(&store, &*write, &one.rule, &one.row).await.expect("a look");
            assert!(left.is_empty(), "{left:?}");
        }
        write.commit().await.expect("a commit");
        assert_eq!(db.number("SELECT count(*) FROM findings WHERE closed_at IS NULL").await, 0);
        damage(&db, &[WRONG]).await;
        let again = check::recheck(&store, store.read(), "seal_broken", &found[0].row).await.expect("a look");
        assert_eq!(again.len(), 1);
    }

    async fn what_is_set_aside_stays_so_until_its_date(db: TestDb) {
        office(&db, 5);
        damage(&db, &[WRONG]).await;
        let store = opened(&db).await;
        let rules = only(&["quota_deviates"]);
        let one = whole(&store, &rules).await.findings.remove(0);
        let actor = Actor::of_this_desk();
        let until = Utc::now() + TimeDelta::days(7);
        for reason in ["", "  "] {
            assert!(check::set_aside(&store, &actor, &[one.id], until, reason).await.is_err());
        }
        assert!(check::set_aside(&store, &actor, &[one.id], Utc::now() - TimeDelta::days(1), "spät").await.is_err());
        assert_eq!(check::set_aside(&store, &actor, &[one.id], until, "Kunde gefragt").await.expect("done"), 1);
        assert_eq!(check::set_aside(&store, &actor, &[one.id], until, "Kunde gefragt").await.expect("done"), 0);
        let report = whole(&store, &rules).await;
        assert_eq!((report.findings.len(), report.set_aside), (0, 1));
        let stored = finding::by_id(store.read(), one.id).await.expect("a finding");
        assert_eq!(stored.set_aside_reason.as_deref(), Some("Kunde gefragt"));
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'finding.set_aside'").await, 1);
        // Its date is over.
        db.execute("UPDATE findings SET set_aside_until_at = '2013-01-01 00:00:00+00:00'").await;
        let report = whole(&store, &rules).await;
        assert_eq!((report.findings.len(), report.set_aside), (1, 0));
        assert!(finding::by_id(store.read(), Uuid::now_v7()).await.is_err());
    }

    async fn what_was_set_aside_is_brought_back_early(db: TestDb) {
        office(&db, 5);
        damage(&db, &[WRONG]).await;
        let store = opened(&db).await;
        let rules = only(&["quota_deviates"]);
        let one = whole(&store, &rules).await.findings.remove(0);
        let until = Utc::now() + TimeDelta::days(7);
        let nothing = check::bring_back(&store, &Actor::of_this_desk(), &[one.id], "war nie weg").await.expect("an answer");
        assert_eq!(nothing, 0, "it was not set aside");
        check::set_aside(&store, &Actor::of_this_desk(), &[one.id], until, "Kunde gefragt").await.expect("done");
        assert!(check::bring_back(&store, &Actor::of_this_desk(), &[one.id], " ").await.is_err());
        let actor = Actor::of_this_desk();
        assert_eq!(check::bring_back(&store, &actor, &[one.id], "Kunde hat geantwortet").await.expect("done"), 1);
        assert_eq!(check::bring_back(&store, &actor, &[one.id], "Kunde hat geantwortet").await.expect("done"), 0);
        let report = whole(&store, &rules).await;
        assert_eq!((report.findings.len(), report.set_aside), (1, 0));
        let stored = finding::by_id(store.read(), one.id).await.expect("a finding");
        assert_eq!((stored.set_aside_until_at, stored.set_aside_reason), (None, None));
        let told = "SELECT count(*) FROM journal WHERE action = 'finding.bring_back' AND reason = 'Kunde hat geantwortet'";
        assert_eq!(db.number(told).await, 1);
    }

    async fn two_checks_at_once_open_nothing_twice_while_others_write(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "400", "--truth", "truth.json"]).run().expect(0));
        let (one, other) = (opened(&db).await, opened(&db).await);
        let options = Options::default();
        let writing = async {
            for round in 0..20 {
                let text = format!("UPDATE mailboxes SET used_bytes = {round} WHERE used_bytes < 1000");
                db.execute(&text).await;
            }
        };
        let (first, second, ()) = tokio::join!(whole(&one, &options), whole(&other, &options), writing);
        assert!(first.findings.len() > 5 && !second.findings.is_empty());
        let twice = "SELECT count(*) FROM (SELECT 1 FROM findings WHERE closed_at IS NULL GROUP BY rule, table_name, row_key, \
                     coalesce(field, '') HAVING count(*) > 1) x";
        assert_eq!(db.number(twice).await, 0);
        let alone = whole(&one, &options).await;
        assert_eq!(told_all(&alone), told_all(&whole(&other, &options).await));
    }

    async fn a_stopped_check_closes_nothing(db: TestDb) {
        office(&db, 5);
        damage(&db, &[WRONG]).await;
        let store = opened(&db).await;
        assert!(!whole(&store, &Options::default()).await.findings.is_empty());
        damage(&db, &[RIGHT]).await;
        let stopped = check::check(&store, &Options::default(), &mut |_| (), &AtomicBool::new(true)).await.expect("a check");
        assert!(stopped.stopped && stopped.closed == 0 && !stopped.findings.is_empty());
    }

    async fn only_what_changed_is_looked_at_when_asked(db: TestDb) {
        office(&db, 40);
        let store = opened(&db).await;
        let changed = Options { only_changed: true, ..only(&["seal_broken"]) };
        let all = whole(&store, &changed).await;
        assert!(all.rows >= 120, "nothing was looked at before: {}", all.rows);
        assert_eq!(whole(&store, &changed).await.rows, 0);
        damage(&db, &[WRONG, "UPDATE mailboxes SET updated_at = '2999-01-01 00:00:00+00:00' WHERE quota_bytes = 42"]).await;
        let one = whole(&store, &changed).await;
        assert_eq!((one.rows, one.findings.len()), (1, 1));
        damage(&db, &[RIGHT, "UPDATE mailboxes SET updated_at = '2013-01-01 00:00:00+00:00'"]).await;
        assert_eq!(whole(&store, &changed).await.findings.len(), 0, "what is open is always looked at");
    }
}

fn told_all(report: &check::Report) -> Vec<String> {
    let values: Vec<serde_json::Value> = report
        .findings
        .iter()
        .map(|one| serde_json::json!({ "rule": one.rule, "table": one.table, "field": one.field, "current": one.current, "evidence": one.evidence.word() }))
        .collect();
    let mut told = told(&values);
    told.sort();
    told
}
