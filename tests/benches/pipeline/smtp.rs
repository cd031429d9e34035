//! A whole month failed: every invoice is rerun, from issuing to a mail server on the same machine that takes them all.

use kontor_tests::databases::{block_on, connect, number};
use kontor_tests::process::Kontor;
use kontor_tests::sink::SmtpSink;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::report::Measure;
use crate::whole::{Bench, PERIOD};

impl Bench<'_> {
    /// The rerun on `SQLite`.
    pub fn rerun_on_sqlite(&self, invoices: usize) -> Measure {
        let folder = self.fresh("rerun-sqlite");
        let url = format!("sqlite:{}", folder.join("kontor.db").display());
        let measure = self.rerun("rerun by SMTP, SQLite", &url, invoices);
        let _ = std::fs::remove_dir_all(folder);
        measure
    }

    /// The rerun on `PostgreSQL`.
    pub fn rerun_on_postgres(&self, invoices: usize) -> Measure {
        let url = self.cluster.database();
        let measure = self.rerun("rerun by SMTP, PostgreSQL", &url, invoices);
        self.cluster.drop_database(&url);
        measure
    }

    fn rerun(&self, what: &'static str, url: &str, invoices: usize) -> Measure {
        self.create(url, invoices);
        block_on(fail_all(url));
        let sink = SmtpSink::setup().bodies_off().start();
        let call = Kontor::new(&self.program).db(url).smtp(&sink.url());
        let output = call.args(["runs", "start", "--all", "--reason", "bench", "--json"]).run().expect(0);
        let mut counted = block_on(count(url));
        counted.push(("messages", i64::try_from(sink.kept()).unwrap_or(i64::MAX)));
        for (name, found) in &counted {
            assert_eq!(usize::try_from(*found), Ok(invoices), "{what}: {name}\n{}", output.stderr);
        }
        assert_eq!(sink.duplicates().len(), 0, "no message came twice");
        Measure { what, invoices, seconds: output.elapsed.as_secs_f64(), peak_bytes: output.peak_bytes, counted }
    }
}

/// Leaves what processes that died at once would have left: an attempt for each subscription, and nothing else.
async fn fail_all(url: &str) {
    let database = connect(url).await;
    let backend = database.get_database_backend();
    let (id, at) = match backend {
        DbBackend::Postgres => ("gen_random_uuid()", "timestamptz '2013-02-01 08:00:00+00'"),
        _ => ("randomblob(16)", "'2013-02-01T08:00:00+00:00'"),
    };
    let text = format!(
        "INSERT INTO attempts (id, subscription_id, period, step, token, host, boot_id, pid, program_version, started_at, \
         ended_at, outcome, code) SELECT {id}, s.id, '{PERIOD}-01', 'issue', 0, 'rechnung-03', '', 1, 'rechnung 2.4.1', \
         {at}, {at}, 'died', 'process_killed' FROM subscriptions s"
    );
    database.execute_raw(Statement::from_string(backend, text)).await.expect("the attempts are written");
    database.close().await.expect("the connection closes");
}

async fn count(url: &str) -> Vec<(&'static str, i64)> {
    let database = connect(url).await;
    let invoices = number(&database, "SELECT count(*) FROM invoices").await;
    let documents = number(&database, "SELECT count(*) FROM documents").await;
    let accepted = number(&database, "SELECT count(*) FROM deliveries WHERE state = 'accepted'").await;
    database.close().await.expect("the connection closes");
    vec![("invoices", invoices), ("documents", documents), ("accepted", accepted)]
}
