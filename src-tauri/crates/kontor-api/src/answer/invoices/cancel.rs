//! Cancelling an invoice: what it would do, and doing it.

use chrono::NaiveDate;
use kontor::invoice::cancel::{self, Order, Plan};
use kontor::store::{self, places};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::super::{Answered, Handle, asked_reason};
use super::audit::missing;
use crate::event::Part;
use crate::failure::{Failure, Fault, RecordKind};
use crate::invoice::{CancelInvoice, CancellationPlan, Cancelled, PlanCancellation};
use crate::journal::FieldChange;
use crate::office::{Office, Open};
use crate::page::NumberedInvoice;

impl Handle for PlanCancellation {
    async fn handle(self, office: &Office) -> Answered<CancellationPlan> {
        let open = office.open()?;
        // A date that cannot be is told when it is used, so that the person still sees what they are changing.
        let issue_on = match self.issue_on {
            Some(day) => day,
            None => open.store.today().await?,
        };
        let plan = cancel::plan(&open.store, self.invoice, issue_on).await;
        let plan = plan.map_err(|error| missing(error, self.invoice))?;
        let changes = plan.differences.into_iter().map(|difference| FieldChange {
            field: difference.field,
            before: difference.before,
            after: difference.after,
        });
        Ok(CancellationPlan {
            recipient: plan.invoice.recipient_name,
            gross_cents: plan.invoice.gross_cents,
            paid_cents: paid(&open, self.invoice).await?,
            issue_on,
            obstacle: plan.obstacle.map(Into::into),
            is_cancelled: plan.is_cancelled,
            reissue_obstacle: plan.reissue_obstacle.map(Into::into),
            differences: changes.collect(),
            mail_to: plan.mail_to,
            withdrawn_mails: i64::try_from(plan.withdrawn).unwrap_or(i64::MAX),
            invoice: NumberedInvoice { id: plan.invoice.id, number: plan.invoice.number },
        })
    }
}

impl Handle for CancelInvoice {
    async fn handle(self, office: &Office) -> Answered<Cancelled> {
        let open = office.open()?;
        let reason = asked_reason(&self.reason)?;
        let issue_on = day(&open, self.issue_on).await?;
        if self.mail {
            open.crew.target()?;
        }
        let plan = cancel::plan(&open.store, self.invoice, issue_on).await;
        check(&plan.map_err(|error| missing(error, self.invoice))?, issue_on)?;
        let last_step = if self.mail { "deliver" } else { "archive" };
        let order = Order { reason, issue_on, reissue: self.reissue, last_step };
        let done = cancel::cancel_by_id(&open.store, &office.actor(self.request_id), self.invoice, &order).await?;
        open.crew.work_on(done.run, self.mail)?;
        office.changed(&[Part::Invoices, Part::Deliveries, Part::Failures, Part::Runs, Part::Journal]);
        told(&open, self.invoice, done).await
    }
}

/// The date of the new papers; not one of the future.
async fn day(open: &Open, asked: Option<NaiveDate>) -> Answered<NaiveDate> {
    let today = open.store.today().await?;
    match asked {
        Some(day) if day > today => Err(Failure::invalid("issue_on", Fault::InFuture { today }).into()),
        asked => Ok(asked.unwrap_or(today)),
    }
}

/// A paper that follows another is not older than it.
fn check(plan: &Plan, issue_on: NaiveDate) -> Answered<()> {
    if issue_on >= plan.earliest {
        return Ok(());
    }
    Err(Failure::invalid("issue_on", Fault::TooEarly { earliest: plan.earliest }).into())
}

/// What was paid on an invoice. What was returned was not.
async fn paid(open: &Open, invoice: Uuid) -> Answered<i64> {
    let text = "SELECT CAST(COALESCE(sum(amount_cents), 0) AS bigint) AS paid FROM payments WHERE invoice_id = ? AND state = \
                'matched'";
    let row = open.store.read().query_one_raw(store::sql(open.store.backend(), text, [invoice.into()])).await?;
    Ok(row.map(|row| row.try_get("", "paid")).transpose()?.unwrap_or(0))
}

async fn told(open: &Open, invoice: Uuid, done: cancel::Cancelled) -> Answered<Cancelled> {
    let numbers: Vec<&String> = [&done.cancellation].into_iter().chain(&done.reissued).collect();
    let text = format!("SELECT id, number FROM invoices WHERE number IN ({})", places(numbers.len()));
    let values = numbers.into_iter().map(|number| number.clone().into());
    let mut found = Vec::new();
    for row in open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await? {
        found.push(NumberedInvoice { id: row.try_get("", "id")?, number: row.try_get("", "number")? });
    }
    let named = |number: &str| found.iter().find(|each| each.number == number).cloned();
    let cancellation = named(&done.cancellation);
    Ok(Cancelled {
        invoice: NumberedInvoice { id: invoice, number: done.invoice },
        cancellation: cancellation.ok_or_else(|| Failure::not_found(RecordKind::Invoice, &done.cancellation))?,
        reissued: done.reissued.as_deref().and_then(named),
        run: done.run,
        is_repeated: done.repeated,
    })
}
