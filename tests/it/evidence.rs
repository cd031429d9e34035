//! Finding out: logs, bounces and people settle what is unknown, each as far as it goes.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::process::Output;
use kontor_tests::sink::{Behaviour, SmtpSink};
use serde_json::{Value, json};

use crate::support::{kontor, mailing, office};

/// Mails of so many customers, each lost after the final dot.
fn lost(db: &TestDb, customers: usize) -> Vec<String> {
    office(db, customers);
    let sink = SmtpSink::start();
    sink.behave(|_| Behaviour::DropAfterDot);
    let run = kontor(db).smtp(&sink.url()).args(["invoices", "run", "--period", "2013-01"]).run().expect(3).json();
    assert_eq!(run["unknown"], customers, "{run}");
    (1..=customers).map(|number| message_id(db, number)).collect()
}

/// Message-ID of the newest mail to a customer.
fn message_id(db: &TestDb, customer: usize) -> String {
    let recipient = format!("kunde{customer}@example.com");
    let list = kontor(db).args(["deliveries", "list", "--limit", "1000"]).run().expect(0).json();
    let rows = list.as_array().expect("a list").iter().rev();
    let row = rows.into_iter().find(|row| row["recipient"] == *recipient).expect("a mail to the customer");
    row["message_id"].as_str().expect("a Message-ID").to_owned()
}

/// State and code of a mail.
fn state(db: &TestDb, message_id: &str) -> (String, Option<String>) {
    let list = kontor(db).args(["deliveries", "list", "--limit", "1000"]).run().expect(0).json();
    let row =
        list.as_array().expect("a list").iter().find(|row| row["message_id"] == message_id).expect("the mail").clone();
    let text = |name: &str| row[name].as_str().map(str::to_owned);
    (text("state").expect("a state"), text("code"))
}

/// What Postfix logs of a message that the office sent: the first lines, and then how it went on.
fn postfix(queue_id: &str, message_id: &str, rest: &[&str]) -> String {
    let at = now();
    let mut text = format!("{at} mail postfix/cleanup[1]: {queue_id}: message-id=<{message_id}>\n");
    for line in rest {
        let daemon = if line.starts_with("to=") { "smtp" } else { "qmgr" };
        text.push_str(&format!("{at} mail postfix/{daemon}[1]: {queue_id}: {line}\n"));
    }
    text
}

fn now() -> String {
    chrono::Local::now().format("%b %e %H:%M:%S").to_string()
}

const ACTIVE: &str = "from=<rechnung@mail.example.com>, size=379, nrcpt=1 (queue active)";
const SENT: &str =
    "to=<kunde@example.com>, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)";
const DEFERRED: &str = "to=<kunde@example.com>, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=4.2.2, status=deferred \
                        (host mx[192.0.2.1] said: 452 4.2.2 <kunde@example.com> Mailbox full (in reply to RCPT TO command))";
const BOUNCED: &str = "to=<kunde@example.com>, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced \
                       (host mx[192.0.2.1] said: 550 5.1.1 <kunde@example.com> unknown (in reply to RCPT TO command))";
const EXPIRED: &str = "from=<rechnung@mail.example.com>, status=expired, returned to sender";
const REMOVED: &str = "removed";

/// Reads a log.
fn read_log(db: &TestDb, text: &[u8]) -> Output {
    let file = db.path().join("mail.log");
    std::fs::write(&file, text).expect("the temporary folder is writable");
    kontor(db).args(["deliveries", "evidence", "--maillog"]).args([file]).run()
}

fn settle(db: &TestDb, arguments: &[&str]) -> Output {
    kontor(db).args(["deliveries", "settle", "--reason", "asked by telephone"]).args(arguments).run()
}

