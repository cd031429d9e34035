//! What contradicts a rule, in the window: checked, explained, put aside, closing by itself.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::json;

use crate::harness::{Opening, Window};
use crate::office::{demo, kontor, office, text};

/// Findings that are not closed.
const OPEN: &str = "SELECT count(*) FROM findings WHERE closed_at IS NULL";

/// A customer whose surname had a bit turned around, as faulty memory does: the second letter, from `e` to `g` or `r` to `p`.
pub struct Flipped {
    /// The customer's number.
    pub number: String,
    /// The name as it was.
    pub right: String,
    /// The name as it is now.
    pub wrong: String,
}

impl Flipped {
    /// The first of these customers.
    pub async fn one(db: &TestDb, whose: &str, from: char, to: char) -> Self {
        let of = format!("FROM registrations WHERE {whose} ORDER BY customer_serial LIMIT 1");
        let number = text(db, &format!("SELECT customer_number {of}")).await;
        let right = text(db, &format!("SELECT last_name {of}")).await;
        let wrong = right.replacen(from, &to.to_string(), 1);
        let flipped = Self { number, right, wrong };
        flipped.write(db, &flipped.wrong).await;
        flipped
    }

    /// Writes the name past Kontor.
    pub async fn write(&self, db: &TestDb, name: &str) {
        let sql = format!("UPDATE registrations SET last_name = '{name}' WHERE customer_number = '{}'", self.number);
        assert_eq!(db.execute(&sql).await, 1);
    }
}

async fn findings(db: &TestDb) -> Window {
    let window = Window::on(db, Opening::default()).await;
    window.keys("Ctrl+5").await;
    window.read_in("h1", "Befunde").await;
    window
}

/// Checks, and waits until it is told what came of it.
async fn checked(window: &Window) {
    window.press("Jetzt prüfen").await;
    window.read("Regeln geprüft.").await;
}

