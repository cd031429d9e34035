//! Every bit of every sealed or hashed field of rows that Kontor wrote: each flip is found, and what is proven is right.
//!
//! The rows are flipped in memory and looked at by the very passes of a check, by way of the database for a sample of them.

use kontor::check::{self, Options};
use kontor::store::entities::{mailboxes, registrations, subscriptions};
use kontor::store::{DbUrl, Store};
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, SqlErr, Statement, Value};
use uuid::Uuid;

use super::told;
use crate::support::{invoice, office};

/// One flipped bit of one cell.
struct Flip {
    table: &'static str,
    row: Uuid,
    field: &'static str,
    right: String,
    value: Value,
}

fn flip_text(text: &str, bit: usize) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    *bytes.get_mut(bit / 8)? ^= 1 << (bit % 8);
    String::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control))
}

fn texts(table: &'static str, row: Uuid, field: &'static str, text: Option<&str>) -> Vec<Flip> {
    let Some(text) = text else { return Vec::new() };
    let bits = 0..text.len() * 8;
    let flip = |bit| Some(Flip { table, row, field, right: text.to_owned(), value: flip_text(text, bit)?.into() });
    bits.filter_map(flip).collect()
}

fn of_registration(row: &registrations::Model) -> Vec<Flip> {
    let table = "registrations";
    let mut flips = Vec::new();
    let fields = [
        ("customer_number", Some(&row.customer_number)),
        ("first_name", Some(&row.first_name)),
        ("last_name", Some(&row.last_name)),
        ("company", row.company.as_ref()),
        ("email", Some(&row.email)),
        ("street", row.street.as_ref()),
        ("postal_code", row.postal_code.as_ref()),
        ("city", row.city.as_ref()),
        ("country", row.country.as_ref()),
        ("vat_id", row.vat_id.as_ref()),
    ];
    for (field, text) in fields {
        flips.extend(texts(table, row.id, field, text.map(String::as_str)));
    }
    flips
}

fn of_mailbox(row: &mailboxes::Model) -> Vec<Flip> {
    let mut flips = texts("mailboxes", row.id, "address", Some(&row.address));
    // The sign is held by a check of the database.
    let sizes = (0..63).map(|bit| row.quota_bytes ^ (1 << bit)).filter(|size| *size > 0);
    flips.extend(sizes.map(|size| Flip {
        table: "mailboxes",
        row: row.id,
        field: "quota_bytes",
        right: row.quota_bytes.to_string(),
        value: size.into(),
    }));
    flips
}

fn of_subscription(row: &subscriptions::Model) -> Vec<Flip> {
    use chrono::Datelike;
    let days = (0..21)
        .filter_map(|bit| chrono::NaiveDate::from_num_days_from_ce_opt(row.started_on.num_days_from_ce() ^ (1 << bit)));
    let days = days.filter(|day| (1..=9999).contains(&day.year()));
    let flip = |day: chrono::NaiveDate| Flip {
        table: "subscriptions",
        row: row.id,
        field: "started_on",
        right: row.started_on.to_string(),
        value: day.into(),
    };
    days.map(flip).collect()
}

/// Writes a value; not where the database refuses it, because another row has it.
async fn write(store: &Store, flip: &Flip, value: Value) -> bool {
    let text = match store.backend() {
        DbBackend::Postgres => format!("UPDATE {} SET {} = $1 WHERE id = $2", flip.table, flip.field),
        _ => format!("UPDATE {} SET {} = ? WHERE id = ?", flip.table, flip.field),
    };
    let statement = Statement::from_sql_and_values(store.backend(), text, [value, flip.row.into()]);
    match store.read().execute_raw(statement).await {
        Ok(done) => done.rows_affected() == 1,
        Err(error) => {
            assert!(matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))), "{error}");
            false
        }
    }
}

fn right(flip: &Flip) -> Value {
    match flip.field {
        "quota_bytes" => flip.right.parse::<i64>().expect("a number").into(),
        "started_on" => flip.right.parse::<chrono::NaiveDate>().expect("a day").into(),
        _ => flip.right.clone().into(),
    }
}

