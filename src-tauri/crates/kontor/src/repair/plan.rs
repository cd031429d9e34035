//! What repairs would do, read and told before anything is written: fields with old and new, what happens besides, how sure
//! it is, and what stands against it.

use std::collections::HashMap;

use kontor_pdf::content::sha256;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::intent::{self, Bytes, Intent, Place};
use super::obstacle::Obstacle;
use super::one::{self, Ready};
use super::row::{Cell, Row};
use super::table::{Column, Table};
use super::writing::all_typed;
use super::{Order, rerun};
use crate::check::{self, Candidate, Evidence, Finding, Reason, finding};
use crate::invoice::{deviation, restore};
use crate::run::{self, Key};
use crate::seal::hex;
use crate::store::Store;
use crate::store::entities::documents;
use crate::{Error, Result};

/// What happens besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The seal is made anew where it has to be.
    Sealed,
    /// The row is taken as it is.
    Accepted,
    /// A run is started for it.
    Run,
    /// The document is drawn, for the first time or again from the same content.
    Drawn,
    /// A mail goes out to the customer.
    Mail,
    /// No mail goes out.
    NoMail,
    /// A cancellation invoice is issued and mailed.
    Cancellation,
    /// The stored document stays as it is.
    PaperUnchanged,
    /// It cannot be taken back.
    Final,
}

/// A field, old and new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldPlan {
    /// The column; `1.gross_cents` is that of an invoice's first line.
    pub field: String,
    /// What stands there.
    pub old: Option<String>,
    /// What would stand there.
    pub new: Option<String>,
}

/// What the repair of one finding would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The finding.
    pub finding: Uuid,
    /// Its rule.
    pub rule: String,
    /// How much it matters.
    pub severity: String,
    /// Table of the record that would be written.
    pub table: String,
    /// Key of its row.
    pub row: String,
    /// Kind of repair; none where nothing is proposed.
    pub action: Option<check::Action>,
    /// How sure it is.
    pub evidence: Evidence,
    /// Why, and what speaks against it.
    pub reasons: Vec<Reason>,
    /// Values a person may choose among.
    pub candidates: Vec<Candidate>,
    /// Whether a person may give a value of their own.
    pub takes_value: bool,
    /// Fields that would be written.
    pub fields: Vec<FieldPlan>,
    /// What happens besides.
    pub effects: Vec<Effect>,
    /// Whether it could be taken back.
    pub undoable: bool,
    /// What stands against it.
    pub obstacle: Option<Obstacle>,
    /// The row as it stands now; an order that names it is not applied to any other.
    pub seen: Option<String>,
}

/// A plan with what it was made of.
#[derive(Debug)]
pub(super) struct Draft {
    /// The plan.
    pub plan: Plan,
    /// The finding.
    pub finding: Finding,
    /// What would be written.
    pub intent: Option<Intent>,
    /// The row.
    pub at: Option<Place>,
}

/// Plans; writes nothing.
pub async fn plan(store: &Store, orders: &[Order]) -> Result<Vec<Plan>> {
    Ok(drafts(store, orders).await?.into_iter().map(|draft| draft.plan).collect())
}

/// Plans, and keeps what the plans were made of.
pub(super) async fn drafts(store: &Store, orders: &[Order]) -> Result<Vec<Draft>> {
    let is_corrupt = check::is_corrupt(store.read()).await?;
    let mut plans: Vec<Draft> = Vec::with_capacity(orders.len());
    let mut keys: HashMap<usize, Key> = HashMap::new();
    for order in orders {
        let finding = finding::by_id(store.read(), order.finding).await?;
        let mut planned = blank(&finding);
        planned.takes_value = intent::takes_value(store.read(), &finding).await?;
        let (mut intent, mut at) = (None, None);
        match one::ready(store.read(), order, finding.clone()).await? {
            Ok(ready) => {
                if ready.intent == Intent::Rerun
                    && let Some(key) = rerun::key(store.read(), &ready.finding).await?
                {
                    keys.insert(plans.len(), key);
                }
                fill(store, &ready, &mut planned).await?;
                (intent, at) = (Some(ready.intent), Some(ready.at));
            }
            Err(obstacle) => planned.obstacle = Some(obstacle),
        }
        if is_corrupt {
            planned.obstacle = Some(Obstacle::DatabaseCorrupt);
        }
        plans.push(Draft { plan: planned, finding, intent, at });
    }
    hinder(store, &keys, &mut plans).await?;
    Ok(plans)
}