both_databases! {
    async fn a_check_finds_a_flipped_bit_and_it_is_put_aside(db: TestDb) {
        demo(&db, 100);
        let flipped = Flipped::one(&db, "company IS NULL AND last_name LIKE '_e%' AND customer_serial BETWEEN 20 AND 60", 'e', 'g').await;
        let window = findings(&db).await;
        window.read("Noch nie geprüft").await;
        window.read("Noch nie geprüft, also ist auch nichts gefunden.").await;
        checked(&window).await;
        window.read("Zuletzt geprüft am").await;
        let open = db.number(OPEN).await;
        window.rows_are(open).await;
        window.read(&format!("{open} offen")).await;
        let urgent = format!("{OPEN} AND severity IN ('critical', 'high')");
        window.read_in("nav [aria-current=page]", &db.number(&urgent).await.to_string()).await;
        window.shot("findings").await;

        // A rule says what it is, and shows its findings alone.
        let of_rule = db.number(&format!("{OPEN} AND rule = 'words_deviate'")).await;
        window.press("Was die Regel sagt: Suchwörter weichen ab").await;
        window.read_in("main li", "Warum es zählt").await;
        window.press("Suchwörter weichen ab").await;
        window.rows_are(of_rule).await;
        window.search(&flipped.number).await;
        window.rows_are(1).await;
        let detail = "[data-pane=detail]";
        window.read_in(detail, &format!("Registrierung {}", flipped.number)).await;
        window.read_in(".diff", &flipped.wrong).await;
        window.read_in(".diff", &flipped.right).await;
        assert_eq!((window.text(".diff del").await, window.text(".diff ins").await), ("g".to_owned(), "e".to_owned()));
        window.read_in(".diff", "Byte 2, Bit 1: g 0x67 01100111 → e 0x65 01100101").await;
        window.read_in("[aria-current=step]", "Kopie").await;
        window.read_in("[aria-current=step]", "Die Werte unterscheiden sich in genau einem Bit.").await;
        window.shot("findings-diff").await;

        window.keys("F2").await;
        window.read_in("dialog[open]", "1 Befund wird zurückgestellt.").await;
        let day = window.script("return document.querySelector('dialog[open] .figures').value", vec![]).await;
        window.keys("Ctrl+Enter").await;
        let aside = "SELECT count(*) FROM findings WHERE set_aside_until_at IS NOT NULL";
        assert_eq!(db.number(aside).await, 0, "not without a reason");
        window.fill("Grund", "Kunde wird gefragt").await;
        window.fill("Kommt wieder am", "01.01.2013").await;
        window.keys("Tab").await;
        window.keys("Ctrl+Enter").await;
        window.read_in("dialog[open]", "Der Tag muss nach dem").await;
        window.shot("findings-aside").await;
        assert_eq!(db.number(aside).await, 0, "not until a day that is past");
        window.fill("Kommt wieder am", day.as_str().expect("a day")).await;
        window.keys("Tab").await;
        window.keys("Ctrl+Enter").await;
        window.miss("dialog[open]").await;
        window.read("1 Befund zurückgestellt").await;
        let stored = format!(
            "{aside} AND set_aside_reason = 'Kunde wird gefragt' AND rule = 'words_deviate' AND closed_at IS NULL AND \
             row_id = (SELECT id FROM registrations WHERE customer_number = '{}')",
            flipped.number
        );
        assert_eq!(db.number(&stored).await, 1);
        let entry = "SELECT count(*) FROM journal WHERE action = 'finding.set_aside' AND reason = 'Kunde wird gefragt' \
                     AND person = 'eva'";
        assert_eq!(db.number(entry).await, 1);
        window.press("Zurückgestellte zeigen").await;
        window.rows_are(1).await;
        window.read_in("[role=grid]", "Kunde wird gefragt").await;
        window.read_in("[role=grid]", day.as_str().expect("a day")).await;
        window.focus_is_on("[role=row][data-index]").await;
        window.shot("findings-put-aside").await;
        // The customer answered before that day.
        window.keys("F4").await;
        window.read_in("dialog[open]", "1 Befund kommt schon jetzt wieder.").await;
        window.fill("Grund", "Kunde hat geantwortet").await;
        window.keys("Ctrl+Enter").await;
        window.miss("dialog[open]").await;
        window.comes_true("it is open again", async || db.number(aside).await == 0).await;
        let entry = "SELECT count(*) FROM journal WHERE action = 'finding.bring_back' AND reason = 'Kunde hat geantwortet'";
        assert_eq!(db.number(entry).await, 1);
        window.press("Offene Befunde zeigen").await;
        window.rows_are(1).await;
    }

    async fn a_stack_of_findings_by_keys_and_one_that_closes_by_itself(db: TestDb) {
        office(&db, "test", 12);
        let flipped = Flipped::one(&db, "customer_serial = 3", 'r', 'p').await;
        drop(Flipped::one(&db, "customer_serial = 5", 'r', 'p').await);
        let window = findings(&db).await;
        checked(&window).await;
        let open = db.number(OPEN).await;
        window.rows_are(open).await;
        window.script("document.querySelector('[role=row][data-index=\"0\"]').focus()", vec![]).await;
        window.read_in("[data-pane=detail]", &format!("Befund 1 von {open}")).await;
        window.keys("F8").await;
        window.read_in("[data-pane=detail]", &format!("Befund 2 von {open}")).await;
        window.keys("Enter").await;
        window.see("[data-pane=opened]").await;
        window.keys("F8").await;
        window.read_in("[data-pane=opened]", &format!("Befund 3 von {open}")).await;
        window.keys("Shift+F8").await;
        window.read_in("[data-pane=opened]", &format!("Befund 2 von {open}")).await;
        window.shot("findings-opened").await;
        window.keys("Escape").await;
        window.see("[data-pane=detail]").await;

        // The group; the record beside the list names its other findings by the same title.
        window.press("Siegel gebrochen kritisch").await;
        window.rows_are(2).await;
        window.search(&flipped.number).await;
        window.rows_are(1).await;
        window.read_in("[aria-current=step]", "bewiesen").await;
        window.read_in("[aria-current=step]", "Das Siegel passt zu diesem Wert.").await;
        window.press("Alle Regeln zeigen").await;
        window.press("Suche leeren").await;

        // Who puts a value right elsewhere has nothing to do here.
        flipped.write(&db, &flipped.right).await;
        window.press("Weitere Prüfungen").await;
        window.press("Nur was sich geändert hat").await;
        let closed = "SELECT count(*) FROM findings WHERE closed_at IS NOT NULL AND rule = 'seal_broken'";
        window.comes_true("the finding is closed", async || db.number(closed).await == 1).await;
        window.rows_are(db.number(OPEN).await).await;
        window.press("Erledigt").await;
        window.read_in("[role=grid]", &flipped.number).await;
        window.search(&flipped.number).await;
        window.read_in("[data-pane=detail]", "Die Regel findet es nicht mehr.").await;
        window.shot("findings-closed").await;
    }

    async fn what_the_sign_up_site_still_has_is_compared(db: TestDb) {
        let file = db.path().join("anmeldungen.csv");
        let create = kontor(&db).args(["demo", "create", "--registrations", "60", "--seed", "1", "--signup-export"]);
        drop(create.args([&file]).run().expect(0));
        let street = "UPDATE registrations SET street = 'Anderswo 1' WHERE customer_serial = 30";
        assert_eq!(db.execute(street).await, 1);
        let window = findings(&db).await;
        window.will_choose(&file);
        window.press("Weitere Prüfungen").await;
        window.press("Mit einer CSV-Datei vergleichen …").await;
        window.read("Regeln geprüft.").await;
        let copies = format!("{OPEN} AND evidence = 'copy' AND field = 'street' AND current_value = 'Anderswo 1'");
        assert!(db.number(&copies).await >= 1, "the file has the street");
        let number = text(&db, "SELECT customer_number FROM registrations WHERE customer_serial = 30").await;
        window.script("document.querySelector('[role=grid] [tabindex=\"0\"]')?.focus()", vec![]).await;
        window.search(&number).await;
        window.until("a copy says so", "return document.querySelector('[aria-current=step]')?.innerText.includes(arguments[0])", vec![json!("Kopie")]).await;
        window.shot("findings-compared").await;
    }
}
