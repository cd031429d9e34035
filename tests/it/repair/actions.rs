//! Each kind of repair once, from the damage to the second check that finds nothing.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use super::{differing, only, repairs, stored};
use crate::check::clean::age;
use crate::check::fixtures::{month, spelled};
use crate::check::{check, damage, text, told};
use crate::support::{invoice, kontor, mailing, office};

/// Damages one customer's rows, and returns what is found then.
async fn damaged(db: &TestDb, statement: &str) -> Vec<Value> {
    damage(db, &[&spelled(db, statement)]).await;
    check(db, &[])
}

/// Applies the repair of one finding, expects a clean check, undoes it, and expects everything as it was damaged.
async fn there_and_back(db: &TestDb, finding: &Value) -> Value {
    let id = text(finding, "id");
    let broken = stored(db).await;
    let done = repairs(db, &["apply", "--finding", id, "--reason", "Speicher getauscht"], 0);
    assert_eq!((&done["applied"], &done["refused"]), (&json!(1), &json!(0)), "{done}");
    assert_eq!((&done["items"][0]["outcome"], &done["items"][0]["finding"]), (&json!("applied"), &json!(id)));
    let left = check(db, &[]);
    assert!(left.iter().all(|one| one["rule"] != finding["rule"]), "{:#?}", told(&left));
    let fixed = stored(db).await;
    assert_ne!(fixed, broken);
    let repair = text(&done["items"][0], "repair").to_owned();
    let undone = repairs(db, &["undo", "--repair", &repair, "--reason", "doch nicht"], 0);
    assert_eq!(undone["items"][0]["outcome"], "undone", "{undone}");
    assert_eq!(differing(&broken, &stored(db).await), Vec::<String>::new());
    let again = check(db, &["--rule", text(finding, "rule")]);
    assert!(
        again.iter().any(|one| one["row"] == finding["row"] && one["field"] == finding["field"]),
        "{:#?}",
        told(&again)
    );
    // And once more, for good.
    let one = again.iter().find(|one| one["row"] == finding["row"] && one["field"] == finding["field"]).expect("it");
    let done = repairs(db, &["apply", "--finding", text(one, "id"), "--reason", "doch"], 0);
    assert_eq!(done["applied"], 1, "{done}");
    assert_eq!(differing(&fixed, &stored(db).await), Vec::<String>::new());
    assert_eq!(kontor(db).args(["journal", "verify"]).run().expect(0).code, Some(0));
    done
}

