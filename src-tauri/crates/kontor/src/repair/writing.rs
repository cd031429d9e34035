//! Writing fields of a row: typed, checked like any other edit, with the seal and the words for searching that follow.
//!
//! The row as it would be is asked of the database itself, before anything is written, so that seal and words are those of
//! exactly what will stand there. A seal is made anew only where it fitted before, or where a person answers for the row:
//! otherwise a repair of one field would seal the damage of another.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::ColumnType;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::intent::Place;
use super::obstacle::{Obstacle, Outcome};
use super::row::{Row, unhex};
use super::table::{Column, Table};
use crate::delivery::address;
use crate::registration::contact::{Field, faults};
use crate::registration::{search_text, sort_name};
use crate::store::entities::{invoices, mailboxes, notes, payments, registrations, saved_filters, subscriptions};
use crate::store::{self, Write, form};
use crate::{Result, invoice, seal};

/// Columns and what is written into them.
pub(super) type Values = Vec<(Column, Value)>;

/// What is to be written into a row.
#[derive(Clone, Debug)]
pub(super) struct Writing {
    /// The row.
    pub at: Place,
    /// Its fields.
    pub values: Values,
    /// A person answers for the row, so that it is sealed as it is.
    pub is_answered_for: bool,
}

/// A value of a column, from text; none where the column cannot hold it.
pub(super) fn typed(column: &Column, text: Option<&str>) -> Option<Value> {
    let Some(text) = text else { return Some(null(&column.kind)) };
    Some(match column.kind {
        ColumnType::Uuid => Uuid::parse_str(text).ok()?.into(),
        ColumnType::BigInteger | ColumnType::Integer => text.parse::<i64>().ok()?.into(),
        ColumnType::Boolean => match text {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => return None,
        },
        ColumnType::Date => text.parse::<NaiveDate>().ok()?.into(),
        ColumnType::TimestampWithTimeZone => DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc).into(),
        ColumnType::Blob | ColumnType::VarBinary(_) => unhex(text)?.into(),
        _ if text.contains(char::is_control) => return None,
        _ => text.into(),
    })
}

fn null(kind: &ColumnType) -> Value {
    match kind {
        ColumnType::Uuid => Value::Uuid(None),
        ColumnType::BigInteger | ColumnType::Integer => Value::BigInt(None),
        ColumnType::Boolean => Value::Bool(None),
        ColumnType::Date => Value::ChronoDate(None),
        ColumnType::TimestampWithTimeZone => Value::ChronoDateTimeUtc(None),
        ColumnType::Blob | ColumnType::VarBinary(_) => Value::Bytes(None),
        _ => Value::String(None),
    }
}

/// Types values; says which of them cannot be taken. What a person gives is checked like any other edit; what is proven or
/// copied may have been no address all along.
pub(super) fn all_typed(values: &[(Column, Option<String>)], is_own: bool) -> Outcome<Values> {
    let one = |(column, text): &(Column, Option<String>)| {
        let value = typed(column, text.as_deref()).filter(|_| !is_own || is_address(column, text.as_deref()));
        let value = value.ok_or_else(|| Obstacle::ValueInvalid {
            field: column.name.to_owned(),
            value: text.clone().unwrap_or_default(),
        })?;
        Ok((column.clone(), value))
    };
    values.iter().map(one).collect()
}

fn is_address(column: &Column, text: Option<&str>) -> bool {
    !["email", "recipient", "address"].contains(&column.name) || text.is_none_or(|text| address::check(text).is_ok())
}

/// Writes fields, in one statement, with all that follows from them.
pub(super) async fn fields(write: &Write, row: &Row, writing: Writing, now: DateTime<Utc>) -> Result<Outcome<()>> {
    let mut set = writing.values.clone();
    match follow(write, row, &writing).await? {
        Ok(followed) => set.extend(followed),
        Err(obstacle) => return Ok(Err(obstacle)),
    }
    update(write, row, set, now).await?;
    Ok(Ok(()))
}

