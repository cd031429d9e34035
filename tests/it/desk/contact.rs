//! Changing contact data, with and without sending again; notes; saved filters.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;
use super::registrations::{found, id_of};
use crate::support::{counts, invoice, kontor, messages, office, text};

#[expect(clippy::needless_pass_by_value, reason = "JSON that is written where it is asked")]
fn save(id: &str, version: i64, changes: Value) -> Value {
    json!({ "type": "save_contact", "request_id": Uuid::now_v7(), "registration": id, "version": version, "changes": changes,
        "reason": "Anruf", "send": [] })
}

fn change(field: &str, old: impl Into<Value>, new: impl Into<Value>) -> Value {
    json!({ "field": field, "old": old.into(), "new": new.into() })
}

fn note(id: &str, text: &str) -> Value {
    json!({ "type": "add_note", "request_id": Uuid::now_v7(), "registration": id, "text": text })
}

fn filter(name: &str) -> Value {
    let query = json!({ "list": "registrations", "filter": { "states": ["blocked"] }, "order": null });
    json!({ "type": "save_filter", "request_id": Uuid::now_v7(), "name": name, "query": query, "is_shared": false })
}

both_databases! {
    async fn contact_data_is_saved_once_and_found(db: TestDb) {
        office(&db, 2);
        let desk = Desk::at(&db).await;
        let id = id_of(&db, 1).await;
        let changes = json!([change("last_name", "Groß-Müller 1", "  Çelik "), change("email", "kunde1@example.com", "celik@example.com"),
            change("vat_id", Value::Null, "de 136 695 976")]);
        let ask = save(&id, 1, changes);
        let saved = desk.call(ask.clone()).await;
        assert_eq!(saved, json!({ "version": 2, "runs": [], "is_repeated": false }));
        assert_eq!(desk.call(ask).await, json!({ "version": 2, "runs": [], "is_repeated": true }));
        assert_eq!(found(&desk, json!({ "search": "celik@" })).await, ["K-000001-3"]);
        assert_eq!(found(&desk, json!({ "search": "groß-müller" })).await.len(), 1, "the old name is gone");
        let detail = desk.call(json!({ "type": "show_registration", "id": id })).await;
        let person = &detail["person"]["value"];
        assert_eq!((&person["contact"]["last_name"], &person["contact"]["vat_id"]), (&json!("Çelik"), &json!("DE136695976")));
        assert_eq!(person["updated_by"], json!({ "person": "eva", "desk": "desk-of-eva" }));
        assert_eq!(counts(&db, &["journal"]).await, [3], "settings, import, and this");
        drop(kontor(&db).args(["journal", "verify"]).run().expect(0));
        let timeline = desk.call(json!({ "type": "show_timeline", "registration": id, "limit": 1 })).await;
        let event = &timeline["entries"][0]["event"];
        let fields: Vec<&str> = event["fields"].as_array().expect("fields").iter().map(|field| field["field"].as_str().expect("a name")).collect();
        assert_eq!((&event["code"], fields), (&json!("contact_changed"), vec!["email", "last_name", "vat_id"]));
        let seal = "SELECT count(*) FROM registrations WHERE seal IS NULL OR sort_name = ''";
        assert_eq!(db.number(seal).await, 0);
    }

    async fn what_cannot_be_taken_is_named_and_nothing_is_written(db: TestDb) {
        office(&db, 2);
        let desk = Desk::at(&db).await;
        let id = id_of(&db, 1).await;
        let changes = json!([change("email", "kunde1@example.com", "kunde2 example.com"), change("last_name", "Groß-Müller 1", "王")]);
        let check = desk.call(json!({ "type": "check_contact", "registration": id, "changes": changes })).await;
        let faults = json!([{ "field": "last_name", "fault": { "code": "not_printable", "characters": "王" } },
            { "field": "email", "fault": { "code": "not_an_address" } }]);
        assert_eq!((&check["faults"], &check["sendable"]), (&faults, &json!([])));
        let refused = desk.failure(save(&id, 1, changes)).await;
        assert_eq!((&refused["code"], &refused["faults"]), (&json!("invalid"), &faults));
        let shared = json!([change("email", "kunde1@example.com", "kunde2@example.com")]);
        let check = desk.call(json!({ "type": "check_contact", "registration": id, "changes": shared })).await;
        assert_eq!((&check["faults"], &check["same_email"]["count"]), (&json!([]), &json!(1)));
        let gone = desk.failure(save(&Uuid::now_v7().to_string(), 1, shared)).await;
        assert_eq!(gone["code"], "not_found");
        assert_eq!(db.number("SELECT count(*) FROM registrations WHERE version > 1").await, 0);
    }

    async fn the_second_of_two_desks_gets_a_conflict(db: TestDb) {
        office(&db, 1);
        let (eva, udo) = (Desk::at(&db).await, Desk::of("udo").opening(&db).await);
        let id = id_of(&db, 1).await;
        let theirs = json!([change("first_name", "Jürgen", "Jörg"), change("city", "Kiel", "Lübeck")]);
        udo.call(save(&id, 1, theirs)).await;
        let mine = json!([change("city", "Kiel", "Plön"), change("last_name", "Groß-Müller 1", "Groß")]);
        let failure = eva.failure(save(&id, 1, mine)).await;
        let conflict = &failure["conflict"];
        assert_eq!((&failure["code"], &conflict["version"], &conflict["changed_by"]["person"]), (&json!("conflict"), &json!(2), &json!("udo")));
        let field = |name: &str, before: &str, mine: &str, now: &str, overlaps: bool| {
            json!({ "field": name, "before": before, "mine": mine, "now": now, "is_overlapping": overlaps })
        };
        assert_eq!(conflict["fields"], json!([
            field("first_name", "Jürgen", "Jürgen", "Jörg", false),
            field("last_name", "Groß-Müller 1", "Groß", "Groß-Müller 1", false),
            field("city", "Kiel", "Plön", "Lübeck", true),
        ]));
        // Outside Kontor nobody counts versions, and the row is still looked at.
        db.execute("UPDATE registrations SET email = 'psql@example.com'").await;
        let outside = eva.failure(save(&id, 2, json!([change("email", "kunde1@example.com", "x@example.com")]))).await;
        assert_eq!(outside["conflict"]["fields"][0]["now"], "psql@example.com");
        let merged = json!([change("city", "Lübeck", "Plön"), change("last_name", "Groß-Müller 1", "Groß")]);
        assert_eq!(eva.call(save(&id, 2, merged)).await["version"], 3);
    }

    async fn a_corrected_address_gets_the_invoice_once(db: TestDb) {
        office(&db, 3);
        drop(invoice(&db, "2013-01"));
        let refused = "UPDATE deliveries SET state = 'refused', code = 'recipient_refused' WHERE recipient = 'kunde1@example.com'";
        db.execute(refused).await;
        let desk = Desk::at(&db).await;
        let sent = messages(&db).len();
        for (serial, kind) in [(1, "rerun"), (2, "resend")] {
            let id = id_of(&db, serial).await;
            let (old, new) = (format!("kunde{serial}@example.com"), format!("neu{serial}@example.com"));
            let changes = json!([change("email", old.as_str(), new.as_str())]);
            let check = desk.call(json!({ "type": "check_contact", "registration": id, "changes": changes })).await;
            let offer = &check["sendable"][0];
            assert_eq!((&offer["send"]["type"], &offer["is_suggested"], &offer["recipient"]), (&json!(kind), &json!(kind == "rerun"), &json!(old)));
            let mut ask = save(&id, 1, changes);
            ask["send"] = json!([offer["send"]]);
            let saved = desk.call(ask.clone()).await;
            let runs = saved["runs"].as_array().expect("runs").clone();
            assert_eq!((runs.len(), &saved["is_repeated"]), (1, &json!(false)));
            let again = desk.call(ask).await;
            assert_eq!((&again["runs"], &again["is_repeated"]), (&saved["runs"], &json!(true)));
            desk.run_ended(&runs[0]).await;
            let accepted = format!("SELECT count(*) FROM deliveries WHERE recipient = '{new}' AND state = 'accepted'");
            assert_eq!(db.number(&accepted).await, 1, "{kind}");
        }
        assert_eq!(messages(&db).len(), sent + 2, "no mail twice");
        // The row and the run are one transaction: what cannot be sent keeps the data as they were.
        let id = id_of(&db, 3).await;
        let mut ask = save(&id, 1, json!([change("email", "kunde3@example.com", "neu3@example.com")]));
        let subscription = text(&db, "SELECT CAST(count(*) AS text) FROM subscriptions").await;
        assert_eq!(subscription, "3");
        ask["send"] = json!([{ "type": "rerun", "failure": format!("{}.2013-01-01.period", Uuid::now_v7()) }]);
        assert_eq!(desk.failure(ask).await["code"], "refused");
        assert_eq!(db.number("SELECT count(*) FROM registrations WHERE email = 'neu3@example.com'").await, 0);
    }

    async fn notes_are_written_changed_and_taken_away(db: TestDb) {
        office(&db, 1);
        let (eva, udo) = (Desk::at(&db).await, Desk::of("udo").opening(&db).await);
        let id = id_of(&db, 1).await;
        let ask = note(&id, "  Ruft am Montag\nwieder an. ");
        let written = eva.call(ask.clone()).await;
        assert_eq!((&written["text"], &written["version"], &written["edited_at"]), (&json!("Ruft am Montag\nwieder an."), &json!(1), &Value::Null));
        assert_eq!(eva.call(ask).await, written, "a repetition adds nothing");
        assert_eq!(counts(&db, &["notes"]).await, [1]);
        let edit = |version: i64, text: &str| json!({ "type": "edit_note", "request_id": Uuid::now_v7(), "note": written["id"], "version": version, "text": text });
        let edited = udo.call(edit(1, "Ruft am Dienstag an.")).await;
        assert_eq!((&edited["version"], &edited["by"]["person"]), (&json!(2), &json!("eva")));
        let conflict = eva.failure(edit(1, "Erledigt")).await["conflict"].clone();
        assert_eq!((&conflict["changed_by"]["person"], &conflict["fields"][0]["before"]), (&json!("udo"), &json!("Ruft am Montag\nwieder an.")));
        assert_eq!((&conflict["fields"][0]["now"], &conflict["fields"][0]["mine"]), (&json!("Ruft am Dienstag an."), &json!("Erledigt")));
        let delete = |version: i64| json!({ "type": "delete_note", "request_id": Uuid::now_v7(), "note": written["id"], "version": version });
        assert_eq!(eva.failure(delete(1)).await["code"], "conflict");
        let taken = delete(2);
        eva.call(taken.clone()).await;
        eva.call(taken).await;
        assert_eq!(eva.failure(edit(2, "zu spät")).await["record"], "note");
        assert_eq!(counts(&db, &["notes"]).await, [0]);
        let timeline = eva.call(json!({ "type": "show_timeline", "registration": id, "limit": 3 })).await;
        let codes: Vec<&Value> = timeline["entries"].as_array().expect("entries").iter().map(|entry| &entry["event"]["code"]).collect();
        assert_eq!(codes, ["note_deleted", "note_edited", "note_added"]);
        for (text, code) in [(" ".to_owned(), "required"), ("x".repeat(10_001), "too_long"), ("\u{7}".to_owned(), "control_character")] {
            assert_eq!(eva.failure(note(&id, &text)).await["faults"][0]["fault"]["code"], code);
        }
        assert_eq!(eva.failure(note(&Uuid::now_v7().to_string(), "x")).await["record"], "registration");
    }

    async fn filters_are_a_persons_own_or_shared(db: TestDb) {
        office(&db, 1);
        let (eva, udo) = (Desk::at(&db).await, Desk::of("udo").opening(&db).await);
        let list = json!({ "type": "show_saved_filters" });
        let ask = filter(" Gesperrte ");
        let mine = eva.call(ask.clone()).await;
        assert_eq!((&mine["name"], &mine["is_mine"], &mine["query"]["filter"]["states"][0]), (&json!("Gesperrte"), &json!(true), &json!("blocked")));
        assert_eq!(eva.call(ask).await, mine);
        assert_eq!((eva.call(list.clone()).await, udo.call(list.clone()).await), (json!([mine]), json!([])));
        assert_eq!(eva.failure(filter("Gesperrte")).await["faults"][0]["fault"]["code"], "taken");
        udo.call(filter("Gesperrte")).await;
        let mut shared = filter("Gesperrte");
        shared["filter"] = json!({ "id": mine["id"], "version": 1 });
        shared["is_shared"] = json!(true);
        shared["columns"] = json!([{ "name": "customer", "width": 120, "is_shown": true }]);
        let shared_now = eva.call(shared.clone()).await;
        assert_eq!((&shared_now["version"], &shared_now["columns"][0]["width"]), (&json!(2), &json!(120)));
        let seen = udo.call(list.clone()).await;
        assert_eq!((seen.as_array().expect("filters").len(), &seen[0]["is_mine"], &seen[0]["person"]), (2, &json!(false), &json!("eva")));
        shared["request_id"] = json!(Uuid::now_v7());
        assert_eq!(eva.failure(shared).await["code"], "conflict", "it has another version by now");
        let delete = |version: i64| json!({ "type": "delete_filter", "request_id": Uuid::now_v7(), "filter": { "id": mine["id"], "version": version } });
        assert_eq!(udo.failure(delete(2)).await["obstacle"], json!({ "code": "not_yours", "person": "eva" }));
        let taken = delete(2);
        eva.call(taken.clone()).await;
        eva.call(taken).await;
        assert_eq!(eva.call(list).await, json!([]));
        assert_eq!(eva.failure(delete(2)).await["record"], "saved_filter");
        for (name, code) in [(" ", "required"), (&*"x".repeat(121), "too_long")] {
            assert_eq!(eva.failure(filter(name)).await["faults"][0]["fault"]["code"], code);
        }
        // What another program saved in words of its own is left out, not an error.
        udo.call(filter("Zweite")).await;
        db.execute("UPDATE saved_filters SET query = '{\"list\":\"dreams\"}' WHERE name = 'Gesperrte'").await;
        assert_eq!(udo.call(json!({ "type": "show_saved_filters" })).await.as_array().expect("filters").len(), 1);
    }
}
