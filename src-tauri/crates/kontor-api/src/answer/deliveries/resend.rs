//! Sending invoices again: what it would do, and doing it.

use std::mem::discriminant;

use kontor::delivery::address;
use kontor::delivery::resend::{self, Hindered, Letter, Request};
use kontor::run::code;
use kontor::store;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::super::{Answered, Handle, asked_reason, invoices, selection};
use crate::cause::Cause;
use crate::delivery::{PlanResend, ResendExample, ResendInvoices, ResendPlan};
use crate::event::Part;
use crate::failure::{Failure, Fault, Obstacle};
use crate::invoice::InvoiceFilter;
use crate::office::{Office, Open};
use crate::page::{By, NumberedInvoice, Selection};
use crate::run::{Refusal, RunStarted};

/// Mails and numbers that are shown of many.
const SHOWN: usize = 3;

impl Handle for PlanResend {
    async fn handle(self, office: &Office) -> Answered<ResendPlan> {
        let open = office.open()?;
        let ids = chosen(&open, self.invoices).await?;
        let request = Request { actor: office.actor(Uuid::nil()), to: None, reason: String::new() };
        let (mut eligible, mut examples, mut hindered) = (0, Vec::new(), Vec::new());
        resend::compose_each(&open.store, request, &ids, |letter| match letter {
            Ok(letter) => {
                eligible += 1;
                if examples.len() < SHOWN {
                    examples.push(letter);
                }
            }
            Err(one) => hindered.push(one),
        })
        .await?;
        Ok(ResendPlan {
            chosen: count(ids.len()),
            eligible,
            ineligible: count(hindered.len()),
            refusals: refusals(hindered),
            examples: shown(&open, examples).await?,
            mail_target: open.crew.target_name(),
        })
    }
}

impl Handle for ResendInvoices {
    async fn handle(self, office: &Office) -> Answered<RunStarted> {
        let open = office.open()?;
        let reason = asked_reason(&self.reason)?;
        let ids = chosen(&open, self.invoices).await?;
        let to = self.to.map(|to| to.trim().to_owned());
        if let Some(to) = &to {
            check(to, &ids)?;
        }
        open.crew.target()?;
        let request = Request { actor: office.actor(self.request_id), to, reason };
        let most = u64::try_from(self.planned).unwrap_or(0);
        let done = resend::resend_able(&open.store, request, &ids, most).await?;
        open.crew.work_on(done.run.id, true)?;
        office.changed(&[Part::Deliveries, Part::Invoices, Part::Failures, Part::Runs, Part::Journal]);
        Ok(RunStarted { run: done.run.id, total: done.run.total, is_repeated: done.repeated })
    }
}

async fn chosen(open: &Open, invoices: Selection<InvoiceFilter, Uuid>) -> Answered<Vec<Uuid>> {
    match invoices {
        Selection::These { ids } => Ok(selection::each_once(ids)),
        Selection::All { filter, except } => {
            let conditions = invoices::conditions(&open.store, &filter).await?;
            selection::matching(&open.store, ("invoices i", "i.id"), &conditions, except).await
        }
    }
}

/// Another address is for a single invoice.
fn check(to: &str, ids: &[Uuid]) -> Answered<()> {
    if to.is_empty() {
        return Err(Failure::invalid("to", Fault::Required).into());
    }
    if address::check(to).is_err() {
        return Err(Failure::invalid("to", Fault::NotAnAddress).into());
    }
    if ids.len() <= 1 { Ok(()) } else { Err(Failure::invalid("to", Fault::Malformed).into()) }
}