/// One UPDATE; what counts changes goes on.
pub(super) async fn update(write: &Write, row: &Row, set: Values, now: DateTime<Utc>) -> Result<()> {
    let mut places: Vec<String> = set.iter().map(|(column, _)| format!("{} = ?", column.name)).collect();
    let mut values: Vec<Value> = set.into_iter().map(|(_, value)| value).collect();
    if row.table.column("version").is_some() {
        places.push("version = version + 1".to_owned());
    }
    if row.table.column("updated_at").is_some() {
        places.push("updated_at = ?".to_owned());
        values.push(now.into());
    }
    values.push(row.id.into());
    let text = format!("UPDATE {} SET {} WHERE id = ?", row.table.name(), places.join(", "));
    write.execute_raw(store::sql(write.get_database_backend(), &text, values)).await?;
    Ok(())
}

/// What else is written: seal, words.
async fn follow(write: &Write, row: &Row, writing: &Writing) -> Result<Outcome<Values>> {
    Ok(Ok(match writing.at.table {
        Table::Registrations => return registration(write, row, writing).await,
        Table::Mailboxes => sealed::<mailboxes::Entity>(write, row, writing, seal::mailbox).await?,
        Table::Subscriptions => sealed::<subscriptions::Entity>(write, row, writing, seal::subscription).await?,
        Table::Notes => sealed::<notes::Entity>(write, row, writing, seal::note).await?,
        Table::SavedFilters => sealed::<saved_filters::Entity>(write, row, writing, seal::saved_filter).await?,
        Table::Payments => sealed::<payments::Entity>(write, row, writing, seal::payment).await?,
        Table::Invoices => {
            let seal = |row: &invoices::Model| seal::invoice(row.id, &row.state, row.cancelled_by);
            let mut set = words(write, row, writing).await?;
            set.extend(sealed::<invoices::Entity>(write, row, writing, seal).await?);
            set
        }
        _ => Vec::new(),
    }))
}

async fn sealed<E: EntityTrait>(
    write: &Write,
    row: &Row,
    writing: &Writing,
    seal: fn(&E::Model) -> Vec<u8>,
) -> Result<Values> {
    let before = as_if::<E::Model>(write, row, &Vec::new()).await?;
    let after = as_if::<E::Model>(write, row, &writing.values).await?;
    let before = before.as_ref().map(seal);
    let seal = resealed(row, before.as_deref(), after.as_ref().map(seal), writing.is_answered_for);
    Ok(column_value(row.table, "seal", seal))
}

/// The seal that is written; none leaves the one that is there.
fn resealed(row: &Row, before: Option<&[u8]>, after: Option<Vec<u8>>, is_answered_for: bool) -> Option<Vec<u8>> {
    let stored = row.bytes("seal");
    let fitted = stored.is_some() && stored.as_deref() == before;
    after.filter(|after| stored.as_ref() != Some(after) && (fitted || is_answered_for))
}

fn column_value(table: Table, column: &str, value: Option<impl Into<Value>>) -> Values {
    table.column(column).zip(value.map(Into::into)).into_iter().collect()
}

async fn registration(write: &Write, row: &Row, writing: &Writing) -> Result<Outcome<Values>> {
    let before = as_if::<registrations::Model>(write, row, &Vec::new()).await?;
    let Some(after) = as_if::<registrations::Model>(write, row, &writing.values).await? else {
        return Ok(Ok(Vec::new()));
    };
    if let Some(before) = before.as_ref().filter(|_| writing.is_answered_for)
        && let Some((field, _)) = faults(before, &after).into_iter().find(|(field, _)| is_written(writing, *field))
    {
        let value = field.of(&after).unwrap_or_default();
        return Ok(Err(Obstacle::ValueInvalid { field: field.name().to_owned(), value }));
    }
    let mailbox = first_mailbox(write, after.id).await?;
    let words = |row: &registrations::Model| search_text(row, &mailbox);
    // Words that did not fit are evidence of another field's damage, and stay.
    let fitted = before.as_ref().is_none_or(|before| words(before) == before.search_text);
    let new = Some(words(&after)).filter(|words| fitted && *words != after.search_text);
    let mut set = column_value(row.table, "search_text", new);
    let sorted = Some(sort_name(&after)).filter(|name| *name != after.sort_name);
    set.extend(column_value(row.table, "sort_name", sorted));
    let (old, new) = (before.as_ref().map(seal::registration), seal::registration(&after));
    let new = resealed(row, old.as_deref(), Some(new), writing.is_answered_for);
    set.extend(column_value(row.table, "seal", new));
    Ok(Ok(set))
}

