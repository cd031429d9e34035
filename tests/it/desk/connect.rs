//! Databases: opening, keeping, losing and finding them again; demos; where mails go.

use std::sync::Arc;

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::proxy::CutProxy;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Desk, TestKeyring, password, place};
use crate::support::office;

both_databases! {
    async fn a_database_is_opened_kept_and_opened_again(db: TestDb) {
        office(&db, 3);
        let desk = Desk::of("eva");
        let none = desk.failure(json!({ "type": "find", "text": "x", "limit": 5 })).await;
        assert_eq!(none["code"], "not_connected");
        let ask = json!({ "type": "open_database", "place": place(&db), "password": password(&db) });
        let opened = desk.call(ask.clone()).await;
        assert_eq!((&opened["purpose"], &opened["state"]["type"]), (&json!("test"), &json!("ok")));
        let start = desk.call(json!({ "type": "start" })).await;
        assert_eq!(start["connection"], opened);
        assert_eq!(start["profiles"][0]["id"], opened["profile"]);
        assert_eq!(start["profiles"][0]["mail"]["target"]["type"], "folder", "a test database has an outbox from the start");
        let open = desk.failure(json!({ "type": "forget_profile", "profile": opened["profile"] })).await;
        assert_eq!(open["obstacle"]["code"], "profile_open");
        desk.call(json!({ "type": "close_database" })).await;
        assert!(desk.call(json!({ "type": "start" })).await["connection"].is_null());
        let again = desk.call(json!({ "type": "open_profile", "profile": opened["profile"] })).await;
        assert_eq!(again["profile"], opened["profile"]);
        let same = desk.call(ask).await;
        assert_eq!(same["profile"], opened["profile"], "one place is one profile");
        desk.call(json!({ "type": "close_database" })).await;
        desk.call(json!({ "type": "forget_profile", "profile": opened["profile"] })).await;
        assert_eq!(desk.call(json!({ "type": "start" })).await["profiles"], json!([]));
    }

    async fn mail_of_invented_people_stays_here(db: TestDb) {
        office(&db, 1);
        let desk = Desk::at(&db).await;
        let profile = desk.call(json!({ "type": "start" })).await["connection"]["profile"].clone();
        let server = |host: &str, security: &str| json!({
            "type": "server", "host": host, "port": 587, "security": security, "user": null, "ca_file": null,
            "senders": 4, "per_minute": null,
        });
        let ask = |target: Value| json!({ "type": "save_mail_settings", "profile": profile, "target": target });
        let away = desk.failure(ask(server("mail.example.com", "start_tls"))).await;
        assert_eq!(away["code"], "mail_target_not_local");
        let plain = desk.failure(ask(server("mail.example.com", "plain"))).await;
        assert_eq!(plain["faults"][0]["field"], "security");
        let empty = desk.failure(ask(json!({ "type": "folder", "path": " " }))).await;
        assert_eq!(empty["faults"][0], json!({ "field": "path", "fault": { "code": "required" } }));
        let kept = desk.call(ask(server("127.0.0.1", "plain"))).await;
        assert_eq!(kept["mail"]["target"]["host"], "127.0.0.1");
    }
}

#[test]
fn what_cannot_be_opened_says_why() {
    kontor_tests::databases::block_on(async {
        let desk = Desk::of("eva");
        let folder = desk.host.path().to_owned();
        let open =
            |path: &std::path::Path| json!({ "type": "open_database", "place": { "type": "file", "path": path } });
        let missing = desk.failure(open(&folder.join("nowhere.db"))).await;
        assert_eq!(missing["reason"]["code"], "file_missing");
        std::fs::write(folder.join("letter.txt"), "Sehr geehrte Damen und Herren,\n".repeat(100)).expect("a file");
        assert_eq!(desk.failure(open(&folder.join("letter.txt"))).await["reason"]["code"], "not_a_database");
        let other = TestDb::sqlite();
        let connection = sea_orm::Database::connect(format!("{}?mode=rwc", other.url)).await.expect("a database");
        sea_orm::ConnectionTrait::execute_unprepared(&connection, "CREATE TABLE recipes (name TEXT)")
            .await
            .expect("a table");
        drop(connection);
        let path = other.url.trim_start_matches("sqlite:").to_owned();
        assert_eq!(desk.failure(open(path.as_ref())).await["reason"]["code"], "not_kontor");
        let nobody =
            json!({ "type": "server", "host": "127.0.0.1", "port": 1, "database": "d", "user": "u", "ca_file": null });
        let nobody = desk.failure(json!({ "type": "open_database", "place": nobody })).await;
        assert_eq!(nobody["reason"], json!({ "code": "server_unreachable", "host": "127.0.0.1" }));
        assert_eq!(desk.call(json!({ "type": "start" })).await["profiles"], json!([]), "nothing of it is kept");
    });
}

