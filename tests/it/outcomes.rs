//! Every way in which a mail server can fail, and the outcome that each one is: a table, one row per fault.
//!
//! Each row is a month of its own for one customer: it is invoiced while the server misbehaves, and rerun when the server
//! behaves again. What was certainly not taken goes out then; what may have been taken does not, until evidence says so.

use std::sync::Arc;
use std::time::Duration;

use kontor_tests::both_databases;
use kontor_tests::certificates::{Authority, Certificate};
use kontor_tests::databases::TestDb;
use kontor_tests::process::Kontor;
use kontor_tests::sink::{Behaviour, Fault, Phase, Setup, SmtpSink};
use serde_json::Value;

use crate::support::{kontor, office};

/// What is left of the mail after the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// Accepted, and kept once.
    Accepted,
    /// Certainly not taken: put off under this code, and sent by the rerun.
    Deferred(&'static str),
    /// Refused for good under this code; the rerun leaves it alone.
    Refused(&'static str),
    /// Unknown; the rerun leaves it alone. Whether the server had it, its log tells.
    Unknown { kept: bool },
}

/// How a row's server is set up and disturbed.
enum Trouble {
    /// An ordinary server that does this to the message.
    Message(Behaviour),
    /// An ordinary server with this fault at this point.
    At(Phase, Fault),
    /// Another kind of server.
    Server(fn(&Arc<Authority>) -> Setup),
    /// Another kind of server, with this fault at this point.
    ServerAt(fn(&Arc<Authority>) -> Setup, Phase, Fault),
}

/// How long is waited for a server that says nothing; how long for the others, so that a slow machine is no fault.
const SHORT_OF_IT: &str = "connect=2&command=1&block=1&reply=1";
const PLENTY: &str = "connect=30&command=30&block=30&reply=30";

impl Trouble {
    /// Whether the client is to lose its patience.
    fn is_silence(&self) -> bool {
        matches!(self, Self::At(_, Fault::Silent) | Self::ServerAt(_, _, Fault::Silent))
    }
}

use Left::{Accepted, Deferred, Refused, Unknown};
use Trouble::{At, Message, Server, ServerAt};

struct Row {
    fault: &'static str,
    trouble: Trouble,
    /// More options of the mail target.
    target: &'static str,
    /// Login name and password.
    login: Option<(&'static str, &'static str)>,
    left: Left,
}

fn row(fault: &'static str, trouble: Trouble, left: Left) -> Row {
    Row { fault, trouble, target: "", login: None, left }
}

fn with(target: &'static str, row: Row) -> Row {
    Row { target, ..row }
}

fn logging_in(password: &'static str, row: Row) -> Row {
    Row { login: Some(("office", password)), ..row }
}

fn answer(line: &str) -> Fault {
    Fault::Answer(line.to_owned())
}

const SHORT: Duration = Duration::from_millis(150);
const SINGLE: Duration = Duration::from_millis(2);

/// Before anything of the message has left: nothing is ever unknown.
fn before_the_message() -> Vec<Row> {
    vec![
        row("greets with 554", At(Phase::Greeting, answer("554 5.3.2 no service")), Deferred("server_unreachable")),
        row("never greets", At(Phase::Greeting, Fault::Silent), Deferred("server_unreachable")),
        row("hangs up instead of greeting", At(Phase::Greeting, Fault::Cut), Deferred("server_unreachable")),
        row("greets slowly", At(Phase::Greeting, Fault::Slow(SHORT)), Accepted),
        row("greets in pieces", At(Phase::Greeting, Fault::Pieces(SINGLE)), Accepted),
        row("answers EHLO in pieces", At(Phase::Ehlo, Fault::Pieces(SINGLE)), Accepted),
        row("refuses EHLO", At(Phase::Ehlo, answer("550 5.5.2 no")), Deferred("server_unreachable")),
        row("421 to MAIL", At(Phase::Mail, answer("421 4.3.2 shutting down")), Deferred("connection_lost")),
        row("451 to MAIL", At(Phase::Mail, answer("451 4.3.0 later")), Deferred("mail_deferred")),
        row("550 to MAIL", At(Phase::Mail, answer("550 5.7.1 not from you")), Refused("mail_refused")),
        row("hangs up at MAIL", At(Phase::Mail, Fault::Cut), Deferred("connection_lost")),
        row("550 to RCPT", At(Phase::Recipient, answer("550 5.1.1 unknown")), Refused("recipient_refused")),
        row(
            "550 to RCPT in two lines",
            At(Phase::Recipient, answer("550-5.1.1 nobody\n550 5.1.1 of that name")),
            Refused("recipient_refused"),
        ),
        row("452 to RCPT", At(Phase::Recipient, answer("452 4.2.2 mailbox full")), Deferred("mailbox_full")),
        row("450 to RCPT", At(Phase::Recipient, answer("450 4.7.1 greylisted")), Deferred("mail_deferred")),
        row("says nothing to RCPT", At(Phase::Recipient, Fault::Silent), Deferred("connection_lost")),
        row("resets at RCPT", At(Phase::Recipient, Fault::Reset), Deferred("connection_lost")),
        row("garbage to RCPT", At(Phase::Recipient, Fault::Garbage), Deferred("connection_lost")),
        row("answers RCPT slowly", At(Phase::Recipient, Fault::Slow(SHORT)), Accepted),
        row("451 to DATA", At(Phase::Data, answer("451 4.3.0 later")), Deferred("mail_deferred")),
        row("554 to DATA", At(Phase::Data, answer("554 5.7.1 no")), Refused("mail_refused")),
        row("hangs up at DATA", At(Phase::Data, Fault::Cut), Deferred("connection_lost")),
        row("says nothing to DATA", At(Phase::Data, Fault::Silent), Deferred("connection_lost")),
        row("takes 1,000 bytes", Server(|_| SmtpSink::setup().size(Some(1_000))), Deferred("message_too_large")),
    ]
}

/// The connection is not secured as asked: nothing goes out in the open.
fn security() -> Vec<Row> {
    let required = |row| with("&tls=required", row);
    vec![
        required(row("STARTTLS", Server(|ca| SmtpSink::setup().starttls().authority(ca)), Accepted)),
        required(row("STARTTLS withheld", Server(|_| SmtpSink::setup()), Deferred("tls_failed"))),
        required(row(
            "454 to STARTTLS",
            ServerAt(|ca| SmtpSink::setup().starttls().authority(ca), Phase::StartTls, answer("454 4.7.0 not now")),
            Deferred("tls_failed"),
        )),
        required(row(
            "garbage after STARTTLS",
            ServerAt(|ca| SmtpSink::setup().starttls().authority(ca), Phase::StartTls, Fault::ThenGarbage),
            Deferred("tls_failed"),
        )),
        required(row(
            "STARTTLS with another's name",
            Server(|ca| SmtpSink::setup().starttls().authority(ca).certificate(Certificate::OtherName)),
            Deferred("tls_failed"),
        )),
        required(row(
            "STARTTLS with an unknown authority",
            Server(|ca| SmtpSink::setup().starttls().authority(ca).certificate(Certificate::OtherAuthority)),
            Deferred("tls_failed"),
        )),
        row("TLS from the first byte", Server(|ca| SmtpSink::setup().tls().authority(ca)), Accepted),
        row(
            "TLS with an expired certificate",
            Server(|ca| SmtpSink::setup().tls().authority(ca).certificate(Certificate::Expired)),
            Deferred("tls_failed"),
        ),
        row(
            "TLS with another's name",
            Server(|ca| SmtpSink::setup().tls().authority(ca).certificate(Certificate::OtherName)),
            Deferred("tls_failed"),
        ),
    ]
}

fn logins() -> Vec<Row> {
    let server: fn(&Arc<Authority>) -> Setup =
        |ca| SmtpSink::setup().tls().authority(ca).login("office", "secret").login_required();
    vec![
        logging_in("secret", row("a login", Server(server), Accepted)),
        logging_in("wrong", row("a wrong password", Server(server), Deferred("login_refused"))),
        logging_in(
            "secret",
            row(
                "454 to a login",
                ServerAt(server, Phase::Login, answer("454 4.7.0 later")),
                Deferred("server_unreachable"),
            ),
        ),
        logging_in(
            "secret",
            row("offers no login", Server(|ca| SmtpSink::setup().tls().authority(ca)), Deferred("login_refused")),
        ),
        row("asks for a login that was not given", Server(server), Deferred("login_refused")),
    ]
}

/// After the final dot: only an answer says what became of the message.
fn after_the_message() -> Vec<Row> {
    let dot = |fault| At(Phase::Dot, fault);
    vec![
        row("a late 250", Message(Behaviour::Delay(SHORT)), Accepted),
        row("250 in pieces", dot(Fault::Pieces(SINGLE)), Accepted),
        row("250 in two lines", dot(answer("250-2.0.0 thank you\n250 2.0.0 Ok: queued as 4ABCDE0001")), Accepted),
        row("250, then 421", Message(Behaviour::ThenClose("421 4.4.2 idle for too long".to_owned())), Accepted),
        row("452 to the message", dot(answer("452 4.2.2 full")), Deferred("mailbox_full")),
        row("451 to the message", dot(answer("451 4.3.0 later")), Deferred("mail_deferred")),
        row("421 to the message", dot(answer("421 4.3.2 shutting down")), Deferred("mail_deferred")),
        row("554 to the message", dot(answer("554 5.7.1 no")), Refused("mail_refused")),
        row("hangs up, message kept", Message(Behaviour::DropAfterDot), Unknown { kept: true }),
        row("hangs up, message lost", Message(Behaviour::LoseAfterDot), Unknown { kept: false }),
        row("resets, message kept", dot(Fault::Reset), Unknown { kept: true }),
        row("says nothing, message kept", dot(Fault::Silent), Unknown { kept: true }),
        row("garbage, message kept", dot(Fault::Garbage), Unknown { kept: true }),
        row(
            "354 to the message",
            Message(Behaviour::AfterDot { kept: false, fault: answer("354 go on") }),
            Unknown { kept: false },
        ),
    ]
}

/// The month of a row: one after another from January 2013.
fn month(index: usize) -> String {
    format!("{}-{:02}", 2013 + index / 12, index % 12 + 1)
}

struct Trial<'a> {
    db: &'a TestDb,
    authority: &'a Arc<Authority>,
    row: &'a Row,
    month: String,
}

