//! The list of runs.

use crate::answer::list::{Conditions, KeyKind, List, page};
use crate::answer::stored::spelled;
use crate::answer::{Answered, Handle};
use crate::office::Office;
use crate::page::{Order, Page};
use crate::run::{ListRuns, RunFilter, RunOccasion, RunRow, RunSort, RunState};

/// Whether something of the run `r` is in hand.
const IN_HAND: &str = "EXISTS (SELECT 1 FROM run_items h WHERE h.run_id = r.id AND h.state = 'claimed')";

impl Handle for ListRuns {
    async fn handle(self, office: &Office) -> Answered<Page<RunRow>> {
        let open = office.open()?;
        let list = list(&self.filter, self.order);
        let rows = |ids: Vec<uuid::Uuid>| super::row::rows(&open, ids);
        page(&open, &list, &self.place, self.limit, self.with_total, rows).await
    }
}

/// The runs that match, in this order.
fn list(filter: &RunFilter, order: Option<Order<RunSort>>) -> List {
    let mut conditions = Conditions::default();
    let one_of = |texts: Vec<String>, conditions: &mut Conditions| {
        if !texts.is_empty() {
            conditions.add(texts.join(" OR "), []);
        }
    };
    one_of(filter.states.iter().copied().map(is_in).collect(), &mut conditions);
    one_of(filter.occasions.iter().copied().map(is_of).collect(), &mut conditions);
    conditions.any_of("r.person", filter.persons.iter().map(String::as_str));
    let descending = match order {
        Some(Order { by: RunSort::StartedAt, descending }) => descending,
        None => true,
    };
    let (from, key) = ("runs r".to_owned(), "r.created_at".to_owned());
    List { from, conditions, key, kind: KeyKind::Time, id: "r.id", descending }
}

fn is_in(state: RunState) -> String {
    match state {
        RunState::Pausing => format!("(r.state = 'paused' AND {IN_HAND})"),
        RunState::Paused => format!("(r.state = 'paused' AND NOT {IN_HAND})"),
        state => format!("r.state = '{}'", spelled(&state)),
    }
}

fn is_of(occasion: RunOccasion) -> String {
    match occasion {
        RunOccasion::Invoice => "(r.occasion = 'run' AND r.kind = 'invoice')".to_owned(),
        RunOccasion::Rerun => "(r.occasion = 'run' AND r.kind = 'rerun')".to_owned(),
        occasion => format!("r.occasion = '{}'", spelled(&occasion)),
    }
}
