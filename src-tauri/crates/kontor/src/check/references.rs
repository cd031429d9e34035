//! Which record a reference meant: of the ids one bit away, those that exist.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::book::Found;
use super::candidates;
use super::neighbours;
use super::rules::reference_orphaned::REFERENCES;
use crate::Result;
use crate::store::{self, places};

/// Proposes for each finding; they are few, because the database refuses references to nothing.
pub(super) async fn propose(connection: &impl ConnectionTrait, found: &mut [Found]) -> Result<()> {
    for one in found {
        let (Some(field), Some(current)) = (one.field.clone(), one.current.clone()) else { continue };
        let Ok(id) = Uuid::parse_str(&current) else { continue };
        let near = existing(connection, target(one.table, &field), id).await?;
        *one = neighbours::proposed(one.clone(), &field, &current, near);
    }
    Ok(())
}

fn target(table: &str, field: &str) -> &'static str {
    let known = REFERENCES.iter().find(|(of, column, _)| *of == table && *column == field);
    known.map_or("registrations", |(_, _, target)| target)
}

async fn existing(connection: &impl ConnectionTrait, table: &str, id: Uuid) -> Result<Vec<String>> {
    let near: Vec<Uuid> = candidates::ids(id).collect();
    let text = format!("SELECT id FROM {table} WHERE id IN ({})", places(near.len()));
    let statement = store::sql(connection.get_database_backend(), &text, near.into_iter().map(Into::into));
    let rows = connection.query_all_raw(statement).await?;
    Ok(rows.iter().filter_map(|row| row.try_get::<Uuid>("", "id").ok()).map(|id| id.to_string()).collect())
}
