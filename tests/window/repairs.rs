//! Repairs in the window: staged, reviewed, applied by one who confirms twice or by somebody else, undone; and what happens when
//! the record changed meanwhile.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;

use crate::harness::{Opening, Window};
use crate::office::{kontor, office, text};

/// Surnames of the office's customers end with their serial number.
const RIGHT: &str = "Groß-Müller";
/// The same with one bit of its second letter turned around, as faulty memory does.
const WRONG: &str = "Gpoß-Müller";

async fn flip(db: &TestDb, serials: &[i64]) {
    for serial in serials {
        let sql = format!("UPDATE registrations SET last_name = '{WRONG} {serial}' WHERE customer_serial = {serial}");
        assert_eq!(db.execute(&sql).await, 1);
    }
    drop(kontor(db).args(["check"]).run().expect(0));
}

async fn number(db: &TestDb, serial: i64) -> String {
    text(db, &format!("SELECT customer_number FROM registrations WHERE customer_serial = {serial}")).await
}

async fn name(db: &TestDb, serial: i64) -> String {
    text(db, &format!("SELECT last_name FROM registrations WHERE customer_serial = {serial}")).await
}

async fn repairs(db: &TestDb, state: &str) -> i64 {
    db.number(&format!("SELECT count(*) FROM repairs WHERE state = '{state}'")).await
}

async fn findings(db: &TestDb, opening: Opening) -> Window {
    let window = Window::on(db, opening).await;
    window.keys("Ctrl+5").await;
    window.read_in("h1", "Befunde").await;
    window
}

/// Does what the palette finds under these words.
async fn command(window: &Window, words: &str) {
    window.keys("Ctrl+K").await;
    window.focus_is_on("[role=combobox]").await;
    window.type_text(words).await;
    window.read_in("[role=option][aria-selected=true]", words).await;
    window.keys("Enter").await;
    window.miss("dialog[open]").await;
}

async fn staged_are(db: &TestDb, window: &Window, count: i64) {
    window.comes_true(&format!("{count} are staged"), async || repairs(db, "staged").await == count).await;
}

/// Stages all that is proven, from the list of rules.
async fn stage_proven(db: &TestDb, window: &Window, count: i64) {
    window.press("Bewiesene vormerken …").await;
    window.read_in("dialog[open]", &format!("{count} bewiesene Korrektur")).await;
    window.keys("Ctrl+Enter").await;
    staged_are(db, window, count).await;
    window.miss("dialog[open]").await;
}

