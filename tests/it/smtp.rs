//! Plain SMTP to this machine: each answer of the server becomes the outcome it means.

use std::time::Duration;

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::sink::{Behaviour, SmtpSink};

use crate::support::{kontor, office};

both_databases! {
    async fn a_mail_server_takes_every_mail_once(db: TestDb) {
        office(&db, 9);
        let sink = SmtpSink::start();
        let run = kontor(&db).smtp(&sink.url()).args(["invoices", "run", "--period", "2013-01"]).run().expect(0).json();
        assert_eq!(run["done"], 9);
        let mut ids: Vec<String> = sink.messages().into_iter().filter_map(|message| message.message_id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 9);
        assert_eq!(db.number("SELECT count(*) FROM delivery_evidence WHERE source = 'smtp_reply' AND reply_code = 250").await, 9);
    }

    async fn every_answer_is_the_outcome_it_means(db: TestDb) {
        office(&db, 7);
        let sink = SmtpSink::start();
        sink.behave(|envelope| match envelope.to.trim_start_matches("kunde").split('@').next() {
            Some("1") => Behaviour::AnswerRecipient("550 5.1.1 unknown".to_owned()),
            Some("2") => Behaviour::AnswerRecipient("452 4.2.2 full".to_owned()),
            Some("3") => Behaviour::AnswerMessage("554 5.7.1 no".to_owned()),
            Some("4") => Behaviour::DropBeforeData,
            Some("5") => Behaviour::DropAfterDot,
            Some("6") => Behaviour::Delay(Duration::from_millis(200)),
            _ => Behaviour::Accept,
        });
        let run = kontor(&db).smtp(&sink.url()).args(["invoices", "run", "--period", "2013-01", "--retries", "0"]).run().expect(3).json();
        let state = async |number: i64, state: &str| {
            let sql = format!("SELECT count(*) FROM deliveries WHERE recipient = 'kunde{number}@example.com' AND state = '{state}'");
            assert_eq!(db.number(&sql).await, 1, "kunde{number} is {state}: {run}");
        };
        for (number, expected) in
            [(1, "refused"), (2, "deferred"), (3, "refused"), (4, "deferred"), (5, "unknown"), (6, "accepted"), (7, "accepted")]
        {
            state(number, expected).await;
        }
        assert_eq!((run["done"].as_i64(), run["failed"].as_i64(), run["unknown"].as_i64()), (Some(2), Some(4), Some(1)));
        // The server behaves again: what was put off goes out, what is unknown or refused does not.
        sink.behave(|_| Behaviour::Accept);
        let rerun = kontor(&db).smtp(&sink.url()).args(["runs", "start", "--all", "--reason", "again"]).run().expect(0).json();
        assert_eq!(rerun["done"], 2);
        assert_eq!(rerun["not_run"], serde_json::json!({"mail_refused": 1, "outcome_unknown": 1, "recipient_refused": 1}));
        let mut ids: Vec<String> = sink.messages().into_iter().filter_map(|message| message.message_id).collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all, "no message was taken twice");
    }

    async fn a_server_that_is_away_costs_nothing(db: TestDb) {
        office(&db, 2);
        let port = { std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port() };
        let target = format!("smtp://127.0.0.1:{port}");
        let run = kontor(&db).smtp(&target).args(["invoices", "run", "--period", "2013-01", "--retries", "0"]).run().expect(3).json();
        assert_eq!(run["by_code"]["server_unreachable"], 2);
        let sink = SmtpSink::start();
        let rerun = kontor(&db).smtp(&sink.url()).args(["runs", "start", "--all", "--reason", "it is back"]).run().expect(0).json();
        assert_eq!((rerun["done"].as_i64(), sink.messages().len()), (Some(2), 2));
    }
}
