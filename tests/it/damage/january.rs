//! January 2013: everything that the bad host damaged is on its list, the counts are those of the rows, and one go stages and
//! reruns what can be.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use kontor::period::day_begins;
use kontor::store::Store;
use kontor::store::entities::{
    attempts, deliveries, documents, invoice_lines, number_allocations, registrations, subscriptions,
};
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use sea_orm::EntityTrait;
use serde_json::Value;
use uuid::Uuid;

use super::{SUSPECT, damage, person};
use crate::check::check;
use crate::repair::{repairs, store};
use crate::support::{kontor, mailing};
use crate::truth::entries;

const DAYS: [&str; 4] = ["--from", "2013-01-21", "--to", "2013-01-25"];

/// Everything of these tables, read without the code under test.
struct Rows {
    attempts: Vec<attempts::Model>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    invoices_of: HashMap<(&'static str, Uuid), Uuid>,
    customers: HashMap<Uuid, Vec<Uuid>>,
    numbers: Vec<number_allocations::Model>,
    mails: usize,
    documents: usize,
}

impl Rows {
    async fn read(store: &Store) -> Self {
        let day = |day| NaiveDate::from_ymd_opt(2013, 1, day).expect("a day");
        let (from, to) = (day_begins(day(21)), day_begins(day(26)));
        let mut all = attempts::Entity::find().all(store.read()).await.expect("attempts");
        all.retain(|row| {
            let is_over = row.ended_at.is_some_and(|ended| ended < from);
            row.host == SUSPECT && row.outcome != "skipped" && row.started_at < to && !is_over
        });
        let in_hand: HashSet<Uuid> = all.iter().filter_map(|row| row.invoice_id).collect();
        let mut invoices_of = HashMap::new();
        for row in invoice_lines::Entity::find().all(store.read()).await.expect("lines") {
            invoices_of.insert(("invoice_lines", row.id), row.invoice_id);
        }
        let mails = deliveries::Entity::find().all(store.read()).await.expect("mails");
        invoices_of.extend(mails.iter().map(|row| (("deliveries", row.id), row.invoice_id)));
        let papers = documents::Entity::find().all(store.read()).await.expect("documents");
        invoices_of.extend(papers.iter().map(|row| (("documents", row.id), row.invoice_id)));
        let mut customers: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for row in subscriptions::Entity::find().all(store.read()).await.expect("subscriptions") {
            for key in [Some(row.id), Some(row.registration_id), row.mailbox_id].into_iter().flatten() {
                customers.entry(key).or_default().push(row.id);
            }
        }
        assert!(!registrations::Entity::find().all(store.read()).await.expect("customers").is_empty());
        Self {
            mails: mails.iter().filter(|row| in_hand.contains(&row.invoice_id)).count(),
            documents: papers.iter().filter(|row| row.role == "original" && in_hand.contains(&row.invoice_id)).count(),
            attempts: all,
            from,
            to,
            invoices_of,
            customers,
            numbers: number_allocations::Entity::find().all(store.read()).await.expect("numbers"),
        }
    }

