//! Everything that was tried on an invoice.

use kontor::store;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::super::Answered;
use super::super::stored::stored;
use crate::cause::Cause;
use crate::failure::RecordKind;
use crate::office::Open;
use crate::page::Stored;
use crate::run::Attempt;

/// Attempts of an invoice, newest first. Those on its period before there was an invoice count as its own; those on
/// another paper of the period do not.
pub(super) async fn of_invoice(open: &Open, id: Uuid) -> Answered<Vec<Stored<Attempt>>> {
    let text = "SELECT a.id, a.started_at, a.ended_at, a.step, a.outcome, a.host, a.pid, a.program_version, a.signal, a.code, \
                a.message FROM attempts a JOIN invoices i ON i.subscription_id = a.subscription_id AND i.period = a.period \
                WHERE i.id = ? AND (a.invoice_id = i.id OR (a.invoice_id IS NULL AND i.kind = 'invoice')) ORDER BY \
                a.started_at DESC, a.id DESC";
    let statement = store::sql(open.store.backend(), text, [Value::from(id)]);
    let found = open.store.read().query_all_raw(statement).await?;
    found.iter().map(|row| Ok(read(row, row.try_get("", "id")?))).collect()
}

/// Reads an attempt from a row with the columns of its fields.
pub(crate) fn read(row: &QueryResult, id: Uuid) -> Stored<Attempt> {
    stored(row, RecordKind::Attempt, id, "host", |values| {
        let (started_at, ended_at) = (values.get("started_at"), values.get("ended_at"));
        let (outcome, step) = (values.word("outcome"), values.word("step"));
        let (host, pid) = (values.get("host"), values.get("pid"));
        let (program_version, signal) = (values.get("program_version"), values.get("signal"));
        let code: Option<Option<String>> = values.get("code");
        let message = values.get("message");
        Some(Attempt {
            id,
            started_at: started_at?,
            ended_at: ended_at?,
            step: step?,
            outcome: outcome?,
            host: host?,
            pid: pid?,
            program_version: program_version?,
            signal: signal?,
            cause: code?.as_deref().map(Cause::read),
            message: message?,
        })
    })
}
