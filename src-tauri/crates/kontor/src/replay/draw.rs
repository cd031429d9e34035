//! Drawing the inputs of a leg: all cores, off the threads that talk to the database. Nothing is kept but hashes.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use kontor_pdf::RENDERER;
use kontor_pdf::audit::{Expected, audit};
use kontor_pdf::content::sha256;
use rayon::prelude::*;
use sea_orm::{ConnectionTrait, Value};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::inputs::content;
use crate::seal::hex;
use crate::store::{self, Store, places};
use crate::{Result, canary, failpoint};

/// What stands for a hash where the frozen content was not read as it was written.
const NOT_READ: &str = "not_read";
/// Where the page could not be drawn.
const NOT_DRAWN: &str = "not_drawn";
/// Where drawing it panicked.
const PANICKED: &str = "panicked";

/// What is drawn.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// The invoice.
    pub invoice: Uuid,
    snapshot: Vec<u8>,
    hash: Vec<u8>,
    original: Option<Original>,
}

/// The stored original, as it was read.
#[derive(Clone, Debug)]
struct Original {
    bytes: Vec<u8>,
    hash: Vec<u8>,
}

/// Reads the inputs, in their order; those that cannot be read count as such each time they are drawn.
pub(super) async fn load(store: &Store, invoices: &[Uuid]) -> Result<Vec<Input>> {
    let text = format!("SELECT id, snapshot, snapshot_sha256 FROM invoices WHERE id IN ({})", places(invoices.len()));
    let values = invoices.iter().map(|id| Value::from(*id));
    let mut read = HashMap::new();
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
        let bytes = |name: &str| row.try_get::<Vec<u8>>("", name).unwrap_or_default();
        read.insert(row.try_get::<Uuid>("", "id")?, (bytes("snapshot"), bytes("snapshot_sha256")));
    }
    let input = |invoice: &Uuid| {
        let (snapshot, hash) = read.remove(invoice).unwrap_or_default();
        Input { invoice: *invoice, snapshot, hash, original: None }
    };
    Ok(invoices.iter().map(input).collect())
}

/// Reads the stored originals that this renderer drew while the suspect host did not have the invoice in hand.
pub(super) async fn load_originals(store: &Store, suspect: &str, inputs: &mut [Input]) -> Result<()> {
    let text = format!(
        "SELECT d.invoice_id, d.bytes, d.sha256 FROM documents d WHERE d.role = 'original' AND d.renderer = ? AND NOT EXISTS \
         (SELECT 1 FROM attempts a WHERE a.invoice_id = d.invoice_id AND a.host = ? AND a.started_at <= d.created_at AND \
         (a.ended_at IS NULL OR a.ended_at >= d.created_at)) AND d.invoice_id IN ({})",
        places(inputs.len())
    );
    let values = [RENDERER.into(), suspect.into()].into_iter().chain(inputs.iter().map(|input| input.invoice.into()));
    let mut read = HashMap::new();
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
        let (bytes, hash) = (row.try_get("", "bytes"), row.try_get("", "sha256"));
        if let (Ok(bytes), Ok(hash)) = (bytes, hash) {
            read.insert(row.try_get::<Uuid>("", "invoice_id")?, Original { bytes, hash });
        }
    }
    for input in inputs {
        input.original = read.remove(&input.invoice);
    }
    Ok(())
}

/// Draws each input once: its SHA-256 in hex, or the word of what hindered it.
pub(super) async fn round(inputs: &Arc<Vec<Input>>) -> Vec<String> {
    let count = inputs.len();
    let drawn = on_all_cores(inputs, |input| {
        catch_unwind(AssertUnwindSafe(|| draw(input))).unwrap_or_else(|_| PANICKED.to_owned())
    });
    drawn.await.unwrap_or_else(|| vec![PANICKED.to_owned(); count])
}

/// The hashes of the originals that are sound: their bytes have them, and pass the audit.
pub(super) async fn sound_originals(inputs: &Arc<Vec<Input>>) -> Vec<Option<String>> {
    let count = inputs.len();
    let sound = on_all_cores(inputs, |input| catch_unwind(AssertUnwindSafe(|| sound(input))).unwrap_or(None));
    sound.await.unwrap_or_else(|| vec![None; count])
}

async fn on_all_cores<T: Send + 'static>(
    inputs: &Arc<Vec<Input>>,
    work: impl Fn(&Input) -> T + Send + Sync + 'static,
) -> Option<Vec<T>> {
    let (sender, receiver) = oneshot::channel();
    let inputs = Arc::clone(inputs);
    rayon::spawn(move || {
        // Nobody waits any more when the worker was torn down.
        let _ = sender.send(inputs.par_iter().map(work).collect());
    });
    receiver.await.ok()
}

fn draw(input: &Input) -> String {
    let Some(content) = content(&input.snapshot, &input.hash) else { return NOT_READ.to_owned() };
    match canary::draw(&content) {
        Ok(mut pdf) => {
            // Breaks the legs and nothing else: a host whose canaries break too goes out of service.
            failpoint::flip("replay.flip", &mut pdf);
            hex(&sha256(&pdf))
        }
        Err(_) => NOT_DRAWN.to_owned(),
    }
}

fn sound(input: &Input) -> Option<String> {
    let (original, content) = (input.original.as_ref()?, content(&input.snapshot, &input.hash)?);
    let expected = Expected { sha256: original.hash.as_slice().try_into().ok(), ..Expected::of(&content) };
    (expected.sha256.is_some() && audit(Some(&original.bytes), &expected).is_good()).then(|| hex(&original.hash))
}
