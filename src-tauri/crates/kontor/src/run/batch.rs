//! A batch of claimed items on its way through the steps: issue → render → archive → deliver.
//!
//! Each step ends in one transaction for the whole batch. When the database stumbles, or an answer to COMMIT is lost,
//! nothing in memory is believed any more: the rows are read again and say what is next.

mod archived;
mod withdrawn;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;

use super::case::{self, Case, Next};
use super::claim::{Claim, Claimed};
use super::code::{self, Refusal};
use super::covering::Covering;
use super::deliver::Mailer;
use super::finish::{Ending, enter_step, finish};
use super::letter::Letter;
use super::papers::{self, Order, Paper};
use super::plan;
use crate::delivery;
use crate::delivery::address::{self, Address};
use crate::delivery::message;
use crate::identity::Process;
use crate::invoice::archive::{self, Drawn};
use crate::invoice::issue::{self, Draft};
use crate::invoice::settings::Settings;
use crate::store::{self, Store, insert_all};
use crate::{Error, Result, failpoint, withdrawal};

/// How often a batch starts again from the rows before it gives its items up to their leases.
const STUMBLES: u32 = 8;

/// A batch in hand.
pub struct Batch<'a> {
    store: &'a Store,
    process: &'a Process,
    settings: &'a Settings,
    mailer: &'a Mailer,
    claim: Claim,
    stumbles: u32,
    /// Items that were complete when their rows were first read: that was the work of others.
    complete: Option<HashSet<Uuid>>,
}

/// A case together with the item that asked for it.
struct Work {
    item: Claimed,
    case: Case,
    next: Next,
}

/// Whether what went wrong is over once the rows are read again.
fn is_passed_by_reloading(error: &Error) -> bool {
    error.is_passing() || error.is_duplicate() || matches!(error, Error::MailChanged)
}

/// A mail that an order will go out with: its item, its id, whether its row exists, and whether the invoice has a document.
type Mail = (Claimed, Uuid, bool, bool);

impl<'a> Batch<'a> {
    /// A batch.
    pub fn new(
        store: &'a Store,
        process: &'a Process,
        settings: &'a Settings,
        mailer: &'a Mailer,
        claim: Claim,
    ) -> Self {
        Self { store, process, settings, mailer, claim, stumbles: 0, complete: None }
    }

    /// Works until every item has ended or has been lost to another worker.
    ///
    /// `released` is told when all that is left of the batch is with the senders.
    pub async fn drive(mut self, released: oneshot::Sender<()>) -> Result<()> {
        let mut released = Some(released);
        loop {
            match self.advance(&mut released).await {
                Ok(()) => return Ok(()),
                Err(Error::Fenced) => {
                    tracing::warn!(
                        token = self.claim.token,
                        "the lease ran out; another worker has released these items"
                    );
                    return Ok(());
                }
                Err(error @ Error::OutOfService { .. }) => {
                    self.give_back().await?;
                    return Err(error);
                }
                Err(error) if self.stumbles < STUMBLES && is_passed_by_reloading(&error) => {
                    tracing::info!(%error, "starting again from the rows");
                    tokio::time::sleep(Duration::from_millis(20 << self.stumbles)).await;
                    self.stumbles += 1;
                }
                Err(error) if error.is_passing() => return Err(error),
                Err(error) if self.claim.items.len() > 1 => {
                    tracing::warn!(%error, "a batch failed; its items are tried one at a time");
                    return self.drive_each().await;
                }
                Err(error) => return self.fail_all(&error).await,
            }
        }
    }

    /// One bad item must not stop the others: each gets a batch of its own, under the same token.
    async fn drive_each(mut self) -> Result<()> {
        for item in self.claim.items.clone() {
            let claim = Claim { run: self.claim.run.clone(), token: self.claim.token, items: vec![item] };
            let mut single = Batch::new(self.store, self.process, self.settings, self.mailer, claim);
            // What the whole batch got done already shows in the rows only.
            single.stumbles = 1;
            single.complete.clone_from(&self.complete);
            if let Err(error) = Box::pin(single.drive(oneshot::channel().0)).await {
                if matches!(error, Error::OutOfService { .. }) {
                    self.give_back().await?;
                }
                return Err(error);
            }
        }
        Ok(())
    }