    /// The attempts of the host that had a row of this table in hand.
    fn of(&self, table: &str, row: Uuid) -> Vec<&attempts::Model> {
        let owner = match table {
            "invoices" => Some(row),
            _ => self.invoices_of.iter().find(|((of, id), _)| *of == table && *id == row).map(|(_, invoice)| *invoice),
        };
        let number = self.numbers.iter().find(|number| table == "number_allocations" && number.id == row);
        let subscriptions = self.customers.get(&row).cloned().unwrap_or_default();
        let is_it = |attempt: &&attempts::Model| {
            (owner.is_some() && attempt.invoice_id == owner)
                || subscriptions.contains(&attempt.subscription_id)
                || number.is_some_and(|number| {
                    number.subscription_id == Some(attempt.subscription_id) && number.period == Some(attempt.period)
                })
        };
        self.attempts.iter().filter(is_it).collect()
    }
}

fn id(entry: &Value, name: &str) -> Option<Uuid> {
    entry[name].as_str().map(|text| text.parse().expect("an id"))
}

fn count(value: &Value) -> u64 {
    value.as_u64().expect("a count")
}

/// Open findings about what was in hand.
fn found(damage: &Value) -> u64 {
    damage["findings"].as_array().expect("a list").iter().map(|one| count(&one["count"])).sum()
}

both_databases! {
    async fn everything_that_the_bad_host_damaged_is_on_its_list(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "3000", "--truth", "truth.json"]).run().expect(0));
        let truth = entries(&db.path().join("truth.json"));
        assert!(!check(&db, &[]).is_empty());
        let store = store(&db).await;
        let rows = Rows::read(&store).await;
        let list = damage(&db, &[&DAYS[..], &["--list"]].concat(), 0);
        let list = list.as_array().expect("a list");
        // Each record once.
        let records: HashSet<_> = list.iter().map(|entry| (id(entry, "invoice"), id(entry, "subscription"), entry["period"].to_string())).collect();
        assert_eq!(records.len(), list.len());
        let (mut listed, mut elsewhere) = (0, 0);
        // Payments come from the bank's side: no attempt writes them.
        for entry in truth.iter().filter(|entry| entry.host == SUSPECT && entry.table != "payments") {
            let Ok(row) = entry.row.parse::<Uuid>() else { continue };
            let touching = rows.of(&entry.table, row);
            if touching.is_empty() {
                elsewhere += 1;
                continue;
            }
            for attempt in touching {
                let is_it = |one: &&Value| match attempt.invoice_id {
                    Some(invoice) => id(one, "invoice") == Some(invoice),
                    None => id(one, "subscription") == Some(attempt.subscription_id),
                };
                assert!(list.iter().any(|one| is_it(&one)), "{} {} is not on the list", entry.table, entry.row);
            }
            listed += 1;
        }
        println!("{listed} entries of the truth on a list of {}, {elsewhere} whose record no attempt had in hand", list.len());
        assert!(listed > 80 && listed > 8 * elsewhere, "{listed} {elsewhere}");

        // The counts are those of the rows.
        let figures = damage(&db, &DAYS, 0);
        let distinct = |ids: Vec<Uuid>| ids.into_iter().collect::<HashSet<_>>().len() as u64;
        assert_eq!(count(&figures["attempts"]), rows.attempts.len() as u64);
        assert_eq!(count(&figures["invoices"]), distinct(rows.attempts.iter().filter_map(|row| row.invoice_id).collect()));
        assert_eq!((count(&figures["documents"]), count(&figures["mails"])), (rows.documents as u64, rows.mails as u64));
        let taken = rows.numbers.iter().filter(|row| row.host == SUSPECT && (rows.from..rows.to).contains(&row.allocated_at));
        assert_eq!(count(&figures["numbers"]), taken.count() as u64);
        // The days are those of the cause, too.
        let traced = damage(&db, &[], 0);
        assert_eq!((&traced["source"], &traced["from"], &traced["to"]), (&"cause".into(), &figures["from"], &figures["to"]));
    }

    async fn one_go_stages_and_reruns_and_a_second_person_applies(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "2500"]).run().expect(0));
        assert!(!check(&db, &[]).is_empty());
        let before = damage(&db, &DAYS, 0);
        let plan = &before["plan"];
        assert!(count(&plan["repairs"]) > 10 && count(&plan["invoices"]) > 5, "{plan:#}");
        let request = Uuid::now_v7().to_string();
        let stage = || {
            let all = [&["causes", "damage", "--host", SUSPECT][..], &DAYS[..], &["--stage", "--reason", "Speicher getauscht"]].concat();
            kontor(&db).env("KONTOR_PERSON", "eva").args(["--request-id", &request]).args(all).run().expect(0).json()
        };
        let staged = stage();
        assert_eq!((&staged["staged"], &staged["invoices"]), (&plan["repairs"], &plan["invoices"]), "{staged:#}");
        let noted = "SELECT count(*) FROM repairs WHERE state = 'staged'";
        assert_eq!(u64::try_from(db.number(noted).await).expect("a count"), count(&staged["staged"]));
        let runs = "SELECT count(*) FROM runs WHERE kind = 'rerun'";
        let entry = "SELECT count(*) FROM journal WHERE action = 'damage.stage'";
        assert_eq!((db.number(runs).await, db.number(entry).await), (1, 1), "one run, one entry");
        // Nothing was changed of the records themselves, and a repetition says the same and does nothing.
        let journal = db.number("SELECT count(*) FROM journal").await;
        assert_eq!(stage(), staged);
        assert_eq!((db.number(noted).await, db.number(runs).await, db.number("SELECT count(*) FROM journal").await),
            (i64::try_from(count(&staged["staged"])).expect("a count"), 1, journal));
        let waiting = damage(&db, &DAYS, 0);
        assert_eq!((count(&waiting["plan"]["repairs"]), &waiting["plan"]["staged_already"]), (0, &staged["staged"]));

        // A second person applies, a worker runs.
        let database = store(&db).await;
        let orders = kontor::repair::staged(&database, &[]).await.expect("orders");
        let done = kontor::repair::apply(&database, &person("max"), &orders, "durchgesehen").await.expect("an answer");
        let refused: Vec<_> = done.items.iter().filter(|item| item.obstacle.is_some()).collect();
        assert!(done.applied + done.resolved >= count(&staged["staged"]) * 9 / 10, "{refused:#?}");
        drop(mailing(&db).args(["work", "--until-idle"]).run().expect(0));
        let run = staged["run"].as_str().expect("a run");
        let ended = kontor(&db).args(["runs", "show", run]).run().expect(0).json();
        assert_eq!(ended["done"], staged["invoices"], "{ended:#}");
        drop(check(&db, &[]));
        let after = damage(&db, &DAYS, 0);
        let put_right = done.applied + done.resolved;
        assert!(found(&after) + put_right <= found(&before), "{} {} {put_right}", found(&before), found(&after));
        assert_eq!((count(&after["plan"]["repairs"]) < 3, &after["failures"]["eligible"]), (true, &0.into()), "{:#}", after["plan"]);
        assert!(repairs(&db, &["list", "--state", "applied", "--limit", "1000"], 0).as_array().is_some_and(|list| list.len() as u64 == done.applied));
    }

    async fn a_host_or_days_that_are_none_are_refused(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "200", "--incident", "none"]).run().expect(0));
        drop(kontor(&db).args(["causes", "damage", "--host", "rechnung-33"]).run().expect(1));
        damage(&db, &[], 1);
        damage(&db, &["--from", "2013-01-25", "--to", "2013-01-21"], 2);
        damage(&db, &["--from", "2013-01-25"], 2);
        damage(&db, &["--from", "25.01.2013", "--to", "2013-01-26"], 2);
        damage(&db, &[&DAYS[..], &["--stage"]].concat(), 2);
        damage(&db, &[&DAYS[..], &["--stage", "--reason", " "]].concat(), 2);
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'damage.stage'").await, 0);
    }
}
