//! The same outcomes with a real mail server: a private Postfix on loopback, directly and through a proxy that cuts.

use std::time::Duration;

use kontor::delivery::address;
use kontor::delivery::smtp::Session;
use kontor::delivery::target::{Server, Target};
use kontor::delivery::{Outcome, Verdict};
use kontor_tests::both_databases;
use kontor_tests::certificates::{Authority, Certificate};
use kontor_tests::databases::{TestDb, block_on};
use kontor_tests::mailproxy::{Harm, MailProxy};
use kontor_tests::mailserver::MailServer;
use kontor_tests::sink::{Behaviour, SmtpSink};
use serde_json::json;

use crate::support::{kontor, office};

/// State and code of the customer's newest mail.
fn mail_of(db: &TestDb, customer: usize) -> (String, Option<String>) {
    let list = kontor(db).args(["deliveries", "list", "--limit", "1000"]).run().expect(0).json();
    let address = format!("kunde{customer}@example.com");
    let mut mails = list.as_array().expect("a list").iter().filter(|mail| mail["recipient"] == address.as_str());
    let newest = mails.next_back().unwrap_or_else(|| panic!("a mail to {address}"));
    (newest["state"].as_str().expect("a state").to_owned(), newest["code"].as_str().map(str::to_owned))
}

both_databases! {
    async fn postfix_says_what_it_says(db: TestDb) {
        office(&db, 6);
        let server = MailServer::setup()
            .unknown("kunde1@example.com")
            .answers("kunde2@example.com", "450 4.2.1 Mailbox busy")
            .answers("kunde3@example.com", "452 4.2.2 Mailbox full")
            .answers("kunde4@example.com", "554 5.7.1 Not welcome")
            .start();
        let run = ["invoices", "run", "--period", "2013-01", "--retries", "0"];
        let run = kontor(&db).smtp(&server.url()).args(run).run().expect(3).json();
        for (customer, state, code) in [
            (1, "refused", Some("recipient_refused")),
            (2, "deferred", Some("mail_deferred")),
            (3, "deferred", Some("mailbox_full")),
            (4, "refused", Some("recipient_refused")),
            (5, "accepted", None),
            (6, "accepted", None),
        ] {
            let (found, found_code) = mail_of(&db, customer);
            assert_eq!((found.as_str(), found_code.as_deref()), (state, code), "kunde{customer}: {run}");
        }
        server.wait_until("both are delivered", |server| server.delivered().len() == 2);
        // Its queue ids stand with the evidence.
        let ids = "SELECT count(*) FROM delivery_evidence WHERE verdict = 'accepted' AND queue_id IS NOT NULL";
        assert_eq!(db.number(ids).await, 2);
        let pdf = server.delivered().iter().all(|mail| mail.text.contains("application/pdf"));
        assert!(pdf, "the invoice is attached");
    }

    async fn postfix_secures_what_it_is_asked_to(db: TestDb) {
        office(&db, 1);
        let authority = Authority::new();
        let server = MailServer::setup().tls(&authority, Certificate::Valid).start();
        let ca = authority.ca_file();
        let other = Authority::new();
        for (month, url, ca, expected) in [
            ("2013-01", format!("{}?tls=required", server.url()), &ca, "accepted"),
            ("2013-02", format!("{}?senders=1", server.tls_url()), &ca, "accepted"),
            ("2013-03", format!("{}?tls=required", server.url()), &other.ca_file(), "deferred"),
            ("2013-04", format!("{}?senders=1", server.tls_url()), &other.ca_file(), "deferred"),
        ] {
            let target = format!("{url}&ca={}", ca.display());
            let run = ["invoices", "run", "--period", month, "--retries", "0"];
            drop(kontor(&db).smtp(&target).args(run).run());
            let (state, code) = mail_of(&db, 1);
            assert_eq!(state, expected, "{month}");
            assert_eq!(code.as_deref(), (expected == "deferred").then_some("tls_failed"), "{month}");
        }
    }

    async fn what_is_cut_on_the_way_to_postfix_is_found_in_its_log(db: TestDb) {
        office(&db, 5);
        let server = MailServer::start();
        let proxy = MailProxy::start(server.port());
        // By customer, because one connection sends one mail after another.
        proxy.harm(|nth| match nth {
            2 => Harm::LoseAnswer,
            3 => Harm::KeepDotBack,
            4 => Harm::DelayAnswer(Duration::from_millis(300)),
            _ => Harm::None,
        });
        let target = format!("{}?senders=1", proxy.url());
        let run = ["invoices", "run", "--period", "2013-01", "--retries", "0"];
        let run = kontor(&db).smtp(&target).args(run).run().expect(3).json();
        assert_eq!((&run["done"], &run["unknown"], &run["failed"]), (&json!(3), &json!(2), &json!(0)));
        // Postfix has four of them; the fifth lost its final dot.
        server.wait_until("what arrived is delivered", |server| server.delivered().len() == 4);
        drop(kontor(&db).args(["deliveries", "evidence", "--maillog"]).args([server.log_file()]).run().expect(0));
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await, 4);
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'unknown'").await, 1);
        let settle = ["deliveries", "settle", "--all-unknown", "--not-arrived", "--resend", "--reason", "not in the log"];
        drop(kontor(&db).smtp(&server.url()).args(settle).run().expect(0));
        drop(kontor(&db).smtp(&server.url()).args(["work", "--until-idle"]).run().expect(0));
        server.wait_until("everybody has one", |server| server.delivered().len() == 5);
        assert_eq!(server.accepted().values().filter(|count| **count > 1).count(), 0);
    }

    async fn what_postfix_returns_is_read(db: TestDb) {
        office(&db, 2);
        let server = MailServer::setup()
            .domain("mail.example.com")
            .mailbox("rechnung@mail.example.com")
            .bounces("kunde1@example.com", "5.2.2 Mailbox full for good")
            .start();
        let run = kontor(&db).smtp(&server.url()).args(["invoices", "run", "--period", "2013-01"]).run().expect(0).json();
        assert_eq!(run["done"], 2, "both were taken");
        let returned = |server: &MailServer| server.delivered().iter().any(|mail| mail.from.is_empty() || mail.text.contains("multipart/report"));
        server.wait_until("the report is there", returned);
        let report = server.delivered().into_iter().find(|mail| mail.text.contains("multipart/report")).expect("a report");
        let folder = db.path().join("bounces");
        std::fs::create_dir(&folder).expect("the temporary folder is writable");
        std::fs::write(folder.join("report.eml"), &report.text).expect("the temporary folder is writable");
        drop(kontor(&db).args(["deliveries", "bounces"]).args([&folder]).run().expect(0));
        assert_eq!(mail_of(&db, 1), ("bounced".to_owned(), Some("mail_bounced".to_owned())));
        assert_eq!(mail_of(&db, 2).0, "accepted");
    }
}

