//! The covering text of a run: an apology, say, that opens its mails. It is checked before the run is written, kept with
//! it, and can be seen beforehand in a mail of each language.
//!
//! Left out: the mail around it (`delivery::message`). Mails that are stored already go out as they are.

use std::collections::HashSet;

use chrono::{Days, NaiveDate};
use kontor_pdf::content::{Content, Kind, Language};
use sea_orm::{ConnectionTrait, Value};
use serde::Serialize;
use uuid::Uuid;

use super::case::{self, Case, Next};
use super::hindrance::Hindrance;
use super::key::{Key, Subject};
use super::plan::{Candidate, Plan};
use super::start::Order;
use crate::delivery::message::{self, Facts, Occasion};
use crate::invoice::content::seller;
use crate::invoice::issue;
use crate::invoice::settings::Settings;
use crate::number::{INVOICE, Number};
use crate::period::Period;
use crate::store::entities::runs;
use crate::store::{self, Store, places};
use crate::{Error, Result};

/// Cases looked at together.
const PAGE: usize = 500;
/// Stands where a number will stand once it is taken.
const UNNUMBERED: &str = "RE-…";

/// A covering text, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covering {
    /// The text.
    pub text: String,
    /// The text for customers whose language is English; none takes the other.
    pub english: Option<String>,
}

/// Mails of a run as they would go out.
#[derive(Clone, Debug, Serialize)]
pub struct Preview {
    /// One mail per language.
    pub preview: Vec<Sample>,
    /// Mails that are stored already; they go out as they are, without the text.
    pub stored_mails: u64,
}

/// A mail as it would go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// `de` or `en`.
    pub language: &'static str,
    /// Number of the invoice; none for a made-up example, because no invoice of this language can run.
    pub invoice: Option<String>,
    /// Subject of the mail.
    pub subject: String,
    /// Its text.
    pub text: String,
}

impl Covering {
    /// Checks the texts of an order.
    pub fn of(order: &Order) -> Result<Option<Self>> {
        let checked = Self::check(order.covering.as_deref(), order.covering_en.as_deref())?;
        if checked.is_some() && order.last_step != "deliver" {
            return Err(Hindrance::NothingToCover.into());
        }
        Ok(checked)
    }

    /// Checks a text and its English version.
    pub fn check(text: Option<&str>, english: Option<&str>) -> Result<Option<Self>> {
        let checked = message::covering;
        match (text, english) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(Hindrance::EnglishAlone.into()),
            (Some(text), english) => {
                let english = english.map(checked).transpose();
                Ok(Some(Self {
                    text: checked(text).map_err(Hindrance::from)?,
                    english: english.map_err(Hindrance::from)?,
                }))
            }
        }
    }

    /// The text that a run was given.
    pub fn of_run(run: &runs::Model) -> Option<Self> {
        let english = run.covering_en.clone();
        run.covering.clone().map(|text| Self { text, english })
    }

    /// The text for a language.
    pub fn for_language(&self, language: Language) -> &str {
        match (language, &self.english) {
            (Language::En, Some(english)) => english,
            _ => &self.text,
        }
    }
}

/// The occasion of a first mail in this language, with the run's text where it has one.
pub fn occasion(covering: Option<&Covering>, language: Language) -> Occasion<'_> {
    Occasion { repeats: None, covering: covering.map(|covering| covering.for_language(language)) }
}

/// Shows the text in the first mail of each language that a planned run would compose; writes nothing.
pub async fn preview(store: &Store, plan: &Plan, covering: &Covering, issue_on: NaiveDate) -> Result<Preview> {
    let settings = Settings::load(store.read()).await?;
    let (mut german, mut english) = (None, None);
    let mut stored_mails = 0;
    let able: Vec<_> = plan.candidates.iter().filter(|candidate| candidate.obstacle.is_none()).collect();
    for page in able.chunks(PAGE) {
        let stored = stored(store, page).await?;
        stored_mails += stored.len() as u64;
        if german.is_some() && english.is_some() {
            continue;
        }
        let keys: Vec<_> = page.iter().map(|candidate| candidate.key).collect();
        for case in case::load(store.read(), &keys).await? {
            if stored.contains(&case.key) {
                continue;
            }
            let Some(facts) = facts(&case, &settings, issue_on) else { continue };
            let slot = if facts.language == Language::En { &mut english } else { &mut german };
            slot.get_or_insert(facts);
        }
    }
    let mut preview = Vec::with_capacity(2);
    for (language, facts) in [(Language::De, german), (Language::En, english)] {
        preview.push(match facts {
            Some(facts) => sample(&facts, covering, Some(facts.number.clone())),
            None => sample(&example(language, &settings, issue_on)?, covering, None),
        });
    }
    Ok(Preview { preview, stored_mails })
}