/// Flips one bit, looks at the row, and puts the bit back.
async fn swept(store: &Store, flip: &Flip) {
    if !write(store, flip, flip.value.clone()).await {
        return;
    }
    let found = check::recheck(store, store.read(), "seal_broken", &flip.row.to_string()).await.expect("a look");
    let [one] = &found[..] else { panic!("{}.{}: {found:?}", flip.table, flip.field) };
    let proposal = one.proposal.as_ref().expect("a proposal");
    assert_eq!(proposal.evidence, check::Evidence::Proven, "{}.{}: {one:?}", flip.table, flip.field);
    assert_eq!(
        (one.field.as_deref(), proposal.value.as_deref()),
        (Some(flip.field), Some(flip.right.as_str())),
        "{one:?}"
    );
    assert!(write(store, flip, right(flip)).await);
}

async fn opened(db: &TestDb) -> Store {
    let url: DbUrl = db.url.parse().expect("an address");
    Store::open(&url).await.expect("the database opens")
}

both_databases! {
    async fn every_flip_of_a_sealed_field_is_found_and_proven_right(db: TestDb) {
        office(&db, 20);
        let store = opened(&db).await;
        let mut flips: Vec<Flip> = Vec::new();
        flips.extend(registrations::Entity::find().all(store.read()).await.expect("rows").iter().flat_map(of_registration));
        flips.extend(mailboxes::Entity::find().all(store.read()).await.expect("rows").iter().flat_map(of_mailbox));
        flips.extend(subscriptions::Entity::find().all(store.read()).await.expect("rows").iter().flat_map(of_subscription));
        assert!(flips.len() > 8_000, "{}", flips.len());
        // A sample that differs from run to run would be a test that fails now and then.
        let mut dice = StdRng::seed_from_u64(17);
        let mut done = 0;
        for flip in &flips {
            if dice.random_range(0..flips.len()) < 500 {
                swept(&store, flip).await;
                done += 1;
            }
        }
        assert!(done > 350, "{done}");
        let rest = check::check(&store, &Options { rules: vec!["seal_broken".to_owned()], ..Options::default() }, &mut |_| (), &false.into()).await;
        assert!(rest.expect("a check").findings.is_empty(), "every row is as it was");
    }

    async fn flips_of_snapshots_seals_and_documents_are_proven_right(db: TestDb) {
        office(&db, 6);
        invoice(&db, "2013-01");
        let store = opened(&db).await;
        let mut dice = StdRng::seed_from_u64(18);
        let cells = [("invoices", "snapshot", "snapshot_broken"), ("invoices", "snapshot_sha256", "snapshot_broken"),
            ("documents", "bytes", "document_damaged"), ("documents", "sha256", "document_damaged"), ("registrations", "seal", "seal_broken")];
        for (table, column, rule) in cells {
            let text = format!("SELECT id, {column} FROM {table}");
            let rows = store.read().query_all_raw(Statement::from_string(store.backend(), text)).await.expect("rows");
            for row in rows {
                let (id, bytes): (Uuid, Vec<u8>) = (row.try_get("", "id").expect("an id"), row.try_get("", column).expect("bytes"));
                let mut wrong = bytes.clone();
                let byte = dice.random_range(0..wrong.len());
                wrong[byte] ^= 1 << dice.random_range(0..8);
                past(&db, table, column, id, &wrong).await;
                let found = check::recheck(&store, store.read(), rule, &id.to_string()).await.expect("a look");
                let [one] = &found[..] else { panic!("{table}.{column}: {found:?}") };
                let proposal = one.proposal.as_ref().expect("a proposal");
                assert_eq!(proposal.evidence, check::Evidence::Proven, "{table}.{column}: {one:?}");
                if column == "snapshot" {
                    assert_eq!(proposal.value.as_deref(), Some(kontor::seal::hex(&bytes).as_str()));
                }
                past(&db, table, column, id, &bytes).await;
            }
        }
        let rest = check::check(&store, &Options::default(), &mut |_| (), &false.into()).await.expect("a check");
        let values: Vec<serde_json::Value> = rest.findings.iter().map(|one| serde_json::json!({ "rule": one.rule, "field": one.field })).collect();
        assert!(values.is_empty(), "{:#?}", told(&values));
    }
}

/// Writes bytes past the guards.
async fn past(db: &TestDb, table: &str, column: &str, id: Uuid, bytes: &[u8]) {
    let hex = kontor::seal::hex(bytes);
    let text = match db.kind {
        kontor_tests::databases::Kind::Sqlite => {
            format!("UPDATE {table} SET {column} = X'{hex}' WHERE id = X'{}'", id.simple())
        }
        kontor_tests::databases::Kind::Postgres => {
            format!("UPDATE {table} SET {column} = '\\x{hex}'::bytea WHERE id = '{id}'::uuid")
        }
    };
    super::damage(db, &[&text]).await;
}
