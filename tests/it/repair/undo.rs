//! Taking back is exact, whatever was damaged and whatever was done about it.

use kontor::check::{self, Options, finding};
use kontor::identity::Actor;
use kontor::repair::{self, Ended, Obstacle, Order, Undo};
use kontor::store::Store;
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use super::{Stored, differing, only, store, stored};
use crate::check::damage;
use crate::check::fixtures::{month, spelled};

/// Damages in the property test, per database.
const DAMAGES: usize = 30;

fn actor() -> Actor {
    Actor { person: "erika".to_owned(), desk: "desk-1".to_owned(), request: Uuid::now_v7() }
}

/// A damage of one row, as SQL writes it, with the rule that is sure to see it.
fn damages(kind: Kind) -> impl Strategy<Value = String> {
    let serial = 1_usize..60;
    let text = "[A-Za-zÄÖÜäöüß0-9 .-]{1,40}";
    let odd = match kind {
        Kind::Sqlite => vec!["'viel'", "X'00ff'", "1.5", "CAST(X'ff41' AS TEXT)"],
        Kind::Postgres => vec!["10000000001", "9223372036854775807"],
    };
    let cents = prop_oneof![(0_u32..40).prop_map(|bit| (1_i64 << bit).to_string()), Just("0".to_owned())];
    let person = prop::sample::select(vec!["first_name", "last_name", "city", "street", "email", "vat_id"]);
    let content = prop::sample::select(vec!["net_cents", "tax_cents", "gross_cents"]);
    let word = prop::sample::select(vec!["number", "recipient_name", "currency"]);
    prop_oneof![
        4 => (person, text, serial.clone()).prop_map(|(field, text, serial)| format!(
            "UPDATE registrations SET {field} = '{text}' WHERE customer_serial = {serial}")),
        2 => (0_u32..40, serial.clone()).prop_map(|(bit, serial)| format!(
            "UPDATE mailboxes SET quota_bytes = quota_bytes + {} WHERE registration_id = {{R{serial}}}", 1_i64 << bit)),
        2 => (prop::sample::select(odd), serial.clone()).prop_map(|(odd, serial)| format!(
            "UPDATE mailboxes SET used_bytes = {odd} WHERE registration_id = {{R{serial}}}")),
        2 => (1_u32..28, serial.clone()).prop_map(|(day, serial)| format!(
            "UPDATE subscriptions SET started_on = '2011-07-{day:02}' WHERE registration_id = {{R{serial}}}")),
        3 => (content.clone(), cents.clone(), serial.clone()).prop_map(|(field, cents, serial)| format!(
            "UPDATE invoices SET {field} = {field} + 1 + {cents} WHERE id = {{K{serial}}}")),
        2 => (content, cents, serial.clone()).prop_map(|(field, cents, serial)| format!(
            "UPDATE invoice_lines SET {field} = {field} + 1 + {cents} WHERE invoice_id = {{L{serial}}}")),
        2 => (word, text, serial.clone()).prop_map(|(field, text, serial)| format!(
            "UPDATE invoices SET {field} = '{text}' WHERE id = {{K{serial}}}")),
        1 => serial.clone().prop_map(|serial| format!(
            "UPDATE documents SET bytes = substr(bytes, 1, 700) WHERE invoice_id = {{K{serial}}}")),
        1 => (1_usize..5, text).prop_map(|(payment, text)| format!(
            "UPDATE payments SET reference = '{text}', payer = 'x' WHERE id = {{P{payment}}}")),
        1 => serial.prop_map(|serial| format!(
            "UPDATE deliveries SET recipient = 'wer{serial}@example.com' WHERE invoice_id = {{L{serial}}}")),
    ]
}

/// Applies whatever can be applied of what is open, and takes all of it back.
async fn applied_and_undone(db: &TestDb, store: &Store, statement: &str, broken: &Stored) -> usize {
    let open = finding::open(store.read(), &[]).await.expect("findings");
    let orders: Vec<Order> = open.iter().map(|one| Order::named(one.id)).collect();
    let orders: Vec<Order> = orders
        .into_iter()
        .zip(&open)
        .map(|(order, one)| match &one.field {
            // Where nothing is proposed a person says something.
            Some(field) if one.proposal.is_none() && field == "used_bytes" => order.with_value("17"),
            Some(field) if one.proposal.is_none() && field == "email" => order.with_value("erika@example.com"),
            _ => order,
        })
        .collect();
    let done =
        repair::apply(store, &actor(), &orders, "Probe").await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    for item in &done.items {
        assert!(item.outcome != Ended::Refused || item.obstacle.is_some(), "{statement}: {item:?}");
    }
    if done.applied == 0 {
        return 0;
    }
    assert_ne!(&stored(db).await, broken, "{statement}: something was written");
    let repaired = stored(db).await;
    let plans = repair::undo_plan(store, &Undo::Batch(done.batch)).await.expect("a preview");
    assert_eq!(plans.len() as u64, done.applied, "{statement}");
    for plan in &plans {
        assert_eq!(plan.obstacle, None, "{statement}: {plan:?}");
        assert!(!plan.fields.is_empty(), "{statement}: {plan:?}");
    }
    assert_eq!(differing(&repaired, &stored(db).await), Vec::<String>::new(), "{statement}: a preview writes nothing");
    let undone = repair::undo(store, &actor(), &Undo::Batch(done.batch), "doch nicht").await;
    let undone = undone.unwrap_or_else(|error| panic!("{statement}: {error}"));
    assert_eq!((undone.applied, undone.refused), (done.applied, 0), "{statement}: {undone:?}");
    let back = stored(db).await;
    assert_eq!(differing(broken, &back), Vec::<String>::new(), "{statement}");
    usize::try_from(done.applied).expect("a count")
}

