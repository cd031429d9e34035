//! `WebKit`'s own driver, which starts the program and drives its window.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::display::display;
use super::waits::PATIENCE;
use super::window::Opening;

/// A driver with the window that it started; both end with it.
pub struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts a driver whose program keeps its files in this folder.
    pub fn start(folder: &Path, dialogs: &Path, opening: &Opening) -> Self {
        // The port is free now; another process that takes it meanwhile makes the driver end, which shows below.
        let port =
            TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a port").port();
        let program = ["/usr/bin/WebKitWebDriver", "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/WebKitWebDriver"]
            .into_iter()
            .find(|path| Path::new(path).exists())
            .unwrap_or("WebKitWebDriver");
        let process = Command::new(program)
            .arg(format!("--port={port}"))
            .env("DISPLAY", display())
            .env_remove("WAYLAND_DISPLAY")
            .env("GDK_BACKEND", "x11")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("TAURI_AUTOMATION", "true")
            // The program would disable this renderer, and without it the driver's pictures never come.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "0")
            // Unless a test wants one, no session bus: no keyring, no portal, no other window that a second start would show.
            .env("DBUS_SESSION_BUS_ADDRESS", opening.bus.as_deref().unwrap_or("disabled:"))
            .env("NO_AT_BRIDGE", "1")
            .env("KONTOR_FOLDER", folder)
            .env("KONTOR_DIALOGS", dialogs)
            .env("KONTOR_PERSON", opening.person)
            .env("KONTOR_HOST", "schreibtisch-1")
            .env("LANG", "de_DE.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .envs(opening.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log(folder))
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start ({error}); `make test` installs it"));
        let driver = Self { process, port };
        driver.wait();
        driver
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The process of the program whose window it drives.
    pub fn program(&self) -> u32 {
        let id = self.process.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let first = children.split_whitespace().next().and_then(|child| child.parse().ok());
        first.expect("the driver has started the program")
    }

    fn wait(&self) {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "the driver does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn log(folder: &Path) -> Stdio {
    let file = std::fs::File::create(folder.join("window.log")).expect("the folder is writable");
    file.into()
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program under test: `KONTOR_DESKTOP`, or the one that stands beside this test.
pub fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("KONTOR_DESKTOP") {
        return named.into();
    }
    let test = std::env::current_exe().expect("a test knows its place");
    let beside = test.ancestors().nth(2).expect("a target folder").join("kontor-desktop");
    assert!(
        beside.exists(),
        "{} is not built. `make test` builds it; by hand: cargo build --workspace --bins --features \
         kontor-desktop/custom-protocol",
        beside.display()
    );
    beside
}
