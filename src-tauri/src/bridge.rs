//! The three commands of the bridge. No logic: what is asked goes to the office, what it says comes back.

use std::sync::Arc;

use kontor_api::{Document, Event, Failure, Office, Request};
use tauri::State;
use tauri::ipc::{Channel, Response};

use crate::host::Desktop;

/// Answers a request, as JSON.
#[tauri::command]
pub async fn call(office: State<'_, Office>, request: Request) -> Result<Response, Failure> {
    office.call(request).await.map(Response::new)
}

/// The bytes of a document as they are stored.
#[tauri::command]
pub async fn document(office: State<'_, Office>, document: Document) -> Result<Response, Failure> {
    office.document(document).await.map(Response::new)
}

/// Tells a window what happens, beginning with how things stand.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "commands are handed their state by value")]
pub fn watch(office: State<'_, Office>, host: State<'_, Arc<Desktop>>, channel: Channel<Event>) {
    host.listen(channel);
    office.begin();
}
