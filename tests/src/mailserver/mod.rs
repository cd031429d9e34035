//! A real mail server for one test: a private Postfix on loopback, with its files in a temporary folder.
//!
//! ```text
//! let server = MailServer::start();                                 // everybody at example.com has a mailbox
//! let server = MailServer::setup()
//!     .mailbox("rechnung@dienst.example").domain("dienst.example")  // where bounces to rechnung+…@ go
//!     .unknown("kunde1@example.com")                                // 550 5.1.1
//!     .answers("kunde2@example.com", "450 4.2.1 Mailbox busy")      // this at RCPT
//!     .bounces("kunde3@example.com", "5.2.2 Mailbox full")          // accepted first, then a real RFC 3464 report
//!     .tls(&authority, Certificate::Valid)                          // STARTTLS, and a second port with TLS
//!     .start();
//!
//! server.wait_until("both mails are there", |server| server.delivered().len() == 2);
//! server.log();                                                     // Postfix's own log lines
//! ```
//!
//! A small shell script starts it and stops it when this process is gone, even after a `kill -9`. It uses the programs
//! that `scripts/setup.sh` unpacked, or else the installed ones, as root, and it is no system service: its own
//! configuration, queue, log and port. Left out: logins (Postfix has none without a SASL library's configuration), DNS
//! (it looks nothing up), and the system's own mail server, which is neither used nor touched.

mod delivered;
mod files;
mod programs;
mod setup;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use self::delivered::Delivered;
use self::files::Place;
use self::programs::{Owners, Programs};
pub use self::setup::Setup;
use crate::loopback::free_port;

const GUARDIAN: &str = include_str!("guardian.sh");
/// The user `nobody`, who gets the mail where the tests run as root: Postfix delivers nothing as root.
const NOBODY: (u32, u32) = (65_534, 65_534);
/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running Postfix; it stops, and its files go, when dropped.
#[derive(Debug)]
pub struct MailServer {
    port: u16,
    tls_port: Option<u16>,
    guardian: Child,
    folder: TempDir,
}

impl MailServer {
    /// Starts one that hosts `example.com`, where everybody has a mailbox.
    pub fn start() -> Self {
        Self::setup().start()
    }

    /// A server of another kind, to be described and then started.
    pub fn setup() -> Setup {
        Setup::default()
    }

    /// Its port on 127.0.0.1, for plain SMTP and STARTTLS.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its address as `kontor --smtp` takes it.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The address where it speaks TLS from the first byte. Only with TLS.
    pub fn tls_url(&self) -> String {
        format!("smtps://127.0.0.1:{}", self.tls_port.expect("the server was started with TLS"))
    }

    /// Its mail log so far.
    pub fn log(&self) -> String {
        let text = std::fs::read(self.log_file()).expect("the log is there as long as the server");
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The file that it logs to.
    pub fn log_file(&self) -> PathBuf {
        self.folder.path().join("mail.log")
    }

    /// The folder of all its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The Maildir of a hosted domain, or of an address that was given its own; made with the first mail.
    pub fn maildir(&self, name: &str) -> PathBuf {
        self.folder.path().join("mail").join(name)
    }

    /// The messages that lie in its Maildirs, in no particular order.
    pub fn delivered(&self) -> Vec<Delivered> {
        delivered::all(&self.folder.path().join("mail"))
    }

    /// How often each Message-ID was taken over, by its log; the server's own reports included.
    pub fn accepted(&self) -> BTreeMap<String, usize> {
        delivered::accepted(&self.log())
    }

    /// Waits until this is so; fails the test, with the log, if it never is.
    pub fn wait_until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let started = Instant::now();
        while !condition(self) {
            assert!(started.elapsed() < PATIENCE, "never came true: {what}\n--- mail log\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn start_as(setup: &Setup) -> Result<Self, String> {
        let (programs, owners) = (programs::find()?, Owners::find()?);
        // Its users are not the tests' own, and may not get into a folder for temporary files that is private.
        let parents = [std::env::temp_dir(), PathBuf::from("/var/tmp")];
        let mut refusal = None;
        // A port that is free now may be taken a moment later.
        for parent in parents.iter().flat_map(|parent| [parent; 2]) {
            match Self::try_start(setup, &programs, &owners, parent) {
                Ok(server) => return Ok(server),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        Err(format!("Postfix did not start: {}", refusal.unwrap_or_default()))
    }

    fn try_start(setup: &Setup, programs: &Programs, owners: &Owners, parent: &Path) -> Result<Self, String> {
        let (port, tls_port) = (free_port(), free_port());
        let folder = tempfile::Builder::new().prefix("kontor-tests-mail-").tempdir_in(parent);
        let folder = folder.map_err(|error| error.to_string())?;
        let here = std::fs::metadata(folder.path()).map_err(|error| error.to_string())?;
        let receiver = if here.uid() == 0 { NOBODY } else { (here.uid(), here.gid()) };
        let place = Place { folder: folder.path(), programs, owners, receiver, port, tls_port };
        setup.write(&place).map_err(|error| error.to_string())?;
        let mut guardian = programs::shell_as_root(here.uid())?
            .args(["-c", GUARDIAN, "kontor-tests-mail"])
            .args([folder.path(), &programs.daemons])
            .args([&programs.libraries, &owners.mail_owner, &owners.drop_group])
            .arg(format!("{}:{}", receiver.0, receiver.1))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut answer = String::new();
        if let Some(stdout) = guardian.stdout.take() {
            let _ = BufReader::new(stdout).read_line(&mut answer);
        }
        let server = Self { port, tls_port: setup.tls.as_ref().map(|_| tls_port), guardian, folder };
        if answer.trim_end() != "ready" {
            return Err(answer.trim().to_owned());
        }
        server.greeting().map(|()| server)
    }

    /// The network is answered by a process of its own, which may fail where the first one did not.
    fn greeting(&self) -> Result<(), String> {
        let told = |error: std::io::Error| format!("no greeting: {error}; {}", self.log());
        let stream = TcpStream::connect(("127.0.0.1", self.port)).map_err(told)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(told)?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).map_err(told)?;
        if line.starts_with("220 ") {
            Ok(())
        } else {
            Err(format!("it greets with “{}”; {}", line.trim(), self.log()))
        }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        let _ = self.guardian.wait();
    }
}
