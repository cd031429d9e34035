//! Finding out from mails that came back: reports after RFC 3464 in a folder of `.eml` files or in a Maildir.
//!
//! A report is matched by the return path it came to, by the Message-ID of the message it returns, or by the queue id that
//! Postfix names in it. What is no report, or belongs to no mail of this database, is listed with its reason; nothing is
//! moved or deleted. What this module leaves out: fetching mail.

mod folder;
mod report;

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::address;
use super::evidence::{self, Evidence, Keys, Mail, Mails, Recorded, fingerprint, kept};
use crate::identity::Actor;
use crate::run::code;
use crate::store::{self, Store};
use crate::{Result, journal};
use report::{Action, Bounce};

/// The journal's word for reading bounces.
const ACTION: &str = "delivery.bounces";
/// Files read together.
const PAGE: usize = 200;

/// What came of reading a folder.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Files read.
    pub files: u64,
    /// Those that report on a mail of this database.
    pub matched: u64,
    /// What was written down.
    #[serde(flatten)]
    pub recorded: Recorded,
    /// The other files, which were left alone.
    pub left: Vec<Left>,
    /// Whether this request was answered before.
    #[serde(default)]
    pub repeated: bool,
}

/// A file that was left alone.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Its name.
    pub file: String,
    /// Why.
    pub reason: String,
}

/// Reads a folder and settles the mails that its reports are about. `seen` hears how many files were read.
pub async fn read(store: &Store, actor: &Actor, folder: &Path, seen: &mut dyn FnMut(u64, u64)) -> Result<Report> {
    if let Some(entry) = journal::done_before(store.read(), actor.request, ACTION).await? {
        let earlier = entry.after.and_then(|text| serde_json::from_str::<Report>(&text).ok()).unwrap_or_default();
        return Ok(Report { repeated: true, ..earlier });
    }
    let files = folder::files(folder)?;
    let mut report = Report::default();
    for page in files.chunks(PAGE) {
        read_page(store, page.to_vec(), &mut report).await?;
        report.files += page.len() as u64;
        seen(report.files, files.len() as u64);
    }
    note(store, actor, folder, &report).await?;
    Ok(report)
}

async fn read_page(store: &Store, page: Vec<folder::Entry>, report: &mut Report) -> Result<()> {
    let read = tokio::task::spawn_blocking(move || page.into_iter().map(folder::read).collect::<Vec<_>>()).await;
    let read = read.map_err(|error| crate::Error::file("the folder", std::io::Error::other(error)))?;
    let mut bounces = Vec::new();
    for (name, bounce) in read {
        match bounce {
            Ok(bounce) => bounces.push((name, bounce)),
            Err(reason) => report.left.push(Left { file: name, reason }),
        }
    }
    let known = Mails::find(store.read(), keys(bounces.iter().map(|(_, bounce)| bounce))).await?;
    let now = store.now().await?;
    let mut evidence = Vec::new();
    for (name, bounce) in &bounces {
        match mail_of(bounce, &known) {
            Ok(mail) => {
                report.matched += 1;
                evidence.push(evidence_of(bounce, mail, now));
            }
            Err(reason) => report.left.push(Left { file: name.clone(), reason: reason.to_owned() }),
        }
    }
    report.recorded.add(evidence::record(store, evidence).await?);
    Ok(())
}

/// What bounces name.
fn keys<'a>(bounces: impl Iterator<Item = &'a Bounce>) -> Keys {
    let mut keys = Keys::default();
    for bounce in bounces {
        keys.ids.extend(bounce.return_paths.iter().filter_map(|path| address::delivery_of(path)));
        keys.names.extend(bounce.message_ids.iter().cloned());
        keys.queue_ids.extend(bounce.queue_id.clone());
    }
    keys
}

/// The one mail that a bounce is about. Its return path says most; the queue id says least, other servers count in the
/// same way.
fn mail_of<'a>(bounce: &Bounce, known: &'a Mails) -> Result<&'a Mail, &'static str> {
    let of_path = |path: &String| {
        let own = known.own.get(&address::delivery_of(path)?)?;
        own.return_path.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(path)).then_some(own)
    };
    let mut named: Vec<&Mail> = bounce.return_paths.iter().filter_map(of_path).collect();
    named.extend(bounce.message_ids.iter().filter_map(|id| known.named.get(id)));
    if named.is_empty() {
        let queued = bounce.queue_id.as_ref().and_then(|id| known.queued.get(id));
        named.extend(queued.into_iter().flatten());
    }
    let first = *named.first().ok_or("it reports on a mail that this database does not know")?;
    if named.iter().any(|mail| mail.id != first.id) {
        return Err("it names several mails; a person must look at it");
    }
    Ok(first)
}

fn evidence_of(bounce: &Bounce, mail: &Mail, now: DateTime<Utc>) -> Evidence {
    let status = bounce.status_for(&mail.recipient);
    let (verdict, code) = match status.action {
        Action::Failed => ("bounced", Some(code::MAIL_BOUNCED)),
        Action::Delayed => ("deferred", Some(code::MAIL_DEFERRED)),
        Action::Delivered => ("accepted", None),
    };
    let detail = kept(&format!("{} {} {}", status.action.word(), status.class, status.diagnostic));
    Evidence {
        delivery: mail.id,
        attempt: None,
        source: "bounce",
        verdict,
        code,
        reply_code: status.reply_code(),
        fingerprint: Some(fingerprint("bounce", mail.id, &[&bounce.identity, verdict, &status.class])),
        seen_at: bounce.written_at.filter(|at| mail.fits(*at, now)).unwrap_or(now),
        queue_id: bounce.queue_id.clone(),
        detail,
    }
}

/// A person read the folder: that stands in the journal, unless nothing came of it.
async fn note(store: &Store, actor: &Actor, folder: &Path, report: &Report) -> Result<()> {
    if report.recorded.added == 0 {
        return Ok(());
    }
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let entry = journal::Entry {
        action: ACTION,
        record: None,
        reason: &format!("bounces in {}", folder.display()),
        before: None,
        after: serde_json::to_value(report).ok(),
    };
    journal::record(&*write, actor, now, entry).await?;
    write.commit().await
}