    async fn advance(&mut self, released: &mut Option<oneshot::Sender<()>>) -> Result<()> {
        let mut work = self.load().await?;
        self.end_settled(&mut work).await?;
        self.issue(&mut work).await?;
        let mut letters = self.render_and_archive(&mut work).await?;
        if self.claim.run.last_step == "archive" {
            return self.end(work.iter().map(|one| Ending::done(&one.item)).collect()).await;
        }
        letters.extend(self.letters_of_archived(&mut work).await?);
        withdrawal::require_service(self.store.read(), &self.process.host).await?;
        self.mailer.deliver(self.claim.token, letters, self.sender(), released.take()).await
    }

    /// Reads the rows of the items that are still held.
    async fn load(&mut self) -> Result<Vec<Work>> {
        if self.stumbles > 0 {
            self.keep_held().await?;
        }
        let keys: Vec<_> = self.claim.items.iter().map(|item| item.key).collect();
        let loaded = case::load(self.store.read(), &keys).await?;
        let held = plan::held(self.store, &loaded).await?;
        let mut cases: HashMap<_, _> = loaded.into_iter().map(|case| (case.key, case)).collect();
        let mut work = Vec::with_capacity(keys.len());
        for item in &self.claim.items {
            if let Some(case) = cases.remove(&item.key) {
                let astray = self.claim.run.last_step != "archive" && case.is_astray(self.mailer.noted());
                let next = match case.next() {
                    _ if astray => Next::Blocked(code::OUTCOME_UNKNOWN),
                    // Found since the run was planned.
                    Next::Issue | Next::Adopt | Next::Render | Next::Deliver if case.is_held(&held) => {
                        Next::Blocked(code::QUARANTINED)
                    }
                    next => next,
                };
                work.push(Work { item: item.clone(), case, next });
            }
        }
        let complete = || work.iter().filter(|one| one.next == Next::Done).map(|one| one.item.id).collect();
        self.complete.get_or_insert_with(complete);
        Ok(work)
    }

    /// Ends what needs no work: complete already, or waiting for a person.
    async fn end_settled(&self, work: &mut Vec<Work>) -> Result<()> {
        let mut endings = Vec::new();
        let mut unknown = Vec::new();
        let archive_only = self.claim.run.last_step == "archive";
        work.retain(|one| {
            let ending = match one.next {
                Next::Deliver if archive_only => Ending::done(&one.item),
                Next::Done if !one.item.taken_over && self.was_complete(one.item.id) => {
                    Ending::skipped(&one.item, code::DONE_ALREADY)
                }
                // This batch, or whoever worked on it before, finished it; only the item did not hear of it.
                Next::Done => Ending::done(&one.item),
                Next::Blocked(code::IN_WORK) => Ending::skipped(&one.item, code::IN_WORK),
                Next::Blocked(code) => {
                    unknown.extend(one.case.left_sending().map(|mail| mail.id));
                    Ending::failed(&one.item, Refusal::new(code, one.case.registration.customer_number.clone()))
                }
                _ => return true,
            };
            endings.push(ending);
            false
        });
        if endings.is_empty() {
            return Ok(());
        }
        let write = self.store.write().await?;
        let now = store::now(&*write).await?;
        // A worker died between handing the mail over and hearing the reply.
        let lost = delivery::Outcome {
            source: "takeover",
            verdict: delivery::Verdict::Unknown,
            reply_code: None,
            detail: "the worker died while the mail was being sent".to_owned(),
        };
        let outcomes: Vec<_> = unknown.iter().map(|id| (*id, None, &lost)).collect();
        delivery::settle::settle(&*write, &outcomes, now).await?;
        finish(&*write, &endings, self.claim.token, now).await?;
        failpoint::hit("settled.before_commit")?;
        write.commit().await
    }

    fn was_complete(&self, item: Uuid) -> bool {
        self.complete.as_ref().is_some_and(|complete| complete.contains(&item))
    }

