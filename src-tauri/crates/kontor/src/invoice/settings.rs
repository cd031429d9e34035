//! The settings that have a validity: who issues, what a tariff costs, which VAT rate holds.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::identity::Actor;
use crate::run::code::{self, Refusal};
use crate::store::entities::{issuers, tariffs, tax_rates};
use crate::store::{self, Store, insert_all};
use crate::{Error, Result, journal};

/// The journal's word for adding settings.
const ACTION: &str = "settings.add";

/// All settings, read with each claim; there are a handful of rows.
#[derive(Clone, Debug)]
pub struct Settings {
    issuers: Vec<issuers::Model>,
    tariffs: Vec<tariffs::Model>,
    rates: Vec<tax_rates::Model>,
}

impl Settings {
    /// Reads them.
    pub async fn load(connection: &impl ConnectionTrait) -> Result<Self> {
        Ok(Self {
            issuers: issuers::Entity::find().order_by_desc(issuers::Column::ValidFromOn).all(connection).await?,
            tariffs: tariffs::Entity::find().order_by_desc(tariffs::Column::ValidFromOn).all(connection).await?,
            rates: tax_rates::Entity::find().order_by_desc(tax_rates::Column::ValidFromOn).all(connection).await?,
        })
    }

    /// The company as of the day of issue.
    pub fn issuer(&self, on: NaiveDate) -> Result<&issuers::Model, Refusal> {
        let found = self.issuers.iter().find(|row| row.valid_from_on <= on);
        found.ok_or_else(|| Refusal::new(code::SETTINGS_MISSING, format!("no issuing company is valid on {on}")))
    }

    /// The tariff of a subscription as it stands on a day: the row with the same code that is valid then.
    pub fn tariff(&self, id: Uuid, on: NaiveDate) -> Result<&tariffs::Model, Refusal> {
        let code = self.tariffs.iter().find(|row| row.id == id).map(|row| row.code.as_str());
        let valid = |row: &&tariffs::Model| {
            Some(row.code.as_str()) == code
                && row.valid_from_on <= on
                && row.valid_until_on.is_none_or(|until| on <= until)
        };
        let found = self.tariffs.iter().find(valid);
        found.ok_or_else(|| Refusal::new(code::SETTINGS_MISSING, format!("no tariff is valid on {on}")))
    }

    /// The VAT rate on a day of service, in basis points.
    pub fn rate(&self, tax_code: &str, on: NaiveDate) -> Result<i32, Refusal> {
        let valid = |row: &&tax_rates::Model| {
            row.code == tax_code && row.valid_from_on <= on && row.valid_until_on.is_none_or(|until| on <= until)
        };
        let found = self.rates.iter().find(valid).and_then(|row| i32::try_from(row.basis_points).ok());
        found.ok_or_else(|| Refusal::new(code::SETTINGS_MISSING, format!("no VAT rate “{tax_code}” is valid on {on}")))
    }
}

/// A settings file: the rows to add, each with the day from which it holds.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsFile {
    /// Issuing companies.
    #[serde(default)]
    pub issuers: Vec<IssuerEntry>,
    /// Tariffs.
    #[serde(default)]
    pub tariffs: Vec<TariffEntry>,
    /// VAT rates.
    #[serde(default)]
    pub tax_rates: Vec<RateEntry>,
}

/// An issuing company.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the table `issuers`")]
#[serde(deny_unknown_fields)]
pub struct IssuerEntry {
    pub name: String,
    pub street: String,
    pub postal_code: String,
    pub city: String,
    pub country: String,
    pub vat_id: String,
    pub register: String,
    pub directors: String,
    pub email: String,
    pub phone: String,
    pub bank: String,
    pub iban: String,
    pub bic: String,
    pub payment_days: i64,
    pub valid_from_on: NaiveDate,
}

/// A tariff.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the table `tariffs`")]
#[serde(deny_unknown_fields)]
pub struct TariffEntry {
    pub code: String,
    pub name_de: String,
    pub name_en: String,
    pub gross_cents: i64,
    pub tax_code: String,
    pub quota_bytes: i64,
    pub valid_from_on: NaiveDate,
    pub valid_until_on: Option<NaiveDate>,
}

/// A VAT rate.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the table `tax_rates`")]
#[serde(deny_unknown_fields)]
pub struct RateEntry {
    pub code: String,
    pub basis_points: i64,
    pub valid_from_on: NaiveDate,
    pub valid_until_on: Option<NaiveDate>,
}

/// Adds the rows of a settings file; rows that exist already are refused by the database and nothing is added.
pub async fn add(store: &Store, actor: &Actor, file: &SettingsFile) -> Result<()> {
    if journal::done_before(store.read(), actor.request, ACTION).await?.is_some() {
        return Ok(());
    }
    for entry in &file.issuers {
        if let Err(refusal) = crate::delivery::address::check(&entry.email) {
            return Err(Error::Usage(format!("The company's mail address is none: {}.", refusal.detail)));
        }
    }
    write_rows(store, actor, file).await.map_err(|error| {
        let again = "Settings with the same code and first day exist already; nothing was added.";
        if error.is_duplicate() { Error::Refused(again.to_owned()) } else { error }
    })
}

async fn write_rows(store: &Store, actor: &Actor, file: &SettingsFile) -> Result<()> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    insert_all(&*write, file.issuers.iter().cloned().map(issuer_row).collect()).await?;
    insert_all(&*write, file.tariffs.iter().cloned().map(tariff_row).collect()).await?;
    insert_all(&*write, file.tax_rates.iter().cloned().map(rate_row).collect()).await?;
    let entry = journal::Entry {
        action: ACTION,
        record: None,
        reason: "settings file",
        before: None,
        after: serde_json::to_value(file).ok(),
    };
    journal::record(&*write, actor, now, entry).await?;
    write.commit().await
}

fn issuer_row(entry: IssuerEntry) -> issuers::Model {
    issuers::Model {
        id: Uuid::now_v7(),
        name: entry.name,
        street: entry.street,
        postal_code: entry.postal_code,
        city: entry.city,
        country: entry.country,
        vat_id: entry.vat_id,
        register: entry.register,
        directors: entry.directors,
        email: entry.email,
        phone: entry.phone,
        bank: entry.bank,
        iban: entry.iban,
        bic: entry.bic,
        reply_to: None,
        payment_days: entry.payment_days,
        valid_from_on: entry.valid_from_on,
    }
}

fn tariff_row(entry: TariffEntry) -> tariffs::Model {
    tariffs::Model {
        id: Uuid::now_v7(),
        code: entry.code,
        name_de: entry.name_de,
        name_en: entry.name_en,
        gross_cents: entry.gross_cents,
        currency: "EUR".to_owned(),
        tax_code: entry.tax_code,
        quota_bytes: entry.quota_bytes,
        first_month_full: true,
        valid_from_on: entry.valid_from_on,
        valid_until_on: entry.valid_until_on,
    }
}

fn rate_row(entry: RateEntry) -> tax_rates::Model {
    tax_rates::Model {
        id: Uuid::now_v7(),
        code: entry.code,
        basis_points: entry.basis_points,
        valid_from_on: entry.valid_from_on,
        valid_until_on: entry.valid_until_on,
    }
}
