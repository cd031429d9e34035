//! The database's own check of its pages and indexes: `PRAGMA integrity_check` on the embedded database, `amcheck` on the
//! server where the extension is installed and may be used.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::Result;

/// What the database says of its own pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integrity {
    /// Faults, in the database's words.
    pub faults: Vec<String>,
    /// Why pages could not be checked, as a code.
    pub not_checked: Option<&'static str>,
}

/// Asks the database.
pub async fn integrity(connection: &impl ConnectionTrait) -> Result<Integrity> {
    let mut said = Integrity::default();
    match connection.get_database_backend() {
        DbBackend::Postgres => server(connection, &mut said).await?,
        _ => said.faults = embedded(connection).await?,
    }
    Ok(said)
}

async fn embedded(connection: &impl ConnectionTrait) -> Result<Vec<String>> {
    let statement = Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check(20)");
    let rows = match connection.query_all_raw(statement).await {
        Ok(rows) => rows,
        // Damaged beyond what the check itself can read.
        Err(error) if error.to_string().contains("malformed") => return Ok(vec![error.to_string()]),
        Err(error) => return Err(error.into()),
    };
    let said = rows.iter().filter_map(|row| row.try_get_by_index::<String>(0).ok());
    Ok(said.filter(|line| line != "ok" && !is_rule_of_content(line)).collect())
}

/// The same check names values that break a constraint; those are findings of other rules, and no damage of the file.
fn is_rule_of_content(line: &str) -> bool {
    ["CHECK constraint failed", "NULL value in", "non-unique entry", "TEXT value in", "NUMERIC value in"]
        .iter()
        .any(|start| line.contains(start))
}

async fn server(connection: &impl ConnectionTrait, said: &mut Integrity) -> Result<()> {
    let names = "SELECT c.relname::text AS name, c.relkind::text AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = \
                 c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam WHERE n.nspname = current_schema() AND \
                 (c.relkind = 'r' OR (c.relkind = 'i' AND a.amname = 'btree')) AND EXISTS (SELECT 1 FROM pg_extension \
                 WHERE extname = 'amcheck') ORDER BY c.relname";
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, names)).await?;
    if rows.is_empty() {
        said.not_checked = Some("amcheck_missing");
    }
    for row in rows {
        let (name, kind): (String, String) = (row.try_get("", "name")?, row.try_get("", "kind")?);
        let text = if kind == "r" {
            "SELECT msg AS told FROM verify_heapam($1::regclass)"
        } else {
            "SELECT NULL::text AS told FROM bt_index_check($1::regclass)"
        };
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, text, [name.clone().into()]);
        match connection.query_all_raw(statement).await {
            Ok(told) => {
                let told = told.iter().filter_map(|row| row.try_get::<Option<String>>("", "told").ok().flatten());
                said.faults.extend(told.map(|fault| format!("{name}: {fault}")));
            }
            Err(error) if error.to_string().contains("permission denied") => {
                said.not_checked = Some("amcheck_denied");
                return Ok(());
            }
            Err(error) => said.faults.push(format!("{name}: {error}")),
        }
    }
    Ok(())
}
