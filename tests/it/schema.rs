//! Rules that hold over all tables, on both databases, whatever table comes next.

use kontor_migrations::{Migrator, MigratorTrait};
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

/// Tables whose key is not a `UUIDv7`, with the reason.
const OTHER_KEYS: [(&str, &str); 3] =
    [("installation", "one row"), ("fencing", "one row"), ("journal", "the sequence is the chain")];
/// Tables whose rows people edit: optimistic lock and seal.
const EDITED: [&str; 7] =
    ["registrations", "mailboxes", "subscriptions", "invoices", "payments", "notes", "saved_filters"];
/// Columns that hold a word of a closed list.
const WORDS: [&str; 10] =
    ["state", "kind", "origin", "role", "purpose", "outcome", "severity", "verdict", "source", "step"];

struct Column {
    table: String,
    name: String,
    kind: String,
}

async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<Vec<String>> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.expect("the catalogue can be read");
    let columns = |row: &sea_orm::QueryResult| {
        (0..)
            .map_while(|index| row.try_get_by_index::<Option<String>>(index).ok())
            .map(Option::unwrap_or_default)
            .collect()
    };
    rows.iter().map(columns).collect()
}

async fn columns(db: &TestDb, connection: &DatabaseConnection) -> Vec<Column> {
    let sql = match db.kind {
        Kind::Postgres => {
            "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns \
             WHERE table_schema = 'public'"
        }
        Kind::Sqlite => {
            "SELECT m.name, c.name, lower(c.type) FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
        }
    };
    let rows = texts(connection, sql).await;
    // The index for searching in the embedded database is made of tables, too; they are the database's own.
    let is_own = |name: &str| name != "seaql_migrations" && !name.starts_with("sqlite_") && !name.contains("_search");
    let named = rows.into_iter().filter(|row| is_own(&row[0]));
    named.map(|row| Column { table: row[0].clone(), name: row[1].clone(), kind: row[2].clone() }).collect()
}

async fn migrated(db: &TestDb) -> DatabaseConnection {
    let url = if db.kind == Kind::Sqlite { format!("{}?mode=rwc", db.url) } else { db.url.clone() };
    let connection = sea_orm::Database::connect(url).await.expect("the database opens");
    Migrator::up(&connection, None).await.expect("the steps apply");
    connection
}

both_databases! {
    async fn columns_have_the_kind_their_name_says(db: TestDb) {
        let connection = migrated(&db).await;
        let columns = columns(&db, &connection).await;
        assert!(columns.len() > 200, "{} columns", columns.len());
        for Column { table, name, kind } in &columns {
            let place = format!("{table}.{name} is {kind}");
            if name.ends_with("_cents") || name.ends_with("_bytes") || name == "version" {
                // SQLite has one kind of whole number, of 64 bits.
                let expected = if db.kind == Kind::Sqlite { "integer" } else { "bigint" };
                assert!(kind.contains(expected), "{place}");
            }
            if name.ends_with("_at") {
                assert!(kind.contains("timestamp"), "{place}");
            }
            if name.ends_with("_on") || name == "period" || name == "business_date" {
                assert!(kind.contains("date") && !kind.contains("time"), "{place}");
            }
            if name == "id" || name.ends_with("_id") {
                let exempt = OTHER_KEYS.iter().any(|(other, _)| other == table)
                    || matches!(name.as_str(), "boot_id" | "message_id" | "queue_id" | "vat_id");
                assert!(exempt || kind.contains("uuid"), "{place}");
            }
        }
    }

    async fn rows_that_people_edit_are_locked_and_sealed(db: TestDb) {
        let connection = migrated(&db).await;
        let columns = columns(&db, &connection).await;
        for table in EDITED {
            for needed in ["version", "seal", "created_at", "updated_at"] {
                assert!(columns.iter().any(|column| column.table == table && column.name == needed), "{table}.{needed}");
            }
        }
    }

    async fn every_reference_has_an_index(db: TestDb) {
        let connection = migrated(&db).await;
        let sql = match db.kind {
            Kind::Postgres => {
                "SELECT c.conrelid::regclass::text, a.attname::text, (SELECT count(*) FROM pg_index i WHERE i.indrelid = \
                 c.conrelid AND i.indkey[0] = c.conkey[1])::text FROM pg_constraint c JOIN pg_attribute a ON \
                 a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'"
            }
            Kind::Sqlite => {
                "SELECT m.name, f.\"from\", CAST((SELECT count(*) FROM pragma_index_list(m.name) l JOIN \
                 pragma_index_info(l.name) i ON i.seqno = 0 AND i.name = f.\"from\") AS TEXT) FROM sqlite_master m \
                 JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
            }
        };
        let references = texts(&connection, sql).await;
        assert!(references.len() > 20, "{} references", references.len());
        for row in references {
            assert_ne!(row[2], "0", "{}.{} refers to another table without an index", row[0], row[1]);
        }
    }

    async fn words_come_from_closed_lists(db: TestDb) {
        let connection = migrated(&db).await;
        for column in columns(&db, &connection).await.iter().filter(|column| WORDS.contains(&column.name.as_str())) {
            let sql = format!("UPDATE {} SET {} = 'nonsense'", column.table, column.name);
            // An empty table refuses nothing, so the check is read from the catalogue.
            let sql = match db.kind {
                Kind::Postgres => format!(
                    "SELECT count(*)::text FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = \
                     ANY(c.conkey) WHERE c.contype = 'c' AND c.conrelid = '{}'::regclass AND a.attname = '{}' -- {sql}",
                    column.table, column.name
                ),
                Kind::Sqlite => format!(
                    "SELECT CAST(sql LIKE '%\"{1}\" text%CHECK (\"{1}\" IN%' AS TEXT) FROM sqlite_master WHERE name = '{0}'",
                    column.table, column.name
                ),
            };
            let found = texts(&connection, &sql).await;
            assert_ne!(found[0][0], "0", "{}.{} takes any word", column.table, column.name);
        }
    }

    async fn steps_apply_once_and_in_order(db: TestDb) {
        let connection = migrated(&db).await;
        Migrator::up(&connection, None).await.expect("nothing is left to apply");
        let mut names = kontor_migrations::names();
        let sorted = { let mut sorted = names.clone(); sorted.sort(); sorted };
        assert_eq!(names, sorted, "names sort in the order of the steps");
        names.dedup();
        assert_eq!(names.len(), kontor_migrations::names().len());
    }
}
