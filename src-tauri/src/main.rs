//! Kontor's window. It is thin: a window, three commands that lead to the office (`bridge`), and what only a desktop has
//! (`host`, `dialogs`, `keyring`). What is done stands in `kontor-api` and `kontor`; how it looks stands in `ui`.

// A window needs no terminal beside it.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod appearance;
mod bridge;
mod dialogs;
mod host;
mod keyring;
mod log;
mod place;
mod window;

use std::process::ExitCode;
use std::sync::Arc;

use crate::host::Desktop;
use crate::place::Arguments;
use kontor_api::Office;

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args_os().skip(1)) {
        Ok(arguments) => arguments,
        Err(answer) => return answer.print(),
    };
    if let Some(reason) = place::missing_display() {
        eprintln!("{reason}");
        return ExitCode::FAILURE;
    }
    place::prepare_webview();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            eprintln!("Kontor's window cannot be opened: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let folder = place::folder()?;
    let _log = log::begin(&folder);
    let host = Arc::new(Desktop::new(folder.clone()));
    let office = tauri::async_runtime::block_on(async { Office::new(Arc::clone(&host) as _) });
    let app = tauri::Builder::default()
        .plugin(window::one_per_folder(&folder))
        .plugin(window::remembered())
        .manage(office)
        .manage(Arc::clone(&host))
        .invoke_handler(tauri::generate_handler![bridge::call, bridge::document, bridge::watch])
        .setup(move |app| {
            window::open(app.handle())?;
            if let Some(place) = arguments.database {
                window::open_database(app.handle(), place);
            }
            Ok(())
        })
        .on_window_event(window::heard)
        .build(tauri::generate_context!())?;
    host.attach(app.handle().clone());
    // Ending is `window::heard`'s.
    app.run(|_, _| {});
    Ok(())
}
