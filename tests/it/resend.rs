//! Sending again: a new mail of the archived PDF, queued once per request, and only where there is something to repeat.

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use kontor_tests::process::{Kontor, Output};
use kontor_tests::sink::{Behaviour, SmtpSink};
use serde_json::{Value, json};

use crate::support::{invoice, kontor, mailing, messages, office};

/// Numbers of all invoices.
fn numbers(db: &TestDb) -> Vec<String> {
    let list = kontor(db).args(["invoices", "list", "--limit", "1000"]).run().expect(0).json();
    list.as_array().expect("a list").iter().filter_map(|row| row["number"].as_str().map(str::to_owned)).collect()
}

fn call(db: &TestDb, numbers: &[&str]) -> Kontor {
    kontor(db).args(["invoices", "resend", "--queue", "--reason", "customer lost it"]).args(numbers)
}

fn resend(db: &TestDb, numbers: &[&str]) -> Output {
    call(db, numbers).run()
}

async fn resends(db: &TestDb) -> i64 {
    db.number("SELECT count(*) FROM deliveries WHERE purpose = 'resend'").await
}

/// The mail and its item as they are queued.
const WHOLE: &str = "SELECT count(*) FROM deliveries d JOIN run_items t ON t.subject_id = d.id JOIN runs r ON r.id = t.run_id \
    JOIN invoices i ON i.id = d.invoice_id JOIN documents o ON o.id = d.document_id AND o.invoice_id = i.id \
    WHERE d.purpose = 'resend' AND d.origin = 'kontor' AND d.state = 'queued' AND d.person IS NOT NULL \
    AND d.reason = 'customer lost it' AND d.request_id IS NOT NULL AND d.return_path LIKE '%+%@%' \
    AND d.message_head IS NOT NULL AND t.subject = 'resend' AND t.state = 'waiting' AND t.invoice_id = i.id \
    AND t.subscription_id = i.subscription_id AND t.period = i.period AND r.kind = 'rerun' AND r.last_step = 'deliver'";

