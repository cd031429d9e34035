//! The files that come with a demo, as far as they are asked for.

use super::bounce::Bounce;
use super::export::Export;
use super::maillog::MailLog;
use super::month::Rows;
use super::part::PartFolder;
use super::truth::TruthFile;
use super::{Order, Summary};
use crate::{Error, Result};

/// Which of them are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub log: bool,
    pub bounces: bool,
    pub export: bool,
}

impl Wanted {
    /// What an order asks for.
    pub fn of(order: &Order) -> Self {
        Self { log: order.maillog.is_some(), bounces: order.bounces.is_some(), export: order.signup_export.is_some() }
    }
}

/// All of them, on their way.
#[derive(Debug)]
pub(super) struct Files {
    truth: Option<TruthFile>,
    log: Option<MailLog>,
    export: Option<Export>,
    bounces: Option<PartFolder>,
}

impl Files {
    /// Begins them; nothing stays should one of them be impossible.
    pub fn begin(order: &Order) -> Result<Self> {
        let places = [&order.truth, &order.maillog, &order.signup_export, &order.bounces];
        let mut places: Vec<_> = places.into_iter().flatten().collect();
        places.sort();
        if let Some(pair) = places.windows(2).find(|pair| pair[0] == pair[1]) {
            let place = pair[0].display();
            return Err(Error::Usage(format!("{place} is to be two files at once. Give each its own place.")));
        }
        Ok(Self {
            truth: order.truth.as_deref().map(TruthFile::begin).transpose()?,
            log: order.maillog.as_deref().map(MailLog::begin).transpose()?,
            export: order.signup_export.as_deref().map(Export::begin).transpose()?,
            bounces: order.bounces.as_deref().map(PartFolder::begin).transpose()?,
        })
    }

    /// Takes what belongs into them out of a chunk.
    pub fn note(&mut self, rows: &mut Rows) -> Result<()> {
        self.truth.iter_mut().try_for_each(|file| rows.damage.iter().try_for_each(|entry| file.add(entry)))?;
        let (lines, bounces) = (std::mem::take(&mut rows.log), std::mem::take(&mut rows.bounces));
        if let (Some(log), Some(newest)) = (&mut self.log, rows.newest) {
            log.add(lines, newest)?;
        }
        self.export.iter_mut().try_for_each(|file| file.add(&std::mem::take(&mut rows.export)))?;
        let add = |folder: &PartFolder, Bounce { name, text }: &Bounce| folder.add(name, text.as_bytes());
        self.bounces.iter().try_for_each(|folder| bounces.iter().try_for_each(|one| add(folder, one)))
    }

    /// Makes all of them durable; what is left is moving them.
    pub fn end(&mut self) -> Result<()> {
        self.truth.iter_mut().try_for_each(TruthFile::end)?;
        self.log.iter_mut().try_for_each(MailLog::end)?;
        self.export.iter_mut().try_for_each(Export::end)
    }

    /// Moves them to their places: each of them, even should one not go.
    pub fn publish(self) -> Result<()> {
        let moved = [
            self.truth.map_or(Ok(()), TruthFile::publish),
            self.log.map_or(Ok(()), MailLog::publish),
            self.export.map_or(Ok(()), Export::publish),
            self.bounces.map_or(Ok(()), PartFolder::publish),
        ];
        moved.into_iter().collect()
    }
}

impl Summary {
    /// Counts a chunk.
    pub(super) fn add(&mut self, rows: &Rows) {
        self.registrations += rows.registrations.len() as u64;
        self.invoices += rows.invoices.len() as u64;
        self.documents += rows.documents.len() as u64;
        self.deliveries += rows.deliveries.len() as u64;
        self.payments += rows.payments.len() as u64;
        self.failed += rows.failed;
        self.damage += rows.damage.len() as u64;
    }
}