/// Why some cannot be sent, one entry per kind of reason. Where parameters differ, the reason is told without them.
fn refusals(hindered: Vec<Hindered>) -> Vec<Refusal> {
    let mut refusals: Vec<Refusal> = Vec::new();
    for Hindered { number, blocked, .. } in hindered {
        let obstacle = Obstacle::from(blocked.obstacle);
        let at = refusals.iter().position(|refusal| are_alike(&refusal.obstacle, &obstacle));
        let at = at.unwrap_or_else(|| {
            refusals.push(Refusal { obstacle: obstacle.clone(), count: 0, destination: None, examples: Vec::new() });
            refusals.len() - 1
        });
        let refusal = &mut refusals[at];
        refusal.count += 1;
        if refusal.obstacle != obstacle {
            refusal.obstacle = general(obstacle);
        }
        if refusal.examples.len() < SHOWN && !number.is_empty() {
            refusal.examples.push(number);
        }
    }
    refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.count));
    refusals
}

fn are_alike(one: &Obstacle, other: &Obstacle) -> bool {
    match (one, other) {
        (Obstacle::Cause { cause }, Obstacle::Cancelled { .. }) => cause.key == code::INVOICE_CANCELLED,
        (Obstacle::Cancelled { .. } | Obstacle::InHand { .. }, other) => discriminant(one) == discriminant(other),
        _ => one == other,
    }
}

fn general(obstacle: Obstacle) -> Obstacle {
    match obstacle {
        Obstacle::Cancelled { .. } => Obstacle::Cause { cause: Cause::read(code::INVOICE_CANCELLED) },
        Obstacle::InHand { .. } => Obstacle::InHand { run: None },
        other => other,
    }
}

/// The first of the mails, with when their invoice was mailed last.
async fn shown(open: &Open, letters: Vec<Letter>) -> Answered<Vec<ResendExample>> {
    let mut examples = Vec::with_capacity(letters.len());
    for letter in letters {
        let text = "SELECT d.sending_at, d.queued_at, d.person, i.recipient_name, (SELECT u.desk FROM run_items w JOIN runs u \
                    ON u.id = w.run_id WHERE w.subject_id = d.id ORDER BY u.created_at LIMIT 1) AS desk FROM invoices i \
                    LEFT JOIN deliveries d ON d.invoice_id = i.id AND d.sending_at IS NOT NULL WHERE i.id = ? ORDER BY \
                    d.sending_at DESC LIMIT 1";
        let id = letter.row.invoice_id;
        let row = open.store.read().query_one_raw(store::sql(open.store.backend(), text, [id.into()])).await?;
        let Some(row) = row else { continue };
        let person: Option<String> = row.try_get("", "person")?;
        let desk: Option<String> = row.try_get("", "desk")?;
        examples.push(ResendExample {
            invoice: NumberedInvoice { id, number: letter.number },
            name: row.try_get("", "recipient_name")?,
            recipient: letter.row.recipient,
            mailed_at: row.try_get("", "sending_at")?,
            mailed_by: person.map(|person| By { person, desk: desk.unwrap_or_default() }),
        });
    }
    Ok(examples)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use kontor::obstacle::Obstacle as Of;

    use super::*;

    fn hindered(number: &str, obstacle: Of) -> Hindered {
        Hindered { invoice: Uuid::nil(), number: number.to_owned(), blocked: obstacle.says("") }
    }

    #[test]
    fn many_reasons_of_one_kind_are_one_entry() {
        let on = "2013-02-01".parse().expect("a day");
        let cancelled = |by: &str| Of::Cancelled { by: by.to_owned(), on };
        let told = refusals(vec![
            hindered("RE-1", Of::NoDocument),
            hindered("RE-2", cancelled("ST-1")),
            hindered("RE-3", cancelled("ST-2")),
            hindered("RE-4", cancelled("ST-3")),
        ]);
        let cause = Obstacle::Cause { cause: Cause::read(code::INVOICE_CANCELLED) };
        assert_eq!((&told[0].obstacle, told[0].count, told[0].examples.len()), (&cause, 3, 3));
        assert_eq!((&told[1].obstacle, told[1].count), (&Obstacle::NoDocument, 1));
        let one = refusals(vec![hindered("RE-2", cancelled("ST-1"))]);
        assert_eq!(one[0].obstacle, Obstacle::Cancelled { by: "ST-1".to_owned(), on });
    }
}
