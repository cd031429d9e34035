//! Lists and details of registrations.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Value};
use serde::Serialize;
use uuid::Uuid;

use crate::number::{self, Number, Wrong};
use crate::store::entities::registrations;
use crate::store::{self, Store, search};
use crate::{Error, Result};

/// A registration as the list shows it.
#[derive(Clone, Debug, Serialize, FromQueryResult)]
pub struct Row {
    /// Customer number.
    pub customer: String,
    /// Company.
    pub company: Option<String>,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
    /// State.
    pub state: String,
    /// Address of the mailbox.
    pub mailbox: Option<String>,
    /// When the customer registered.
    pub registered_at: DateTime<Utc>,
}

/// Everything about one registration.
#[derive(Clone, Debug, Serialize)]
pub struct Detail {
    /// The customer.
    #[serde(flatten)]
    pub row: Row,
    /// Street, postal code, town, country, where known.
    pub address: Option<[String; 4]>,
    /// VAT id.
    pub vat_id: Option<String>,
    /// `de` or `en`.
    pub language: String,
    /// Subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Invoices, newest period first.
    pub invoices: Vec<crate::invoice::list::Row>,
}

/// A subscription of a registration.
#[derive(Clone, Debug, Serialize, FromQueryResult)]
pub struct Subscription {
    /// Address of its mailbox.
    pub mailbox: Option<String>,
    /// Storage rented, in bytes.
    pub quota_bytes: Option<i64>,
    /// Storage used, in bytes.
    pub used_bytes: Option<i64>,
    /// First day.
    pub started_on: NaiveDate,
    /// Last day.
    pub ended_on: Option<NaiveDate>,
    /// State.
    pub state: String,
}

const COLUMNS: &str = "r.customer_number AS customer, r.company, r.first_name, r.last_name, r.email, r.state, \
                       (SELECT m.address FROM mailboxes m WHERE m.registration_id = r.id ORDER BY m.id LIMIT 1) AS mailbox, \
                       r.registered_at";

/// Registrations in the order of their numbers; `search` looks for a part of name, company, number or address.
pub async fn list(store: &Store, search: Option<&str>, after: i64, limit: u64) -> Result<Vec<Row>> {
    let mut values: Vec<Value> = vec![after.into()];
    let mut condition = "r.customer_serial > ?".to_owned();
    for word in search.unwrap_or_default().split_whitespace() {
        condition.push_str(" AND r.search_text LIKE ? ESCAPE '\\'");
        values.push(search::pattern(&super::folded(word)).into());
    }
    values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    let text = format!("SELECT {COLUMNS} FROM registrations r WHERE {condition} ORDER BY r.customer_serial LIMIT ?");
    rows(store, &text, values).await
}

/// One registration by the customer number a person typed.
pub async fn show(store: &Store, typed: &str) -> Result<Detail> {
    let registration = by_number(store, typed).await?;
    let text = format!("SELECT {COLUMNS} FROM registrations r WHERE r.id = ?");
    let row = rows(store, &text, vec![registration.id.into()]).await?.pop();
    let row = row.ok_or_else(|| Error::NotFound(format!("{typed} is gone.")))?;
    let address = match (registration.street, registration.postal_code, registration.city) {
        (Some(street), Some(postal_code), Some(city)) => {
            Some([street, postal_code, city, registration.country.unwrap_or_else(|| "DE".to_owned())])
        }
        _ => None,
    };
    Ok(Detail {
        row,
        address,
        vat_id: registration.vat_id,
        language: registration.language,
        subscriptions: subscriptions(store, registration.id).await?,
        invoices: crate::invoice::list::of_registration(store, registration.id).await?,
    })
}

async fn subscriptions(store: &Store, registration: Uuid) -> Result<Vec<Subscription>> {
    let text = "SELECT m.address AS mailbox, m.quota_bytes, m.used_bytes, s.started_on, s.ended_on, s.state \
                FROM subscriptions s LEFT JOIN mailboxes m ON m.id = s.mailbox_id WHERE s.registration_id = ? \
                ORDER BY s.started_on";
    rows(store, text, vec![registration.into()]).await
}

/// Finds a registration by its number, and says which one was probably meant when there is none.
pub async fn by_number(store: &Store, text: &str) -> Result<registrations::Model> {
    use sea_orm::{ColumnTrait, QueryFilter};
    let typed = text.trim().to_uppercase();
    let find = |number: String| registrations::Entity::find().filter(registrations::Column::CustomerNumber.eq(number));
    match Number::parse(&typed) {
        Ok(_) => find(typed.clone()).one(store.read()).await?.ok_or_else(|| {
            Error::NotFound(format!("There is no customer {typed}. `kontor registrations list` shows those there are."))
        }),
        Err(Wrong::Shape) => Err(Error::Usage(format!(
            "“{}” is no customer number. A customer number looks like K-000123-4.",
            text.trim()
        ))),
        Err(Wrong::CheckDigit) => {
            let near = registrations::Column::CustomerNumber.is_in(number::neighbours(&typed));
            let found = registrations::Entity::find().filter(near).all(store.read()).await?;
            let hint = number::meant(found.into_iter().map(|row| row.customer_number).collect(), "customer");
            Err(Error::NotFound(format!("The check digit of {typed} is wrong. {hint}")))
        }
    }
}

pub(crate) async fn rows<T: FromQueryResult>(store: &Store, text: &str, values: Vec<Value>) -> Result<Vec<T>> {
    let found = store.read().query_all_raw(store::sql(store.backend(), text, values)).await?;
    Ok(found.iter().map(|row| T::from_query_result(row, "")).collect::<std::result::Result<_, _>>()?)
}
