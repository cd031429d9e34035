//! The monthly report: every figure against a question of the test's own, and its paper against outside tools.

use std::process::Command;

use chrono::Utc;
use kontor::store::entities::{findings, storage_samples};
use kontor::store::insert_all;
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::check::damage;
use crate::support::{invoice, kontor, mailing, office, text};

fn report(db: &TestDb, month: &str) -> Value {
    kontor(db).args(["report", "--month", month]).run().expect(0).json()
}

fn demo(db: &TestDb, count: &str) {
    drop(kontor(db).args(["demo", "create", "--registrations", count, "--seed", "1"]).run().expect(0));
}

fn page_text(file: &std::path::Path) -> String {
    let out = Command::new("pdftotext").args(["-layout"]).arg(file).arg("-").output().expect("pdftotext runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("text").replace('\u{a0}', " ")
}

/// A finding about an invoice.
fn found_about(invoice: Uuid) -> findings::Model {
    let now = Utc::now();
    findings::Model {
        id: Uuid::now_v7(),
        rule: "tax_wrong".to_owned(),
        severity: "high".to_owned(),
        table_name: "invoices".to_owned(),
        row_key: invoice.to_string(),
        field: None,
        current_value: None,
        proposal: None,
        evidence: "none".to_owned(),
        opened_at: now,
        seen_at: now,
        closed_at: None,
        set_aside_until_at: None,
        set_aside_reason: None,
        row_id: Some(invoice),
    }
}

/// A measurement, in gigabytes.
async fn measured(db: &TestDb, at: &str, sold: i64, used: i64) {
    let size = |gigabytes: i64| gigabytes * 1_000_000_000;
    let taken_at = at.parse().expect("a time");
    let (capacity_bytes, sold_bytes, used_bytes) = (size(1_000), size(sold), size(used));
    let row = storage_samples::Model { id: Uuid::now_v7(), taken_at, capacity_bytes, sold_bytes, used_bytes };
    insert_all(&db.connect().await, vec![row]).await.expect("a measurement");
}

both_databases! {
    async fn every_figure_of_january_is_what_a_query_says(db: TestDb) {
        demo(&db, "400");
        drop(kontor(&db).args(["check"]).run().expect(0));
        let said = report(&db, "2013-01");
        let is = async |pointer: &str, sql: &str| {
            let value = said.pointer(pointer).unwrap_or_else(|| panic!("{pointer} in {said}"));
            assert_eq!(*value, json!(db.number(sql).await), "{pointer}");
        };
        let month = "registered_at >= '2012-12-31T23:00:00+00:00' AND registered_at < '2013-01-31T23:00:00+00:00'";
        is("/registrations/total", "SELECT count(*) FROM registrations WHERE registered_at < '2013-01-31T23:00:00+00:00'").await;
        is("/registrations/month", &format!("SELECT count(*) FROM registrations WHERE {month}")).await;
        is("/registrations/month_before", "SELECT count(*) FROM registrations WHERE registered_at < '2012-12-31T23:00:00+00:00'").await;
        is("/registrations/days/9/count", "SELECT count(*) FROM registrations WHERE registered_at >= '2013-01-09T23:00:00+00:00' AND registered_at < '2013-01-10T23:00:00+00:00'").await;
        let days = said["registrations"]["days"].as_array().expect("days");
        assert_eq!(days.len(), 31);
        let sum = |list: &Value| list.as_array().expect("a list").iter().map(|each| each["count"].as_i64().expect("a count")).sum::<i64>();
        assert_eq!(json!(sum(&said["registrations"]["days"])), said["registrations"]["month"]);
        assert_eq!(json!(sum(&said["registrations"]["weeks"])), said["registrations"]["month"]);

        let of = "kind = 'invoice' AND period = '2013-01-01'";
        is("/invoices/completeness/issued", &format!("SELECT count(DISTINCT subscription_id) FROM invoices WHERE {of} AND state IN ('issued', 'archived')")).await;
        is("/invoices/gross_cents", &format!("SELECT CAST(sum(gross_cents) AS BIGINT) FROM invoices WHERE {of} AND state IN ('issued', 'archived')")).await;
        let runs = "s.started_on <= '2013-01-31' AND r.state <> 'blocked' AND COALESCE(s.ended_on, '9999-01-01') >= '2013-01-01' AND (s.ended_on IS NOT NULL OR (s.state = 'active' AND r.state = 'active'))";
        let contracts = "subscriptions s JOIN registrations r ON r.id = s.registration_id";
        is("/invoices/completeness/due", &format!("SELECT count(*) FROM {contracts} WHERE {runs}")).await;
        let has = "EXISTS (SELECT 1 FROM invoices i WHERE i.subscription_id = s.id AND i.kind = 'invoice' AND i.state <> 'incomplete' AND i.period = '2013-01-01')";
        is("/invoices/completeness/not_due/count", &format!("SELECT count(*) FROM {contracts} WHERE {has} AND NOT ({runs})")).await;
        let complete = &said["invoices"]["completeness"];
        let missing: i64 = ["quarantined", "failed", "not_begun"].iter().map(|name| complete[name]["count"].as_i64().expect("a count")).sum();
        assert_eq!(missing, db.number(&format!("SELECT count(*) FROM {contracts} WHERE {runs} AND NOT {has}")).await);
        assert_eq!(complete["unexplained"], 0);
        for name in ["cancelled", "quarantined", "failed", "not_begun", "not_due", "unexplained_of"] {
            assert_eq!(json!(complete[name]["customers"].as_array().expect("customers").len()), complete[name]["count"]);
        }
        // Nobody is at work: what was being sent when a worker died has an unknown outcome, and does not wait.
        for (figure, states) in [("accepted", "'accepted'"), ("refused", "'refused'"), ("bounced", "'bounced'"), ("unknown", "'unknown', 'sending'"), ("waiting", "'queued', 'deferred'")] {
            let newest = format!("SELECT count(*) FROM invoices i JOIN deliveries d ON d.invoice_id = i.id WHERE i.{of} AND i.state IN ('issued', 'archived') AND d.state IN ({states}) AND NOT EXISTS (SELECT 1 FROM deliveries x WHERE x.invoice_id = i.id AND (x.queued_at > d.queued_at OR (x.queued_at = d.queued_at AND x.id > d.id)))");
            is(&format!("/invoices/mails/{figure}"), &newest).await;
        }
        let bytes = |column: &str| format!("SELECT {column} FROM storage_samples ORDER BY taken_at DESC, id DESC LIMIT 1");
        for column in ["capacity_bytes", "sold_bytes", "used_bytes"] {
            is(&format!("/storage/{column}"), &bytes(column)).await;
        }
        for severity in ["critical", "high", "medium"] {
            is(&format!("/open/findings/{severity}"), &format!("SELECT count(*) FROM findings WHERE closed_at IS NULL AND severity = '{severity}'")).await;
        }
        is("/open/unsettled_mails", "SELECT count(*) FROM deliveries WHERE state IN ('unknown', 'sending')").await;
        assert_eq!(said["repairs"]["days"], Value::Null, "the office lives in a time of its own, so all repairs count");
        is("/open/payments", "SELECT count(*) FROM payments WHERE state = 'open'").await;
        is("/journal/entries", "SELECT journal_seq FROM installation").await;
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        let failures: u64 = said["open"]["failures"].as_object().expect("codes").values().map(|count| count.as_u64().expect("a count")).sum();
        assert_eq!(failures, plan["eligible"].as_u64().expect("a count") + plan["ineligible"].as_u64().expect("a count"));
    }

    async fn the_paper_says_what_the_figures_say_in_both_languages(db: TestDb) {
        demo(&db, "400");
        let said = report(&db, "2013-01");
        let folder = db.path();
        for (language, title, issued) in [("de", "Monatsbericht Januar 2013", "Rechnungen ausgestellt"), ("en", "Monthly report January 2013", "Invoices issued")] {
            let files = ["pdf", "csv", "json"].map(|ending| folder.join(format!("report-{language}.{ending}")));
            let mut command = kontor(&db).args(["report", "--month", "2013-01", "--language", language]);
            for file in &files {
                command = command.args(["-o"]).args([file]);
            }
            drop(command.run().expect(0));
            let whole = Command::new("qpdf").arg("--check").arg(&files[0]).output().expect("qpdf runs");
            assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stdout));
            let words = page_text(&files[0]);
            assert!(words.contains(title) && words.contains(issued), "{words}");
            let complete = &said["invoices"]["completeness"];
            for figure in [&said["registrations"]["month"], &complete["issued"], &complete["due"], &said["invoices"]["mails"]["accepted"]] {
                let figure = figure.to_string();
                assert!(words.split_whitespace().any(|word| word == figure), "{figure} in {words}");
            }
            for customer in complete["failed"]["customers"].as_array().expect("customers").iter().take(8) {
                assert!(words.contains(customer.as_str().expect("a number")), "{customer} in {words}");
            }
            assert!(words.contains(said["journal"]["hash"].as_str().expect("a hash")), "{words}");
            let pages = words.matches('\u{c}').count();
            assert!((1..=2).contains(&pages), "{pages} pages");
            let table = std::fs::read_to_string(&files[1]).expect("a table");
            let mut lines = vec![
                format!("invoices,issued,,{}", complete["issued"]),
                format!("report,company,,{}", said["company"].as_str().expect("a name")),
                format!("open,of_month,,{}", said["open_of_month"]),
                format!("storage,growth_per_day_bytes,,{}", said["storage"]["growth_per_day_bytes"]),
                "repairs,from,,".to_owned(),
            ];
            lines.extend(complete["failed"]["customers"].as_array().expect("customers").iter().map(|customer| {
                format!("invoices,failed_customer,{},1", customer.as_str().expect("a number"))
            }));
            for line in lines {
                let quoted = line.contains('"') || line.matches(',').count() > 3;
                assert!(quoted || table.lines().any(|each| each == line), "{line} in {table}");
            }
            let again: Value = serde_json::from_slice(&std::fs::read(&files[2]).expect("a document")).expect("JSON");
            assert_eq!(again["invoices"], said["invoices"]);
            let first = std::fs::read(&files[0]).expect("the paper");
            drop(kontor(&db).args(["report", "--month", "2013-01", "--language", language, "-o"]).args([&files[0]]).run().expect(0));
            assert_eq!(first, std::fs::read(&files[0]).expect("the paper"), "the same figures give the same bytes");
        }
    }

    async fn the_incident_of_january_stands_in_its_report(db: TestDb) {
        demo(&db, "4000");
        let said = report(&db, "2013-01");
        let causes = kontor(&db).args(["causes"]).run().expect(0).json();
        let incident = &said["incidents"][0];
        assert_eq!((&incident["attribute"], &incident["value"]), (&json!("host"), &json!("rechnung-03")), "{said}");
        assert_eq!((&incident["level"], &incident["from"], &incident["to"]), (&causes[0]["level"], &causes[0]["window"]["from"], &causes[0]["window"]["to"]));
        let hit = db.number("SELECT count(DISTINCT s.registration_id) FROM attempts a JOIN subscriptions s ON s.id = a.subscription_id \
            WHERE a.host = 'rechnung-03' AND a.outcome IN ('failed', 'died', 'unknown') AND a.started_at >= '2013-01-20T23:00:00+00:00' \
            AND a.started_at < '2013-01-25T23:00:00+00:00'").await;
        assert_eq!(incident["customers"], hit);
        // The figures are of the days that stand beside them, and not of the month.
        let there = "FROM attempts a WHERE a.host = 'rechnung-03' AND a.started_at >= '2013-01-20T23:00:00+00:00' AND a.started_at < '2013-01-25T23:00:00+00:00'";
        assert_eq!(incident["attempts"], db.number(&format!("SELECT count(*) {there} AND a.outcome NOT IN ('running', 'skipped')")).await);
        assert_eq!(incident["failures"], db.number(&format!("SELECT count(*) {there} AND a.outcome IN ('failed', 'died', 'unknown')")).await);
        // A process went through and left damage: its customer is affected like those whose processes died.
        let connection = db.connect().await;
        let well = format!("SELECT a.invoice_id {there} AND a.outcome = 'done' AND a.invoice_id IS NOT NULL AND NOT EXISTS (SELECT 1 \
            FROM attempts b JOIN subscriptions t ON t.id = b.subscription_id WHERE b.host = a.host AND b.outcome IN ('failed', 'died', 'unknown') \
            AND t.registration_id = (SELECT s.registration_id FROM subscriptions s WHERE s.id = a.subscription_id)) \
            AND (SELECT count(*) FROM attempts c WHERE c.invoice_id = a.invoice_id) = 1 ORDER BY a.id LIMIT 1");
        let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), well)).await.expect("an answer");
        let damaged: Uuid = row.expect("an attempt that went through").try_get_by_index(0).expect("an id");
        insert_all(&connection, vec![found_about(damaged)]).await.expect("a finding");
        let more = report(&db, "2013-01")["incidents"][0].clone();
        assert_eq!((&more["customers"], &more["failures"], &more["attempts"]), (&json!(hit + 1), &json!(incident["failures"].as_i64().expect("a count") + 1), &incident["attempts"]));
        assert_eq!(said["incidents"].as_array().map(Vec::len), Some(1), "what the host explains is not told as well");
        let file = db.path().join("report.pdf");
        drop(kontor(&db).args(["report", "--month", "2013-01", "-o"]).args([&file]).run().expect(0));
        let words = page_text(&file);
        assert!(words.contains("rechnung-03") && words.contains("vom 21.01.2013 bis 25.01.2013"), "{words}");
    }

    async fn one_measurement_gives_no_outlook(db: TestDb) {
        office(&db, 1);
        let outlook = || {
            let file = db.path().join("report.pdf");
            drop(kontor(&db).args(["report", "--month", "2013-01", "--language", "de", "-o"]).args([&file]).run().expect(0));
            page_text(&file).split_whitespace().collect::<Vec<_>>().join(" ")
        };
        measured(&db, "2013-01-10T12:00:00Z", 1_000, 400).await;
        let said = outlook();
        assert!(said.contains("Gemessen wurde nur an einem Tag; ein Zuwachs lässt sich daraus nicht ablesen."), "{said}");
        assert!(!said.contains("absehbare Zeit") && !said.contains("mehr verkauft"), "{said}");
        measured(&db, "2013-01-15T12:00:00Z", 1_010, 400).await;
        measured(&db, "2013-01-20T12:00:00Z", 1_020, 400).await;
        let said = outlook();
        assert!(said.contains("auf absehbare Zeit nicht voll"), "{said}");
        assert!(said.contains("Schon am 15.01.2013 war mehr verkauft, als vorhanden ist."), "{said}");
    }

    async fn what_is_missing_is_told_by_what_holds_it_back(db: TestDb) {
        office(&db, 8);
        let first = report(&db, "2013-01");
        assert_eq!(first["invoices"]["completeness"]["not_begun"]["count"], 8, "nothing was begun");
        damage(&db, &["UPDATE registrations SET last_name = 'Gpoß' WHERE customer_serial = 2"]).await;
        damage(&db, &["UPDATE registrations SET email = 'nobody' WHERE customer_serial = 3"]).await;
        drop(kontor(&db).args(["check"]).run().expect(0));
        drop(mailing(&db).args(["invoices", "run", "--period", "2013-01"]).run().expect(3));
        db.execute("UPDATE registrations SET state = 'blocked' WHERE customer_serial = 5").await;
        let complete = report(&db, "2013-01")["invoices"]["completeness"].clone();
        let number = async |serial: i64| text(&db, &format!("SELECT customer_number FROM registrations WHERE customer_serial = {serial}")).await;
        assert_eq!(complete["due"], 7, "who is blocked is not due: {complete}");
        assert_eq!(complete["not_due"], json!({ "count": 1, "customers": [number(5).await] }));
        let held = [number(2).await, number(3).await];
        let missing: Vec<&Value> = ["quarantined", "failed"].iter().flat_map(|name| complete[name]["customers"].as_array().expect("customers")).collect();
        assert_eq!(missing.len(), 2, "{complete}");
        assert!(missing.iter().all(|customer| held.contains(&customer.as_str().expect("a number").to_owned())), "{complete}");
        // Each by what its item says: held back, or tried in vain.
        for (name, is_it) in [("quarantined", "="), ("failed", "<>")] {
            let items = format!("FROM run_items t JOIN subscriptions s ON s.id = t.subscription_id JOIN registrations r ON r.id = s.registration_id WHERE t.state = 'failed' AND t.code {is_it} 'quarantined'");
            assert_eq!(complete[name]["count"], db.number(&format!("SELECT count(*) {items}")).await, "{name}: {complete}");
        }
        assert!(complete["quarantined"]["count"].as_i64() > Some(0), "{complete}");
        let file = db.path().join("report.csv");
        drop(kontor(&db).args(["report", "--month", "2013-01", "-o"]).args([&file]).run().expect(0));
        let table = std::fs::read_to_string(&file).expect("a table");
        for name in ["quarantined", "failed", "not_begun", "not_due"] {
            let line = format!("invoices,{name},,{}", complete[name]["count"]);
            assert!(table.lines().any(|each| each == line), "{line} in {table}");
        }
        assert_eq!((&complete["issued"], &complete["not_begun"]["count"], &complete["unexplained"]), (&json!(6), &json!(0), &json!(0)));
    }

    async fn a_cancelled_invoice_is_no_gap_and_impossible_months_are_refused(db: TestDb) {
        office(&db, 3);
        drop(invoice(&db, "2013-01"));
        let number = text(&db, "SELECT min(number) FROM invoices").await;
        drop(mailing(&db).args(["invoices", "cancel", &number, "--reason", "by mistake"]).run().expect(0));
        let said = report(&db, "2013-01");
        let complete = &said["invoices"]["completeness"];
        assert_eq!((&complete["issued"], &complete["cancelled"], &complete["unexplained"]), (&json!(2), &json!({ "count": 1, "customers": [text(&db, "SELECT customer_number FROM registrations WHERE customer_serial = 1").await] }), &json!(0)));
        assert_eq!(said["invoices"]["cancellations"], 1);
        assert_eq!(said["invoices"]["gross_cents"], 200);
        assert_eq!(said["storage"], Value::Null, "nobody measured");
        let refused = kontor(&db).args(["report", "--month", "2199-01"]).run().expect(2);
        assert!(refused.stderr.contains("has not begun"), "{}", refused.stderr);
        let refused = kontor(&db).args(["report", "--month", "2013-1"]).run().expect(2);
        assert!(refused.stderr.contains("2013-01"), "{}", refused.stderr);
        let refused = kontor(&db).args(["report", "--month", "2013-01", "-o", "report.docx"]).run().expect(2);
        assert!(refused.stderr.contains(".pdf"), "{}", refused.stderr);
    }
}
