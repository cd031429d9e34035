//! Cancelling: what is written, in one piece or not at all; what is refused; and that a period is not due again by itself.

use kontor_pdf::content::{Content, Kind as Paper};
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use kontor_tests::process::Output;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::{counts, invoice, kontor, mailing, office, past_the_guards, text};

/// Tables that a cancellation writes.
const WRITTEN: [&str; 8] = [
    "invoices",
    "invoice_lines",
    "number_allocations",
    "number_ranges",
    "runs",
    "run_items",
    "journal",
    "delivery_evidence",
];

/// Number of the invoice of this customer.
pub async fn number_of(db: &TestDb, customer: i64) -> String {
    let sql = format!(
        "SELECT i.number FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE i.kind = 'invoice' AND \
         r.customer_serial = {customer} ORDER BY i.number DESC LIMIT 1"
    );
    text(db, &sql).await
}

/// Picks the rows of this invoice's subscription.
pub fn key_of(number: &str) -> String {
    format!("subscription_id = (SELECT subscription_id FROM invoices WHERE number = '{number}')")
}

/// Cancels an invoice and leaves the work to workers.
pub fn cancel(db: &TestDb, number: &str, more: &[&str]) -> Output {
    let call = ["invoices", "cancel", number, "--queue", "--reason", "wrong name"];
    kontor(db).args(call).args(more).run()
}

async fn frozen(db: &TestDb, number: &str) -> Content {
    let connection = db.connect().await;
    let sql = format!("SELECT snapshot, snapshot_sha256 FROM invoices WHERE number = '{number}'");
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    let row = row.expect("the row can be read").expect("there is such an invoice");
    let (bytes, hash): (Vec<u8>, Vec<u8>) =
        (row.try_get("", "snapshot").expect("bytes"), row.try_get("", "snapshot_sha256").expect("a hash"));
    assert_eq!(kontor_pdf::content::sha256(&bytes)[..], hash[..], "{number}: the content has its hash");
    Content::from_bytes(&bytes).expect("a content")
}

/// Refused with these words, and nothing was written.
async fn refused(db: &TestDb, output: Output, code: i32, words: &[&str], before: &[i64]) {
    let output = output.expect(code);
    for word in words {
        assert!(output.stderr.contains(word), "“{word}” is missing in:\n{}", output.stderr);
    }
    assert_eq!(output.stdout, "");
    assert_eq!(counts(db, &WRITTEN).await, before, "{}", output.stderr);
    let serials =
        db.number("SELECT CAST(sum(last_serial) AS bigint) FROM number_ranges WHERE kind <> 'customer'").await;
    let taken = db.number("SELECT count(*) FROM number_allocations").await;
    assert_eq!(serials, taken, "no number was lost: {}", output.stderr);
}