fn sample(facts: &Facts, covering: &Covering, invoice: Option<String>) -> Sample {
    let occasion = occasion(Some(covering), facts.language);
    Sample {
        language: if facts.language == Language::En { "en" } else { "de" },
        invoice,
        subject: message::subject(facts, occasion),
        text: message::text(facts, occasion),
    }
}

/// How many mails of a planned run have their text already and go out as they are.
pub async fn stored_mails(store: &Store, plan: &Plan) -> Result<u64> {
    let able: Vec<_> = plan.candidates.iter().filter(|candidate| candidate.obstacle.is_none()).collect();
    let mut mails = 0;
    for page in able.chunks(PAGE) {
        mails += stored(store, page).await?.len() as u64;
    }
    Ok(mails)
}

/// Those of a page whose mail has its text already and waits to go out.
async fn stored(store: &Store, page: &[&Candidate]) -> Result<HashSet<Key>> {
    let invoices: Vec<Value> = page.iter().filter_map(|candidate| candidate.invoice).map(Value::from).collect();
    if invoices.is_empty() {
        return Ok(HashSet::new());
    }
    let text = format!(
        "SELECT id, invoice_id, purpose FROM deliveries WHERE message_head IS NOT NULL AND \
         state IN ('queued', 'deferred', 'sending') AND invoice_id IN ({})",
        places(invoices.len())
    );
    let mut waiting: HashSet<(Uuid, String)> = HashSet::new();
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, invoices)).await? {
        let purpose: String = row.try_get("", "purpose")?;
        // A mail that a person sends again is known by its own id, any other by its invoice's.
        let id = if purpose == "resend" { "id" } else { "invoice_id" };
        waiting.insert((row.try_get("", id)?, purpose));
    }
    let is_stored = |candidate: &&&Candidate| {
        let id = match candidate.key.subject {
            Subject::Resend(id) => Some(id),
            Subject::Period | Subject::Cancellation(_) => candidate.invoice,
        };
        id.is_some_and(|id| waiting.contains(&(id, candidate.key.subject.purpose().to_owned())))
    };
    Ok(page.iter().filter(is_stored).map(|candidate| candidate.key).collect())
}

/// What the mail of a case would say: as frozen, or as it would be issued on that day.
fn facts(case: &Case, settings: &Settings, issue_on: NaiveDate) -> Option<Facts> {
    let frozen = case.invoice.as_ref().and_then(|invoice| invoice.snapshot.as_deref());
    if let Some(bytes) = frozen {
        return Content::from_bytes(bytes).ok().map(|content| Facts::of(&content));
    }
    if !matches!(case.next(), Next::Issue | Next::Adopt) {
        return None;
    }
    let draft = issue::draft(case, settings, issue_on).ok()?;
    let mut facts = Facts::of(draft.content());
    if case.invoice.is_none() {
        UNNUMBERED.clone_into(&mut facts.number);
    }
    Some(facts)
}

/// A made-up invoice of this company for a language in which nothing can run.
fn example(language: Language, settings: &Settings, issue_on: NaiveDate) -> Result<Facts> {
    let issuer = settings.issuer(issue_on).map_err(|refusal| Error::Refused(format!("{refusal}.")))?;
    let period = Period::containing(issue_on);
    let name = if language == Language::En { "Jane Doe" } else { "Erika Mustermann" };
    Ok(Facts {
        kind: Kind::Invoice,
        language,
        number: Number::of_year(INVOICE, 2013, 123).to_string(),
        name: name.to_owned(),
        recipient: name.to_owned(),
        gross_cents: 100,
        service_from: period.first_day(),
        service_to: period.last_day(),
        due_on: Some(issue_on + Days::new(u64::try_from(issuer.payment_days).unwrap_or(0))),
        seller: seller(issuer),
        original: None,
    })
}
