//! Flips by way of the database: one bit in every record at once, and a whole check of the seals for each round.

use std::collections::BTreeMap;

use chrono::Timelike;
use kontor::check::{self, Options, SealedRow};
use kontor::store::entities::registrations;
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, EntityTrait, SqlErr, Statement, Value};
use uuid::Uuid;

use super::fields::{self, Content, Field, Flip};
use super::papers::brought_back;
use super::{is_whole, records};

/// Rounds in a test; each flips a bit in every record.
const ROUNDS: usize = 20;

fn value(content: &Content) -> Value {
    match content.clone() {
        Content::Text(text) => text.into(),
        Content::Whole(whole) => whole.into(),
        Content::Day(day) => day.into(),
        Content::At(at) => at.into(),
        Content::Id(id) => id.into(),
        Content::Bytes(bytes) => bytes.into(),
    }
}

/// One connection without references, checks and guards, as damage has it.
pub(super) async fn unguarded(db: &TestDb) -> DatabaseConnection {
    let mut options = ConnectOptions::new(&db.url);
    options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(|options| options.foreign_keys(false));
    let connection = Database::connect(options).await.expect("the database opens");
    let aside = match db.kind {
        Kind::Sqlite => "PRAGMA ignore_check_constraints = ON",
        Kind::Postgres => "SET session_replication_role = replica",
    };
    connection.execute_unprepared(aside).await.expect("guards are put aside");
    if db.kind == Kind::Sqlite {
        let asked = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE '%search%'";
        let guards = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), asked)).await;
        for guard in guards.expect("the catalogue") {
            let name: String = guard.try_get_by_index(0).expect("a name");
            connection.execute_unprepared(&format!("DROP TRIGGER {name}")).await.expect("a guard is put aside");
        }
    }
    connection
}

async fn write(connection: &DatabaseConnection, field: &Field, row: Uuid, value: Value) -> bool {
    let backend = connection.get_database_backend();
    let text = match backend {
        sea_orm::DbBackend::Postgres => format!("UPDATE {} SET {} = $1 WHERE id = $2", field.table, field.name),
        _ => format!("UPDATE {} SET {} = ? WHERE id = ?", field.table, field.name),
    };
    let done = connection.execute_raw(Statement::from_sql_and_values(backend, text, [value, row.into()])).await;
    match done {
        Ok(done) => done.rows_affected() == 1,
        Err(error) => {
            // Another row has it, or the server's checks, which cannot be put aside, refuse it.
            let refused = matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
                || ["check constraint", "0x00"].iter().any(|word| error.to_string().contains(word));
            assert!(refused, "{error}");
            false
        }
    }
}

/// Writes a round of flips, checks once, and puts everything back; how many bits were flipped.
async fn round(
    store: &kontor::store::Store,
    connection: &DatabaseConnection,
    flips: Vec<(&SealedRow, Field, Flip)>,
) -> usize {
    let mut written: BTreeMap<Uuid, (Uuid, Field, Flip)> = BTreeMap::new();
    for (row, field, flip) in flips {
        let id = fields::id(row);
        if write(connection, &field, id, value(&flip.value)).await {
            // The key itself may have moved.
            let now = if let (Content::Id(moved), "id") = (&flip.value, field.name) { *moved } else { id };
            written.insert(now, (id, field, flip));
        }
    }
    let options = Options { rules: vec!["seal_broken".to_owned()], ..Options::default() };
    let report = check::check(store, &options, &mut |_| (), &false.into()).await.expect("a check");
    let unseen: Vec<_> =
        written.iter().filter(|(id, _)| !report.findings.iter().any(|one| one.row == id.to_string())).collect();
    let unseen: Vec<_> = unseen.iter().map(|(id, (_, field, flip))| (id, field.table, field.name, flip)).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
    assert_eq!(report.findings.len(), written.len(), "each is found, and nothing else");
    for one in &report.findings {
        let id: Uuid = one.row.parse().expect("an id");
        let (_, field, flip) = &written[&id];
        let proposal = one.proposal.as_ref().expect("a proposal");
        assert_eq!(proposal.evidence, check::Evidence::Proven, "{flip:?}: {one:?}");
        if field.name != "seal" {
            let told = (one.field.as_deref(), proposal.value.as_deref());
            assert_eq!(told, (Some(field.name), Some(flip.right.as_str())), "{one:?}");
        }
    }
    let count = written.len();
    let mut left = written;
    while !left.is_empty() {
        let before = left.len();
        for (now, (id, field, flip)) in std::mem::take(&mut left) {
            if !write(connection, &field, now, right(&field, id, &flip)).await {
                // What stood there is taken by a row that has not gone back yet.
                left.insert(now, (id, field, flip));
            }
        }
        assert!(left.len() < before, "none of {before} goes back");
    }
    count
}

/// What stood there, from its text.
fn right(field: &Field, id: Uuid, flip: &Flip) -> Value {
    let text = flip.right.as_str();
    match &flip.value {
        Content::Text(_) => text.into(),
        Content::Whole(_) => text.parse::<i64>().expect("a number").into(),
        Content::Day(_) => text.parse::<chrono::NaiveDate>().expect("a day").into(),
        Content::At(_) => {
            chrono::DateTime::parse_from_rfc3339(text).expect("a time").with_timezone(&chrono::Utc).into()
        }
        Content::Id(_) if field.name == "id" => id.into(),
        Content::Id(_) => text.parse::<Uuid>().expect("an id").into(),
        Content::Bytes(_) => unhex(text).into(),
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("digits")).collect()
}

