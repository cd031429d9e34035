//! Before a database is open: a demo, a file, the central database; losing it and finding it again; a second start.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kontor_tests::databases::{TestDb, block_on};
use kontor_tests::proxy::CutProxy;
use serde_json::{Value, json};

use crate::harness::{Bus, Opening, Window, display, program};
use crate::office::{demo, office};

const NAV: &str = "return document.querySelector('nav')?.checkVisibility() === true";

fn profiles(folder: &Path) -> Vec<Value> {
    let desk = std::fs::read_to_string(folder.join("desk.json")).expect("the desk's file");
    let desk: Value = serde_json::from_str(&desk).expect("the desk's file is JSON");
    desk["profiles"].as_array().expect("profiles").clone()
}

fn port_of(db: &TestDb) -> u16 {
    let authority = db.url.rsplit_once('/').expect("a database").0;
    authority.rsplit_once(':').expect("a port").1.parse().expect("a port")
}

#[test]
fn a_new_person_makes_a_demo_and_sees_what_is_to_be_done() {
    block_on(async {
        let window = Window::open(Opening::default()).await;
        window.read("Noch keine Datenbank geöffnet. Demo öffnen oder Verbindung wählen.").await;
        window.shot("start-first").await;
        window.keys("Tab").await;
        window.keys("Enter").await;
        window.see("[role=progressbar]").await;
        window.read("Demo wird angelegt").await;
        window.shot("start-progress").await;
        window.until_within(Duration::from_mins(8), "the demo is to be open", NAV, vec![]).await;
        window.read_in("footer", "Demo Januar 2013").await;
        window.read_in("footer", "Heute ist dort der 01.02.2013").await;
        window.read_in("main", "Zu erledigen").await;
        window.read("8.532").await;
        window.shot("start-overview").await;
        let made = format!("sqlite:{}", window.desk().join("demo/2013-01/kontor.db").display());
        let database = kontor_tests::databases::connect(&made).await;
        let rows = kontor_tests::databases::number(&database, "SELECT count(*) FROM registrations").await;
        assert_eq!(rows, 8_532);
    });
}

#[test]
fn a_file_is_opened_and_what_is_not_kontors_says_so() {
    block_on(async {
        let db = TestDb::sqlite();
        demo(&db, 60);
        let window = Window::open(Opening::default()).await;
        let letter = db.path().join("letter.txt");
        std::fs::write(&letter, "Sehr geehrte Damen und Herren,\n".repeat(100)).expect("a file");
        window.will_choose(&letter);
        window.press("Datei öffnen …").await;
        window.read("Keine Datenbank").await;
        let other = TestDb::sqlite();
        let url = format!("{}?mode=rwc", other.url);
        let recipes = kontor_tests::databases::connect(&url).await;
        sea_orm::ConnectionTrait::execute_unprepared(&recipes, "CREATE TABLE recipes (name TEXT)")
            .await
            .expect("a table");
        window.will_choose(Path::new(other.url.trim_start_matches("sqlite:")));
        window.press("Datei öffnen …").await;
        window.read("Datenbank eines anderen Programms").await;
        window.shot("start-not-kontor").await;
        window.will_choose(&db.path().join("nowhere.db"));
        window.press("Datei öffnen …").await;
        window.read("Datei nicht gefunden").await;
        assert_eq!(profiles(window.desk()), Vec::<Value>::new(), "nothing of it is kept");
        window.will_choose(Path::new(db.url.trim_start_matches("sqlite:")));
        window.press("Datei öffnen …").await;
        window.see("nav").await;
        window.read_in("footer", "Demo").await;
        assert_eq!(profiles(window.desk()).len(), 1);
        let folder = window.close().await;
        let again = Window::open_in(folder, Opening::default()).await;
        again.read("Zuletzt geöffnet").await;
        again.shot("start-again").await;
        again.press("Dat kauf ich").await;
        again.see("nav").await;
    });
}

