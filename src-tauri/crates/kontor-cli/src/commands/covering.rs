//! The covering text of `kontor runs plan` and `kontor runs start`: reading it, and showing it in a mail.

use std::path::Path;

use chrono::NaiveDate;
use kontor::Error;
use kontor::run::Plan;
use kontor::run::covering::{Covering, Preview, preview};
use kontor::store::Store;
use serde::Serialize;

use super::{Context, runs};
use crate::args;
use crate::output::count;

/// The texts of the files that were named.
#[derive(Debug)]
pub struct Texts {
    /// The text.
    pub text: Option<String>,
    /// The English text.
    pub english: Option<String>,
}

impl Texts {
    /// The texts, checked; none when none was named.
    pub fn checked(&self) -> kontor::Result<Option<Covering>> {
        Covering::check(self.text.as_deref(), self.english.as_deref())
    }
}

/// Reads the files that were named.
pub fn read(named: &args::Covering) -> kontor::Result<Texts> {
    let text = |path: &Option<std::path::PathBuf>| path.as_deref().map(read_one).transpose();
    Ok(Texts { text: text(&named.covering)?, english: text(&named.covering_en)? })
}

fn read_one(path: &Path) -> kontor::Result<String> {
    let bytes = std::fs::read(path).map_err(|error| Error::file(path, error))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::Usage(format!("{} is not UTF-8 text. Save the covering text as UTF-8.", path.display())))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// Prints a plan with its mails as they would go out.
pub async fn show(
    context: &Context,
    store: &Store,
    plan: &Plan,
    texts: &Covering,
    issue_on: NaiveDate,
) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Planned<'a> {
        #[serde(flatten)]
        plan: &'a Plan,
        #[serde(flatten)]
        preview: Preview,
    }
    let planned = Planned { plan, preview: preview(store, plan, texts, issue_on).await? };
    context.output.result(&planned, |planned| format!("{}{}", runs::planned(planned.plan), mails(&planned.preview)))
}

fn mails(preview: &Preview) -> String {
    let mut text = String::new();
    for sample in &preview.preview {
        let of =
            sample.invoice.as_deref().map_or_else(|| "a made-up example".to_owned(), |number| format!("of {number}"));
        text.push_str(&format!("\nMail ({}), {of}\nSubject: {}\n\n{}\n", sample.language, sample.subject, sample.text));
    }
    if preview.stored_mails > 0 {
        text.push_str(&format!(
            "\n{} mails are stored already and go out as they are, without this text.\n",
            count(i128::from(preview.stored_mails))
        ));
    }
    text
}
