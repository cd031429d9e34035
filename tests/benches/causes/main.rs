//! `make bench`: how long it takes to look for causes over ten thousand and a million attempts, on both databases.
//!
//! The program measured is the release build named by `KONTOR_BIN`, run as a process of its own, start and all. Attempts
//! beyond those of the demo are copies of them, spread over the same month and hosts. `KONTOR_BENCH_CAUSES` (default
//! `10000,1000000`) and `KONTOR_BENCH_DIR` (default `/var/tmp`) change what is measured and where.

use std::path::{Path, PathBuf};

use kontor_tests::databases::{block_on, connect, number};
use kontor_tests::postgres::Cluster;
use kontor_tests::process::{Kontor, Output};
use sea_orm::ConnectionTrait;

/// Invoices of the demo, and so about as many attempts.
const INVOICES: i64 = 10_000;
/// Most seconds for ten thousand attempts, and for a million.
const AIMS: [(i64, f64); 2] = [(10_000, 1.0), (1_000_000, 10.0)];

fn main() {
    // `cargo test --benches` runs this too, without the flag.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let program =
        PathBuf::from(std::env::var_os("KONTOR_BIN").expect("KONTOR_BIN names the release build: use `make bench`"));
    let base = std::env::var_os("KONTOR_BENCH_DIR").map_or_else(|| PathBuf::from("/var/tmp"), PathBuf::from);
    let cluster = Cluster::start_in(&base);
    println!("{:<12}{:>12}  causes", "database", "attempts");
    for is_server in [false, true] {
        let folder =
            tempfile::Builder::new().prefix("kontor-bench-").tempdir_in(&base).expect("the folder is writable");
        let file = format!("sqlite:{}", folder.path().join("kontor.db").display());
        let url = if is_server { cluster.database() } else { file };
        let bench = Bench { program: &program, url: &url, folder: folder.path() };
        bench.run();
        if is_server {
            cluster.drop_database(&url);
        }
    }
}

struct Bench<'a> {
    program: &'a Path,
    url: &'a str,
    folder: &'a Path,
}

impl Bench<'_> {
    fn kontor(&self, arguments: &[&str]) -> Output {
        Kontor::new(self.program).db(self.url).dir(self.folder).args(["--json"]).args(arguments).run().expect(0)
    }

    fn run(&self) {
        drop(self.kontor(&["demo", "create", "--registrations", &INVOICES.to_string()]));
        drop(self.kontor(&["check"]));
        for size in sizes() {
            block_on(self.grow(size));
            self.measure(size);
        }
    }

    /// Copies attempts until there are so many.
    async fn grow(&self, size: i64) {
        let connection = connect(self.url).await;
        let id = if self.url.starts_with("sqlite") { "randomblob(16)" } else { "gen_random_uuid()" };
        let columns = "subscription_id, period, invoice_id, step, token, host, boot_id, pid, program_version, started_at, \
                       ended_at, outcome, signal, code, message";
        loop {
            let missing = size - number(&connection, "SELECT count(*) FROM attempts").await;
            if missing <= 0 {
                break;
            }
            let copy = format!(
                "INSERT INTO attempts (id, {columns}) SELECT {id}, {columns} FROM attempts LIMIT {}",
                missing.min(100_000)
            );
            connection.execute_unprepared(&copy).await.expect("attempts are copied");
        }
        connection.execute_unprepared("ANALYZE").await.expect("rows are counted");
    }

    fn measure(&self, size: i64) {
        let mut seconds = f64::MAX;
        let mut peak = None;
        for _ in 0..3 {
            let output = self.kontor(&["causes"]);
            assert_eq!(output.json()[0]["value"], "rechnung-03");
            seconds = seconds.min(output.elapsed.as_secs_f64());
            peak = peak.max(output.peak_bytes);
        }
        let database = if self.url.starts_with("sqlite") { "SQLite" } else { "PostgreSQL" };
        let peak = peak.map_or_else(|| "-".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000));
        let aim = AIMS.iter().find(|(aim, _)| size <= *aim).map_or(f64::INFINITY, |(_, seconds)| *seconds);
        let met = if seconds <= aim { "met" } else { "MISSED" };
        println!("{database:<12}{size:>12}  {seconds:.2} s, peak {peak} ({met}: {aim} s)");
    }
}

fn sizes() -> Vec<i64> {
    let given = std::env::var("KONTOR_BENCH_CAUSES").unwrap_or_else(|_| "10000,1000000".to_owned());
    given.split(',').map(|size| size.trim().parse().expect("KONTOR_BENCH_CAUSES holds whole numbers")).collect()
}