both_databases! {
    async fn from_a_finding_to_undone_by_keys_alone(db: TestDb) {
        office(&db, "test", 12);
        flip(&db, &[3]).await;
        let number = number(&db, 3).await;
        let window = findings(&db, Opening::default()).await;
        window.search(&number).await;
        window.walk_to_row("Siegel gebrochen").await;
        window.read_in("[data-pane=detail]", "Siegel gebrochen").await;
        window.read_in("[data-pane=detail]", "Keine Mail geht hinaus.").await;
        window.is_ready("Korrektur vormerken").await;
        window.keys("F9").await;
        staged_are(&db, &window, 1).await;
        window.read_in("[data-pane=detail]", "Von Ihnen vorgemerkt").await;
        window.shot("repairs-staged-finding").await;
        window.keys("Ctrl+Z").await;
        staged_are(&db, &window, 0).await;
        window.is_ready("Korrektur vormerken").await;
        window.keys("F9").await;
        staged_are(&db, &window, 1).await;
        assert_eq!(name(&db, 3).await, format!("{WRONG} 3"), "staging changes nothing");

        command(&window, "Gehe zu: Vorgemerkt").await;
        window.read("1 Korrektur vorgemerkt").await;
        window.read_in(".diff", &format!("{RIGHT} 3")).await;
        window.read("Keine Mail geht hinaus.").await;
        window.shot("repairs-review").await;
        window.is_ready("Nicht mehr vormerken").await;
        window.keys("Ctrl+Enter").await;
        window.focus_is_on("[data-pane=apply] input").await;
        window.type_text("gekipptes Bit").await;
        window.keys("Ctrl+Enter").await;
        window.read_in("dialog[open]", "Zweite Bestätigung").await;
        window.read_in("dialog[open]", "stehen Sie allein dafür ein").await;
        window.shot("repairs-second").await;
        assert_eq!(repairs(&db, "applied").await, 0, "not before the second confirmation");
        window.keys("Ctrl+Enter").await;
        window.read("1 Korrektur angewendet.").await;
        window.shot("repairs-applied").await;
        assert_eq!((name(&db, 3).await, repairs(&db, "applied").await), (format!("{RIGHT} 3"), 1));
        let entry = "SELECT count(*) FROM journal WHERE action = 'repair.apply' AND reason = 'gekipptes Bit' AND person = 'eva'";
        assert_eq!(db.number(entry).await, 1);
        assert_eq!(db.number("SELECT count(*) FROM findings WHERE rule = 'seal_broken' AND closed_at IS NULL").await, 0);

        command(&window, "Gehe zu: Verlauf").await;
        window.focus_is_on("[role=row][data-index]").await;
        window.read_in("[data-pane=detail]", "gekipptes Bit").await;
        window.read_in("[data-pane=detail] .diff", &format!("{RIGHT} 3")).await;
        window.is_ready("Rückgängig …").await;
        window.shot("repairs-history").await;
        window.keys("Ctrl+Z").await;
        window.read_in("dialog[open]", "1 Korrektur wird zurückgenommen.").await;
        window.read_in("dialog[open] .diff", &format!("{WRONG} 3")).await;
        window.shot("repairs-undo").await;
        window.focus_is_on("dialog[open] input").await;
        window.type_text("doch nicht").await;
        window.keys("Ctrl+Enter").await;
        window.read_in("dialog[open]", "1 Korrektur rückgängig gemacht.").await;
        assert_eq!((name(&db, 3).await, repairs(&db, "undone").await), (format!("{WRONG} 3"), 1));
        let undone = "SELECT count(*) FROM repairs WHERE undone_by = 'eva' AND undone_reason = 'doch nicht'";
        assert_eq!(db.number(undone).await, 1);
        assert_eq!(db.number("SELECT count(*) FROM findings WHERE rule = 'seal_broken' AND closed_at IS NULL").await, 1);
        window.keys("Escape").await;
        window.miss("dialog[open]").await;
        window.read_in("[data-pane=detail]", "rückgängig").await;
    }

    async fn proven_ones_in_bulk_take_two_people_or_two_confirmations(db: TestDb) {
        office(&db, "test", 12);
        flip(&db, &[2, 4, 6, 8]).await;
        let window = findings(&db, Opening::default()).await;
        window.press("Bewiesene vormerken …").await;
        window.read_in("dialog[open]", "4 bewiesene Korrekturen an 4 Datensätzen").await;
        window.read_in("dialog[open] .diff", RIGHT).await;
        window.read_in("dialog[open]", "nicht bewiesen").await;
        window.shot("repairs-bulk").await;
        assert_eq!(repairs(&db, "staged").await, 0, "a preview stages nothing");
        window.press("4 Korrekturen vormerken").await;
        staged_are(&db, &window, 4).await;
        window.press("Vorgemerkte zeigen").await;
        window.read("4 Korrekturen vorgemerkt").await;
        window.shot("repairs-bulk-review").await;
        window.press("Nicht mehr vormerken: Registrierung").await;
        staged_are(&db, &window, 3).await;
        drop(window.close().await);

        // Somebody else looks at them, and that is the second pair of eyes.
        let other = findings(&db, Opening { person: "jürgen", ..Opening::default() }).await;
        other.press("Vorgemerkt").await;
        other.read("3 Korrekturen vorgemerkt").await;
        other.read("Vorgemerkt von eva").await;
        other.press("Nicht mehr vormerken: Registrierung").await;
        staged_are(&db, &other, 2).await;
        other.fill("Grund", "geprüft").await;
        other.press("2 Korrekturen anwenden").await;
        other.read("2 Korrekturen angewendet.").await;
        assert_eq!((repairs(&db, "applied").await, repairs(&db, "staged").await), (2, 0));
        let both = "SELECT count(*) FROM repairs WHERE state = 'applied' AND person = 'eva' AND applied_by = 'jürgen' AND \
                    reason = 'geprüft'";
        assert_eq!(db.number(both).await, 2);

        // The others by one person alone, who confirms a second time.
        other.press("Offen").await;
        stage_proven(&db, &other, 2).await;
        other.press("Vorgemerkt").await;
        other.fill("Grund", "allein").await;
        other.press("2 Korrekturen anwenden").await;
        other.read_in("dialog[open]", "2 davon haben Sie selbst vorgemerkt.").await;
        assert_eq!(repairs(&db, "applied").await, 2);
        other.press("Ja, 2 Korrekturen anwenden").await;
        other.comes_true("all four are applied", async || repairs(&db, "applied").await == 4).await;
        other.is_ready("Rückgängig …").await;
        for serial in [2, 4, 6, 8] {
            assert_eq!(name(&db, serial).await, format!("{RIGHT} {serial}"));
        }
        // A whole batch goes back at once.
        other.press("Rückgängig …").await;
        other.read_in("dialog[open]", "2 Korrekturen werden zurückgenommen.").await;
        other.fill("Grund", "zurück").await;
        other.press("2 Korrekturen rückgängig machen").await;
        other.read_in("dialog[open]", "2 Korrekturen rückgängig gemacht.").await;
        assert_eq!((repairs(&db, "applied").await, repairs(&db, "undone").await), (2, 2));
    }

    async fn a_record_that_changed_meanwhile_is_compared_and_reviewed(db: TestDb) {
        office(&db, "test", 12);
        flip(&db, &[3, 5]).await;
        let window = findings(&db, Opening::default()).await;
        stage_proven(&db, &window, 2).await;
        window.press("Vorgemerkt").await;
        window.read("2 Korrekturen vorgemerkt").await;
        window.is_ready("Nicht mehr vormerken: Registrierung").await;
        window.fill("Grund", "gekippte Bits").await;
        // Another program writes the row between looking and applying.
        let meanwhile = "UPDATE registrations SET last_name = 'Meier' WHERE customer_serial = 3";
        assert_eq!(db.execute(meanwhile).await, 1);
        window.press("2 Korrekturen anwenden").await;
        window.press("Ja, 2 Korrekturen anwenden").await;
        window.read("1 Korrektur angewendet.").await;
        window.read("1 wurde abgelehnt").await;
        assert_eq!((repairs(&db, "applied").await, repairs(&db, "refused").await), (1, 1), "the other one was applied");
        assert_eq!((name(&db, 3).await, name(&db, 5).await), ("Meier".to_owned(), format!("{RIGHT} 5")));
        window.shot("repairs-refused").await;
        window.press("Vergleichen …").await;
        window.read_in("dialog[open]", "Eigene Änderung").await;
        for value in [format!("{WRONG} 3"), format!("{RIGHT} 3"), "Meier".to_owned()] {
            window.read_in("dialog[open] table", &value).await;
        }
        window.shot("repairs-conflict").await;
        let now = db.number("SELECT count(*) FROM repairs").await;
        window.press("Neu prüfen").await;
        window.miss("dialog[open]").await;
        window.read_in("[role=tab][aria-selected=true]", "Offen").await;
        window.read_in("[data-pane=detail]", "Meier").await;
        assert_eq!((name(&db, 3).await, db.number("SELECT count(*) FROM repairs").await), ("Meier".to_owned(), now), "nothing is saved by itself");
    }

    async fn what_changed_since_is_not_undone(db: TestDb) {
        office(&db, "test", 12);
        flip(&db, &[3]).await;
        drop(kontor(&db).args(["repairs", "apply", "--all-proven", "--reason", "Bit"]).run().expect(0));
        assert_eq!(name(&db, 3).await, format!("{RIGHT} 3"));
        assert_eq!(db.execute("UPDATE registrations SET city = 'Lübeck' WHERE customer_serial = 3").await, 1);
        let window = findings(&db, Opening::default()).await;
        window.press("Verlauf").await;
        window.focus_is_on("[role=row][data-index]").await;
        window.read_in("[data-pane=detail]", "Rückgängig nicht möglich: Datensatz seither geändert. Nichts wurde verändert.").await;
        window.shot("repairs-undo-refused").await;
        window.keys("Ctrl+Z").await;
        window.read_in("dialog[open]", "Davon lässt sich nichts rückgängig machen.").await;
        window.read_in("dialog[open]", "Rückgängig nicht möglich: Datensatz seither geändert.").await;
        window.press("Vergleichen …").await;
        for value in ["Kiel", "Lübeck"] {
            window.read_in("dialog[open] table", value).await;
        }
        window.shot("repairs-undo-conflict").await;
        window.keys("Escape").await;
        window.miss("dialog[open]").await;
        assert_eq!((name(&db, 3).await, repairs(&db, "applied").await), (format!("{RIGHT} 3"), 1));
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'repair.undo'").await, 0);
    }

    async fn a_value_of_ones_own_is_planned_before_it_is_staged(db: TestDb) {
        office(&db, "test", 6);
        let wrong = "UPDATE registrations SET email = 'kunde2example.com' WHERE customer_serial = 2";
        assert_eq!(db.execute(wrong).await, 1);
        drop(kontor(&db).args(["check"]).run().expect(0));
        let window = findings(&db, Opening::default()).await;
        window.search(&number(&db, 2).await).await;
        window.walk_to_row("Mailadresse ungültig").await;
        window.read_in("[data-pane=detail] h2", "Mailadresse ungültig").await;
        window.press("Eigener Wert").await;
        window.fill("Mailadresse", "kunde2@").await;
        window.read_in("[data-pane=detail]", "„kunde2@“ kann in „Mailadresse“ nicht stehen.").await;
        window.shot("repairs-own-value").await;
        assert_eq!(repairs(&db, "staged").await, 0);
        window.fill("Mailadresse", "zwei@example.com").await;
        window.read_in("[data-pane=detail] .diff", "zwei@example.com").await;
        window.is_ready("Korrektur vormerken").await;
        window.keys("F9").await;
        staged_are(&db, &window, 1).await;
        assert_eq!(text(&db, "SELECT value FROM repairs WHERE state = 'staged'").await, "zwei@example.com");
        window.press("Vorgemerkt").await;
        window.read("eigener Wert").await;
        window.fill("Grund", "angerufen").await;
        window.press("1 Korrektur anwenden").await;
        window.press("Ja, 1 Korrektur anwenden").await;
        window.read("1 Korrektur angewendet.").await;
        let stored = "SELECT email FROM registrations WHERE customer_serial = 2";
        assert_eq!(text(&db, stored).await, "zwei@example.com");
    }
}
