//! The database's own check of its pages and indexes: `PRAGMA integrity_check` on the embedded database, `amcheck` on the
//! server where the extension is installed and may be used. Where it is not, the report says so.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::Page;
use crate::Result;
use crate::check::book::Found;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::rules::DATABASE_CORRUPT;

/// Faults that are told; one is enough to stop at.
const MOST: usize = 5;

/// Asks the database.
pub(super) async fn page(connection: &impl ConnectionTrait) -> Result<Page> {
    let mut page = Page::default();
    let faults = match connection.get_database_backend() {
        DbBackend::Postgres => server(connection, &mut page).await?,
        _ => embedded(connection).await?,
    };
    if !faults.is_empty() {
        let told = faults.iter().take(MOST).cloned().collect::<Vec<_>>().join("; ");
        let restore = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("restore_backup"));
        let found = Found { current: Some(told), ..Found::new("database", "main").proposing(restore) };
        page.found.push((DATABASE_CORRUPT, found));
    }
    Ok(page)
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

async fn server(connection: &impl ConnectionTrait, page: &mut Page) -> Result<Vec<String>> {
    let names = "SELECT c.relname::text AS name, c.relkind::text AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = \
                 c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam WHERE n.nspname = current_schema() AND \
                 (c.relkind = 'r' OR (c.relkind = 'i' AND a.amname = 'btree')) AND EXISTS (SELECT 1 FROM pg_extension \
                 WHERE extname = 'amcheck') ORDER BY c.relname";
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, names)).await?;
    if rows.is_empty() {
        page.not_checked.push("amcheck_missing".to_owned());
    }
    let mut faults = Vec::new();
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
                faults.extend(told.map(|fault| format!("{name}: {fault}")));
            }
            Err(error) if error.to_string().contains("permission denied") => {
                page.not_checked.push("amcheck_denied".to_owned());
                return Ok(faults);
            }
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    Ok(faults)
}
