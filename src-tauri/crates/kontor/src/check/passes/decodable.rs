//! Values of a kind that their column does not hold. The embedded database takes any kind anywhere; on the server only
//! days and times can lie outside of what a calendar says.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IdenStatic, Iterable};
use uuid::Uuid;

use super::{Page, Scope};
use crate::Result;
use crate::check::book::Found;
use crate::check::question::UNREADABLE;
use crate::check::rules::VALUE_UNDECODABLE;
use crate::store;
use crate::store::entities as rows;

/// Asks all tables, each once.
pub(super) async fn page(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    let mut page = Page::default();
    macro_rules! tables {
        ($($name:ident)*) => {$(
            table::<rows::$name::Entity>(connection, stringify!($name), scope, &mut page).await?;
        )*};
    }
    tables!(
        issuers tariffs tax_rates number_ranges registrations mailboxes subscriptions invoices invoice_lines
        number_allocations documents deliveries delivery_evidence runs run_items attempts payments notes saved_filters
    );
    Ok(page)
}

async fn table<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    name: &'static str,
    scope: &Scope,
    page: &mut Page,
) -> Result<()> {
    let backend = connection.get_database_backend();
    let wrong: Vec<(&str, String)> = E::Column::iter()
        .filter_map(|column| {
            let def = column.def();
            Some((column.as_str(), store::wrong_kind(backend, column.as_str(), def.get_column_type(), def.is_null())?))
        })
        .collect();
    if wrong.is_empty() || (scope.key.is_some() && scope.only.is_none()) {
        return Ok(());
    }
    let cases: Vec<String> = wrong.iter().map(|(column, wrong)| format!("WHEN {wrong} THEN '{column}'")).collect();
    let any: Vec<&str> = wrong.iter().map(|(_, wrong)| wrong.as_str()).collect();
    let only = if scope.only.is_some() { " AND c.id = ?" } else { "" };
    let text = format!(
        "SELECT c.id AS id, CASE {} END AS field FROM {name} c WHERE ({}){only}",
        cases.join(" "),
        any.join(" OR ")
    );
    let statement = store::sql(backend, &text, scope.only.map(Into::into));
    for row in connection.query_all_raw(statement).await? {
        let key = row.try_get::<Uuid>("", "id").map_or_else(|_| UNREADABLE.to_owned(), |id| id.to_string());
        let field: String = row.try_get("", "field")?;
        page.found.push((VALUE_UNDECODABLE, Found::new(name, key).field(&field, Some(UNREADABLE.to_owned()))));
    }
    Ok(())
}