/// A report as Postfix writes it.
fn report(to: &str, message_id: &str, action: &str, status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mail.example.net\nTo: {to}\nDate: {}\nMIME-Version: 1.0\nMessage-ID: <{action}.{message_id}>\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\n\
         sorry\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example.net\n\n\
         Final-Recipient: rfc822; kunde@example.com\nAction: {action}\nStatus: {status}\n\
         Diagnostic-Code: smtp; 550 {status} <kunde@example.com> no\n\n--b\nContent-Type: text/rfc822-headers\n\n\
         Message-ID: <{message_id}>\nSubject: Rechnung\n\n--b--\n",
        chrono::Utc::now().to_rfc2822()
    )
}

/// Counts of everything that finding out writes.
async fn counts(db: &TestDb) -> [i64; 4] {
    let mut counts = [0; 4];
    for (count, table) in counts.iter_mut().zip(["delivery_evidence", "journal", "deliveries", "runs"]) {
        *count = db.number(&format!("SELECT count(*) FROM {table}")).await;
    }
    counts
}

both_databases! {
    async fn a_log_settles_what_is_unknown_and_reading_it_again_adds_nothing(db: TestDb) {
        let ids = lost(&db, 7);
        let mut log = b"Nov 25 22:32:12 mail sshd[1]: foreign\n\xff\xfe\n\n".to_vec();
        for (number, rest) in [
            (1, &[ACTIVE, SENT, REMOVED][..]),
            (2, &[]),
            (3, &[ACTIVE, DEFERRED, DEFERRED]),
            (4, &[ACTIVE, BOUNCED, REMOVED]),
            (5, &[ACTIVE, DEFERRED, EXPIRED, REMOVED]),
        ] {
            log.extend(postfix(&format!("9504A9864C{number}"), &ids[number - 1], rest).into_bytes());
        }
        log.extend(postfix("9504A9864CF", "somebody@example.org", &[ACTIVE, SENT, REMOVED]).into_bytes());
        // The queue id of the first is given out again; what becomes of that message is none of ours.
        log.extend(postfix("9504A9864C1", "another@example.org", &[ACTIVE, BOUNCED, REMOVED]).into_bytes());
        let report = read_log(&db, &log).expect(0).json();
        assert_eq!((&report["mails"], &report["others"]), (&json!(4), &json!(2)), "{report}");
        assert_eq!(report["settled"], json!({"accepted": 2, "bounced": 2}));
        assert_eq!(report["known"], 1, "the second deferral: {report}");
        let states: Vec<(String, Option<String>)> = ids.iter().map(|id| state(&db, id)).collect();
        let plain = |state: &str, code: Option<&str>| (state.to_owned(), code.map(str::to_owned));
        let bounced = plain("bounced", Some("mail_bounced"));
        let unknown = plain("unknown", Some("outcome_unknown"));
        let accepted = plain("accepted", None);
        assert_eq!(states[..6], [accepted.clone(), unknown.clone(), accepted, bounced.clone(), bounced, unknown]);
        let masked = "SELECT count(*) FROM delivery_evidence WHERE source = 'maillog' AND detail LIKE '%kunde@%'";
        assert_eq!(db.number(masked).await, 0, "addresses are masked");
        let kept = "SELECT count(*) FROM delivery_evidence WHERE detail LIKE 'deferred further on: %452%' AND queue_id = '9504A9864C3'";
        assert_eq!(db.number(kept).await, 1);

        let before = counts(&db).await;
        let again = read_log(&db, &log).expect(0).json();
        assert_eq!((&again["added"], &again["settled"]), (&json!(0), &json!({})), "{again}");
        assert_eq!(counts(&db).await, before, "a second reading writes nothing");
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        let reasons: Vec<&Value> = plan["groups"].as_array().expect("groups").iter().map(|group| &group["reasons"]).collect();
        assert_eq!(plan["eligible"], 0, "nothing is sent again by itself: {plan}");
        assert_eq!(reasons, [&json!({"mail_bounced": 2, "outcome_unknown": 3})]);
        let unsettled = kontor(&db).args(["deliveries", "list", "--unsettled"]).run().expect(0).json();
        assert_eq!(unsettled.as_array().map(Vec::len), Some(3));
        // The rest of the log comes later; it names the message by its queue id alone.
        let rest = format!("{} mail postfix/smtp[1]: 9504A9864C3: {BOUNCED}\n", now());
        assert_eq!(read_log(&db, rest.as_bytes()).expect(0).json()["settled"], json!({"bounced": 1}));
        assert!(kontor(&db).args(["journal", "verify"]).run().expect(0).json()["fault"].is_null());
    }

    async fn two_desks_read_the_same_log(db: TestDb) {
        let ids = lost(&db, 12);
        let log: String = (0..).zip(&ids).map(|(n, id)| postfix(&format!("A504A9864{n:02}"), id, &[ACTIVE, SENT, REMOVED])).collect();
        let file = db.path().join("mail.log");
        std::fs::write(&file, log).expect("the temporary folder is writable");
        let read = || kontor(&db).args(["deliveries", "evidence", "--maillog"]).args([&file]).spawn();
        let (one, two) = (read(), read());
        let (one, two) = (one.wait().expect(0).json(), two.wait().expect(0).json());
        let sum = |name: &str| one[name].as_i64().expect("a count") + two[name].as_i64().expect("a count");
        assert_eq!((sum("added"), sum("known")), (24, 24), "{one} {two}");
        assert_eq!(db.number("SELECT count(*) FROM delivery_evidence WHERE source = 'maillog'").await, 24);
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await, 12);
    }

    async fn what_a_server_took_is_not_refused_unless_another_mail_followed(db: TestDb) {
        office(&db, 2);
        let sink = SmtpSink::start();
        sink.behave(|_| Behaviour::AnswerRecipient("550 5.1.1 unknown".to_owned()));
        drop(kontor(&db).smtp(&sink.url()).args(["invoices", "run", "--period", "2013-01"]).run().expect(3));
        let ids = [message_id(&db, 1), message_id(&db, 2)];
        db.execute("UPDATE registrations SET email = 'neu@example.com', version = version + 1 WHERE customer_serial = 2").await;
        drop(mailing(&db).args(["runs", "start", "--all", "--reason", "address corrected"]).run().expect(0));
        let log = postfix("B504A9864C1", &ids[0], &[ACTIVE, SENT, REMOVED]) + &postfix("B504A9864C2", &ids[1], &[ACTIVE, SENT, REMOVED]);
        let report = read_log(&db, log.as_bytes()).expect(0).json();
        assert_eq!((&report["settled"], &report["contradicted"]), (&json!({"accepted": 1}), &json!([ids[1]])));
        assert_eq!((state(&db, &ids[0]).0.as_str(), state(&db, &ids[1]).0.as_str()), ("accepted", "refused"));
        let kept = "SELECT count(*) FROM delivery_evidence WHERE source = 'maillog' AND verdict = 'accepted'";
        assert_eq!(db.number(kept).await, 4, "evidence is kept also where it changes nothing");
    }

    async fn a_reply_names_the_queue_id(db: TestDb) {
        office(&db, 1);
        let sink = SmtpSink::start();
        drop(kontor(&db).smtp(&sink.url()).args(["invoices", "run", "--period", "2013-01"]).run().expect(0));
        let named = "SELECT count(*) FROM delivery_evidence WHERE source = 'smtp_reply' AND queue_id IS NOT NULL AND detail LIKE '%' || queue_id || '%'";
        let told = "SELECT count(*) FROM delivery_evidence WHERE source = 'smtp_reply' AND (detail LIKE '%queued as%' OR detail LIKE '%accepted for delivery%')";
        assert_eq!(db.number(named).await, db.number(told).await);
    }

    async fn bounces_settle_the_mails_they_are_about(db: TestDb) {
        let ids = lost(&db, 4);
        let folder = db.path().join("bounces");
        std::fs::create_dir_all(folder.join("new")).expect("a folder");
        let put = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
        put("failed.eml", &report("rechnung@dienst.example", &ids[0], "failed", "5.1.1"));
        put("new/1.M1.host", &report("rechnung@dienst.example", &ids[1], "delayed", "4.2.2"));
        put("new/2.M1.host", &report("rechnung@dienst.example", &ids[2], "relayed", "2.0.0"));
        put("foreign.eml", &report("a@example.org", "somebody@example.org", "failed", "5.1.1"));
        put("letter.eml", "Subject: Guten Tag\n\nWo bleibt meine Rechnung?\n");
        put("cut.eml", &report("rechnung@dienst.example", &ids[3], "failed", "5.1.1")[..200]);
        let both = report("rechnung@dienst.example", &ids[3], "failed", "5.1.1").replace("Subject:", &format!("Message-ID: <{}>\nSubject:", ids[2]));
        put("both.eml", &both);
        let read = || kontor(&db).args(["deliveries", "bounces"]).args([&folder]).run().expect(0).json();
        let report = read();
        assert_eq!((&report["files"], &report["matched"]), (&json!(7), &json!(3)), "{report}");
        assert_eq!(report["settled"], json!({"accepted": 1, "bounced": 1}));
        let left: Vec<&str> = report["left"].as_array().expect("a list").iter().filter_map(|one| one["file"].as_str()).collect();
        assert_eq!(left.len(), 4, "{report}");
        assert!(["both.eml", "cut.eml", "foreign.eml", "letter.eml"].iter().all(|file| left.contains(file)));
        let states: Vec<String> = ids.iter().map(|id| state(&db, id).0).collect();
        assert_eq!(states, ["bounced", "unknown", "accepted", "unknown"]);
        assert_eq!(state(&db, &ids[0]).1.as_deref(), Some("mail_bounced"));
        let detail = "SELECT count(*) FROM delivery_evidence WHERE source = 'bounce' AND detail LIKE 'failed 5.1.1 550 5.1.1 <k_@example.com> no' AND reply_code = 550";
        assert_eq!(db.number(detail).await, 1);
        let before = counts(&db).await;
        let again = read();
        assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(3)));
        assert_eq!(counts(&db).await, before);
        assert_eq!(std::fs::read_dir(folder.join("new")).expect("a folder").count(), 2, "nothing is moved");
        drop(kontor(&db).args(["deliveries", "bounces", "nowhere"]).run().expect(1));
    }

    async fn a_person_settles_what_nobody_knows(db: TestDb) {
        let ids = lost(&db, 5);
        let id = "0190a000-0000-7000-8000-0000000000b1";
        let first = || settle(&db, &[&ids[0], &format!("<{}>", ids[1]), "--arrived", "--request-id", id]);
        let answer = first().expect(0).json();
        assert_eq!((&answer["settled"], &answer["refused"]), (&json!(2), &json!(0)), "{answer}");
        assert_eq!(answer["mails"][0]["before"], "unknown");
        let before = counts(&db).await;
        let again = first().expect(0).json();
        assert_eq!((&again["repeated"], &again["mails"]), (&json!(true), &answer["mails"]));
        assert_eq!(counts(&db).await, before, "a repeated request does nothing");
        // The id belongs to what it was used for.
        drop(kontor(&db).args(["deliveries", "bounces", ".", "--request-id", id]).run().expect(2));
        let mixed = settle(&db, &[&ids[0], &ids[2], "nobody@example.com", "--not-arrived"]).expect(3).json();
        assert_eq!((&mixed["settled"], &mixed["refused"]), (&json!(1), &json!(2)), "{mixed}");
        assert!(mixed["mails"].as_array().expect("a list").iter().filter(|one| one["outcome"] == "refused").all(|one| one["reason"].is_string()));
        assert_eq!(state(&db, &ids[2]), ("refused".to_owned(), Some("not_arrived".to_owned())));
        let nothing = settle(&db, &["nobody@example.com", "--arrived"]).expect(3).json();
        assert_eq!(nothing["settled"], 0);
        let rest = settle(&db, &["--all-unknown", "--arrived"]).expect(0).json();
        assert_eq!(rest["settled"], 2);
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await, 4);
        assert_eq!(db.number("SELECT count(*) FROM delivery_evidence WHERE source = 'person'").await, 5);
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'delivery.settle'").await, 3, "one act, one entry");
        let single = "SELECT count(*) FROM journal j JOIN deliveries d ON CAST(d.id AS text) = j.row_key";
        if db.kind == kontor_tests::databases::Kind::Postgres {
            assert_eq!(db.number(single).await, 1, "the entry about one mail names it");
        }
        assert!(kontor(&db).args(["journal", "verify"]).run().expect(0).json()["fault"].is_null());
        for wrong in [&["--all-unknown"][..], &["--arrived"], &[&ids[0], "--all-unknown", "--arrived"], &[&ids[0], "--arrived", "--resend"]] {
            drop(settle(&db, wrong).expect(2));
        }
        drop(kontor(&db).args(["deliveries", "settle", &ids[0], "--arrived", "--reason", " "]).run().expect(2));
    }

    async fn two_desks_settle_with_one_request(db: TestDb) {
        let ids = lost(&db, 3);
        let id = "0190a000-0000-7000-8000-0000000000b2";
        let desk = || kontor(&db).args(["deliveries", "settle", "--all-unknown", "--arrived", "--reason", "seen"]).args(["--request-id", id]).spawn();
        let desks = [desk(), desk(), desk()];
        for desk in desks {
            assert_eq!(desk.wait().expect(0).json()["settled"], ids.len());
        }
        assert_eq!(db.number("SELECT count(*) FROM delivery_evidence WHERE source = 'person'").await, 3);
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'delivery.settle'").await, 1);
    }

    async fn a_mail_in_a_workers_hand_is_left_to_it(db: TestDb) {
        office(&db, 3);
        let sink = SmtpSink::start();
        let died = kontor(&db).smtp(&sink.url()).args(["invoices", "run", "--period", "2013-01"])
            .failpoints("send.after_commit=return(abort)").run();
        assert_eq!(died.signal, Some(6));
        let sending = "SELECT count(*) FROM deliveries WHERE state = 'sending'";
        let stuck = db.number(sending).await;
        assert!(stuck >= 1);
        let list = kontor(&db).args(["deliveries", "list", "--state", "sending"]).run().expect(0).json();
        let id = list[0]["message_id"].as_str().expect("a Message-ID").to_owned();
        // As far as anybody knows, the worker lives until its lease is over.
        let answer = settle(&db, &[&id, "--arrived"]).expect(3).json();
        assert!(answer["mails"][0]["reason"].as_str().expect("a reason").contains("at this moment"), "{answer}");
        let unsettled = || kontor(&db).args(["deliveries", "list", "--unsettled"]).run().expect(0).json();
        assert_eq!(unsettled(), json!([]));
        assert_eq!(settle(&db, &["--all-unknown", "--arrived"]).expect(0).json()["settled"], 0);
        db.execute("UPDATE run_items SET token = token + 1, lease_expires_at = '2013-01-01T00:00:00+00:00' WHERE state = 'claimed'").await;
        assert_eq!(unsettled().as_array().map(Vec::len), usize::try_from(stuck).ok());
        assert_eq!(settle(&db, &[&id, "--not-arrived"]).expect(0).json()["settled"], 1);
        assert_eq!(state(&db, &id).0, "refused");
        assert_eq!(settle(&db, &["--all-unknown", "--arrived"]).expect(0).json()["settled"], stuck - 1);
        assert_eq!(db.number(sending).await, 0);
    }

    async fn what_the_old_programs_left_is_settled_too(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "3000"]).run().expect(0));
        let stuck = db.number("SELECT count(*) FROM deliveries WHERE state = 'sending'").await;
        let unknown = db.number("SELECT count(*) FROM deliveries WHERE state = 'unknown'").await;
        assert!(stuck > 0);
        let answer = settle(&db, &["--all-unknown", "--not-arrived"]).expect(0).json();
        assert_eq!(answer["settled"], stuck + unknown, "{answer}");
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state IN ('sending', 'unknown')").await, 0);
    }
}