fn blank(finding: &Finding) -> Plan {
    let proposal = finding.proposal.as_ref();
    let target = proposal.and_then(|proposal| proposal.target.as_ref());
    let (table, row) = target.map_or((&finding.table, &finding.row), |target| (&target.table, &target.row));
    Plan {
        finding: finding.id,
        rule: finding.rule.clone(),
        severity: finding.severity.clone(),
        table: table.clone(),
        row: row.clone(),
        action: proposal.map(|proposal| proposal.action),
        evidence: finding.evidence,
        reasons: proposal.map(|proposal| proposal.reasons.clone()).unwrap_or_default(),
        candidates: proposal.map(|proposal| proposal.candidates.clone()).unwrap_or_default(),
        takes_value: false,
        fields: Vec::new(),
        effects: Vec::new(),
        undoable: false,
        obstacle: None,
        seen: None,
    }
}

async fn fill(store: &Store, ready: &Ready<'_>, plan: &mut Plan) -> Result<()> {
    plan.effects = effects(&ready.intent);
    plan.undoable = !plan.effects.contains(&Effect::Final);
    if matches!(ready.intent, Intent::Rerun | Intent::Cancel(_)) {
        return Ok(());
    }
    let Some(row) = Row::read(store.read(), ready.at.table, ready.at.id).await? else {
        plan.obstacle = Some(Obstacle::RowMissing);
        return Ok(());
    };
    plan.seen = Some(hex(&row.sha256()));
    if !one::is_as_found(&ready.finding, &row) || !ready.order.saw(&row) {
        plan.obstacle = Some(Obstacle::RowChanged);
    }
    match fields(store, &ready.intent, &row).await {
        Ok(fields) => plan.fields = fields,
        Err(error) => plan.obstacle = Some(Obstacle::of(&error).ok_or(error)?),
    }
    if let Intent::Fields { values, is_own, .. } = &ready.intent
        && let Err(obstacle) = all_typed(values, *is_own)
    {
        plan.obstacle = Some(obstacle);
    }
    if would_send_again(ready.at, &plan.fields) {
        plan.undoable = false;
        plan.effects.push(Effect::Final);
    }
    Ok(())
}

fn effects(intent: &Intent) -> Vec<Effect> {
    const SEALED: [Table; 6] = [
        Table::Registrations,
        Table::Mailboxes,
        Table::Subscriptions,
        Table::Notes,
        Table::SavedFilters,
        Table::Payments,
    ];
    match intent {
        Intent::Fields { at, .. } if SEALED.contains(&at.table) => vec![Effect::Sealed, Effect::NoMail],
        Intent::Fields { at, .. } if [Table::Invoices, Table::InvoiceLines].contains(&at.table) => {
            vec![Effect::PaperUnchanged, Effect::NoMail]
        }
        Intent::Fields { .. } | Intent::Document(_, Bytes::HashItself | Bytes::Flipped(..) | Bytes::Exchanged(_)) => {
            vec![Effect::NoMail]
        }
        Intent::Accept(_) => vec![Effect::Accepted, Effect::Sealed, Effect::NoMail],
        Intent::Invoice(..) => vec![Effect::PaperUnchanged, Effect::NoMail],
        Intent::Document(_, Bytes::Drawn | Bytes::Anew) => vec![Effect::Drawn, Effect::NoMail],
        Intent::Redraw { .. } => vec![Effect::Drawn, Effect::NoMail, Effect::Final],
        Intent::Rerun => vec![Effect::Run, Effect::Drawn, Effect::Mail, Effect::Final],
        Intent::Cancel(_) => vec![Effect::Cancellation, Effect::Run, Effect::Mail, Effect::Final],
        Intent::Release(_) => vec![Effect::Final],
    }
}

/// A mail that is settled does not go back to where it would be sent once more.
fn would_send_again(at: Place, fields: &[FieldPlan]) -> bool {
    let is_open = |old: &str| ["queued", "sending", "deferred"].contains(&old);
    at.table == Table::Deliveries
        && fields.iter().any(|field| field.field == "state" && field.old.as_deref().is_some_and(is_open))
}