    async fn issue(&self, work: &mut Vec<Work>) -> Result<()> {
        let mut refused = Vec::new();
        let issue_on = self.claim.run.issue_on;
        let drafts: Vec<(usize, Result<Draft<'_>, Refusal>)> = work
            .iter()
            .enumerate()
            .filter(|(_, one)| matches!(one.next, Next::Issue | Next::Adopt))
            .map(|(index, one)| (index, issue::draft(&one.case, self.settings, issue_on)))
            .collect();
        let mut ready = Vec::with_capacity(drafts.len());
        let mut items = Vec::with_capacity(drafts.len());
        for (index, draft) in drafts {
            match draft {
                Ok(draft) => {
                    items.push(work[index].item.id);
                    ready.push(draft);
                }
                Err(refusal) => refused.push((work[index].item.clone(), refusal)),
            }
        }
        let mut issued = HashMap::new();
        if !ready.is_empty() {
            let write = self.store.write().await?;
            let now = store::now(&*write).await?;
            withdrawal::require_service(&*write, &self.process.host).await?;
            for invoice in issue::issue(&*write, ready, &self.process.host, now).await? {
                issued.insert((invoice.subscription_id, invoice.period), invoice);
            }
            issue::tie_items(&*write, &items, self.claim.token, now).await?;
            failpoint::hit("issue.before_commit")?;
            write.commit().await?;
            failpoint::hit("issue.after_commit")?;
        }
        for one in work.iter_mut().filter(|one| matches!(one.next, Next::Issue | Next::Adopt)) {
            if let Some(invoice) = issued.remove(&(one.item.key.subscription, one.item.key.period)) {
                one.case.invoice = Some(invoice);
                one.next = Next::Render;
            }
        }
        self.end_refused(work, refused).await
    }

    async fn render_and_archive(&self, work: &mut Vec<Work>) -> Result<Vec<Letter>> {
        let now = self.store.now().await?;
        let covering = self.covering();
        let mut orders = Vec::new();
        let mut mails = Vec::new();
        for one in work.iter().filter(|one| one.next == Next::Render) {
            let (id, message_id) = self.mail_of(&one.case);
            if let Some(order) = one
                .case
                .invoice
                .as_ref()
                .and_then(|invoice| Order::of(invoice, message_id, &one.case.registration.email, covering.clone()))
            {
                orders.push(order);
                mails.push((one.item.clone(), id, one.case.open_delivery().is_some(), one.case.document.is_some()));
            }
        }
        if orders.is_empty() {
            return Ok(Vec::new());
        }
        let invoices: Vec<Uuid> = orders.iter().map(|order| order.invoice_id).collect();
        let papers = papers::draw_all(orders, now).await?;
        self.look_at_canaries(&papers, &mails).await?;
        let mut refused = Vec::new();
        let mut drawn = Vec::new();
        let mut ready = Vec::new();
        for ((paper, mail), invoice_id) in papers.into_iter().zip(mails).zip(invoices) {
            match paper {
                Ok(paper) => {
                    let (bytes, sha256) = (paper.pdf.clone(), paper.sha256);
                    drawn.push(Drawn { invoice_id, bytes, sha256, replaces_legacy: mail.3 });
                    ready.push((mail, paper));
                }
                Err(refusal) => refused.push((mail.0, refusal)),
            }
        }
        let letters = self.archive(&drawn, ready).await?;
        self.end_refused(work, refused).await?;
        Ok(letters)
    }

    /// Stores the PDFs and queues their mails, in one transaction.
    async fn archive(&self, drawn: &[Drawn], ready: Vec<(Mail, Paper)>) -> Result<Vec<Letter>> {
        if drawn.is_empty() {
            return Ok(Vec::new());
        }
        let write = self.store.write().await?;
        let now = store::now(&*write).await?;
        let items: Vec<Uuid> = ready.iter().map(|(mail, _)| mail.0.id).collect();
        enter_step(&*write, &items, self.claim.token, "archive", now).await?;
        self.note_canaries(&*write, drawn.len(), now).await?;
        let documents = archive::archive(&*write, drawn, now).await?;
        let mut letters = Vec::with_capacity(ready.len());
        let mut queued = Vec::new();
        for (((item, id, exists, _), paper), (document, one)) in ready.into_iter().zip(documents.into_iter().zip(drawn))
        {
            let letter = Letter { item, delivery: id, return_path: self.return_path(id), paper };
            if exists {
                self.complete(&write, &letter, document).await?;
            } else if self.claim.run.last_step != "archive" {
                queued.push(letter.row(one.invoice_id, document, now));
            }
            letters.push(letter);
        }
        insert_all(&*write, queued).await?;
        failpoint::hit("archive.before_commit")?;
        write.commit().await?;
        failpoint::hit("archive.after_commit")?;
        Ok(letters)
    }

    /// Gives a mail that the old programs left without text its text; its Message-ID stays.
    async fn complete(&self, write: &store::Write, letter: &Letter, document: Uuid) -> Result<()> {
        use sea_orm::ConnectionTrait;
        let stored = &letter.paper.stored;
        let text = "UPDATE deliveries SET document_id = ?, recipient = ?, message_head = ?, message_tail = ?, \
                    message_sha256 = ?, return_path = ?, state = 'queued' WHERE id = ? AND message_head IS NULL";
        let values = [
            document.into(),
            letter.paper.recipient.clone().into(),
            stored.head.clone().into(),
            stored.tail.clone().into(),
            stored.sha256.to_vec().into(),
            letter.return_path.clone().into(),
            letter.delivery.into(),
        ];
        write.execute_raw(store::sql(self.store.backend(), text, values)).await?;
        Ok(())
    }

    /// The text that opens the mails of this run.
    fn covering(&self) -> Option<Arc<Covering>> {
        Covering::of_run(&self.claim.run).map(Arc::new)
    }

    /// Envelope sender of a mail that is made now.
    fn return_path(&self, delivery: Uuid) -> Option<String> {
        let issuer = self.settings.issuer(self.claim.run.issue_on).ok()?;
        Some(address::return_path(delivery, &issuer.email))
    }

    /// Where the mails come from.
    fn sender(&self) -> Option<Address> {
        let issuer = self.settings.issuer(self.claim.run.issue_on).ok()?;
        address::check(&issuer.email).ok()
    }

    /// Id and Message-ID of the mail an invoice goes out with: the one that is there, or a new one.
    fn mail_of(&self, case: &Case) -> (Uuid, String) {
        if let Some(delivery) = case.open_delivery() {
            return (delivery.id, delivery.message_id.clone());
        }
        let id = Uuid::now_v7();
        let sender = self.settings.issuer(self.claim.run.issue_on).map_or("", |issuer| issuer.email.as_str());
        (id, message::message_id(id, sender))
    }

    async fn end_refused(&self, work: &mut Vec<Work>, refused: Vec<(Claimed, Refusal)>) -> Result<()> {
        if refused.is_empty() {
            return Ok(());
        }
        work.retain(|one| !refused.iter().any(|(item, _)| item.id == one.item.id));
        self.end(refused.into_iter().map(|(item, refusal)| Ending::failed(&item, refusal)).collect()).await
    }

    async fn end(&self, endings: Vec<Ending>) -> Result<()> {
        if endings.is_empty() {
            return Ok(());
        }
        let write = self.store.write().await?;
        let now = store::now(&*write).await?;
        finish(&*write, &endings, self.claim.token, now).await?;
        write.commit().await
    }

    /// The program stumbled in a way that trying again does not mend: the items fail and say over what.
    async fn fail_all(&mut self, error: &Error) -> Result<()> {
        tracing::error!(%error, "a batch failed");
        self.stumbles = self.stumbles.max(1);
        let work = self.load().await?;
        let refusal = Refusal::new(code::INTERNAL, code::masked(&error.to_string()));
        match self.end(work.iter().map(|one| Ending::failed(&one.item, refusal.clone())).collect()).await {
            Err(Error::Fenced) => Ok(()),
            other => other,
        }
    }
}
