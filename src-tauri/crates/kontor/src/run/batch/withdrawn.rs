//! Canaries of a batch, and what becomes of it when its host is taken out of service.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Batch, Mail};
use crate::canary::{self, Alarm, Kind};
use crate::run::code::{self, Refusal};
use crate::run::finish::{Ending, finish};
use crate::run::papers::Paper;
use crate::store::{self, entities::run_items};
use crate::{Error, Result, withdrawal};

/// Drawings of the reference invoices that each batch makes.
fn references() -> usize {
    kontor_pdf::references().len()
}

impl Batch<'_> {
    /// Looks whether every page came out the same twice, and then whether the references still do. If not, this host is out
    /// of service, and nothing of the batch is archived.
    pub(super) async fn look_at_canaries(&self, papers: &[Result<Paper, Refusal>], mails: &[Mail]) -> Result<()> {
        let unsteady: Vec<Ending> = papers
            .iter()
            .zip(mails)
            .filter_map(|(paper, mail)| Some((paper.as_ref().err()?, mail)))
            .filter(|(refusal, _)| refusal.code == code::DRAWN_OTHERWISE)
            .map(|(refusal, mail)| Ending::given_back(&mail.0, refusal.clone()))
            .collect();
        let alarm = if unsteady.is_empty() {
            canary::references().await
        } else {
            let told = format!(
                "{} of {} invoices came out otherwise when they were drawn again",
                unsteady.len(),
                papers.len()
            );
            Some(Alarm { kind: Kind::Twice, drawings: 2 * papers.len(), told, expected: None, found: None })
        };
        let Some(alarm) = alarm else { return Ok(()) };
        let out = canary::withdraw_this(self.store, self.process, &alarm).await?;
        if !unsteady.is_empty() {
            self.end(unsteady).await?;
        }
        Err(out)
    }

    /// Notes in the transaction that archives what it archives that its drawings came out right.
    pub(super) async fn note_canaries(
        &self,
        connection: &impl ConnectionTrait,
        drawn: usize,
        now: DateTime<Utc>,
    ) -> Result<()> {
        withdrawal::require_service(connection, &self.process.host).await?;
        canary::note_good(connection, self.process, Kind::Twice, 2 * drawn + references(), now).await
    }

    /// Forgets the items that are not held under this token any more.
    pub(super) async fn keep_held(&mut self) -> Result<()> {
        let held = run_items::Entity::find()
            .filter(run_items::Column::Id.is_in(self.claim.items.iter().map(|item| item.id)))
            .filter(run_items::Column::Token.eq(self.claim.token))
            .filter(run_items::Column::State.eq("claimed"))
            .all(self.store.read())
            .await?;
        self.claim.items.retain(|item| held.iter().any(|row| row.id == item.id));
        Ok(())
    }

    /// Gives back what is still in hand: another host goes on with it.
    pub(super) async fn give_back(&mut self) -> Result<()> {
        self.keep_held().await?;
        let back = |item| Ending::given_back(item, Refusal::new(code::HOST_WITHDRAWN, self.process.host.clone()));
        let endings: Vec<Ending> = self.claim.items.iter().map(back).collect();
        if endings.is_empty() {
            return Ok(());
        }
        let write = self.store.write().await?;
        let now = store::now(&*write).await?;
        match finish(&*write, &endings, self.claim.token, now).await {
            // Whoever took them over goes on with them.
            Err(Error::Fenced) => Ok(()),
            other => {
                other?;
                write.commit().await
            }
        }
    }
}