fn is_written(writing: &Writing, field: Field) -> bool {
    writing.values.iter().any(|(column, _)| column.name == field.name())
}

async fn first_mailbox(write: &Write, registration: Uuid) -> Result<String> {
    let text = "SELECT address FROM mailboxes WHERE registration_id = ? ORDER BY id LIMIT 1";
    let row = write.query_one_raw(store::sql(write.get_database_backend(), text, [registration.into()])).await?;
    Ok(row.and_then(|row| row.try_get("", "address").ok()).unwrap_or_default())
}

async fn words(write: &Write, row: &Row, writing: &Writing) -> Result<Values> {
    let before = as_if::<invoices::Model>(write, row, &Vec::new()).await?;
    let Some(after) = as_if::<invoices::Model>(write, row, &writing.values).await? else { return Ok(Vec::new()) };
    let words = |row: &invoices::Model| invoice::search_text(&row.number, &row.recipient_name);
    let fitted = before.as_ref().is_none_or(|before| words(before) == before.search_text);
    let new = Some(words(&after)).filter(|words| fitted && *words != after.search_text);
    Ok(column_value(row.table, "search_text", new))
}

/// The row as it would be; none where a value of it cannot be decoded.
async fn as_if<M: FromQueryResult>(write: &Write, row: &Row, values: &Values) -> Result<Option<M>> {
    let backend = write.get_database_backend();
    let mut bound = Vec::with_capacity(values.len() + 1);
    let mut asked = Vec::with_capacity(row.cells.len());
    for column in row.table.columns() {
        match values.iter().find(|(one, _)| one.name == column.name) {
            Some((_, value)) => {
                let place = form::place(&**write, column.server_type());
                asked.push(format!("{place} AS {}", column.name));
                bound.push(value.clone());
            }
            None => asked.push(column.name.to_owned()),
        }
    }
    let text = format!("SELECT {} FROM {} WHERE id = ?", asked.join(", "), row.table.name());
    bound.push(row.id.into());
    let found = write.query_one_raw(store::sql(backend, &text, bound)).await?;
    Ok(found.and_then(|found| M::from_query_result(&found, "").ok()))
}

/// Seals a row as it stands.
pub(super) async fn accept(write: &Write, row: &Row, now: DateTime<Utc>) -> Result<Outcome<()>> {
    let at = Place { table: row.table, id: row.id };
    let seals = follow(write, row, &Writing { at, values: Vec::new(), is_answered_for: true }).await?;
    let seals = match seals {
        Ok(values) => values.into_iter().filter(|(column, _)| column.name == "seal").collect::<Values>(),
        Err(obstacle) => return Ok(Err(obstacle)),
    };
    if seals.is_empty() {
        return Ok(Err(Obstacle::NeedsPerson));
    }
    update(write, row, seals, now).await?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: ColumnType) -> Column {
        Column { name: "x", kind }
    }

    #[test]
    fn values_are_typed_or_refused() {
        assert_eq!(typed(&column(ColumnType::BigInteger), Some("84")), Some(84_i64.into()));
        assert_eq!(typed(&column(ColumnType::BigInteger), Some("84 ct")), None);
        assert_eq!(typed(&column(ColumnType::Date), Some("2013-02-30")), None);
        assert_eq!(typed(&column(ColumnType::Text), Some("a\u{7}")), None);
        assert_eq!(typed(&column(ColumnType::Blob), Some("0a")), Some(vec![10_u8].into()));
        assert_eq!(typed(&column(ColumnType::Uuid), None), Some(Value::Uuid(None)));
    }

    #[test]
    fn an_address_is_checked_like_any_other() {
        let email = Table::Registrations.column("email").expect("a column");
        let refused = all_typed(&[(email.clone(), Some("nobody".to_owned()))], true).expect_err("no address");
        assert_eq!(refused, Obstacle::ValueInvalid { field: "email".to_owned(), value: "nobody".to_owned() });
        assert!(all_typed(&[(email, Some("erika@example.com".to_owned()))], true).is_ok());
    }
}