/// All flips of a row, with their fields; of a seal, what stood there is its digits.
fn all(row: &SealedRow, is_server: bool) -> Vec<(&SealedRow, usize, Flip)> {
    let mut flips = Vec::new();
    for (index, field) in fields::of(row).iter().enumerate() {
        let seal = match (field.name, (field.of)(row)) {
            ("seal", Some(Content::Bytes(bytes))) => Some(kontor::seal::hex(&bytes)),
            _ => None,
        };
        for mut flip in fields::flips(row, field).all {
            // The server takes no zero byte in a text.
            if is_server && matches!(&flip.value, Content::Text(text) if text.contains('\0')) {
                continue;
            }
            if let Some(seal) = &seal {
                flip.right.clone_from(seal);
            }
            flips.push((row, index, flip));
        }
    }
    flips
}

both_databases! {
    async fn flips_in_the_database_are_found_by_a_whole_check(db: TestDb) {
        let (store, rows) = records(&db).await;
        let connection = unguarded(&db).await;
        let mut flips: Vec<Vec<(&SealedRow, usize, Flip)>> = rows.iter().map(|row| all(row, db.kind == Kind::Postgres)).collect();
        let longest = flips.iter().map(Vec::len).max().unwrap_or(0);
        let rounds = if is_whole() { longest } else { ROUNDS };
        let mut dice = StdRng::seed_from_u64(17);
        let mut done = 0;
        for _ in 0..rounds {
            let of_round = flips.iter_mut().filter(|flips| !flips.is_empty()).map(|flips| {
                let at = dice.random_range(0..flips.len());
                let (row, index, flip) = flips.swap_remove(at);
                (row, fields::of(row).swap_remove(index), flip)
            });
            let of_round: Vec<(&SealedRow, Field, Flip)> = of_round.collect();
            done += round(&store, &connection, of_round).await;
        }
        println!("{done} flips in {rounds} rounds over {} records", rows.len());
        assert!(done > rounds * 90 || is_whole(), "{done}");
        let options = Options { rules: vec!["seal_broken".to_owned()], ..Options::default() };
        let left = check::check(&store, &options, &mut |_| (), &false.into()).await.expect("a check");
        assert_eq!(left.findings, [], "every row is as it was");
    }

    /// Of `:20` and `:40` a flip makes `:60`, which is read as the second after it.
    async fn a_second_of_sixty_is_put_right(db: TestDb) {
        let (store, rows) = records(&db).await;
        let connection = unguarded(&db).await;
        let row = rows.into_iter().find_map(|row| if let SealedRow::Registration(row) = row { Some(row) } else { None });
        let mut row = row.expect("a registration");
        let fields = fields::of(&SealedRow::Registration(row.clone()));
        let field = |name: &str| fields.iter().find(|field| field.name == name).expect("a field");
        for (right, second) in [("2013-01-10T03:19:20.927452Z", 20), ("2013-01-10T23:59:40.5Z", 40)] {
            row.registered_at = right.parse().expect("a time");
            row.seal = Some(kontor::seal::registration(&row));
            assert!(write(&connection, field("registered_at"), row.id, row.registered_at.into()).await);
            assert!(write(&connection, field("seal"), row.id, row.seal.clone().into()).await);
            let sixty = row.registered_at.with_second(59).expect("a time");
            let sixty = sixty.with_nanosecond(sixty.nanosecond() + 1_000_000_000).expect("a time");
            assert!(write(&connection, field("registered_at"), row.id, sixty.into()).await);
            if db.kind == Kind::Sqlite {
                let written = db.number("SELECT COUNT(*) FROM registrations WHERE registered_at LIKE '%:60.%'").await;
                assert_eq!(written, 1, "{second}");
            }
            brought_back(&store, "seal_broken", 1).await;
            let now = registrations::Entity::find_by_id(row.id).one(store.read()).await.expect("a row");
            assert_eq!(now.map(|now| now.registered_at), Some(row.registered_at), "{second}");
        }
    }
}

/// What is no text any more cannot be read into a row at all; the embedded database keeps it, and it is found as such.
#[test]
fn what_is_no_text_any_more_is_found_as_undecodable() {
    let db = TestDb::sqlite();
    kontor_tests::databases::block_on(async {
        let (store, rows) = records(&db).await;
        let connection = unguarded(&db).await;
        let mut done = 0;
        for row in rows.iter().take(12) {
            for field in fields::of(row) {
                let Some(Content::Text(text)) = (field.of)(row) else { continue };
                let damaged =
                    fields::flipped(text.as_bytes()).filter(|bytes| String::from_utf8(bytes.clone()).is_err());
                for bytes in damaged.step_by(17) {
                    let id = fields::id(row);
                    let statement = format!("UPDATE {} SET {} = CAST(? AS TEXT) WHERE id = ?", field.table, field.name);
                    let values = [Value::from(bytes), id.into()];
                    let statement = Statement::from_sql_and_values(store.backend(), statement, values);
                    connection.execute_raw(statement).await.expect("the embedded database takes any bytes");
                    let found = check::recheck(&store, store.read(), "value_undecodable", &id.to_string()).await;
                    let found = found.expect("a look");
                    assert!(
                        found.iter().any(|one| one.field.as_deref() == Some(field.name)),
                        "{}: {found:?}",
                        field.name
                    );
                    assert!(write(&connection, &field, id, text.clone().into()).await);
                    done += 1;
                }
            }
        }
        println!("{done} flips that leave no text");
        assert!(done > 40, "{done}");
    });
}