both_databases! {
    async fn a_proven_field_of_a_sealed_row(db: TestDb) {
        office(&db, 3);
        let clean = stored(&db).await;
        let findings = damaged(&db, "UPDATE registrations SET city = 'Kiem' WHERE customer_serial = 2").await;
        let finding = only(&findings, "seal_broken");
        let plan = repairs(&db, &["plan", "--finding", text(finding, "id")], 0);
        assert_eq!(plan[0]["fields"], json!([{ "field": "city", "old": "Kiem", "new": "Kiel" }]));
        assert_eq!((&plan[0]["obstacle"], &plan[0]["undoable"], &plan[0]["evidence"]), (&json!(null), &json!(true), &json!("proven")));
        there_and_back(&db, finding).await;
        assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new(), "the seal is the old one");
        let listed = repairs(&db, &["list"], 0);
        let states: Vec<&str> = listed.as_array().expect("a list").iter().map(|one| text(one, "state")).collect();
        assert_eq!(states, ["applied", "undone"]);
    }

    async fn a_copy_where_words_for_searching_tell(db: TestDb) {
        month(&db).await;
        let findings = damaged(&db, "UPDATE registrations SET email = 'x' || substr(email, 2) WHERE customer_serial = 9").await;
        let finding = findings.iter().find(|one| one["rule"] == "words_deviate").cloned();
        // One bit explains it only now and then; otherwise a person says what is right.
        let address = crate::support::text(&db, "SELECT search_text FROM registrations WHERE customer_serial = 9").await;
        let address = address.split(' ').find(|word| word.contains('@')).expect("an address").to_owned();
        let finding = finding.unwrap_or_else(|| panic!("{:#?}", told(&findings)));
        let id = text(&finding, "id");
        let field = finding["field"].as_str().expect("a field");
        if field == "email" {
            assert_eq!(finding["proposal"]["value"], json!(address));
        }
        let done = repairs(&db, &["apply", "--finding", id, "--value", "kein Konto", "--reason", "x"], 3);
        assert_eq!(done["items"][0]["outcome"], "refused", "{done}");
    }

    async fn a_row_is_taken_as_it_is(db: TestDb) {
        office(&db, 3);
        let findings = damaged(&db, "UPDATE registrations SET city = 'Lübeck', street = 'Neue Straße 1' WHERE customer_serial = 2").await;
        let finding = only(&findings, "seal_broken");
        assert_eq!(finding["proposal"]["action"], "accept_row");
        let refused = repairs(&db, &["apply", "--rule", "seal_broken", "--reason", "x"], 3);
        assert_eq!(refused["items"][0]["code"], "name_it", "{refused}");
        let proven = repairs(&db, &["apply", "--all-proven", "--reason", "x"], 0);
        assert_eq!((&proven["applied"], &proven["items"]), (&json!(0), &json!([])));
        there_and_back(&db, finding).await;
        assert_eq!(db.number("SELECT count(*) FROM registrations WHERE city = 'Lübeck'").await, 1);
    }

    async fn a_person_says_what_is_right(db: TestDb) {
        office(&db, 3);
        let findings = damaged(&db, "UPDATE registrations SET email = 'kein Konto' WHERE customer_serial = 2").await;
        let finding = only(&findings, "email_invalid");
        let id = text(finding, "id");
        let plan = repairs(&db, &["plan", "--finding", id], 0);
        assert!(!plan[0]["obstacle"].is_null(), "{plan}");
        let bad = repairs(&db, &["apply", "--finding", id, "--value", "auch keins", "--reason", "x"], 3);
        assert_eq!(bad["items"][0]["code"], "value_invalid", "{bad}");
        let done = repairs(&db, &["apply", "--finding", id, "--value", "kunde2@example.com", "--reason", "Anruf"], 0);
        assert_eq!(done["applied"], 1, "{done}");
        let left = check(&db, &[]);
        assert!(left.is_empty(), "{:#?}", told(&left));
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'repair.apply' AND reason = 'Anruf'").await, 1);
    }

    async fn a_frozen_invoice_follows_its_content(db: TestDb) {
        month(&db).await;
        let clean = stored(&db).await;
        let findings = damaged(&db, "UPDATE invoices SET gross_cents = 101, recipient_name = 'Jemand' WHERE id = {K53}").await;
        let all: Vec<&str> = findings.iter().filter(|one| one["rule"] == "invoice_deviates").map(|one| text(one, "id")).collect();
        assert_eq!(all.len(), 2, "{:#?}", told(&findings));
        let done = repairs(&db, &["apply", "--all-proven", "--yes", "--reason", "Bit"], 0);
        assert_eq!((&done["applied"], &done["resolved"]), (&json!(1), &json!(1)), "{done}");
        assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new());
        let findings = damaged(&db, "UPDATE invoice_lines SET gross_cents = 101 WHERE invoice_id = {K53}").await;
        there_and_back(&db, only(&findings, "invoice_deviates")).await;
        assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new());
        // A line that is gone comes back, and goes again with the undo.
        let findings = damaged(&db, "DELETE FROM invoice_lines WHERE invoice_id = {K53}").await;
        let gone = findings.iter().find(|one| one["rule"] == "invoice_deviates");
        let gone = gone.unwrap_or_else(|| panic!("{:#?}", told(&findings)));
        let broken = stored(&db).await;
        let done = repairs(&db, &["apply", "--finding", text(gone, "id"), "--reason", "Zeile fehlt"], 0);
        assert!(check(&db, &[]).is_empty());
        repairs(&db, &["undo", "--batch", text(&done, "batch"), "--reason", "doch nicht"], 0);
        assert_eq!(differing(&broken, &stored(&db).await), Vec::<String>::new());
    }

    async fn the_state_of_an_invoice_goes_back_to_what_its_seal_says(db: TestDb) {
        month(&db).await;
        let clean = stored(&db).await;
        for statement in [
            "UPDATE invoices SET state = 'issued' WHERE id = {K34}",
            "UPDATE invoices SET state = 'incomplete' WHERE id = {L34}",
        ] {
            let findings = damaged(&db, statement).await;
            let broken = stored(&db).await;
            let id = text(only(&findings, "state_contradicts"), "id");
            let done = repairs(&db, &["apply", "--finding", id, "--reason", "Beleg liegt vor"], 0);
            assert_eq!(done["applied"], 1, "{done}");
            assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new(), "{statement}");
            assert!(check(&db, &[]).is_empty());
            repairs(&db, &["undo", "--batch", text(&done, "batch"), "--reason", "doch nicht"], 0);
            assert_eq!(differing(&broken, &stored(&db).await), Vec::<String>::new(), "{statement}");
            // The rule leaves alone what changed within the hour; what was taken back by hand is found again all the same.
            let again = check(&db, &[]);
            let again = text(only(&again, "state_contradicts"), "id");
            assert_eq!(repairs(&db, &["apply", "--finding", again, "--reason", "doch"], 0)["applied"], 1);
            assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new(), "{statement}");
        }
    }

    async fn an_invoice_of_the_old_programs_follows_its_witnesses(db: TestDb) {
        month(&db).await;
        let clean = stored(&db).await;
        for (statement, rule) in [
            ("UPDATE invoices SET net_cents = 85 WHERE id = {L36}", "lines_do_not_add_up"),
            ("UPDATE invoice_lines SET tax_basis_points = 1901 WHERE invoice_id = {L37}", "tax_wrong"),
            ("UPDATE invoices SET due_on = '2013-03-31' WHERE id = {L50}", "date_deviates"),
            ("UPDATE number_allocations SET serial = serial + 2097152 WHERE invoice_id = {L49}", "number_log_deviates"),
            ("UPDATE deliveries SET message_id = '3' || substr(message_id, 2) WHERE invoice_id = {L3}", "message_id_deviates"),
        ] {
            let findings = damaged(&db, statement).await;
            there_and_back(&db, only(&findings, rule)).await;
            assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new(), "{statement}");
        }
    }

    async fn documents_come_back_byte_for_byte(db: TestDb) {
        month(&db).await;
        let clean = stored(&db).await;
        let flip = match db.kind {
            kontor_tests::databases::Kind::Sqlite => "sha256 = X'00' || substr(sha256, 2)",
            kontor_tests::databases::Kind::Postgres => "sha256 = set_bit(sha256, 3, 1 - get_bit(sha256, 3))",
        };
        let kept = "SELECT {column} FROM kept k WHERE k.invoice_id = CASE documents.invoice_id WHEN {L56} THEN {L57} ELSE {L56} END";
        let kept = |column: &str| format!("{column} = ({})", kept.replace("{column}", column));
        let exchange = format!("UPDATE documents SET {}, {} WHERE invoice_id IN ({{L56}}, {{L57}})", kept("bytes"), kept("sha256"));
        let findings = damaged(&db, "UPDATE documents SET bytes = substr(bytes, 1, 500) WHERE invoice_id = {K55}").await;
        there_and_back(&db, only(&findings, "document_damaged")).await;
        assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new());
        if db.kind == kontor_tests::databases::Kind::Postgres {
            let findings = damaged(&db, &format!("UPDATE documents SET {flip} WHERE invoice_id = {{L55}}")).await;
            there_and_back(&db, only(&findings, "document_damaged")).await;
            assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new());
        }
        db.execute("CREATE TABLE kept AS SELECT invoice_id, bytes, sha256 FROM documents").await;
        let findings = damaged(&db, &exchange).await;
        let swapped: Vec<&Value> = findings.iter().filter(|one| one["rule"] == "document_of_another").collect();
        assert_eq!(swapped.len(), 2, "{:#?}", told(&findings));
        there_and_back(&db, swapped[0]).await;
        assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new());
        assert!(check(&db, &[]).is_empty());
    }

    async fn a_mail_is_settled_by_its_evidence_and_stays_settled(db: TestDb) {
        month(&db).await;
        let findings = damaged(&db, "UPDATE deliveries SET state = 'queued' WHERE invoice_id = {L59}").await;
        let finding = only(&findings, "outcome_contradicts");
        let plan = repairs(&db, &["plan", "--finding", text(finding, "id")], 0);
        assert_eq!((&plan[0]["fields"][0]["new"], &plan[0]["undoable"]), (&json!("accepted"), &json!(false)), "{plan}");
        let done = repairs(&db, &["apply", "--rule", "outcome_contradicts", "--reason", "Beleg"], 0);
        assert_eq!(done["applied"], 1, "{done}");
        assert!(check(&db, &[]).is_empty());
        let said = spelled(&db, "SELECT count(*) FROM delivery_evidence e JOIN deliveries d ON d.id = e.delivery_id WHERE d.invoice_id = {L59} AND e.source = 'person' AND e.verdict = 'accepted' AND e.detail LIKE '%Beleg' AND d.settled_at IS NOT NULL");
        assert_eq!(db.number(&said).await, 1, "a person settled it, and that is evidence");
        // Where it would be sent a second time it does not go back.
        let undone = repairs(&db, &["undo", "--batch", text(&done, "batch"), "--reason", "x"], 3);
        assert_eq!(undone["items"][0]["code"], "final", "{undone}");
    }

    async fn a_settled_mail_that_was_not_open_goes_back_and_keeps_its_evidence(db: TestDb) {
        month(&db).await;
        let clean = stored(&db).await;
        let findings = damaged(&db, "UPDATE deliveries SET state = 'unknown' WHERE invoice_id = {L59}").await;
        let id = text(only(&findings, "outcome_contradicts"), "id");
        let broken = stored(&db).await;
        let done = repairs(&db, &["apply", "--finding", id, "--reason", "Beleg"], 0);
        assert_eq!(done["applied"], 1, "{done}");
        let changed = differing(&clean, &stored(&db).await);
        assert!(changed.iter().all(|cell| cell.contains("settled_at")), "{changed:?}");
        repairs(&db, &["undo", "--batch", text(&done, "batch"), "--reason", "doch nicht"], 0);
        assert_eq!(differing(&broken, &stored(&db).await), Vec::<String>::new());
        assert_eq!(db.number("SELECT count(*) FROM delivery_evidence WHERE source = 'person'").await, 1);
        only(&check(&db, &[]), "outcome_contradicts");
    }

    async fn the_guards_open_for_an_old_invoice_only_while_its_repair_is_written(db: TestDb) {
        month(&db).await;
        let change = spelled(&db, "UPDATE invoices SET net_cents = 84, due_on = due_on WHERE id = {L36}");
        let findings = damaged(&db, "UPDATE invoices SET net_cents = 85 WHERE id = {L36}").await;
        let connection = db.connect().await;
        let by_hand = sea_orm::ConnectionTrait::execute_unprepared(&connection, &change).await;
        assert!(by_hand.is_err_and(|error| error.to_string().contains("kontor.frozen")), "it was mailed, and is frozen");
        assert_eq!(db.number(&spelled(&db, "SELECT count(*) FROM invoices WHERE id = {L36} AND snapshot IS NULL AND net_cents = 85")).await, 1);
        let id = text(only(&findings, "lines_do_not_add_up"), "id");
        assert_eq!(repairs(&db, &["apply", "--finding", id, "--reason", "Bit"], 0)["applied"], 1);
        assert_eq!(db.number(&spelled(&db, "SELECT net_cents FROM invoices WHERE id = {L36}")).await, 84);
        let again = spelled(&db, "UPDATE invoices SET net_cents = 85 WHERE id = {L36}");
        assert!(sea_orm::ConnectionTrait::execute_unprepared(&connection, &again).await.is_err(), "shut again");
        assert_eq!(db.number("SELECT count(*) FROM repairs WHERE is_open").await, 0);
    }

    async fn a_lost_document_that_was_mailed_is_drawn_again_and_stays_silent(db: TestDb) {
        month(&db).await;
        let clean = stored(&db).await;
        let mails = db.number("SELECT count(*) FROM deliveries").await;
        let findings = damaged(&db, "DELETE FROM documents WHERE invoice_id = {K54}").await;
        let finding = only(&findings, "document_missing");
        let plan = repairs(&db, &["plan", "--finding", text(finding, "id")], 0);
        assert_eq!(plan[0]["effects"], json!(["drawn", "no_mail", "final"]), "{plan}");
        let done = repairs(&db, &["apply", "--finding", text(finding, "id"), "--reason", "Datei fehlt"], 0);
        assert_eq!((&done["applied"], &done["run"]), (&json!(1), &json!(null)), "{done}");
        let back = differing(&clean, &stored(&db).await);
        assert!(back.len() <= 1 && back.iter().all(|cell| cell.contains("created_at")), "{back:?}");
        assert_eq!(db.number("SELECT count(*) FROM deliveries").await, mails);
        assert!(check(&db, &[]).is_empty());
        let undone = repairs(&db, &["undo", "--batch", text(&done, "batch"), "--reason", "x"], 3);
        assert_eq!(undone["items"][0]["code"], "final", "{undone}");
    }

    async fn what_was_never_mailed_goes_into_one_run(db: TestDb) {
        month(&db).await;
        let gone = [
            "DELETE FROM delivery_evidence WHERE delivery_id IN (SELECT id FROM deliveries WHERE invoice_id IN ({L54}, {L58}))",
            "DELETE FROM deliveries WHERE invoice_id IN ({L54}, {L58})",
        ];
        damage(&db, &gone.map(|statement| spelled(&db, statement)).iter().map(String::as_str).collect::<Vec<_>>()).await;
        let findings = check(&db, &[]);
        assert_eq!(findings.iter().filter(|one| one["rule"] == "mail_missing").count(), 2, "{:#?}", told(&findings));
        let plan = repairs(&db, &["plan", "--rule", "mail_missing"], 0);
        let effects = plan[0]["effects"].as_array().expect("a list");
        assert!(effects.contains(&json!("mail")) && effects.contains(&json!("final")) && plan[0]["obstacle"].is_null(), "{plan}");
        let request = "01900000-0000-7000-8000-000000000001";
        let apply = ["apply", "--rule", "mail_missing", "--reason", "fehlt", "--request-id", request];
        let done = repairs(&db, &apply, 0);
        let runs = "SELECT count(*) FROM runs WHERE kind = 'rerun'";
        assert_eq!((&done["applied"], db.number(runs).await), (&json!(2), 1), "{done}");
        let again = repairs(&db, &apply, 0);
        assert_eq!((&again["applied"], &again["run"], db.number(runs).await), (&json!(2), &done["run"], 1), "{again}");
        drop(mailing(&db).args(["work", "--until-idle"]).run().expect(0));
        let left = check(&db, &[]);
        assert!(left.is_empty(), "{:#?}", told(&left));
        let undone = repairs(&db, &["undo", "--batch", text(&done, "batch"), "--reason", "x"], 3);
        assert_eq!(undone["items"][0]["code"], "final", "{undone}");
    }

    async fn a_second_invoice_is_cancelled(db: TestDb) {
        month(&db).await;
        let findings = damaged(&db, "UPDATE number_allocations SET period = '2013-01-01' WHERE invoice_id = {K42}").await;
        let finding = only(&findings, "invoice_twice");
        let refused = repairs(&db, &["apply", "--rule", "invoice_twice", "--reason", "doppelt"], 3);
        assert_eq!(refused["items"][0]["code"], "name_it", "{refused}");
        let done = repairs(&db, &["apply", "--finding", text(finding, "id"), "--reason", "doppelt"], 0);
        assert_eq!(done["applied"], 1, "{done}");
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE state = 'cancelled'").await, 1);
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE kind = 'cancellation'").await, 1);
    }

    async fn an_item_of_a_dead_worker_waits_again(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        age(&db).await;
        damage(&db, &["UPDATE run_items SET state = 'claimed', lease_expires_at = '2013-01-01 00:00:00+00:00' WHERE ordinal = 1"]).await;
        let findings = check(&db, &[]);
        let finding = only(&findings, "claim_expired");
        let done = repairs(&db, &["apply", "--rule", "claim_expired", "--reason", "tot"], 0);
        assert_eq!((&done["applied"], &done["items"][0]["finding"]), (&json!(1), &finding["id"]), "{done}");
        assert_eq!(db.number("SELECT count(*) FROM run_items WHERE state = 'waiting'").await, 1);
    }

    async fn several_candidates_are_chosen_from(db: TestDb) {
        month(&db).await;
        let findings = damaged(&db, "UPDATE invoices SET recipient_name = 'Jemand Anders' WHERE id = {L51}").await;
        let finding = only(&findings, "name_deviates");
        let id = text(finding, "id");
        let plain = repairs(&db, &["apply", "--finding", id, "--reason", "x"], 3);
        assert_eq!(plain["items"][0]["code"], "choose_candidate", "{plain}");
        let name = text(&finding["proposal"]["candidates"][1], "value").to_owned();
        let done = repairs(&db, &["apply", "--finding", id, "--value", &name, "--reason", "steht auf dem PDF"], 0);
        assert_eq!(done["applied"], 1, "{done}");
        assert!(check(&db, &[]).is_empty());
    }
}