both_databases! {
    async fn an_invoice_is_taken_back_under_a_number_of_its_own(db: TestDb) {
        office(&db, 3);
        invoice(&db, "2013-01");
        let number = number_of(&db, 2).await;
        let before = frozen(&db, &number).await;
        let done = cancel(&db, &number, &[]).expect(0).json();
        let taking = done["cancellation"].as_str().expect("a number").to_owned();
        assert!(taking.starts_with("ST-") && taking.contains("-000001-"), "{taking}");
        assert_eq!((&done["invoice"], &done["reissued"], &done["repeated"]), (&json!(number), &Value::Null, &json!(false)));
        assert_eq!((&done["state"], &done["total"]), (&json!("running"), &json!(1)));

        let content = frozen(&db, &taking).await;
        assert_eq!((content.kind, content.number.as_str(), content.gross_cents), (Paper::Cancellation, taking.as_str(), -100));
        assert_eq!((content.lines[0].quantity, content.lines[0].unit_gross_cents), (-1, 100));
        assert!(content.payment.is_none());
        let original = content.original.expect("it names the original");
        assert_eq!((original.number, original.issued_on), (before.number.clone(), before.issued_on));
        assert_eq!((content.seller, content.recipient), (before.seller.clone(), before.recipient.clone()));
        assert_eq!(frozen(&db, &number).await, before, "the original's content did not move");

        assert_eq!(db.number("SELECT CAST(sum(gross_cents + net_cents + tax_cents) AS bigint) FROM invoices WHERE subscription_id = \
            (SELECT subscription_id FROM invoices WHERE kind = 'cancellation')").await, 0, "together they are nothing");
        let pair = "SELECT count(*) FROM invoices o JOIN invoices c ON c.id = o.cancelled_by AND c.cancels_id = o.id WHERE \
                    o.state = 'cancelled' AND c.state = 'issued' AND c.due_on IS NULL AND o.version = 3 AND c.line_count = 1";
        assert_eq!(db.number(pair).await, 1);
        assert_eq!(text(&db, "SELECT a.number FROM number_allocations a JOIN invoices i ON i.id = a.invoice_id WHERE \
                              i.kind = 'cancellation'").await, taking);
        let run = "SELECT count(*) FROM runs r JOIN run_items x ON x.run_id = r.id JOIN invoices c ON c.id = x.subject_id WHERE \
                   r.kind = 'rerun' AND r.occasion = 'cancellation' AND r.last_step = 'deliver' AND x.subject = 'cancellation' \
                   AND c.kind = 'cancellation' AND x.invoice_id = c.id AND x.state = 'waiting'";
        assert_eq!(db.number(run).await, 1);

        let shown = kontor(&db).args(["invoices", "show", &number]).run().expect(0).json();
        assert_eq!((&shown["state"], &shown["cancelled_by"], &shown["cancels"]), (&json!("cancelled"), &json!(taking), &Value::Null));
        let shown = kontor(&db).args(["invoices", "show", &taking]).run().expect(0).json();
        assert_eq!((&shown["kind"], &shown["cancels"], &shown["gross_cents"]), (&json!("cancellation"), &json!(number), &json!(-100)));
        assert_eq!(shown["attempts"], json!([]), "the original's attempts are not its own");
        let listed = kontor(&db).args(["invoices", "list"]).run().expect(0).json();
        assert_eq!(listed.as_array().expect("a list").iter().filter(|row| row["cancels"] == json!(number)).count(), 1);

        let entry = kontor(&db).args(["journal", "list", "--limit", "1"]).run().expect(0).json()[0].clone();
        assert_eq!((&entry["action"], &entry["table"], &entry["reason"]), (&json!("invoice.cancel"), &json!("invoices"), &json!("wrong name")));
        assert_eq!((&entry["before"]["state"], &entry["after"]["cancellation"]), (&json!("archived"), &json!(taking)));
        let found = kontor(&db).args(["journal", "list", "--record", &number]).run().expect(0).json();
        assert_eq!((found.as_array().map(Vec::len), &found[0]), (Some(1), &entry), "people look it up by its number");
        assert!(kontor(&db).args(["journal", "verify"]).run().expect(0).json()["fault"].is_null());
    }

    async fn the_period_is_invoiced_again_from_the_data_of_today(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        let number = number_of(&db, 1).await;
        db.execute("UPDATE registrations SET last_name = 'Klein', version = version + 1 WHERE customer_serial = 1").await;
        let done = cancel(&db, &number, &["--reissue", "--no-mail"]).expect(0).json();
        let new = done["reissued"].as_str().expect("a number").to_owned();
        assert_ne!(new, number);
        assert_eq!(done["total"], 2);
        assert_eq!(frozen(&db, &number).await.recipient.name, "Jürgen Groß-Müller 1");
        assert_eq!(frozen(&db, done["cancellation"].as_str().expect("a number")).await.recipient.name, "Jürgen Groß-Müller 1");
        let content = frozen(&db, &new).await;
        assert_eq!((content.recipient.name.as_str(), content.kind, content.gross_cents), ("Jürgen Klein", Paper::Invoice, 100));
        assert_eq!(content.payment.expect("terms of payment").reference, new);
        let subjects = "SELECT count(*) FROM run_items x JOIN runs r ON r.id = x.run_id JOIN invoices i ON i.id = x.invoice_id WHERE \
                        r.occasion = 'cancellation' AND r.last_step = 'archive' AND ((x.ordinal = 1 AND x.subject = 'cancellation' AND \
                        i.kind = 'cancellation') OR (x.ordinal = 2 AND x.subject = 'period' AND x.subject_id IS NULL AND i.state = 'issued'))";
        assert_eq!(db.number(subjects).await, 2);
        assert_eq!(db.number("SELECT count(*) FROM number_allocations WHERE invoice_id IS NULL").await, 0);
        // And again: the new one is an invoice like any other.
        let again = cancel(&db, &new, &[]).expect(0).json();
        assert!(again["cancellation"].as_str().expect("a number").contains("-000002-"), "{again}");
        let left = "SELECT count(*) FROM run_items WHERE state = 'waiting' AND subject = 'period'";
        assert_eq!(db.number(left).await, 0, "nobody draws what was cancelled meanwhile");
        assert_eq!(db.number("SELECT count(*) FROM run_items WHERE state = 'waiting' AND subject = 'cancellation'").await, 2);
    }

    async fn what_cannot_be_cancelled_is_left_alone(db: TestDb) {
        office(&db, 6);
        invoice(&db, "2013-01");
        let first = number_of(&db, 1).await;
        let second = number_of(&db, 2).await;
        let done = cancel(&db, &first, &[]).expect(0).json();
        let taking = done["cancellation"].as_str().expect("a number").to_owned();
        let before = counts(&db, &WRITTEN).await;
        refused(&db, cancel(&db, "RE-2013-999999-4", &[]), 1, &["RE-2013-999999-4"], &before).await;
        refused(&db, cancel(&db, "nonsense", &[]), 2, &["is no invoice number"], &before).await;
        refused(&db, cancel(&db, &taking, &[]), 1, &["is itself a cancellation invoice", &first], &before).await;
        refused(&db, cancel(&db, &first, &[]), 1, &["is cancelled already", &taking, "--reissue"], &before).await;
        let empty = kontor(&db).args(["invoices", "cancel", &second, "--queue", "--reason", " "]).run();
        refused(&db, empty, 2, &["needs a reason"], &before).await;
        refused(&db, cancel(&db, &second, &["--date", "2013-01-31"]), 2, &["cannot bear the earlier date"], &before).await;
        refused(&db, cancel(&db, &second, &["--date", "2199-01-01"]), 2, &["lies in the future"], &before).await;
        let nowhere = kontor(&db).args(["invoices", "cancel", &second, "--reason", "x"]).run();
        refused(&db, nowhere, 2, &["Where shall the mails go?"], &before).await;

        let lease = if db.kind == Kind::Postgres { "clock_timestamp() + interval '1 hour'" } else { "'2999-01-01T00:00:00+00:00'" };
        db.execute(&format!("UPDATE run_items SET state = 'claimed', lease_expires_at = {lease} WHERE {}", key_of(&second))).await;
        refused(&db, cancel(&db, &second, &[]), 1, &["is being worked on at this moment"], &before).await;

        let third = number_of(&db, 3).await;
        past_the_guards(&db, "invoices", &format!("UPDATE invoices SET snapshot = snapshot_sha256 WHERE number = '{third}'")).await;
        refused(&db, cancel(&db, &third, &[]), 1, &["does not have the hash", "invoices restore"], &before).await;
        let fourth = number_of(&db, 4).await;
        past_the_guards(&db, "invoices", &format!("UPDATE invoices SET gross_cents = 164 WHERE number = '{fourth}'")).await;
        refused(&db, cancel(&db, &fourth, &[]), 1, &["contradicts what it was frozen with (gross_cents)", "invoices restore"], &before).await;

        let fifth = number_of(&db, 5).await;
        db.execute("UPDATE registrations SET state = 'blocked', version = version + 1 WHERE customer_serial = 5").await;
        let words = ["cannot be issued, so nothing was written", "blocked", "without --reissue"];
        refused(&db, cancel(&db, &fifth, &["--reissue"]), 1, &words, &before).await;
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE state = 'cancelled'").await, 1);
        let sixth = number_of(&db, 6).await;
        let moved = format!("UPDATE subscriptions SET started_on = '2013-02-01' WHERE {}", key_of(&sixth));
        db.execute(&moved.replace("subscription_id =", "id =")).await;
        refused(&db, cancel(&db, &sixth, &["--reissue"]), 1, &["is not due in this period"], &before).await;
        drop(cancel(&db, &fifth, &[]).expect(0));
    }

    async fn what_the_old_programs_mailed_is_taken_back_from_its_rows(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "120", "--incident", "none"]).run().expect(0));
        let number = number_of(&db, 7).await;
        let (name, gross) = (
            text(&db, &format!("SELECT recipient_name FROM invoices WHERE number = '{number}'")).await,
            db.number(&format!("SELECT gross_cents FROM invoices WHERE number = '{number}'")).await,
        );
        // Renamed since: the paper bears the name that stood on the invoice.
        db.execute("UPDATE registrations SET last_name = 'Anders', company = NULL, kind = 'person' WHERE customer_serial = 7").await;
        let done = cancel(&db, &number, &["--reissue"]).expect(0).json();
        let content = frozen(&db, done["cancellation"].as_str().expect("a number")).await;
        assert_eq!((content.recipient.name.as_str(), content.gross_cents), (name.as_str(), -gross));
        assert_eq!(content.original.as_ref().map(|original| original.number.as_str()), Some(number.as_str()));
        assert!(frozen(&db, done["reissued"].as_str().expect("a number")).await.recipient.name.ends_with("Anders"));

        // Invoiced by mistake: the subscription did not run in that month.
        let mistaken = number_of(&db, 12).await;
        let later = format!("UPDATE subscriptions SET started_on = '2013-02-01' WHERE {}", key_of(&mistaken));
        db.execute(&later.replace("subscription_id =", "id =")).await;
        let done = cancel(&db, &mistaken, &[]).expect(0).json();
        let content = frozen(&db, done["cancellation"].as_str().expect("a number")).await;
        assert_eq!((content.service_from.to_string(), content.service_to.to_string()), ("2013-01-01".into(), "2013-01-31".into()));

        let before = counts(&db, &WRITTEN).await;
        let other = number_of(&db, 8).await;
        past_the_guards(&db, "invoices", &format!("UPDATE invoices SET gross_cents = gross_cents + 64 WHERE number = '{other}'")).await;
        refused(&db, cancel(&db, &other, &[]), 1, &["cannot be cancelled as it stands", "repair"], &before).await;
        let third = number_of(&db, 9).await;
        past_the_guards(&db, "invoices", &format!("UPDATE invoices SET line_count = 2 WHERE number = '{third}'")).await;
        refused(&db, cancel(&db, &third, &[]), 1, &["2 lines and has 1"], &before).await;
        let unsent = number_of(&db, 10).await;
        let mails = format!("SELECT id FROM invoices WHERE number = '{unsent}'");
        past_the_guards(&db, "deliveries", &format!("UPDATE deliveries SET state = 'deferred' WHERE invoice_id = ({mails})")).await;
        refused(&db, cancel(&db, &unsent, &[]), 1, &["never left the house", "runs start --invoice"], &before).await;
        let incomplete = number_of(&db, 11).await;
        past_the_guards(&db, "invoices", &format!("UPDATE invoices SET state = 'incomplete' WHERE number = '{incomplete}'")).await;
        refused(&db, cancel(&db, &incomplete, &[]), 1, &["never left the house"], &before).await;
    }

    async fn a_request_cancels_once_and_answers_for_its_own_invoice(db: TestDb) {
        office(&db, 3);
        invoice(&db, "2013-01");
        let (number, other) = (number_of(&db, 1).await, number_of(&db, 2).await);
        let id = ["--reissue", "--request-id", "0190a000-0000-7000-8000-0000000000ca"];
        let first = cancel(&db, &number, &id).expect(0).json();
        let before = counts(&db, &WRITTEN).await;
        let second = cancel(&db, &number, &id).expect(0).json();
        assert_eq!((&second["repeated"], &first["repeated"]), (&json!(true), &json!(false)));
        for field in ["invoice", "cancellation", "reissued", "run", "cancelled_before"] {
            assert_eq!(first[field], second[field], "{field}");
        }
        refused(&db, cancel(&db, &other, &id), 2, &["another invoice already"], &before).await;
        let run = kontor(&db).args(["runs", "start", "--all", "--reason", "x", "--queue"]).args(&id[1..]).run();
        refused(&db, run, 2, &["was used for “invoice.cancel” already"], &before).await;
    }

    async fn two_desks_cancel_one_invoice_once(db: TestDb) {
        office(&db, 8);
        invoice(&db, "2013-01");
        for customer in 1..=8 {
            let number = number_of(&db, customer).await;
            let alike = customer % 2 == 0;
            let call = |desk: i64| {
                let id = format!("0190a000-0000-7000-8000-{:012x}", customer * 16 + if alike { 0 } else { desk });
                kontor(&db).args(["invoices", "cancel", &number, "--reissue", "--queue", "--reason", "two desks", "--request-id", &id]).spawn()
            };
            let (one, two) = (call(1), call(2));
            let (one, two) = (one.wait(), two.wait());
            let codes = (one.code, two.code);
            if alike {
                assert_eq!(codes, (Some(0), Some(0)), "{} {}", one.stderr, two.stderr);
                assert_eq!(one.json()["cancellation"], two.json()["cancellation"]);
            } else {
                assert!(codes == (Some(0), Some(1)) || codes == (Some(1), Some(0)), "{codes:?} {} {}", one.stderr, two.stderr);
                assert!(format!("{}{}", one.stderr, two.stderr).contains("is cancelled already"), "{}{}", one.stderr, two.stderr);
            }
        }
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE kind = 'cancellation'").await, 8);
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE kind = 'invoice' AND state = 'issued'").await, 8);
        assert_eq!(db.number("SELECT last_serial FROM number_ranges WHERE kind = 'cancellation'").await, 8);
    }

    async fn a_cancelled_period_is_not_due_again(db: TestDb) {
        office(&db, 4);
        invoice(&db, "2013-01");
        let number = number_of(&db, 3).await;
        // A number that was lost on the period; it is explained with the cancellation.
        db.execute("UPDATE number_ranges SET last_serial = last_serial + 1 WHERE kind = 'invoice'").await;
        let lost = format!(
            "INSERT INTO number_allocations (id, range_id, serial, number, subscription_id, period, host, allocated_at) SELECT \
             i.subscription_id, r.id, r.last_serial, 'lost', i.subscription_id, i.period, 'rechnung-03', i.created_at FROM invoices i, \
             number_ranges r WHERE r.kind = 'invoice' AND i.number = '{number}'"
        );
        assert_eq!(db.execute(&lost).await, 1);
        let done = cancel(&db, &number, &[]).expect(0).json();
        assert!(text(&db, "SELECT explanation FROM number_allocations WHERE number = 'lost'").await.contains(&number));
        assert!(db.number(&format!("SELECT count(*) FROM attempts WHERE {}", key_of(&number))).await > 0, "attempts alone do not open it");
        assert_eq!(invoice(&db, "2013-01")["state"], "nothing_to_do");
        drop(mailing(&db).args(["work", "--until-idle"]).run().expect(0));
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        assert_eq!((&plan["eligible"], &plan["ineligible"]), (&json!(0), &json!(0)), "{plan}");

        let again = cancel(&db, &number, &["--reissue"]).expect(0).json();
        assert_eq!((&again["cancelled_before"], &again["cancellation"], &again["total"]), (&json!(true), &done["cancellation"], &json!(1)));
        let entry = kontor(&db).args(["journal", "list", "--limit", "1"]).run().expect(0).json()[0].clone();
        assert_eq!((&entry["action"], &entry["after"]["reissued"]), (&json!("invoice.reissue"), &again["reissued"]));
        let before = counts(&db, &WRITTEN).await;
        let new = again["reissued"].as_str().expect("a number");
        refused(&db, cancel(&db, &number, &["--reissue"]), 1, &["invoiced again as", new], &before).await;
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE kind = 'cancellation'").await, 1);
        assert_eq!(invoice(&db, "2013-01")["state"], "nothing_to_do");
    }
}