async fn fields(store: &Store, intent: &Intent, row: &Row) -> Result<Vec<FieldPlan>> {
    Ok(match intent {
        Intent::Fields { values, .. } => {
            values.iter().map(|(column, value)| set(row, column, value.as_deref())).collect()
        }
        Intent::Accept(_) => vec![FieldPlan { field: "seal".to_owned(), old: told(row, "seal"), new: None }],
        Intent::Invoice(id, content) => invoice(store.read(), *id, content.as_deref()).await?,
        Intent::Document(id, bytes) => document(store.read(), *id, *bytes, row).await?,
        Intent::Release(_) => {
            vec![FieldPlan { field: "state".to_owned(), old: told(row, "state"), new: Some("waiting".to_owned()) }]
        }
        Intent::Redraw { .. } | Intent::Rerun | Intent::Cancel(_) => Vec::new(),
    })
}

fn told(row: &Row, column: &str) -> Option<String> {
    row.cell(column).and_then(Cell::shown)
}

fn set(row: &Row, column: &Column, value: Option<&str>) -> FieldPlan {
    FieldPlan { field: column.name.to_owned(), old: told(row, column.name), new: value.map(str::to_owned) }
}

async fn invoice(connection: &impl ConnectionTrait, id: Uuid, copy: Option<&[u8]>) -> Result<Vec<FieldPlan>> {
    let rows = deviation::read(connection, id, None).await?;
    let (content, bytes) = restore::frozen(&rows, copy)?;
    let changes = rows.changes(connection, &content, &bytes).await?;
    let named = |one: deviation::Deviation| FieldPlan {
        field: one.line.map_or_else(|| one.field.clone(), |line| format!("{line}.{}", one.field)),
        old: one.old,
        new: one.new,
    };
    Ok(changes.told.into_iter().map(named).collect())
}

async fn document(connection: &impl ConnectionTrait, id: Uuid, bytes: Bytes, row: &Row) -> Result<Vec<FieldPlan>> {
    let stored = told(row, "bytes");
    let hash = row.bytes("sha256").unwrap_or_default();
    let by_hash = |hash: &[u8]| format!("SHA-256 {}", hex(hash));
    let field = |field: &str, old, new| FieldPlan { field: field.to_owned(), old, new: Some(new) };
    Ok(match bytes {
        Bytes::HashItself => vec![field("sha256", told(row, "sha256"), stored.unwrap_or_default())],
        Bytes::Drawn | Bytes::Flipped(..) => vec![field("bytes", stored, by_hash(&hash))],
        Bytes::Anew => {
            let drawn = super::document::drawn(connection, row).await?;
            let drawn = drawn.ok_or_else(|| Error::Refused(Obstacle::BytesGone.sentence(false)))?;
            let right = sha256(&drawn);
            vec![field("bytes", stored, by_hash(&right)), field("sha256", told(row, "sha256"), by_hash(&right))]
        }
        Bytes::Exchanged(other) => {
            let theirs = documents::Entity::find_by_id(other).one(connection).await?;
            let theirs = theirs.ok_or_else(|| Error::NotFound(format!("The document beside {id} is gone.")))?;
            vec![field("bytes", stored, by_hash(&theirs.sha256))]
        }
    })
}

/// What cannot run says why, for all of them at once.
async fn hinder(store: &Store, keys: &HashMap<usize, Key>, plans: &mut [Draft]) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let all: Vec<Key> = keys.values().copied().collect();
    let candidates = run::plan::candidates(store, &all, store.today().await?).await?;
    let obstacles: HashMap<Key, Option<&str>> = candidates.iter().map(|one| (one.key, one.obstacle)).collect();
    for (index, key) in keys {
        let obstacle = match obstacles.get(key) {
            Some(cause) => cause.map(|cause| Obstacle::CannotRun { cause: cause.to_owned() }),
            None => Some(Obstacle::RowMissing),
        };
        let plan = &mut plans[*index].plan;
        if plan.obstacle.is_none() {
            plan.obstacle = obstacle;
        }
    }
    Ok(())
}
