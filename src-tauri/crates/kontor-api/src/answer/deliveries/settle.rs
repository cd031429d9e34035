//! A person says what became of mails.

use kontor::delivery::settlement::{self, One, Order, Which};

use super::super::stored::word;
use super::super::{Answered, Handle, asked_reason, selection};
use super::conditions;
use crate::delivery::{DeliveryState, SettleDeliveries, Settled, SettledMail};
use crate::event::Part;
use crate::failure::{Failure, Fault};
use crate::office::Office;
use crate::page::{NumberedInvoice, Selection};

/// How many of the mails that were settled are told one by one.
const TOLD: usize = 500;

impl Handle for SettleDeliveries {
    async fn handle(self, office: &Office) -> Answered<Settled> {
        let open = office.open()?;
        let reason = asked_reason(&self.reason)?;
        if self.arrived && self.resend {
            return Err(Failure::invalid("resend", Fault::Malformed).into());
        }
        if self.resend {
            open.crew.target()?;
        }
        let ids = match self.mails {
            Selection::These { ids } => selection::each_once(ids),
            Selection::All { filter, except } => {
                let conditions = conditions(&filter, open.store.now().await?);
                selection::matching(&open.store, ("deliveries d", "d.id"), &conditions, except).await?
            }
        };
        let most = Some(u64::try_from(self.planned).unwrap_or(0));
        let order = Order { which: Which::Ids(ids), arrived: self.arrived, resend: self.resend, reason, most };
        let done = settlement::settle(&open.store, &office.actor(self.request_id), &order).await?;
        if let Some(run) = done.run {
            open.crew.work_on(run, true)?;
        }
        office.changed(&[Part::Deliveries, Part::Invoices, Part::Failures, Part::Runs, Part::Journal]);
        Ok(told(done))
    }
}

fn told(done: settlement::Settled) -> Settled {
    let mut left = TOLD;
    let mut told = |one: &One| {
        let is_told = one.reason.is_some() || left > 0;
        left = left.saturating_sub(usize::from(one.reason.is_none()));
        is_told
    };
    Settled {
        settled: i64::try_from(done.settled).unwrap_or(i64::MAX),
        refused: i64::try_from(done.refused).unwrap_or(i64::MAX),
        run: done.run,
        is_repeated: done.repeated,
        mails: done.mails.into_iter().filter(|one| told(one)).filter_map(mail).collect(),
    }
}

/// A mail that is not there at all was counted, but there is nothing to show of it.
fn mail(one: One) -> Option<SettledMail> {
    let state = |stored: &str| word::<DeliveryState>(stored);
    Some(SettledMail {
        id: one.id?,
        message_id: one.message_id,
        invoice: NumberedInvoice { id: one.invoice_id?, number: one.invoice },
        before: state(&one.before)?,
        after: state(&one.after)?,
        obstacle: one.obstacle.map(Into::into),
    })
}
