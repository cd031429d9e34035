//! What a new person does with the keyboard alone: from the first start to a corrected address, a rerun and a saved PDF.

use std::path::{Path, PathBuf};

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};

use crate::harness::{Opening, Window};
use crate::invoices::is_drawn;
use crate::support::{kontor, text};

/// Mails in a folder.
fn mails(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).map(|entries| entries.flatten().collect::<Vec<_>>()).unwrap_or_default();
    entries.iter().filter(|entry| entry.path().extension().is_some_and(|ending| ending == "eml")).count()
}

/// The January of 2013: on `SQLite` made in the window, as a new person does; on `PostgreSQL` the central database.
async fn first_steps(db: &mut TestDb) -> (Window, PathBuf) {
    if db.kind == Kind::Postgres {
        drop(kontor(db).args(["demo", "create", "--registrations", "300", "--seed", "1"]).run().expect(0));
        return (Window::on(db, Opening::default()).await, db.path().join("outbox"));
    }
    let window = Window::open(Opening::default()).await;
    window.read("Noch keine Datenbank geöffnet").await;
    window.key_to("Tab", "Demo öffnen").await;
    window.keys("Enter").await;
    window.see("nav").await;
    let file = window.desk().join("demo/2013-01/kontor.db");
    db.url = format!("sqlite:{}", file.display());
    let outbox = window.desk().join("demo/2013-01/kontor-outbox");
    (window, outbox)
}

both_databases! {
    async fn by_the_keyboard_alone(db: TestDb) {
        let mut db = db;
        let (window, outbox) = first_steps(&mut db).await;
        window.read("Zu erledigen").await;
        window.shot("journey-overview").await;

        // Somebody calls: part of a name is all there is.
        let refused = "SELECT min(r.customer_number) FROM registrations r JOIN mailboxes m ON m.registration_id = r.id JOIN \
                       subscriptions s ON s.mailbox_id = m.id JOIN invoices i ON i.subscription_id = s.id JOIN deliveries d \
                       ON d.invoice_id = i.id WHERE d.state = 'refused' AND d.code = 'recipient_refused'";
        let customer = text(&db, refused).await;
        let of = format!("FROM registrations WHERE customer_number = '{customer}'");
        let name = text(&db, &format!("SELECT last_name {of}")).await;
        let part: String = name.chars().skip(1).collect();
        window.keys("Ctrl+2").await;
        window.keys("Ctrl+F").await;
        window.focus_is_on("[data-search]").await;
        window.type_text(&part).await;
        window.keys("Enter").await;
        window.read_in("[role=row]", &part).await;
        window.focus_is_on("[role=row][data-index]").await;
        window.key_until("ArrowDown", &customer, "return active.innerText.includes(wanted)").await;
        let call = "[aria-label='Auskunft am Telefon']";
        window.read_in(call, "abgelehnt").await;
        window.shot("journey-call").await;

        // Its invoice, the PDF, and the PDF as a file.
        window.keys("F4").await;
        window.focus_is_on("[role=row][data-index]").await;
        window.keys("Enter").await;
        is_drawn(&window).await;
        let file = db.path().join("rechnung.pdf");
        window.will_choose(&file);
        window.keys("Ctrl+S").await;
        window.comes_true("the PDF is saved", async || std::fs::read(&file).is_ok_and(|bytes| bytes.starts_with(b"%PDF"))).await;
        window.shot("journey-paper").await;
        window.keys("Alt+ArrowLeft").await;
        window.read_in(call, "abgelehnt").await;

        // The right address, and the invoice once more.
        window.keys("Ctrl+Enter").await;
        window.read_in("dialog[open]", "Kontaktdaten bearbeiten").await;
        window.key_to("Tab", "Mailadresse").await;
        window.keys("Ctrl+A").await;
        window.type_text("richtig@example.com").await;
        window.keys("Ctrl+Enter").await;
        window.read_in("dialog[open]", "Speichern und erneut senden").await;
        window.shot("journey-review").await;
        window.key_to("Tab", "Grund").await;
        window.type_text("Kunde rief an").await;
        window.keys("Ctrl+Enter").await;
        window.miss("dialog[open]").await;
        assert_eq!(text(&db, &format!("SELECT email {of}")).await, "richtig@example.com");
        let accepted = "SELECT count(*) FROM deliveries WHERE state = 'accepted' AND recipient = 'richtig@example.com'";
        window.comes_true("the mail is out", async || db.number(accepted).await == 1).await;
        assert_eq!(mails(&outbox), 1);
        window.read_in(call, "vom Mailserver angenommen").await;
        window.shot("journey-sent").await;

        // All invoices of one group.
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        let group = plan["groups"].as_array().expect("groups").iter().find(|group| group["code"] == "process_killed.archive");
        let able = group.expect("the group")["eligible"].as_i64().expect("a number");
        let before = db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await;
        window.keys("Ctrl+4").await;
        window.read("Abbruch beim Ablegen").await;
        let script = "return active.innerText.includes('Lauf planen') && active.closest('article')?.innerText.includes(wanted)";
        window.key_until("Tab", "Abbruch beim Ablegen", &format!("{script} === true")).await;
        window.keys("Enter").await;
        window.read_in("dialog[open]", "können laufen").await;
        window.focus_is_on("dialog[open] input, dialog[open] textarea").await;
        window.type_text("Speicher getauscht").await;
        window.shot("journey-plan").await;
        window.keys("Ctrl+Enter").await;
        window.miss("dialog[open]").await;
        let done = "SELECT count(*) FROM runs WHERE state = 'done' AND reason = 'Speicher getauscht'";
        window.comes_true("the run has ended", async || db.number(done).await == 1).await;
        window.read("Lauf beendet.").await;
        window.shot("journey-rerun").await;
        let after = db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await;
        assert_eq!(after - before, able);
        assert_eq!(mails(&outbox), usize::try_from(able).expect("few") + 1);
    }
}
