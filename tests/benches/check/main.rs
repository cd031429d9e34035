//! `make bench`: how long a check takes, beside the same questions as bare SQL through the database's own client, in the
//! same run; sealed rows a second, and documents audited a second.
//!
//! The program measured is the release build named by `KONTOR_BIN`, run as a process of its own. `KONTOR_BENCH_SIZES`
//! (default 10000,100000; add 1000000 for the long one) and `KONTOR_BENCH_DIR` (default `/var/tmp`) change what is measured
//! and where.

mod client;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kontor_tests::postgres::Cluster;
use kontor_tests::process::{Kontor, Output};
use serde_json::Value;

use crate::client::Client;

/// Most invoices of a demo; documents are audited for these.
const MOST_INVOICED: usize = 10_000;
/// Most time beside the bare questions.
const AIM_RATIO: f64 = 1.5;
/// Sealed rows a second; the pass uses one core.
const AIM_SEALED: f64 = 50_000.0;

fn main() {
    // `cargo test --benches` runs this too, without the flag.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let program =
        PathBuf::from(std::env::var_os("KONTOR_BIN").expect("KONTOR_BIN names the release build: use `make bench`"));
    let base = std::env::var_os("KONTOR_BENCH_DIR").map_or_else(|| PathBuf::from("/var/tmp"), PathBuf::from);
    let cluster = Cluster::start_in(&base);
    println!("{:<12}{:>14}  what", "database", "registrations");
    for size in sizes() {
        for is_server in [false, true] {
            let folder =
                tempfile::Builder::new().prefix("kontor-bench-").tempdir_in(&base).expect("the folder is writable");
            let url = if is_server {
                cluster.database()
            } else {
                format!("sqlite:{}", folder.path().join("kontor.db").display())
            };
            let bench =
                Bench { program: &program, url: &url, folder: folder.path(), size, client: Client::of(&url, &cluster) };
            bench.run();
            if is_server {
                cluster.drop_database(&url);
            }
        }
    }
}

fn sizes() -> Vec<usize> {
    let given = std::env::var("KONTOR_BENCH_SIZES").unwrap_or_else(|_| "10000,100000".to_owned());
    given.split(',').map(|size| size.trim().parse().expect("KONTOR_BENCH_SIZES holds whole numbers")).collect()
}

struct Bench<'a> {
    program: &'a Path,
    url: &'a str,
    folder: &'a Path,
    size: usize,
    client: Client<'a>,
}

impl Bench<'_> {
    fn kontor(&self, arguments: &[&str]) -> Output {
        Kontor::new(self.program).db(self.url).dir(self.folder).args(["--json"]).args(arguments).run().expect(0)
    }

    fn run(&self) {
        let (size, invoiced) = (self.size.to_string(), self.size.min(MOST_INVOICED).to_string());
        let create = ["demo", "create", "--registrations", &size, "--invoiced", &invoiced, "--incident", "none"];
        drop(self.kontor(&create));
        let questions = self.questions();
        let rules: Vec<&str> = questions.iter().map(|(rule, _)| rule.as_str()).collect();
        let asked = self.checked(&rules);
        let bare = self.client.asked(&questions.iter().map(|(_, sql)| sql.as_str()).collect::<Vec<_>>());
        let ratio = asked.seconds / bare;
        self.line(&format!(
            "{} questions {:.2} s, bare SQL {bare:.2} s, {ratio:.2} times ({}), peak {}",
            questions.len(),
            asked.seconds,
            met(ratio <= AIM_RATIO),
            asked.peak
        ));
        let documents = self.checked(&["document_damaged"]);
        self.line(&format!("{:.0} documents a second, peak {}", documents.rows / documents.seconds, documents.peak));
        let whole = self.checked(&[]);
        self.line(&format!("everything: {:.0} rows in {:.2} s, peak {}", whole.rows, whole.seconds, whole.peak));
        self.sealed();
    }

    /// Customers who came by a file are sealed; those of the sign-up site are not.
    fn sealed(&self) {
        let file = self.folder.join("customers.csv");
        let mut text = "last_name,email,mailbox,start_date\n".to_owned();
        for number in 0..self.size.min(100_000) {
            writeln!(text, "Kunde {number},k{number}@example.com,sealed{number}@mail.example.com,2013-03-01")
                .expect("a text");
        }
        std::fs::write(&file, text).expect("the folder is writable");
        drop(self.kontor(&["registrations", "import", &file.to_string_lossy()]));
        let before = self.size.min(100_000) * 3;
        let sealed = self.checked(&["seal_broken"]);
        let rate = sealed.rows / sealed.seconds;
        self.line(&format!(
            "{rate:.0} rows a second looked at for seals, {before} of {:.0} sealed ({}), peak {}",
            sealed.rows,
            met(rate >= AIM_SEALED),
            sealed.peak
        ));
    }

    fn questions(&self) -> Vec<(String, String)> {
        let told = self.kontor(&["rules", "--sql"]).json();
        let text = |one: &Value, name: &str| one[name].as_str().expect("a text").to_owned();
        told.as_array().expect("a list").iter().map(|one| (text(one, "rule"), text(one, "sql"))).collect()
    }

    fn checked(&self, rules: &[&str]) -> Checked {
        let mut rules = rules.to_vec();
        rules.dedup();
        let arguments: Vec<&str> =
            std::iter::once("check").chain(rules.iter().flat_map(|rule| ["--rule", rule])).collect();
        let output = self.kontor(&arguments);
        let peak = output.peak_bytes.map_or_else(|| "-".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000));
        let answer = output.json();
        assert_eq!(answer["findings"], serde_json::json!([]), "nothing is wrong");
        let figure = |name: &str| answer[name].as_f64().expect("a figure");
        Checked { seconds: figure("seconds"), rows: figure("rows"), peak }
    }

    fn line(&self, text: &str) {
        let database = if self.url.starts_with("sqlite") { "SQLite" } else { "PostgreSQL" };
        println!("{database:<12}{:>14}  {text}", self.size);
    }
}

struct Checked {
    seconds: f64,
    rows: f64,
    peak: String,
}

fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}
