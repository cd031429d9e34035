//! The earlier mails of an invoice, and why none can follow them now.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Berlin;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::super::settlement;
use crate::Result;
use crate::obstacle::{Blocked, Obstacle};
use crate::store::entities::invoices::{self, Column};
use crate::store::{self, Store, places};

/// The earlier mails of an invoice, as far as they matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Earlier {
    /// Day of the first mail that may have arrived, or else of the first of all; and whether it may.
    pub(super) first: Option<(NaiveDate, bool)>,
    /// Why none can follow now.
    hindrance: Option<Hindrance>,
    /// State of the mail that hinders.
    state: String,
    /// The run that has it.
    run: Option<Uuid>,
}

/// Why no further mail can follow now; the later in this list, the more it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hindrance {
    /// The first mail has not gone out yet.
    Waits,
    /// It is being sent again already.
    Again,
    /// A worker sends the first mail at this moment.
    InHand,
}

/// What cancelled those of these invoices that are cancelled.
pub(super) async fn cancellations(
    store: &Store,
    invoices: &HashMap<Uuid, invoices::Model>,
) -> Result<HashMap<Uuid, Cancellation>> {
    let cancelled = invoices.values().filter(|row| row.state == "cancelled").filter_map(|row| row.cancelled_by);
    let query = invoices::Entity::find().select_only().columns([Column::CancelsId, Column::Number, Column::IssuedOn]);
    let query = query.filter(Column::Id.is_in(cancelled)).into_tuple::<(Option<Uuid>, String, NaiveDate)>();
    let rows = query.all(store.read()).await?;
    Ok(rows.into_iter().filter_map(|(cancels, number, on)| Some((cancels?, (number, on)))).collect())
}

/// What the earlier mails of these invoices say.
pub(super) async fn earlier(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, Earlier>> {
    let text = format!(
        "SELECT d.invoice_id, d.purpose, d.state, d.queued_at, CASE WHEN {} THEN 1 ELSE 0 END AS in_hand, \
         (SELECT w.run_id FROM run_items w WHERE w.subject_id = d.id AND w.state IN ('waiting', 'claimed') LIMIT 1) AS run \
         FROM deliveries d WHERE d.invoice_id IN ({}) ORDER BY d.queued_at, d.id",
        settlement::IN_HAND,
        places(ids.len())
    );
    let values = [now.into()].into_iter().chain(ids.iter().map(|id| (*id).into()));
    let mut found: HashMap<Uuid, Earlier> = HashMap::new();
    for row in connection.query_all_raw(store::sql(connection.get_database_backend(), &text, values)).await? {
        let earlier = found.entry(row.try_get("", "invoice_id")?).or_default();
        let state: String = row.try_get("", "state")?;
        let day = row.try_get::<DateTime<Utc>>("", "queued_at")?.with_timezone(&Berlin).date_naive();
        let in_hand = row.try_get::<i32>("", "in_hand")? == 1;
        earlier.add(&row.try_get::<String>("", "purpose")?, state, day, row.try_get("", "run")?, in_hand);
    }
    Ok(found)
}

impl Earlier {
    fn add(&mut self, purpose: &str, state: String, day: NaiveDate, run: Option<Uuid>, in_hand: bool) {
        let is_first = purpose != "resend";
        let hindrance = match state.as_str() {
            "queued" | "deferred" if is_first => Some(Hindrance::Waits),
            "sending" if is_first && in_hand => Some(Hindrance::InHand),
            // A run that was cancelled leaves its mails queued; nobody will send them.
            "queued" | "deferred" | "sending" if !is_first && run.is_some() => Some(Hindrance::Again),
            _ => None,
        };
        let may_have_arrived = matches!(state.as_str(), "accepted" | "unknown" | "sending");
        if hindrance > self.hindrance {
            (self.hindrance, self.state, self.run) = (hindrance, state, run);
        }
        if is_first && self.first.is_none_or(|(_, may)| may_have_arrived && !may) {
            self.first = Some((day, may_have_arrived));
        }
    }

    /// Why the invoice cannot be sent again; none when it can.
    pub(super) fn obstacle(&self, number: &str, cancellation: Option<&Cancellation>) -> Option<Blocked> {
        let hindrance = self.hindrance.or(self.first.is_none().then_some(Hindrance::Waits))?;
        Some(match hindrance {
            Hindrance::InHand => Obstacle::InHand { run: self.run }
                .says(format!("The mail of {number} is being sent at this moment; wait until it is out.")),
            Hindrance::Again => Obstacle::InHand { run: self.run }
                .says(format!("{number} is queued to be sent again already; `kontor work` sends it.")),
            Hindrance::Waits => match cancellation {
                Some((by, on)) => Obstacle::Cancelled { by: by.clone(), on: *on }
                    .says(format!("{number} is cancelled and has never gone out; there is nothing to repeat.")),
                None => self.not_gone_out().says(format!(
                    "The mail of {number} has not gone out yet; there is nothing to repeat. `kontor runs start --invoice \
                     {number} --reason …` sends it."
                )),
            },
        })
    }

    fn not_gone_out(&self) -> Obstacle {
        if self.state.is_empty() { Obstacle::NeverLeft } else { Obstacle::NotSentYet { state: self.state.clone() } }
    }
}

/// Number and date of a cancellation invoice.
pub(super) type Cancellation = (String, NaiveDate);
