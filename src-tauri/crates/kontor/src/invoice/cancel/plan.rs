//! What cancelling would do, found out without writing: what stands in its way, and what a new invoice would say otherwise.

use chrono::NaiveDate;
use kontor_pdf::Content;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::Value;
use uuid::Uuid;

use super::{
    cancelled_already, cancelled_by, check_free, check_kind, counterpart_of, drafted, impossible, original_content,
};
use crate::invoice::settings::Settings;
use crate::invoice::withdraw;
use crate::obstacle::Obstacle;
use crate::period::Period;
use crate::run::case::{self, Case};
use crate::run::{Key, code};
use crate::store::Store;
use crate::store::entities::{invoices, registrations};
use crate::{Error, Result};

/// What cancelling an invoice would do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The invoice.
    pub invoice: invoices::Model,
    /// Why it cannot be cancelled.
    pub obstacle: Option<Obstacle>,
    /// It is cancelled already; only a new invoice can be issued.
    pub is_cancelled: bool,
    /// The first date that the new papers can bear.
    pub earliest: NaiveDate,
    /// Why its period cannot be invoiced again.
    pub reissue_obstacle: Option<Obstacle>,
    /// What a new invoice would say otherwise.
    pub differences: Vec<Difference>,
    /// Address that the new papers would be mailed to.
    pub mail_to: String,
    /// Mails that have not left and would be withdrawn.
    pub withdrawn: u64,
}

/// A field that a new invoice would say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its name; each stands once.
    pub field: String,
    /// What the old invoice says.
    pub before: Option<String>,
    /// What the new one would say.
    pub after: Option<String>,
}

/// Looks at an invoice by its id; `issue_on` is the date of the new papers.
pub async fn plan(store: &Store, id: Uuid, issue_on: NaiveDate) -> Result<Plan> {
    let read = store.read();
    let invoice = invoices::Entity::find_by_id(id).one(read).await?;
    let invoice = invoice.ok_or_else(|| Error::NotFound(format!("There is no invoice with the id {id}.")))?;
    let by = cancelled_by(read, &invoice).await?;
    let content = original_content(read, &invoice).await;
    let obstacle = match &by {
        Some(by) => told(Err(cancelled_already(&invoice, by)))?,
        None => hindrance(store, &invoice, &content, issue_on).await?,
    };
    let (reissue_obstacle, fresh) = match reissued(store, &invoice, by.is_some(), issue_on).await {
        Ok(fresh) => (None, Some(fresh)),
        Err(error) => (told(Err(error))?, None),
    };
    let differences = content.ok().zip(fresh).map(|(old, new)| differences(&old, &new)).unwrap_or_default();
    let customer = registrations::Entity::find_by_id(invoice.registration_id).one(read).await?;
    Ok(Plan {
        obstacle,
        is_cancelled: by.is_some(),
        earliest: by.map_or(invoice.issued_on, |by| by.issued_on),
        reissue_obstacle,
        differences,
        mail_to: customer.map(|row| row.email).unwrap_or_default(),
        withdrawn: withdraw::waiting_mails(read, id).await?,
        invoice,
    })
}

async fn hindrance(
    store: &Store,
    invoice: &invoices::Model,
    content: &Result<Content>,
    issue_on: NaiveDate,
) -> Result<Option<Obstacle>> {
    if let Some(blocked) = withdraw::in_hand(store.read(), invoice, store.now().await?).await? {
        return Ok(Some(blocked.obstacle));
    }
    if let Some(obstacle) = told(check_kind(store.read(), invoice).await)? {
        return Ok(Some(obstacle));
    }
    match content {
        Ok(content) => told(counterpart_of(invoice, content, issue_on).map(drop)),
        Err(Error::Blocked(blocked)) => Ok(Some(blocked.obstacle.clone())),
        // Whatever else keeps the content from being read keeps it from being relied on.
        Err(_) => Ok(Some(Obstacle::cause(code::CONTENT_CONTRADICTS))),
    }
}

/// What a new invoice of the period would say.
async fn reissued(
    store: &Store,
    invoice: &invoices::Model,
    is_cancelled: bool,
    issue_on: NaiveDate,
) -> Result<Content> {
    if is_cancelled {
        check_free(store.read(), invoice).await?;
    }
    let case = without_invoice(store.read(), invoice).await?;
    let settings = Settings::load(store.read()).await?;
    Ok(drafted(&case, &settings, issue_on)?.content().clone())
}

/// The case of the period as it stands once the invoice is cancelled.
async fn without_invoice(connection: &impl ConnectionTrait, invoice: &invoices::Model) -> Result<Case> {
    let case = case::load(connection, &[Key::period(invoice.subscription_id, invoice.period)]).await?.pop();
    let period = Period::containing(invoice.period);
    let case = case.ok_or_else(|| impossible(period, Obstacle::Missing, "The subscription is missing"))?;
    Ok(Case { invoice: None, legacy_lines: Vec::new(), document: None, deliveries: Vec::new(), ..case })
}

/// An obstacle is an answer; any other error is one.
fn told(result: Result<()>) -> Result<Option<Obstacle>> {
    match result {
        Ok(()) => Ok(None),
        Err(Error::Blocked(blocked)) => Ok(Some(blocked.obstacle)),
        Err(error) => Err(error),
    }
}

/// What differs between two contents, beside what differs on any two invoices: number, dates, and sums that follow from
/// the lines.
fn differences(old: &Content, new: &Content) -> Vec<Difference> {
    let (before, after) = (fields(old), fields(new));
    let mut names: Vec<&String> = before.iter().chain(&after).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let at = |fields: &[(String, String)], name: &str| {
        fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
    };
    let told = names.into_iter().map(|name| Difference {
        field: name.clone(),
        before: at(&before, name),
        after: at(&after, name),
    });
    told.filter(|difference| difference.before != difference.after).collect()
}

/// The fields of a content by name: those of the recipient and of a single line by their own, the seller's with `seller_`,
/// those of several lines with the line's position.
fn fields(content: &Content) -> Vec<(String, String)> {
    const APART: [&str; 8] = ["version", "kind", "number", "issued_on", "payment", "original", "taxes", "lines"];
    let Ok(Value::Object(parts)) = serde_json::to_value(content) else { return Vec::new() };
    let mut found = Vec::new();
    for (name, value) in parts.into_iter().filter(|(name, _)| !APART.contains(&name.as_str())) {
        match name.as_str() {
            "recipient" => flatten("", value, &mut found),
            "seller" => flatten("seller_", value, &mut found),
            _ => found.extend(text(&value).map(|text| (name, text))),
        }
    }
    let single = content.lines.len() == 1;
    for line in &content.lines {
        let prefix = if single { String::new() } else { format!("line {} ", line.position) };
        for (name, value) in [
            ("description", line.description.clone()),
            ("quantity", line.quantity.to_string()),
            ("unit_gross_cents", line.unit_gross_cents.to_string()),
            ("tax_basis_points", line.tax_basis_points.to_string()),
        ] {
            found.push((format!("{prefix}{name}"), value));
        }
    }
    found
}

fn flatten(prefix: &str, value: Value, found: &mut Vec<(String, String)>) {
    let Value::Object(parts) = value else { return };
    for (name, value) in parts {
        match value {
            Value::Object(_) => flatten(prefix, value, found),
            value => found.extend(text(&value).map(|text| (format!("{prefix}{name}"), text))),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