fn server(url: &str) -> Server {
    match url.parse().expect("a target") {
        Target::Smtp(server) => server,
        Target::File(_) => panic!("{url} is a mail server"),
    }
}

async fn send(url: &str, message: &[u8]) -> Outcome {
    let mut session = Session::open(&server(url)).await.expect("the server is there");
    let from = address::check("office@example.com").expect("an address");
    let to = address::check("kunde1@example.com").expect("an address");
    session.announce(&from, &to, message.len()).await.expect("the recipient is known");
    session.transmit(message).await
}

/// A message larger than what lies between the two programs, so that the cut is noticed while it is being handed over:
/// it was certainly not taken and may be sent again. (Of a small one the kernel has taken all by then; see ARCHITECTURE.)
#[test]
fn what_is_cut_within_the_message_may_be_sent_again() {
    let line = format!("{}\r\n", "x".repeat(70));
    let message = format!("Subject: large\r\n\r\n{}", line.repeat(16 << 20 >> 6)).into_bytes();
    block_on(async {
        let sink = SmtpSink::setup().size(None).start();
        sink.behave(|_| Behaviour::CutWithin(1 << 20));
        let outcome = send(&sink.url(), &message).await;
        assert!(matches!(outcome.verdict, Verdict::Deferred("connection_lost")), "{outcome:?}");
        assert_eq!(sink.kept(), 0);
        let postfix = MailServer::setup().size_limit(64 << 20).start();
        let proxy = MailProxy::start(postfix.port());
        proxy.harm(|_| Harm::CutWithin(1 << 20));
        let outcome = send(&proxy.url(), &message).await;
        assert!(matches!(outcome.verdict, Verdict::Deferred("connection_lost")), "{outcome:?}");
        assert_eq!(postfix.accepted().len(), 0);
    });
}

/// A server that stops reading: patience ends while the message is being handed over.
#[test]
fn who_takes_nothing_more_is_given_up() {
    let message = vec![b'x'; 32 << 20];
    block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a port");
        let port = listener.local_addr().expect("an address").port();
        let deaf = tokio::spawn(async move {
            use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
            let (stream, _) = listener.accept().await.expect("a client");
            let (reading, mut writing) = stream.into_split();
            let mut lines = BufReader::new(reading).lines();
            writing.write_all(b"220 deaf\r\n").await.expect("written");
            while let Ok(Some(line)) = lines.next_line().await {
                let data = line.starts_with("DATA");
                writing.write_all(if data { b"354 go on\r\n" } else { b"250 ok\r\n" }).await.expect("written");
                if data {
                    // Reads no more, and keeps the connection.
                    tokio::time::sleep(Duration::from_secs(30)).await;
                }
            }
        });
        let outcome = send(&format!("smtp://127.0.0.1:{port}?block=0.5"), &message).await;
        assert!(matches!(outcome.verdict, Verdict::Deferred("connection_lost")), "{outcome:?}");
        assert!(outcome.detail.contains("took nothing more"), "{outcome:?}");
        deaf.abort();
    });
}
