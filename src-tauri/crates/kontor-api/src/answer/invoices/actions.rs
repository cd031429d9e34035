//! What can be done with an invoice, said before anybody presses a button.

use kontor::delivery::resend::{self, Request};
use kontor::invoice::cancel;
use uuid::Uuid;

use super::super::failing::open_of;
use super::super::{Answered, obstacles};
use super::rows::open_keys;
use crate::failure::Obstacle;
use crate::invoice::InvoiceActions;
use crate::office::{Office, Open};
use crate::run::FailureKey;

/// What can be done with an invoice.
pub(super) async fn of(office: &Office, open: &Open, id: Uuid) -> Answered<InvoiceActions> {
    let (cancel, taken_back) = cancelling(open, id).await?;
    let (failure, rerun) = rerunning(open, id).await?;
    let rerun = match (&cancel, rerun) {
        (Some(in_hand @ Obstacle::InHand { .. }), None) => Some(in_hand.clone()),
        (_, Some(Obstacle::Complete)) => Some(taken_back.unwrap_or(Obstacle::Complete)),
        (_, rerun) => rerun,
    };
    Ok(InvoiceActions { failure, rerun, resend: resending(office, open, id).await?, cancel })
}

/// What stands in the way of cancelling; and, of a cancelled invoice, what cancelled it. Where its month can be invoiced
/// again nothing stands in the way: that is done in the same place.
async fn cancelling(open: &Open, id: Uuid) -> Answered<(Option<Obstacle>, Option<Obstacle>)> {
    let today = open.store.today().await?;
    let plan = match cancel::plan(&open.store, id, today).await {
        Ok(plan) => plan,
        Err(error) => match error.undecodable() {
            Some(field) => return Ok((Some(Obstacle::Unreadable { field }), None)),
            None => return Err(error.into()),
        },
    };
    let obstacle = plan.obstacle.map(Obstacle::from);
    if !plan.is_cancelled {
        return Ok((obstacle, None));
    }
    let stands = if plan.reissue_obstacle.is_some() { obstacle.clone() } else { None };
    Ok((stands, obstacle))
}

/// The key to rerun the invoice with, and what stands in the way.
async fn rerunning(open: &Open, id: Uuid) -> Answered<(Option<FailureKey>, Option<Obstacle>)> {
    let keys: Vec<_> = open_keys(open, &[id]).await?.into_iter().map(|(_, key)| key).collect();
    let known = open_of(open, &keys).await?;
    let Some(candidate) = keys.iter().find_map(|key| known.get(key)) else {
        return Ok((None, Some(Obstacle::Complete)));
    };
    Ok((Some(FailureKey::of(&candidate.key)), obstacles::of_candidate(candidate)))
}

async fn resending(office: &Office, open: &Open, id: Uuid) -> Answered<Option<Obstacle>> {
    let request = Request { actor: office.actor(Uuid::nil()), to: None, reason: String::new() };
    let mut obstacle = None;
    resend::compose_each(&open.store, request, &[id], |letter| {
        obstacle = letter.err().map(|hindered| hindered.blocked.obstacle.into());
    })
    .await?;
    Ok(obstacle)
}
