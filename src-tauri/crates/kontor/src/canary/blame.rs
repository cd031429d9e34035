//! Whose work a document was, and taking that host out of service.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

use super::{Alarm, Suspect, row, withdraw};
use crate::identity::Process;
use crate::run::workers::patiently;
use crate::store::entities::documents;
use crate::store::{self, Store, Write, insert_all};
use crate::{Error, Result, check, journal, withdrawal};

/// Who archived a document.
pub(crate) struct Author {
    /// Its host.
    pub host: String,
    /// Its worker, where the attempt names one.
    pub worker: Option<Uuid>,
    /// When its attempt began.
    pub since: DateTime<Utc>,
}

/// The attempt that had the invoice in hand when its document was archived.
pub(crate) async fn author(connection: &impl ConnectionTrait, document: Uuid) -> Result<Option<Author>> {
    let text = "SELECT a.host AS host, a.worker_id AS worker_id, a.started_at AS started_at FROM documents d JOIN attempts a \
                ON a.invoice_id = d.invoice_id WHERE d.id = ? AND a.started_at <= d.created_at AND (a.ended_at IS NULL OR \
                a.ended_at >= d.created_at) ORDER BY a.started_at DESC LIMIT 1";
    let statement = store::sql(connection.get_database_backend(), text, [document.into()]);
    let Some(found) = connection.query_one_raw(statement).await? else { return Ok(None) };
    let (worker, since) = (found.try_get("", "worker_id")?, found.try_get("", "started_at")?);
    Ok(Some(Author { host: found.try_get("", "host")?, worker, since }))
}

/// Notes that a document was drawn wrong, and takes the host that drew it out of service. Returns why this host is out of
/// service, where it was its own work.
pub(super) async fn withdraw_author(
    store: &Store,
    process: &Process,
    document: &documents::Model,
    alarm: &Alarm,
) -> Result<Option<Error>> {
    let (out, is_noted) = patiently(|| accuse(store, process, document, alarm)).await?;
    if is_noted {
        // Whoever looks at the invoice is told at once; a check would find it as well.
        let write = store.write().await?;
        for rule in ["document_damaged", "document_drawn_wrong"] {
            check::recheck_at_once(store, &*write, rule, &document.id.to_string()).await?;
        }
        write.commit().await?;
    }
    Ok(out)
}

/// The first half, in one transaction; and whether anything was noted of the document.
async fn accuse(
    store: &Store,
    process: &Process,
    document: &documents::Model,
    alarm: &Alarm,
) -> Result<(Option<Error>, bool)> {
    let write = store.write().await?;
    // Two hosts that accuse each other at once: whoever comes second is out by then and accuses nobody.
    journal::one_at_a_time(&*write).await?;
    let now = store::now(&*write).await?;
    if let Some(row) = withdrawal::open(&*write, &process.host).await? {
        return Ok((Some(withdrawal::out_of_service(&row)), false));
    }
    let author = author(&*write, document.id).await?;
    let mut canary = row(process, alarm.kind, alarm.drawings, now);
    "differs".clone_into(&mut canary.outcome);
    canary.document_id = Some(document.id);
    canary.author = author.as_ref().map(|author| author.host.clone());
    canary.expected_sha256 = Some(document.sha256.clone());
    canary.found_sha256 = alarm.found.map(Vec::from);
    let out = match author {
        Some(author) if !is_known_of(&write, &author.host, document.created_at).await? => {
            let since = last_proven(&write, &author, document.created_at).await?;
            let number = number(&*write, document.invoice_id).await?;
            let told = format!("the PDF of {number}, drawn there, comes out otherwise on {}", process.host);
            let suspect = Suspect { host: &author.host, since, told: &told };
            let out = withdraw(&write, process, canary, suspect, now).await?;
            (author.host == process.host).then_some(out)
        }
        // Nobody is known to have drawn it, or its host was out of service for just this time and was put back since.
        _ => {
            insert_all(&*write, vec![canary]).await?;
            None
        }
    };
    write.commit().await?;
    Ok((out, true))
}

/// Its own canaries were good and its page was wrong, so they prove nothing: what counts is which earlier page of it came out
/// right elsewhere, or else when its worker began.
async fn last_proven(write: &Write, author: &Author, before: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let elsewhere = "SELECT MAX(d.created_at) AS at FROM canaries c JOIN documents d ON d.id = c.document_id WHERE c.author = ? \
                     AND c.host <> c.author AND c.outcome = 'same' AND d.created_at < ?";
    let began = "SELECT MAX(w.started_at) AS at FROM workers w WHERE w.id = ? AND w.started_at <= ?";
    let asked = [(elsewhere, author.host.clone().into()), (began, author.worker.into())];
    for (text, whose) in asked {
        let statement = store::sql(write.get_database_backend(), text, [whose, before.into()]);
        let found = write.query_one_raw(statement).await?;
        if let Some(at) = found.and_then(|row| row.try_get::<Option<DateTime<Utc>>>("", "at").ok().flatten()) {
            return Ok(at);
        }
    }
    Ok(author.since)
}

/// Whether that time lies in a bad time of that host already.
async fn is_known_of(write: &Write, host: &str, at: DateTime<Utc>) -> Result<bool> {
    let text = "SELECT 1 AS one FROM withdrawals WHERE host = ? AND suspect_from_at <= ? AND \
                (coalesce(suspect_until_at, returned_at) IS NULL OR coalesce(suspect_until_at, returned_at) > ?) LIMIT 1";
    let statement = store::sql(write.get_database_backend(), text, [host.into(), at.into(), at.into()]);
    Ok(write.query_one_raw(statement).await?.is_some())
}

async fn number(connection: &impl ConnectionTrait, invoice: Uuid) -> Result<String> {
    use crate::store::entities::invoices;
    let row = invoices::Entity::find_by_id(invoice).one(connection).await?;
    Ok(row.map_or_else(|| "an invoice".to_owned(), |row| row.number))
}
