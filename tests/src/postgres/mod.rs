//! A private `PostgreSQL` server for one test process, with the durability it is shipped with.
//!
//! A small shell script starts it and stops it when this process is gone, even after a `kill -9`. Left out: the
//! system's own server, which is neither used nor touched.

mod programs;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::loopback::free_port;

/// How often a database is asked to go.
const DROPS: usize = 5;

const GUARDIAN: &str = include_str!("guardian.sh");

/// A running server and the databases on it.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    databases: AtomicUsize,
    guardian: Child,
}

impl Cluster {
    /// The one server of this test process, started when it is first asked for.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Result<Cluster, String>> = OnceLock::new();
        let started = SHARED.get_or_init(|| {
            let temp = std::env::temp_dir();
            Self::try_start(&temp).or_else(|first| Self::try_start(Path::new("/var/tmp")).map_err(|_| first))
        });
        started.as_ref().unwrap_or_else(|sentence| panic!("{sentence}"))
    }

    /// A server of its own with its files under `parent`; it stops when the value is dropped.
    pub fn start_in(parent: &Path) -> Self {
        Self::try_start(parent).unwrap_or_else(|sentence| panic!("{sentence}"))
    }

    /// Port on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Makes a new, empty database and returns its address. It sorts as a German server does (ICU `de-DE`), so that
    /// no test gets used to byte order.
    pub fn database(&self) -> String {
        let name = format!("kontor_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let sql = format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'"
        );
        self.psql(&self.url("postgres"), &sql);
        self.url(&name)
    }

    /// Removes a database that [`Cluster::database`] made, whoever is still connected to it. One that does not go goes with
    /// the server: it is no fault of the test.
    pub fn drop_database(&self, url: &str) {
        let name = url.rsplit('/').next().unwrap_or_default();
        let mut told = Ok(String::new());
        for _ in 0..DROPS {
            // The server waits five seconds for those that it cuts off, which a busy machine may need.
            told = self.ask(&self.url("postgres"), &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            if told.is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_secs(1));
        }
        eprintln!("{name} stays until the server goes: {told:?}");
    }

    /// Runs SQL with `psql`; returns rows as lines with fields separated by `|`.
    pub fn psql(&self, url: &str, sql: &str) -> String {
        self.ask(url, sql).unwrap_or_else(|error| panic!("psql refused {sql}: {error}"))
    }

    fn ask(&self, url: &str, sql: &str) -> Result<String, String> {
        let output = Command::new(self.programs.join("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1", "-c", sql, url])
            .stdin(Stdio::null())
            .output()
            .expect("psql comes with the server's programs");
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// A setting of the server, such as `fsync` or `server_version`.
    pub fn setting(&self, name: &str) -> String {
        self.psql(&self.url("postgres"), &format!("SHOW {name}"))
    }

    /// Stops the server, does something to its files (the folder of its data is given), and starts it again on the same port.
    /// Only for a server of one's own: whoever else is connected is cut off.
    pub fn while_stopped(&self, work: impl FnOnce(&Path)) {
        let data = self.folder.join("data");
        self.control(&data, &["stop", "-m", "fast"]);
        work(&data);
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=", self.port);
        let log = self.folder.join("log");
        self.control(&data, &["start", "-o", &options, "-l", &log.to_string_lossy()]);
    }

    fn control(&self, data: &Path, arguments: &[&str]) {
        let program = self.programs.join("pg_ctl");
        let mut command =
            programs::as_server_user(&program.to_string_lossy()).unwrap_or_else(|sentence| panic!("{sentence}"));
        command.arg("-D").arg(data).arg("-w").args(arguments).current_dir("/");
        // The server keeps what it inherits; a pipe would never end.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().expect("pg_ctl comes with the server's programs");
        assert!(status.success(), "pg_ctl {arguments:?}");
    }

    /// Folder of the server's files and log.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn try_start(parent: &Path) -> Result<Self, String> {
        let programs = programs::find()?;
        let mut refusal = String::new();
        // A port that is free now may be taken a moment later.
        for _ in 0..3 {
            match Self::try_port(parent, &programs, free_port()) {
                Ok(cluster) => return Ok(cluster),
                Err(error) => refusal = error,
            }
        }
        Err(format!("PostgreSQL did not start in {}: {refusal}", parent.display()))
    }

    fn try_port(parent: &Path, programs: &Path, port: u16) -> Result<Self, String> {
        let mut guardian = programs::as_server_user("sh")?
            .args(["-c", GUARDIAN, "kontor-tests-pg"])
            .args([parent.as_os_str(), programs.as_os_str()])
            .arg(port.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let answer = guardian.stdout.take().map(BufReader::new).and_then(|mut lines| {
            let mut line = String::new();
            lines.read_line(&mut line).ok().map(|_| line)
        });
        let answer = answer.unwrap_or_default();
        let Some(folder) = answer.trim_end().strip_prefix("ready ").map(PathBuf::from) else {
            drop(guardian.stdin.take());
            let _ = guardian.wait();
            return Err(answer.trim().to_owned());
        };
        Ok(Self { programs: programs.to_owned(), folder, port, databases: AtomicUsize::new(0), guardian })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        let _ = self.guardian.wait();
    }
}