#[test]
fn a_password_is_asked_for_and_kept_where_the_person_wants_it() {
    kontor_tests::databases::block_on(async {
        let db = TestDb::postgres();
        office(&db, 1);
        let role = "DO $$ BEGIN CREATE ROLE kontor_with_password LOGIN SUPERUSER PASSWORD 'r1chtig&=@/'; \
                    EXCEPTION WHEN duplicate_object THEN NULL; END $$";
        db.execute(role).await;
        let keyring: Arc<TestKeyring> = Arc::default();
        let desk = Desk::with_keyring("eva", Some(Arc::clone(&keyring)));
        let mut place = place(&db);
        place["user"] = json!("kontor_with_password");
        let ask = |given: Value| json!({ "type": "open_database", "place": place, "password": given });
        assert_eq!(desk.failure(ask(Value::Null)).await["reason"]["code"], "password_needed");
        let wrong = desk.failure(ask(json!({ "password": "falsch", "keep": true }))).await;
        assert_eq!(wrong["reason"], json!({ "code": "login_refused", "user": "kontor_with_password" }));
        let secret = "r1chtig&=@/";
        let opened = desk.call(ask(json!({ "password": secret, "keep": true }))).await;
        assert_eq!(desk.call(json!({ "type": "start" })).await["profiles"][0]["password"], "keyring");
        desk.call(json!({ "type": "close_database" })).await;
        desk.call(json!({ "type": "open_profile", "profile": opened["profile"] })).await;
        let file = std::fs::read_to_string(desk.host.path().join("desk.json")).expect("the desk's file");
        assert!(!file.contains(secret), "no password is in a file");
        let without = Desk::with_keyring("udo", None);
        without.call(ask(json!({ "password": secret, "keep": true }))).await;
        let start = without.call(json!({ "type": "start" })).await;
        assert_eq!((&start["has_keyring"], &start["profiles"][0]["password"]), (&json!(false), &json!("session")));
    });
}

#[test]
fn a_lost_connection_is_told_and_found_again() {
    kontor_tests::databases::block_on(async {
        let db = TestDb::postgres();
        office(&db, 2);
        let through = place(&db);
        let port = u16::try_from(through["port"].as_u64().expect("a port")).expect("a port");
        let proxy = CutProxy::start(port);
        let mut away = through.clone();
        away["port"] = json!(proxy.port());
        let desk = Desk::of("eva");
        desk.call(json!({ "type": "open_database", "place": away, "password": password(&db) })).await;
        proxy.go_away();
        let list = json!({ "type": "show_saved_filters" });
        assert_eq!(desk.failure(list.clone()).await["code"], "connection_lost");
        desk.until(|event| event["type"] == "connection" && event["connection"]["state"]["type"] == "lost").await;
        let write =
            json!({ "type": "delete_note", "request_id": Uuid::now_v7(), "note": Uuid::now_v7(), "version": 1 });
        assert_eq!(desk.failure(write).await["code"], "connection_lost", "saving is locked");
        let back = |event: &Value| event["type"] == "connection" && event["connection"]["state"]["type"] == "ok";
        let told = desk.host.told().iter().filter(|event| back(event)).count();
        proxy.come_back();
        let begun = std::time::Instant::now();
        while desk.host.told().iter().filter(|event| back(event)).count() == told {
            assert!(begun.elapsed() < std::time::Duration::from_mins(1), "the connection never came back");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(desk.call(list).await, json!([]));
    });
}

#[test]
fn a_demo_is_made_as_a_job_and_a_cancelled_one_leaves_nothing() {
    kontor_tests::databases::block_on(async {
        let desk = Desk::of("eva");
        let ask = |count: i64| json!({ "type": "create_demo", "name": "Demo", "registrations": count });
        assert_eq!(desk.failure(ask(0)).await["faults"][0]["field"], "registrations");
        let job = desk.call(ask(60)).await;
        let outcome = desk.outcome(&job).await;
        assert_eq!((&outcome["type"], &outcome["registrations"]), (&json!("demo"), &json!(60)));
        let opened = desk.call(json!({ "type": "open_profile", "profile": outcome["profile"] })).await;
        assert_eq!((&opened["purpose"], &opened["business_date"]), (&json!("demo"), &json!("2013-02-01")));
        let folder = desk.host.path().join("demo");
        let left = || std::fs::read_dir(&folder).expect("the demo folder").count();
        assert_eq!(left(), 1);
        let cancelled = desk.call(ask(8_532)).await;
        desk.call(json!({ "type": "cancel_job", "job": cancelled["id"] })).await;
        assert_eq!(desk.outcome(&cancelled).await["type"], "cancelled");
        assert_eq!(left(), 1, "a cancelled demo leaves nothing");
        let profiles = desk.call(json!({ "type": "start" })).await["profiles"].as_array().expect("profiles").len();
        assert_eq!(profiles, 1);
    });
}

#[test]
fn a_damaged_file_of_the_desk_is_set_aside() {
    kontor_tests::databases::block_on(async {
        let desk = Desk::of("eva");
        std::fs::write(desk.host.path().join("desk.json"), "{ \"settings\": [").expect("a file");
        let office = kontor_api::Office::new(Arc::clone(&desk.host) as _);
        let again = Desk { office, host: Arc::clone(&desk.host) };
        assert_eq!(again.call(json!({ "type": "start" })).await["settings"]["zoom_percent"], 100);
        assert!(desk.host.path().join("desk.damaged.json").exists());
    });
}

#[test]
fn a_notification_is_shown_unless_the_person_wants_none() {
    kontor_tests::databases::block_on(async {
        let desk = Desk::of("eva");
        let notify = json!({ "type": "notify", "title": "Lauf beendet", "text": "3 fehlgeschlagen" });
        desk.call(notify.clone()).await;
        let mut settings = desk.call(json!({ "type": "start" })).await["settings"].clone();
        settings["notifies"] = json!(false);
        desk.call(json!({ "type": "save_settings", "settings": settings })).await;
        desk.call(notify).await;
        assert_eq!(desk.host.notified(), ["Lauf beendet: 3 fehlgeschlagen"]);
    });
}
