//! Documents: the bytes as they are stored, saved where the person wants them, or shown in the system's own program.

use kontor::delivery::message;
use kontor::store;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::{Answered, Handle, files, report};
use crate::document::Document;
use crate::failure::{Failure, RecordKind};
use crate::office::{Office, Open};
use crate::start::{OpenDocument, SaveDocument};

/// A document with the name of its file.
struct Paper {
    name: String,
    bytes: Vec<u8>,
}

/// The bytes of a document.
pub(crate) async fn document(office: &Office, document: Document) -> Answered<Vec<u8>> {
    Ok(paper(&*office.open()?, document).await?.bytes)
}

impl Handle for SaveDocument {
    async fn handle(self, office: &Office) -> Answered<Option<String>> {
        let paper = paper(&*office.open()?, self.document).await?;
        let Some(path) = office.host().choose_save(&self.title, &paper.name).await else { return Ok(None) };
        files::write(path.clone(), paper.bytes).await?;
        Ok(Some(path.display().to_string()))
    }
}

impl Handle for OpenDocument {
    async fn handle(self, office: &Office) -> Answered<()> {
        let paper = paper(&*office.open()?, self.document).await?;
        let path = office.papers().lay_out(&paper.name, &paper.bytes)?;
        Ok(office.host().open(&path).await?)
    }
}

async fn paper(open: &Open, document: Document) -> Answered<Paper> {
    match document {
        Document::Invoice { id } => pdf(open, id, "d.invoice_id = ? AND d.role = 'original'").await,
        Document::Stored { id } => pdf(open, id, "d.id = ?").await,
        Document::Report { month, language, form } => {
            let (name, ending, bytes) = report::paper(open, month, language, form).await?;
            Ok(Paper { name: files::safe(&name, ending), bytes })
        }
        Document::Message { id } => mail(open, id).await,
    }
}

async fn pdf(open: &Open, id: Uuid, which: &str) -> Answered<Paper> {
    let text = format!(
        "SELECT d.bytes, i.number FROM documents d LEFT JOIN invoices i ON i.id = d.invoice_id WHERE {which} LIMIT 1"
    );
    let row = one(open, &text, id).await?.ok_or_else(|| Failure::not_found(RecordKind::Document, id))?;
    let number: Option<String> = row.try_get("", "number").unwrap_or_default();
    let name = files::safe(number.as_deref().unwrap_or_default(), "pdf");
    Ok(Paper { name, bytes: row.try_get("", "bytes")? })
}

/// The exact message. The old programs stored none.
async fn mail(open: &Open, id: Uuid) -> Answered<Paper> {
    let text = "SELECT m.message_id, m.message_head, m.message_tail, d.bytes FROM deliveries m LEFT JOIN documents d ON \
                d.id = m.document_id WHERE m.id = ?";
    let row = one(open, text, id).await?.ok_or_else(|| Failure::not_found(RecordKind::Delivery, id))?;
    let part = |column: &str| row.try_get::<Option<Vec<u8>>>("", column);
    let (head, tail, pdf) = (part("message_head")?, part("message_tail")?, part("bytes")?);
    let (Some(head), Some(tail), Some(pdf)) = (head, tail, pdf) else {
        return Err(Failure::not_found(RecordKind::Document, id).into());
    };
    let message_id: String = row.try_get("", "message_id").unwrap_or_default();
    Ok(Paper { name: files::safe(&message_id, "eml"), bytes: message::joined(&head, &pdf, &tail) })
}

async fn one(open: &Open, text: &str, id: Uuid) -> Answered<Option<QueryResult>> {
    let statement = store::sql(open.store.backend(), text, [Value::from(id)]);
    Ok(open.store.read().query_one_raw(statement).await?)
}