both_databases! {
    async fn an_invoice_is_queued_once_more_with_its_archived_pdf(db: TestDb) {
        office(&db, 3);
        invoice(&db, "2013-01");
        let numbers = numbers(&db);
        let documents = db.number("SELECT count(*) FROM documents").await;
        let run = resend(&db, &[&numbers[0], &numbers[1], &numbers[0]]).expect(0).json();
        assert_eq!((&run["state"], &run["total"]), (&json!("running"), &json!(2)), "{run}");
        assert_eq!(db.number(&format!("{WHOLE} AND r.occasion = 'resend'")).await, 2);
        assert_eq!(db.number("SELECT count(*) FROM documents").await, documents, "the file is the same file");
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'delivery.resend' AND reason = 'customer lost it'").await, 1);
        let other = call(&db, &[&numbers[2]]).args(["--to", "buchhaltung@example.org"]).run().expect(0).json();
        assert_eq!(other["total"], 1);
        let to = "SELECT count(*) FROM deliveries WHERE purpose = 'resend' AND recipient = 'buchhaltung@example.org'";
        assert_eq!(db.number(to).await, 1);
        assert!(kontor(&db).args(["journal", "verify"]).run().expect(0).json()["fault"].is_null());
    }

    async fn a_request_sends_once_from_however_many_desks(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        let numbers = numbers(&db);
        let id = "0190a000-0000-7000-8000-0000000000c1";
        let both = call(&db, &[&numbers[0], &numbers[1]]).args(["--request-id", id]);
        let desks: Vec<_> = (0..4).map(|_| both.spawn()).collect();
        let runs: Vec<Value> = desks.into_iter().map(|desk| desk.wait().expect(0).json()["run"].clone()).collect();
        assert!(runs[0].is_string() && runs.iter().all(|run| *run == runs[0]), "{runs:?}");
        assert_eq!(both.run().expect(0).json()["run"], runs[0]);
        assert_eq!(resends(&db).await, 2);
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'delivery.resend'").await, 1);
        // Another desk with a request of its own finds it queued already.
        let second = resend(&db, &[&numbers[0]]).expect(1);
        assert!(second.stderr.contains("again already"), "{}", second.stderr);
        let settle = kontor(&db).args(["deliveries", "settle", "--all-unknown", "--arrived", "--reason", "x", "--request-id", id]);
        assert!(settle.run().expect(2).stderr.contains("was used for “delivery.resend”"));
        assert_eq!(resends(&db).await, 2);
    }

    async fn two_desks_with_requests_of_their_own_send_once(db: TestDb) {
        office(&db, 1);
        invoice(&db, "2013-01");
        let numbers = numbers(&db);
        let desks: Vec<_> = (0..3).map(|_| call(&db, &[&numbers[0]]).spawn()).collect();
        let codes: Vec<Option<i32>> = desks.into_iter().map(|desk| desk.wait().code).collect();
        assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
        assert_eq!(resends(&db).await, 1);
    }

    async fn what_cannot_be_repeated_says_why_and_writes_nothing(db: TestDb) {
        office(&db, 4);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--until", "archive"]).run().expect(0));
        let numbers = numbers(&db);
        let says = |output: Output, what: &str| assert!(output.stderr.contains(what), "{}", output.stderr);
        says(resend(&db, &[&numbers[0]]).expect(1), &format!("kontor runs start --invoice {}", numbers[0]));
        drop(mailing(&db).args(["runs", "start", "--all", "--reason", "x"]).run().expect(0));
        says(resend(&db, &["RE-2013-999999-9"]).expect(1), "RE-2013-999999-9");
        says(call(&db, &[&numbers[0]]).args(["--to", "nobody"]).run().expect(2), "none");
        says(kontor(&db).args(["invoices", "resend", "--queue", &numbers[0], "--reason", " "]).run().expect(2), "reason");
        db.execute("UPDATE registrations SET email = 'nobody', version = version + 1 WHERE customer_serial = 2").await;
        damage(&db, &numbers[2]).await;
        let output = resend(&db, &[&numbers[0], &numbers[1], &numbers[2]]).expect(1);
        assert!(output.stderr.contains(&format!("The archived PDF of {} is damaged", numbers[2])), "{}", output.stderr);
        says(output, "give another with --to");
        assert_eq!(resends(&db).await, 0);
        assert_eq!(db.number("SELECT count(*) FROM runs WHERE occasion <> 'run'").await, 0);
    }

    async fn a_mail_that_has_not_gone_out_is_left_to_its_run(db: TestDb) {
        office(&db, 1);
        let run = ["invoices", "run", "--period", "2013-01"];
        let died = mailing(&db).args(run).failpoints("archive.after_commit=return(abort)").run();
        assert_eq!(died.signal, Some(6));
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'queued'").await, 1);
        let numbers = numbers(&db);
        let output = resend(&db, &[&numbers[0]]).expect(1);
        assert!(output.stderr.contains("has not gone out yet"), "{}", output.stderr);
        assert_eq!(resends(&db).await, 0);
    }

    async fn what_did_not_arrive_is_settled_and_queued_in_one(db: TestDb) {
        office(&db, 4);
        let sink = SmtpSink::start();
        sink.behave(|_| Behaviour::DropAfterDot);
        drop(kontor(&db).smtp(&sink.url()).args(["invoices", "run", "--period", "2013-01"]).run().expect(3));
        let numbers = numbers(&db);
        damage(&db, &numbers[3]).await;
        let id = "0190a000-0000-7000-8000-0000000000c2";
        let settle = || kontor(&db).args(["deliveries", "settle", "--all-unknown", "--not-arrived", "--resend", "--reason", "customer lost it"])
            .args(["--request-id", id]).run().expect(3).json();
        let answer = settle();
        assert_eq!((&answer["settled"], &answer["refused"]), (&json!(3), &json!(1)), "{answer}");
        assert!(answer["run"].is_string());
        assert_eq!(db.number(&format!("{WHOLE} AND r.occasion = 'settlement'")).await, 3);
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'refused' AND code = 'not_arrived'").await, 3);
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'unknown'").await, 1, "what cannot be sent again stays");
        let again = settle();
        assert_eq!((&again["run"], &again["repeated"]), (&answer["run"], &json!(true)));
        assert_eq!(resends(&db).await, 3);
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action LIKE 'delivery.%'").await, 1, "one act, one entry");
    }

    async fn invoices_of_the_old_programs_are_sent_again_as_they_are(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "60", "--incident", "none"]).run().expect(0));
        let list = kontor(&db).args(["invoices", "list", "--delivery", "accepted", "--limit", "3"]).run().expect(0).json();
        let number = list[1]["number"].as_str().expect("a number").to_owned();
        drop(resend(&db, &[&number]).expect(0));
        assert_eq!(db.number(&format!("{WHOLE} AND i.snapshot IS NULL AND o.origin = 'legacy'")).await, 1);
    }

    async fn what_is_queued_again_is_not_rerun_too(db: TestDb) {
        office(&db, 1);
        let sink = SmtpSink::start();
        sink.behave(|_| Behaviour::DropAfterDot);
        drop(kontor(&db).smtp(&sink.url()).args(["invoices", "run", "--period", "2013-01"]).run().expect(3));
        sink.behave(|_| Behaviour::Accept);
        let before = sink.messages().len();
        let settle = ["deliveries", "settle", "--all-unknown", "--not-arrived", "--resend", "--reason", "asked"];
        drop(kontor(&db).args(settle).run().expect(0));
        let rerun = kontor(&db).smtp(&sink.url()).args(["runs", "start", "--all", "--reason", "rerun"]).run().expect(0).json();
        assert_eq!(rerun["not_run"], json!({"in_work": 1}), "{rerun}");
        drop(kontor(&db).smtp(&sink.url()).args(["work", "--until-idle"]).run().expect(0));
        assert_eq!(sink.messages().len() - before, 1);
        let after = kontor(&db).smtp(&sink.url()).args(["runs", "start", "--all", "--reason", "rerun"]).run().expect(0).json();
        assert_eq!(after["state"], "nothing_to_do");
        assert_eq!(sink.messages().len() - before, 1, "one mail for one request");
    }

    async fn workers_send_again_what_was_queued(db: TestDb) {
        office(&db, 2);
        let sink = SmtpSink::start();
        drop(kontor(&db).smtp(&sink.url()).args(["invoices", "run", "--period", "2013-01"]).run().expect(0));
        let numbers = numbers(&db);
        let id = "0190a000-0000-7000-8000-0000000000c3";
        let send = kontor(&db).smtp(&sink.url()).args(["invoices", "resend", &numbers[0], "--reason", "lost", "--request-id", id]);
        let desks = [send.spawn(), send.spawn()];
        for desk in desks {
            drop(desk.wait().expect(0));
        }
        let sent = sink.messages();
        assert_eq!(sent.len(), 3, "two first mails and one that repeats");
        let again = &sent[2];
        let attachment = |data: &[u8]| {
            let text = String::from_utf8_lossy(data).replace("\r\n", "\n");
            text.split("application/pdf").nth(1).and_then(|rest| rest.split_once("\n\n")).map(|(_, body)| body.split("\n--").next().unwrap_or_default().to_owned())
        };
        let first = sent[..2].iter().find(|message| message.to == again.to).expect("the first mail");
        assert_ne!(first.message_id, again.message_id);
        assert_eq!(attachment(&first.data), attachment(&again.data), "the file is the same file");
        let path = "SELECT count(*) FROM deliveries WHERE purpose = 'resend' AND state = 'accepted' AND return_path = ";
        assert_eq!(db.number(&format!("{path}'{}'", again.from)).await, 1);
        // A dead run is worked on by anybody; a mail to a folder goes the same way.
        drop(resend(&db, &[&numbers[1]]).expect(0));
        drop(mailing(&db).args(["work", "--until-idle"]).run().expect(0));
        assert_eq!(messages(&db).len(), 1);
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state <> 'accepted'").await, 0);
        assert_eq!(db.number("SELECT count(*) FROM runs WHERE state <> 'done'").await, 0);
    }
}

/// Damages a stored PDF behind the guards' back.
async fn damage(db: &TestDb, number: &str) {
    match db.kind {
        Kind::Postgres => drop(db.execute("ALTER TABLE documents DISABLE TRIGGER USER").await),
        Kind::Sqlite => drop(db.execute("DROP TRIGGER documents_fixed").await),
    }
    let sql = format!(
        "UPDATE documents SET bytes = sha256 WHERE invoice_id = (SELECT id FROM invoices WHERE number = '{number}')"
    );
    assert_eq!(db.execute(&sql).await, 1);
}
