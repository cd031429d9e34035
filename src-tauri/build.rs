//! Tells Tauri which commands there are, so that no window may call anything else.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&["call", "document", "watch"]);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    tauri_build::try_build(attributes).expect("tauri.conf.json and the capabilities are sound");
}