both_databases! {
    async fn whatever_was_applied_goes_back_cell_by_cell(db: TestDb) {
        month(&db).await;
        let store = store(&db).await;
        let mut runner = TestRunner::deterministic();
        let strategy = damages(db.kind);
        let options = Options { only_changed: false, ..Options::default() };
        let mut applied = 0;
        for round in 0..DAMAGES {
            let statement = strategy.new_tree(&mut runner).expect("a damage").current();
            damage(&db, &[&spelled(&db, &statement)]).await;
            if round % 3 == 2 {
                // Several damages at once, in one batch.
                check::check(&store, &options, &mut |_| (), &false.into()).await.expect("a check");
                let broken = stored(&db).await;
                applied += applied_and_undone(&db, &store, &statement, &broken).await;
            }
        }
        println!("{applied} repairs applied and undone");
        assert!(applied >= 30, "{applied}");
    }

    async fn what_changed_since_does_not_go_back(db: TestDb) {
        month(&db).await;
        let store = store(&db).await;
        damage(&db, &[&spelled(&db, "UPDATE mailboxes SET quota_bytes = quota_bytes + 1 WHERE registration_id = {R5}")]).await;
        let found = crate::check::check(&db, &[]);
        let id: Uuid = crate::check::text(only(&found, "quota_deviates"), "id").parse().expect("an id");
        let done = repair::apply(&store, &actor(), &[Order::named(id)], "Tarif").await.expect("an answer");
        assert_eq!(done.applied, 1, "{done:?}");
        damage(&db, &[&spelled(&db, "UPDATE mailboxes SET used_bytes = used_bytes + 1 WHERE registration_id = {R5}")]).await;
        let changed = stored(&db).await;
        let plans = repair::undo_plan(&store, &Undo::Batch(done.batch)).await.expect("a preview");
        assert_eq!(plans[0].obstacle, Some(Obstacle::RowChanged));
        let compared = repair::compare(&store, plans[0].repair).await.expect("three versions");
        let used = compared.fields.iter().find(|field| field.field == "used_bytes").expect("what somebody changed");
        assert!(used.mine == used.before && used.now != used.before, "{used:?}");
        let quota = compared.fields.iter().find(|field| field.field == "quota_bytes").expect("what goes back");
        assert!(quota.now == quota.before && quota.mine != quota.before, "{quota:?}");
        let undone = repair::undo(&store, &actor(), &Undo::Batch(done.batch), "x").await.expect("an answer");
        assert_eq!(undone.items[0].obstacle, Some(Obstacle::RowChanged));
        assert_eq!(differing(&changed, &stored(&db).await), Vec::<String>::new());
        damage(&db, &[&spelled(&db, "UPDATE mailboxes SET used_bytes = used_bytes - 1 WHERE registration_id = {R5}")]).await;
        let request = actor();
        let undone = repair::undo(&store, &request, &Undo::Batch(done.batch), "x").await.expect("an answer");
        assert_eq!(undone.items[0].outcome, Ended::Undone);
        let again = repair::undo(&store, &request, &Undo::Batch(done.batch), "x").await.expect("an answer");
        assert_eq!(again, undone, "the same request returns the same");
        let other = repair::undo(&store, &actor(), &Undo::Batch(done.batch), "x").await.expect("an answer");
        assert_eq!(other.items[0].obstacle, Some(Obstacle::NotApplied));
    }
}

/// On the embedded database damage can leave a value that it would not take itself.
#[test]
fn what_the_database_forbids_does_not_go_back() {
    let db = TestDb::sqlite();
    kontor_tests::databases::block_on(async {
        month(&db).await;
        let store = store(&db).await;
        damage(&db, &[&spelled(&db, "UPDATE mailboxes SET used_bytes = -7 WHERE registration_id = {R5}")]).await;
        let found = crate::check::check(&db, &[]);
        let id: Uuid = crate::check::text(only(&found, "usage_impossible"), "id").parse().expect("an id");
        let order = [Order::named(id).with_value("17")];
        let done = repair::apply(&store, &actor(), &order, "gezählt").await.expect("an answer");
        assert_eq!(done.applied, 1, "{done:?}");
        let fixed = stored(&db).await;
        let undone = repair::undo(&store, &actor(), &Undo::Batch(done.batch), "x").await.expect("an answer");
        assert_eq!(undone.items[0].obstacle, Some(Obstacle::Forbidden));
        assert_eq!(differing(&fixed, &stored(&db).await), Vec::<String>::new());
    });
}
