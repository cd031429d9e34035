//! Mails of invoices that were archived before: by an earlier attempt, an earlier run, or the old programs.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Batch, Work};
use crate::delivery;
use crate::delivery::message::{self, Facts};
use crate::invoice::archive;
use crate::run::case::Next;
use crate::run::code::{self, Refusal};
use crate::run::covering;
use crate::run::finish::enter_step;
use crate::run::letter::Letter;
use crate::run::papers::Paper;
use crate::store::entities::{deliveries, documents};
use crate::store::{self, insert_all};
use crate::{Result, canary, damage};

impl Batch<'_> {
    /// The stored file, unchanged, after its hash was checked. The hash of a host that is not trusted says only what that host
    /// believed: what it drew is drawn again first, and stays here when it comes out otherwise.
    pub(super) async fn letters_of_archived(&self, work: &mut Vec<Work>) -> Result<Vec<Letter>> {
        let ready: Vec<&Work> = work.iter().filter(|one| one.next == Next::Deliver).collect();
        let invoices: Vec<Uuid> = ready.iter().filter_map(|one| one.case.invoice.as_ref()).map(|row| row.id).collect();
        if invoices.is_empty() {
            return Ok(Vec::new());
        }
        let mut originals = archive::originals(self.store.read(), &invoices).await?;
        let wrong = self.drawn_wrong(&originals).await?;
        let open = ready.iter().filter_map(|one| one.case.open_delivery()).map(|mail| mail.id);
        let mut stored = delivery::list::rows_of(self.store.read(), open.collect()).await?;
        let now = self.store.now().await?;
        let mut letters = Vec::new();
        let mut unqueued = Vec::new();
        let mut refused = Vec::new();
        for one in ready {
            let Some(document) = one.case.invoice.as_ref().and_then(|row| originals.remove(&row.id)) else { continue };
            if kontor_pdf::content::sha256(&document.bytes)[..] != document.sha256[..] {
                let number = one.case.invoice.as_ref().map(|row| row.number.clone()).unwrap_or_default();
                refused.push((one.item.clone(), Refusal::new(code::DOCUMENT_DAMAGED, number)));
                continue;
            }
            if wrong.contains(&document.id) {
                let number = one.case.invoice.as_ref().map(|row| row.number.clone()).unwrap_or_default();
                refused.push((one.item.clone(), Refusal::new(code::QUARANTINED, number)));
                continue;
            }
            let row = one.case.open_delivery().and_then(|open| stored.remove(&open.id));
            let letter = match row {
                Some(row) => Letter::stored(&one.item, row, document),
                None => self.unqueued(one, document, now).map(|(letter, row)| {
                    unqueued.push(row);
                    letter
                }),
            };
            match letter {
                Ok(letter) => letters.push(letter),
                Err(refusal) => refused.push((one.item.clone(), refusal)),
            }
        }
        self.queue(&letters, unqueued).await?;
        self.end_refused(work, refused).await?;
        Ok(letters)
    }

    /// Those of these documents that a withdrawn host had in hand in its bad time and that come out otherwise here; each has
    /// its finding then.
    async fn drawn_wrong(&self, originals: &HashMap<Uuid, documents::Model>) -> Result<HashSet<Uuid>> {
        let invoices: Vec<Uuid> = originals.keys().copied().collect();
        let unproven = damage::unproven_among(self.store.read(), &invoices).await?;
        if unproven.is_empty() {
            return Ok(HashSet::new());
        }
        let doubted = originals.iter().filter(|(invoice, _)| unproven.contains_key(invoice));
        canary::prove(self.store, self.process, doubted.map(|(_, document)| document.clone()).collect()).await
    }

    /// The mail of a document that has none yet. It goes to the address of today; the paper stays as it was frozen.
    fn unqueued(
        &self,
        one: &Work,
        document: documents::Model,
        now: DateTime<Utc>,
    ) -> std::result::Result<(Letter, deliveries::Model), Refusal> {
        let (id, message_id) = self.mail_of(&one.case);
        let snapshot = one.case.invoice.as_ref().and_then(|invoice| invoice.snapshot.as_deref()).unwrap_or_default();
        let content = kontor_pdf::Content::from_bytes(snapshot)
            .map_err(|error| Refusal::new(code::CONTENT_CONTRADICTS, error.to_string()))?;
        let recipient = one.case.registration.email.clone();
        let covering = self.covering();
        let stored = message::compose(
            &Facts::of(&content),
            covering::occasion(covering.as_deref(), content.language),
            &document.bytes,
            &recipient,
            message_id,
            now,
        )?;
        let sha256 = document.sha256.try_into().unwrap_or_default();
        let paper = Paper { pdf: document.bytes, sha256, stored, recipient };
        let letter = Letter { item: one.item.clone(), delivery: id, return_path: self.return_path(id), paper };
        let row = letter.row(document.invoice_id, document.id, now);
        Ok((letter, row))
    }

    async fn queue(&self, letters: &[Letter], unqueued: Vec<deliveries::Model>) -> Result<()> {
        if unqueued.is_empty() {
            return Ok(());
        }
        let items: Vec<Uuid> = letters.iter().map(|letter| letter.item.id).collect();
        let write = self.store.write().await?;
        let now = store::now(&*write).await?;
        enter_step(&*write, &items, self.claim.token, "archive", now).await?;
        insert_all(&*write, unqueued).await?;
        write.commit().await
    }
}