impl Trial<'_> {
    fn sink(&self, disturbed: bool) -> SmtpSink {
        let sink = match &self.row.trouble {
            Server(setup) | ServerAt(setup, ..) if disturbed => setup(self.authority).start(),
            _ => SmtpSink::start(),
        };
        match &self.row.trouble {
            Message(behaviour) if disturbed => {
                let behaviour = behaviour.clone();
                sink.behave(move |_| behaviour.clone());
            }
            At(phase, fault) | ServerAt(_, phase, fault) if disturbed => sink.fault_at(*phase, fault.clone()),
            _ => {}
        }
        sink
    }

    fn program(&self, sink: &SmtpSink, disturbed: bool) -> Kontor {
        let mut url = sink.url();
        let mut program = kontor(self.db);
        if let (Some((user, password)), true) = (self.row.login, disturbed) {
            url = url.replace("://", &format!("://{user}@"));
            program = program.env("KONTOR_SMTP_PASSWORD", password);
        }
        let ca = if url.starts_with("smtps") || !self.row.target.is_empty() {
            format!("&ca={}", self.authority.ca_file().display())
        } else {
            String::new()
        };
        let more = if disturbed { self.row.target } else { "" };
        let patience = if disturbed && self.row.trouble.is_silence() { SHORT_OF_IT } else { PLENTY };
        program.smtp(&format!("{url}?{patience}{ca}{more}"))
    }

    fn delivery(&self) -> (String, Option<String>) {
        let list = kontor(self.db).args(["deliveries", "list", "--limit", "1000"]).run().expect(0).json();
        let invoices = kontor(self.db).args(["invoices", "list", "--period", &self.month]).run().expect(0).json();
        let number = invoices[0]["number"].as_str().expect("the month is invoiced").to_owned();
        let mails: Vec<&Value> =
            list.as_array().expect("a list").iter().filter(|mail| mail["invoice"] == number.as_str()).collect();
        let newest = mails.last().unwrap_or_else(|| panic!("{}: there is a mail of {number}", self.row.fault));
        (newest["state"].as_str().expect("a state").to_owned(), newest["code"].as_str().map(str::to_owned))
    }

    fn run(&self) {
        let fault = self.row.fault;
        let sink = self.sink(true);
        let run = ["invoices", "run", "--period", &self.month, "--retries", "0"];
        let run = self.program(&sink, true).args(run).run();
        let (state, code) = self.delivery();
        let expected = match self.row.left {
            Accepted => ("accepted", None),
            Deferred(code) => ("deferred", Some(code)),
            Refused(code) => ("refused", Some(code)),
            Unknown { .. } => ("unknown", Some("outcome_unknown")),
        };
        assert_eq!((state.as_str(), code.as_deref()), expected, "{fault}: {}", run.stderr);
        let kept = usize::from(matches!(self.row.left, Accepted | Unknown { kept: true }));
        assert_eq!(sink.kept(), kept, "{fault}: what the server has");
        let well_behaved = self.sink(false);
        let rerun = ["runs", "start", "--all", "--reason", "again", "--retries", "0"];
        drop(self.program(&well_behaved, false).args(rerun).run().expect(0));
        let sent = usize::from(matches!(self.row.left, Deferred(_)));
        assert_eq!(well_behaved.kept(), sent, "{fault}: what the rerun sends");
        if let Unknown { kept } = self.row.left {
            self.find_out(&sink, kept);
        }
    }

    /// The server's log settles what it has a line of, and nothing else.
    fn find_out(&self, sink: &SmtpSink, kept: bool) {
        let log = self.db.path().join("mail.log");
        std::fs::write(&log, sink.log()).expect("the temporary folder is writable");
        drop(kontor(self.db).args(["deliveries", "evidence", "--maillog"]).args([&log]).run().expect(0));
        let expected = if kept { "accepted" } else { "unknown" };
        assert_eq!(self.delivery().0, expected, "{}: {}", self.row.fault, sink.log());
        if !kept {
            let mails = kontor(self.db).args(["deliveries", "list", "--state", "unknown"]).run().expect(0).json();
            let id = mails[0]["message_id"].as_str().expect("a Message-ID").to_owned();
            let settle = ["deliveries", "settle", &id, "--not-arrived", "--reason", "der Kunde hat nachgesehen"];
            drop(kontor(self.db).args(settle).run().expect(0));
        }
    }
}

async fn try_all(db: &TestDb, rows: Vec<Row>) {
    office(db, 1);
    let authority = Authority::new();
    for (index, row) in rows.iter().enumerate() {
        Trial { db, authority: &authority, row, month: month(index) }.run();
        // What is refused or given up for good would be rerun, or listed, in the months that follow.
        let settled = "UPDATE deliveries SET state = 'accepted' WHERE state = 'refused'";
        db.execute(settled).await;
    }
    println!("{} faults", rows.len());
}

both_databases! {
    async fn before_the_message_nothing_is_unknown(db: TestDb) {
        try_all(&db, before_the_message()).await;
    }

    async fn nothing_goes_out_in_the_open(db: TestDb) {
        try_all(&db, security().into_iter().chain(logins()).collect()).await;
    }

    async fn after_the_message_only_an_answer_counts(db: TestDb) {
        try_all(&db, after_the_message()).await;
    }
}
