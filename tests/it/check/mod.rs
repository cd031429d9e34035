//! Rules, findings and proposals.

pub mod clean;
mod commands;
mod comparison;
mod corruption;
mod findings;
mod first_seen;
pub mod fixtures;
mod january;
mod quarantine;
mod sweep;

use kontor_tests::databases::{Kind, TestDb};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, Statement, TransactionTrait};
use serde_json::Value;

use crate::support::kontor;

/// Checks, and returns what is open.
pub fn check(db: &TestDb, arguments: &[&str]) -> Vec<Value> {
    let answer = kontor(db).args(["check"]).args(arguments).run().expect(0).json();
    answer["findings"].as_array().expect("a list").clone()
}

/// A text of a finding.
pub fn text<'a>(finding: &'a Value, name: &str) -> &'a str {
    finding[name].as_str().unwrap_or_default()
}

/// Rule, table and field of findings, for messages.
pub fn told(findings: &[Value]) -> Vec<String> {
    let one = |finding: &Value| {
        let said = ["rule", "table", "field", "current", "evidence"].map(|name| text(finding, name).to_owned());
        said.join(" ")
    };
    findings.iter().map(one).collect()
}

/// Changes rows past guards, references and constraints, as damage does.
pub async fn damage(db: &TestDb, statements: &[&str]) {
    let mut options = ConnectOptions::new(&db.url);
    // References are put aside per connection, and before a transaction begins.
    options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(|options| options.foreign_keys(false));
    let connection = Database::connect(options).await.expect("the database opens");
    let backend = connection.get_database_backend();
    let mut guards: Vec<(String, String)> = Vec::new();
    if db.kind == Kind::Sqlite {
        let asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE '%search%'";
        let rows = connection.query_all_raw(Statement::from_string(backend, asked)).await.expect("the catalogue");
        let pair = |row: &sea_orm::QueryResult| {
            (row.try_get_by_index(0).expect("a name"), row.try_get_by_index(1).expect("its text"))
        };
        guards = rows.iter().map(pair).collect();
        connection.execute_unprepared("PRAGMA ignore_check_constraints = ON").await.expect("checks are put aside");
    }
    let transaction = connection.begin().await.expect("a transaction");
    let aside: Vec<String> = match db.kind {
        Kind::Sqlite => guards.iter().map(|(name, _)| format!("DROP TRIGGER {name}")).collect(),
        Kind::Postgres => vec!["SET LOCAL session_replication_role = replica".to_owned()],
    };
    for statement in aside {
        transaction.execute_unprepared(&statement).await.expect("a guard is put aside");
    }
    for statement in statements {
        let done = transaction.execute_raw(Statement::from_string(backend, *statement)).await;
        let done = done.unwrap_or_else(|error| panic!("{statement}: {error}"));
        assert!(
            done.rows_affected() > 0 || statement.starts_with("ALTER") || statement.starts_with("DROP"),
            "{statement} changed nothing"
        );
    }
    for (_, text) in guards {
        transaction.execute_unprepared(&text).await.expect("a guard is put back");
    }
    transaction.commit().await.expect("the damage is written");
    connection.close().await.expect("the connection closes");
}