#[test]
fn the_central_database_asks_for_a_password_and_is_kept_over_a_restart() {
    block_on(async {
        let db = TestDb::postgres();
        office(&db, "test", 3);
        let role = "DO $$ BEGIN CREATE ROLE kontor_with_password LOGIN SUPERUSER PASSWORD 'r1chtig&=@/'; \
                    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
        db.execute(role).await;
        let secret = "r1chtig&=@/";
        let window = Window::open(Opening::default()).await;
        window.press("Verbinden …").await;
        window.fill("Server oder Socket-Ordner", "127.0.0.1").await;
        window.fill("Port", &port_of(&db).to_string()).await;
        window.fill("Datenbank", db.url.rsplit_once('/').expect("a database").1).await;
        window.fill("Benutzer", "kontor_with_password").await;
        window.fill("Kennwort", "falsch").await;
        window.fill("Name an diesem Arbeitsplatz", "Zentrale Kiel").await;
        window.read("Kein Schlüsselbund vorhanden: Das Kennwort gilt, bis Kontor beendet wird").await;
        window.keys("Ctrl+Enter").await;
        window.read("Anmeldung abgelehnt").await;
        window.shot("start-wrong-password").await;
        window.fill("Kennwort", secret).await;
        window.keys("Enter").await;
        window.see("nav").await;
        window.read_in("footer", "Zentrale Kiel").await;
        let folder = window.close().await;
        let kept = profiles(folder.path());
        assert_eq!((kept.len(), &kept[0]["name"]), (1, &json!("Zentrale Kiel")));
        let again = Window::open_in(folder, Opening::default()).await;
        again.press("Zentrale Kiel").await;
        again.read("Kennwort für Zentrale Kiel").await;
        again.shot("start-password").await;
        again.type_text("falsch").await;
        again.keys("Enter").await;
        again.read_in("dialog", "Anmeldung abgelehnt").await;
        again.fill("Kennwort", secret).await;
        again.keys("Enter").await;
        again.see("nav").await;
        let desk = std::fs::read_to_string(again.desk().join("desk.json")).expect("the desk's file");
        assert!(!desk.contains(secret), "no password is in a file");
    });
}

#[test]
fn production_looks_different_from_a_test() {
    block_on(async {
        for (purpose, word, band) in [("production", "Produktion", "3px"), ("test", "Test", "0px")] {
            let db = TestDb::sqlite();
            office(&db, purpose, 2);
            let window = Window::on(&db, Opening::default()).await;
            window.read_in("footer", word).await;
            let width = "return getComputedStyle(document.querySelector('#app > *')).borderTopWidth";
            assert_eq!(window.script(width, vec![]).await, json!(band), "{purpose}");
            window.shot(&format!("start-{purpose}")).await;
        }
    });
}

#[test]
fn a_lost_connection_is_told_locks_saving_and_comes_back() {
    block_on(async {
        let db = TestDb::postgres();
        demo(&db, 400);
        let proxy = CutProxy::start(port_of(&db));
        let window = Window::on(&db, Opening { through: Some(proxy.port()), ..Opening::default() }).await;
        window.read_in("footer", "Verbunden").await;
        window.keys("Ctrl+2").await;
        window.rows_are(400).await;
        window.keys("ArrowDown").await;
        window.read_in("main h2", "Dreyer").await;
        window.press("Notiz schreiben").await;
        window.type_text("Ruft wieder an.").await;
        proxy.go_away();
        let scroll = "const box = document.querySelector('[role=grid]').parentElement; box.scrollTop = box.scrollHeight; return true";
        window.until("the list scrolls", scroll, vec![]).await;
        window.read_in("footer", "Verbindung verloren. Stand ").await;
        window.read_in("footer", "Speichern gesperrt.").await;
        let locked = "return [...document.querySelectorAll('button')].filter((each) => ['Notiz speichern', 'Bearbeiten'] \
            .some((name) => each.innerText.includes(name))).every((each) => each.getAttribute('aria-disabled') === 'true')";
        window.until("saving is locked", locked, vec![]).await;
        window.shot("start-lost").await;
        window.keys("Ctrl+Enter").await;
        assert_eq!(db.number("SELECT count(*) FROM notes").await, 0);
        proxy.come_back();
        let found = "return document.querySelector('footer').innerText.includes('Verbunden')";
        window.until_within(Duration::from_mins(2), "the connection is to be back", found, vec![]).await;
        let last = "return document.querySelector('[role=row][data-index=\"399\"]')?.innerText.includes('K-') === true";
        window.until("the last row is to be read", last, vec![]).await;
        window.press("Notiz speichern").await;
        window.read_in("main li", "Ruft wieder an.").await;
        assert_eq!(db.number("SELECT count(*) FROM notes").await, 1);
    });
}

#[test]
fn a_second_start_shows_the_first_window_with_the_file_it_was_given() {
    block_on(async {
        let db = TestDb::sqlite();
        office(&db, "test", 2);
        let bus = Bus::start();
        let window = Window::open(Opening { bus: Some(bus.address.clone()), ..Opening::default() }).await;
        window.read("Noch keine Datenbank geöffnet").await;
        let file = db.url.trim_start_matches("sqlite:").to_owned();
        let mut second = Command::new(program())
            .arg(file)
            .env("DISPLAY", display())
            .env("GDK_BACKEND", "x11")
            .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
            .env("KONTOR_FOLDER", window.desk())
            .spawn()
            .expect("the program starts");
        let mut ends = async || second.try_wait().expect("a child can be waited for").is_some();
        window.comes_true("the second start ends", &mut ends).await;
        window.see("nav").await;
        window.read_in("footer", "Verbunden").await;
        assert_eq!(profiles(window.desk()).len(), 1);
    });
}
