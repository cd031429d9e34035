//! Which findings a person means: named one by one, all of a rule, or all that are proven.

use std::collections::HashSet;

use uuid::Uuid;

use super::Order;
use crate::Result;
use crate::check::{Action, Evidence, Finding, finding, rules};
use crate::store::Store;

/// Which findings are to be put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// These, each named by a person.
    Findings(Vec<Uuid>),
    /// All open ones of a rule that are not set aside.
    Rule(String),
    /// Those of these whose proposal is proven and not left to a person, if they are open and not set aside.
    ProvenOf(Vec<Uuid>),
    /// All open ones whose proposal is proven and not left to a person, unless they are set aside.
    AllProven,
}

/// Orders for these findings, each once.
pub async fn chosen(store: &Store, which: &Which) -> Result<Vec<Order>> {
    let now = store.now().await?;
    let of = async |ids: &[&str], is_wanted: fn(&Finding) -> bool| {
        let open = finding::open(store.read(), ids).await?;
        let wanted = open.into_iter().filter(|one| is_wanted(one) && !one.is_set_aside(now));
        Ok(wanted.map(|one| Order::among(one.id)).collect::<Vec<_>>())
    };
    match which {
        Which::Findings(ids) => {
            let mut orders: Vec<Order> = Vec::with_capacity(ids.len());
            for id in ids {
                if orders.iter().all(|order| order.finding != *id) {
                    orders.push(Order::named(finding::by_id(store.read(), *id).await?.id));
                }
            }
            Ok(orders)
        }
        Which::Rule(rule) => of(&[rules::by_id(rule)?.id], |_| true).await,
        Which::ProvenOf(ids) => {
            let wanted: HashSet<&Uuid> = ids.iter().collect();
            let mut orders = of(&[], is_proven).await?;
            orders.retain(|order| wanted.contains(&order.finding));
            Ok(orders)
        }
        Which::AllProven => of(&[], is_proven).await,
    }
}

fn is_proven(finding: &Finding) -> bool {
    let is_left_to_a_person = finding.proposal.as_ref().is_none_or(|proposal| proposal.action == Action::Decide);
    finding.evidence == Evidence::Proven && !is_left_to_a_person
}
