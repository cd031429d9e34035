//! The whole way of an invoice, as the shipped program goes it on a fresh database.

use std::path::{Path, PathBuf};

use kontor_tests::databases::{block_on, connect, number};
use kontor_tests::postgres::Cluster;
use kontor_tests::process::{Kontor, Output};

use crate::report::Measure;

/// The period that is invoiced; in a demo nobody has an invoice for it yet.
pub const PERIOD: &str = "2013-02";

/// How far the run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Issued, drawn and stored.
    Archived,
    /// And its mail written.
    Delivered,
}

/// What is measured, and where.
#[derive(Debug)]
pub struct Bench<'a> {
    /// The release build.
    pub program: PathBuf,
    /// Holds everything that is written.
    pub folder: &'a Path,
    /// The server for the runs on `PostgreSQL`.
    pub cluster: &'a Cluster,
}

impl Bench<'_> {
    /// One run on `SQLite`.
    pub fn sqlite(&self, invoices: usize, until: Until) -> Measure {
        let folder = self.fresh("sqlite");
        let url = format!("sqlite:{}", folder.join("kontor.db").display());
        let what = if until == Until::Archived { "render + archive, SQLite" } else { "whole run, SQLite" };
        let measure = self.run(what, &url, &folder, invoices, until);
        let _ = std::fs::remove_dir_all(folder);
        measure
    }

    /// One run on `PostgreSQL`.
    pub fn postgres(&self, invoices: usize) -> Measure {
        let folder = self.fresh("postgres");
        let url = self.cluster.database();
        let measure = self.run("whole run, PostgreSQL", &url, &folder, invoices, Until::Delivered);
        self.cluster.drop_database(&url);
        let _ = std::fs::remove_dir_all(folder);
        measure
    }

    /// Makes people whose period is due, and no invoices.
    pub fn create(&self, url: &str, registrations: usize) {
        let registrations = registrations.to_string();
        let arguments = ["demo", "create", "--registrations", &registrations, "--invoiced", "0", "--incident", "none"];
        drop(Kontor::new(&self.program).db(url).args(arguments).run().expect(0));
    }

    /// An empty folder of this name.
    pub fn fresh(&self, name: &str) -> PathBuf {
        let folder = self.folder.join(name);
        std::fs::create_dir(&folder).expect("the bench cleans up after each run");
        folder
    }

    fn run(&self, what: &'static str, url: &str, folder: &Path, invoices: usize, until: Until) -> Measure {
        self.create(url, invoices);
        let outbox = folder.join("outbox");
        let smtp = format!("file:{}", outbox.display());
        let mut call = Kontor::new(&self.program).db(url).smtp(&smtp);
        call = call.args(["invoices", "run", "--period", PERIOD, "--json"]);
        if until == Until::Archived {
            call = call.args(["--until", "archive"]);
        }
        let output = call.run().expect(0);
        let counted = count(url, &outbox);
        require(what, invoices, until, &output, &counted);
        Measure { what, invoices, seconds: output.elapsed.as_secs_f64(), peak_bytes: output.peak_bytes, counted }
    }
}

/// Rows and messages after the run.
fn count(url: &str, outbox: &Path) -> Vec<(&'static str, i64)> {
    let files = std::fs::read_dir(outbox).into_iter().flatten().flatten();
    let mails = files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "eml")).count();
    let mut counted = block_on(async {
        let database = connect(url).await;
        let invoices = number(&database, "SELECT count(*) FROM invoices").await;
        let documents = number(&database, "SELECT count(*) FROM documents").await;
        let accepted = number(&database, "SELECT count(*) FROM deliveries WHERE state = 'accepted'").await;
        // The next run makes a file of this name; a connection that closes late would take its journal away.
        database.close().await.expect("the connection closes");
        vec![("invoices", invoices), ("documents", documents), ("accepted", accepted)]
    });
    counted.push(("messages", i64::try_from(mails).unwrap_or(i64::MAX)));
    counted
}

/// A rate means nothing unless the work was done.
fn require(what: &str, invoices: usize, until: Until, output: &Output, counted: &[(&str, i64)]) {
    for (name, found) in counted {
        let mailing = ["accepted", "messages"].contains(name);
        let expected = if until == Until::Archived && mailing { 0 } else { invoices };
        let fits = usize::try_from(*found) == Ok(expected);
        assert!(fits, "{what}: {found} {name} instead of {expected}; the run said\n{}{}", output.stdout, output.stderr);
    }
}
