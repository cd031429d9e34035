//! Child processes: run `kontor`, read what it says, and kill it at any moment.
//!
//! Kills hit the process (SIGKILL), never a task. A child that is still running when its [`Running`] is dropped, or
//! when its time is up, is killed too.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a waiting test looks at its child.
const STEP: Duration = Duration::from_millis(5);

/// What the person at the keyboard has set must not change a test.
const FORGOTTEN: [&str; 12] = [
    "KONTOR_DB",
    "KONTOR_SMTP",
    "KONTOR_SMTP_PASSWORD",
    "KONTOR_HOST",
    "KONTOR_PERSON",
    "KONTOR_EDAC",
    "KONTOR_LOG",
    "PGOPTIONS",
    "PGAPPNAME",
    "FAILPOINTS",
    "RUST_LOG",
    "RUST_BACKTRACE",
];

/// One way to call the program; a value can be run several times.
#[derive(Clone, Debug)]
pub struct Kontor {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    limit: Duration,
}

impl Kontor {
    /// The program at this path; in the integration tests `env!("CARGO_BIN_EXE_kontor-test-worker")`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let limit = Duration::from_mins(5);
        Self { program: program.into(), arguments: Vec::new(), environment: Vec::new(), folder: None, limit }
    }

    /// Adds `--db URL`.
    #[must_use]
    pub fn db(self, url: &str) -> Self {
        self.args(["--db", url])
    }

    /// Adds `--smtp URL`.
    #[must_use]
    pub fn smtp(self, url: &str) -> Self {
        self.args(["--smtp", url])
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Arms failpoints, such as `issue.before_commit=panic;archive.after_commit=return(abort)`.
    #[must_use]
    pub fn failpoints(self, specification: &str) -> Self {
        self.env("FAILPOINTS", specification)
    }

    /// Runs it in this folder.
    #[must_use]
    pub fn dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// How long it may take (five minutes unless said) before the test fails.
    #[must_use]
    pub const fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end.
    pub fn run(&self) -> Output {
        self.spawn().wait()
    }

    /// Starts it.
    pub fn spawn(&self) -> Running {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in FORGOTTEN {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let started = Instant::now();
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{} does not start: {error}", self.program.display()));
        let stdout = Stream::read(child.stdout.take().expect("standard output is piped"));
        let stderr = Stream::read(child.stderr.take().expect("standard error is piped"));
        let call = self.arguments.iter().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join(" ");
        Running { child, stdout, stderr, call, started, limit: self.limit, peak: None }
    }
}

/// A child that has started.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: Stream,
    stderr: Stream,
    call: String,
    started: Instant,
    limit: Duration,
    peak: Option<u64>,
}

impl Running {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_some()
    }

    /// What it has written to standard error so far.
    pub fn stderr_so_far(&self) -> String {
        self.stderr.text()
    }

    /// Sends SIGKILL and takes what is left. A child that ended before keeps its own exit code.
    pub fn kill(mut self) -> Output {
        let _ = self.child.kill();
        self.take()
    }

    /// Lets it run for a while, then sends SIGKILL, unless it ends before.
    pub fn kill_after(mut self, pause: Duration) -> Output {
        let until = Instant::now() + pause;
        while !self.has_ended() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1).min(until.saturating_duration_since(Instant::now())));
        }
        self.kill()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Output {
        while !self.has_ended() {
            self.peak = peak_bytes(self.child.id()).or(self.peak);
            if self.started.elapsed() > self.limit {
                let _ = self.child.kill();
                panic!("kontor {} took longer than {:?}:\n{}", self.call, self.limit, self.stderr.text());
            }
            std::thread::sleep(STEP);
        }
        self.take()
    }

    fn take(&mut self) -> Output {
        let status = self.child.wait().expect("a child can be waited for");
        let elapsed = self.started.elapsed();
        Output {
            code: status.code(),
            signal: status.signal(),
            stdout: self.stdout.finish(),
            stderr: self.stderr.finish(),
            call: self.call.clone(),
            elapsed,
            peak_bytes: self.peak,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a child left behind.
#[derive(Clone, Debug)]
pub struct Output {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it: 9 after a kill, 6 after an abort.
    pub signal: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The arguments, for messages.
    pub call: String,
    /// From start to end, to 5 ms.
    pub elapsed: Duration,
    /// Largest resident memory while [`Running::wait`] looked, in bytes; Linux only.
    pub peak_bytes: Option<u64>,
}

impl Output {
    /// Fails the test, with everything the child said, unless it ended with this code.
    #[must_use = "the output is what the test is about; use `drop` otherwise"]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "kontor {} ended with {:?} (signal {:?}), expected {code}\n--- stdout\n{}\n--- stderr\n{}",
            self.call,
            self.code,
            self.signal,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Standard output as the one JSON document that `--json` promises.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("kontor {} printed no JSON ({error}):\n{}\n--- stderr\n{}", self.call, self.stdout, self.stderr)
        })
    }
}

/// A stream of the child, read all the time so that it never blocks on a full pipe.
#[derive(Debug)]
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Stream {
    fn read(mut source: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&bytes);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = source.read(&mut buffer) {
                sink.lock().expect("nobody panics while holding the bytes").extend_from_slice(&buffer[..count]);
            }
        });
        Self { bytes, reader: Some(reader) }
    }

    fn text(&self) -> String {
        let bytes = self.bytes.lock().expect("nobody panics while holding the bytes");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn finish(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        self.text()
    }
}

/// The kernel's own high-water mark (`VmHWM`); it only grows, so the last look is the largest.
fn peak_bytes(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
