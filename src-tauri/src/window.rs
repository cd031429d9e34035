//! The one window: how it opens, that there is one of it, and that closing it finishes what is in hand.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kontor_api::connection::{DatabasePlace, OpenDatabase};
use kontor_api::settings::Theme;
use kontor_api::{Host as _, Office};
use tauri::plugin::TauriPlugin;
use tauri::window::Color;
use tauri::{AppHandle, Manager, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent, Wry};
use tauri_plugin_window_state::StateFlags;
use uuid::Uuid;

use crate::host::Desktop;
use crate::place;

/// Its label, as the capability names it.
pub const LABEL: &str = "main";
/// Its size at the first start.
const SIZE: (f64, f64) = (1_280.0, 800.0);
/// The smallest at which everything can be reached.
const LEAST: (f64, f64) = (640.0, 480.0);
/// How long what is in hand is waited for; what takes longer is taken over from the rows.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program is ending: a start meanwhile is a new one.
static IS_ENDING: AtomicBool = AtomicBool::new(false);
static COMES_BACK: AtomicBool = AtomicBool::new(false);

/// One window per folder: a second start shows the first one's, with the database that it was given.
pub fn one_per_folder(folder: &Path) -> TauriPlugin<Wry> {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, folder.as_os_str().as_encoded_bytes()).simple();
    tauri_plugin_single_instance::Builder::new()
        .callback(|app, words, _| {
            if IS_ENDING.load(Ordering::Relaxed) {
                COMES_BACK.store(true, Ordering::Relaxed);
                return;
            }
            if let Some(window) = app.get_webview_window(LABEL) {
                let _ = window.unminimize();
                let _ = window.set_focus();
            }
            if let Some(word) = words.get(1).filter(|word| !word.starts_with('-')) {
                open_database(app, place::file(word.into()));
            }
        })
        .dbus_id(format!("org.kontor.Kontor.d{id}"))
        .build()
}

/// Size and place of the window are kept.
pub fn remembered() -> TauriPlugin<Wry> {
    let kept = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN;
    tauri_plugin_window_state::Builder::default().with_state_flags(kept).build()
}

/// Opens the window, dark from its first picture on where it is to be dark.
pub fn open(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let is_dark = is_dark(app);
    let (theme, background) =
        if is_dark { ("dark", Color(0x14, 0x17, 0x1C, 0xFF)) } else { ("light", Color(0xF3, 0xF5, 0xF7, 0xFF)) };
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Kontor")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(LEAST.0, LEAST.1)
        .background_color(background)
        .initialization_script(format!("window.kontorTheme = \"{theme}\";"))
        .on_navigation(|url| matches!(url.scheme(), "tauri" | "http" | "https") && is_own(url))
        .build()
}

fn is_own(url: &tauri::Url) -> bool {
    url.scheme() == "tauri" || matches!(url.host_str(), Some("tauri.localhost" | "localhost"))
}

fn is_dark(app: &AppHandle) -> bool {
    match app.state::<Office>().settings().theme {
        Theme::Dark => true,
        Theme::Light => false,
        Theme::System => app.state::<std::sync::Arc<Desktop>>().appearance().is_dark,
    }
}

/// Opens a database that was named at the start. What is wrong with it, the person sees when they open it by hand.
pub fn open_database(app: &AppHandle, place: DatabasePlace) {
    let office = app.state::<Office>().inner().clone();
    tauri::async_runtime::spawn(async move {
        let asked = OpenDatabase { name: None, place, password: None };
        if let Err(failure) = office.call(asked.into()).await {
            tracing::warn!(?failure, "the database that was named at the start cannot be opened");
        }
    });
}

/// Closing the window hides it at once, finishes what is in hand, and ends the program.
pub fn heard<R: Runtime>(window: &Window<R>, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else { return };
    api.prevent_close();
    if IS_ENDING.swap(true, Ordering::Relaxed) {
        return;
    }
    let _ = window.hide();
    let app = window.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let office = app.state::<Office>().inner().clone();
        if tokio::time::timeout(PATIENCE, office.end()).await.is_err() {
            tracing::info!("what is in hand takes long; it is taken over from the rows");
        }
        if COMES_BACK.load(Ordering::Relaxed) {
            app.restart();
        }
        app.exit(0);
    });
}
