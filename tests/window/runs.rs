//! Failed invoices and their reruns in the window: grouped, planned, run, followed, survived.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::sink::{Behaviour, Fault, Phase, SmtpSink};
use serde_json::{Value, json};

use crate::harness::{Bus, Notifications, Opening, Window};
use crate::support::{assert_sound, customers_csv, empty_office, import, kontor, mailing, messages, text};

/// Mails go to a test's own mail server.
pub fn to(sink: &SmtpSink) -> Value {
    json!({
        "type": "server", "host": "127.0.0.1", "port": sink.port(), "security": "plain", "user": null, "ca_file": null,
        "senders": 4, "per_minute": null,
    })
}

/// A mail server that takes its time over each message, and this long from the thirtieth on, so that a run does not end while a
/// slow machine still looks for the button; once it is let go it answers at once.
fn slow(pause: Duration) -> (SmtpSink, Arc<AtomicBool>) {
    let (sink, is_let_go) = (SmtpSink::start(), Arc::new(AtomicBool::new(false)));
    let asked = Arc::clone(&is_let_go);
    sink.fault(move |moment| {
        let pause = if moment.nth < 30 { Duration::from_millis(60) } else { pause };
        (moment.phase == Phase::Dot && !asked.load(Ordering::Relaxed)).then_some(Fault::Slow(pause))
    });
    (sink, is_let_go)
}

fn opening(sink: &SmtpSink) -> Opening {
    Opening { mail: Some(to(sink)), ..Opening::default() }
}

fn office(db: &TestDb, customers: usize) {
    empty_office(db);
    drop(import(db, &customers_csv(1, customers)).expect(0));
}

/// Plans the month that is due and starts it, by keys in the dialog.
async fn invoice_january(window: &Window, customers: i64) {
    window.keys("Ctrl+4").await;
    window.press("Monat abrechnen …").await;
    window.fill("Welcher Monat?", "01.2013").await;
    window.keys("Tab").await;
    window.press("Lauf planen …").await;
    window.read_in("dialog[open]", &format!("{customers} Mails gehen hinaus.")).await;
    window.fill("Grund", "Januar").await;
    window.keys("Ctrl+Enter").await;
    window.miss("dialog[open]").await;
}

async fn ended(window: &Window, db: &TestDb, runs: i64) {
    let sql = "SELECT count(*) FROM runs WHERE state IN ('done', 'cancelled') AND person <> 'rechnung'";
    window.comes_true("the run has ended", async || db.number(sql).await == runs).await;
}

both_databases! {
    async fn a_group_is_planned_and_rerun_to_the_mail_server(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "300", "--seed", "1"]).run().expect(0));
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        let groups = plan["groups"].as_array().expect("groups").clone();
        let sink = SmtpSink::start();
        let window = Window::on(&db, opening(&sink)).await;
        window.keys("Ctrl+4").await;
        window.read("Abbruch beim Zeichnen").await;
        let open = plan["eligible"].as_i64().expect("a number") + plan["ineligible"].as_i64().expect("a number");
        window.read(&format!("{open} unfertige Rechnungen in {} Gruppen", groups.len())).await;
        let script = "return [...document.querySelectorAll('article .figure')].map((each) => Number(each.innerText))";
        let figures = window.script(script, vec![]).await;
        let figures: Vec<i64> = figures.as_array().expect("numbers").iter().filter_map(Value::as_i64).collect();
        assert_eq!(figures.len(), groups.len());
        assert_eq!(figures.iter().sum::<i64>(), open);
        window.press("Beispiele").await;
        window.see("article details[open] .link").await;
        window.miss("article details[open] code").await;
        window.press("Originalmeldung").await;
        window.see("article details[open] code").await;
        window.shot("runs-groups").await;

        let drawn = groups.iter().find(|group| group["code"] == "process_killed.render").expect("the group");
        let able = drawn["eligible"].as_i64().expect("a number");
        let script = "const article = [...document.querySelectorAll('article')].find((each) => \
            each.innerText.includes('Abbruch beim Zeichnen')); const button = [...article.querySelectorAll('button')] \
            .find((each) => each.innerText.includes('Lauf planen')); button.focus(); return true";
        window.until("the group has a button", script, vec![]).await;
        window.keys("Enter").await;
        window.read_in("dialog[open]", &format!("3 gewählt: {able} können laufen, 1 nicht. {able} Mails gehen hinaus.")).await;
        window.read_in("dialog[open]", "1 kann nicht laufen: Gründe").await;
        window.shot("runs-plan").await;
        window.keys("Ctrl+Enter").await;
        assert_eq!(db.number("SELECT count(*) FROM runs WHERE kind = 'rerun'").await, 0, "not without a reason");
        window.press("Begleittext zu den Mails").await;
        window.fill("Text, mit dem jede Mail beginnt", "Wegen einer Stoerung kommt diese Rechnung spaet.").await;
        window.fill("Text für Kunden mit englischer Sprache", "This invoice is late, we are sorry.").await;
        window.press("Vorschau").await;
        window.read_in("dialog[open] article", "Wegen einer Stoerung kommt diese Rechnung spaet.").await;
        window.read_in("dialog[open] article", "This invoice is late, we are sorry.").await;
        window.shot("runs-covering").await;
        window.fill("Grund", "Speicher getauscht").await;
        window.press(&format!("{able} Rechnungen erneut ausführen")).await;
        window.miss("dialog[open]").await;
        // The run goes on while one works elsewhere.
        window.keys("Ctrl+2").await;
        window.comes_true("the mails are out", async || sink.kept() == usize::try_from(able).expect("few")).await;
        let done = "SELECT count(*) FROM runs WHERE kind = 'rerun' AND state = 'done' AND reason = 'Speicher getauscht'";
        window.comes_true("the run has ended", async || db.number(done).await == 1).await;
        for message in sink.messages() {
            let text = String::from_utf8_lossy(&message.data).into_owned();
            assert!(text.contains("Stoerung") || text.contains("we are sorry"), "the covering text opens the mail:\n{text}");
        }
        assert!(sink.duplicates().is_empty());
        window.keys("Ctrl+4").await;
        window.read("Lauf beendet.").await;
        window.read(&format!("{} unfertige Rechnungen", open - able)).await;
        window.shot("runs-ended").await;
    }

    async fn the_end_of_a_run_is_notified_and_what_failed_again_is_listed(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "300", "--seed", "1"]).run().expect(0));
        let (bus, sink) = (Bus::start(), SmtpSink::start());
        let notifications = Notifications::on(&bus);
        sink.behave(|envelope| match envelope.nth {
            1 => Behaviour::AnswerMessage("554 5.7.1 Message refused by policy 17".to_owned()),
            _ => Behaviour::Accept,
        });
        let window = Window::on(&db, Opening { bus: Some(bus.address.clone()), ..opening(&sink) }).await;
        window.keys("Ctrl+4").await;
        window.press("Lauf planen …").await;
        window.read_in("dialog[open]", "4 Mails gehen hinaus.").await;
        window.fill("Grund", "Speicher getauscht").await;
        window.keys("Ctrl+Enter").await;
        window.miss("dialog[open]").await;
        let run = "FROM runs WHERE reason = 'Speicher getauscht' AND state = 'done'";
        window.comes_true("the run has ended", async || db.number(&format!("SELECT count(*) {run}")).await == 1).await;

        // Whoever works elsewhere is told by the desktop, once.
        let said = "3 erledigt, 1 fehlgeschlagen, 0 mit unbekanntem Ausgang.";
        window.comes_true("the desktop is told", async || !notifications.calls().is_empty()).await;
        let calls = notifications.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        for words in ["Kontor", "Lauf beendet.", said] {
            assert!(calls[0].iter().any(|text| text == words), "{words}: {calls:?}");
        }
        window.read("Lauf beendet.").await;
        window.read(said).await;
        window.shot("runs-notified").await;

        // What failed again: the invoice, what was tried on it and what the mail server said.
        window.press("1 fehlgeschlagene zeigen").await;
        window.rows_of(".items", 1).await;
        let failed = format!("FROM run_items t JOIN invoices i ON i.subscription_id = t.subscription_id AND i.period = t.period AND \
            i.kind = 'invoice' AND i.state = 'archived' WHERE t.state = 'failed' AND t.run_id = (SELECT id {run})");
        let number = text(&db, &format!("SELECT i.number {failed}")).await;
        let of = format!("FROM registrations r WHERE r.id = (SELECT i.registration_id FROM invoices i WHERE i.number = '{number}')");
        let name = text(&db, &format!("SELECT r.last_name {of}")).await;
        window.read_in(".items [role=row][data-index='0']", &name).await;
        window.shot("runs-failed-again").await;
        let refused = "SELECT count(*) FROM deliveries d JOIN invoices i ON i.id = d.invoice_id WHERE d.state = 'refused' AND i.number = ";
        assert_eq!(db.number(&format!("{refused}'{number}'")).await, 1);
        window.script("document.querySelector('.items [role=row][tabindex=\"0\"]').focus()", vec![]).await;
        window.read_in(".lineage", &number).await;
        let last = "const all = [...document.querySelectorAll('.lineage summary, .lineage button')].filter((each) => \
                    each.innerText.includes('Originalmeldung')); all.at(-1)?.click(); return all.length === 2";
        window.until("what was tried before, and now", last, vec![]).await;
        window.read_in(".lineage", "554 5.7.1 Message refused by policy 17").await;
        window.shot("runs-lineage").await;
        // The filter taken away leaves the run's other items.
        window.press("Filter zurücksetzen").await;
        window.rows_of(".items", db.number(&format!("SELECT count(*) FROM run_items WHERE run_id = (SELECT id {run})")).await).await;
        assert_eq!(sink.kept(), 3);
        window.press("1 fehlgeschlagene erneut …").await;
        window.read_in("dialog[open]", "1 gewählt").await;
        window.shot("runs-plan-failed").await;
        window.keys("Escape").await;
        window.miss("dialog[open]").await;
        assert_eq!(notifications.calls().len(), 1, "told once");
    }

    async fn a_run_is_paused_resumed_and_cancelled(db: TestDb) {
        office(&db, 300);
        let (sink, _) = slow(Duration::from_millis(400));
        let window = Window::on(&db, opening(&sink)).await;
        invoice_january(&window, 300).await;
        window.read("von 300").await;
        window.see("[role=progressbar]").await;
        window.comes_true("mails go out", async || sink.kept() > 0).await;
        window.press("Anhalten").await;
        window.shot("runs-pausing").await;
        window.comes_true("it is paused", async || db.number("SELECT count(*) FROM runs WHERE state = 'paused'").await == 1).await;
        window.read("angehalten").await;
        let kept = sink.kept();
        assert!(kept < 300, "it paused before its end");
        window.shot("runs-paused").await;
        // From here on it takes long, until the run is cancelled.
        sink.fault_at(Phase::Dot, Fault::Slow(Duration::from_secs(3)));
        window.press("Fortsetzen").await;
        window.comes_true("it goes on", async || sink.kept() > kept).await;
        window.press("Abbrechen").await;
        window.read_in("dialog[open]", "Gesendete Mails bleiben gesendet.").await;
        window.shot("runs-cancel").await;
        window.keys("Ctrl+Enter").await;
        let cancelled = "SELECT count(*) FROM runs WHERE state IN ('cancelling', 'cancelled')";
        window.comes_true("it is to be cancelled", async || db.number(cancelled).await == 1).await;
        sink.fault(|_| None);
        window.comes_true("it is cancelled", async || db.number("SELECT count(*) FROM runs WHERE state = 'cancelled'").await == 1).await;
        let accepted = db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await;
        assert_eq!(accepted, i64::try_from(sink.kept()).expect("few"));
        assert!(sink.duplicates().is_empty());
        let entries = "SELECT count(DISTINCT action) FROM journal WHERE action IN ('run.start', 'run.pause', 'run.resume', 'run.cancel')";
        assert_eq!(db.number(entries).await, 4);
    }

    async fn a_window_closed_within_a_run_is_taken_over_when_it_opens_again(db: TestDb) {
        office(&db, 200);
        let (sink, is_let_go) = slow(Duration::from_millis(400));
        let window = Window::on(&db, opening(&sink)).await;
        invoice_january(&window, 200).await;
        window.comes_true("mails go out", async || sink.kept() > 3).await;
        let desk = window.close_by_hand().await;
        assert!(sink.kept() < 200, "the run is not over");
        let hanging = "SELECT count(*) FROM run_items WHERE state = 'claimed'";
        assert_eq!(db.number(hanging).await, 0, "what was in hand is finished");
        is_let_go.store(true, Ordering::Relaxed);
        let window = Window::open_in(desk, opening(&sink)).await;
        window.press("Bestand").await;
        window.see("nav").await;
        ended(&window, &db, 1).await;
        assert_eq!(sink.kept(), 200);
        assert!(sink.duplicates().is_empty());
        assert_sound(&db, &["2013-01"], 200).await;
    }

    async fn a_run_of_another_process_shows_here(db: TestDb) {
        office(&db, 300);
        let (sink, is_let_go) = slow(Duration::from_secs(3));
        let mut settings = Opening::default().settings;
        settings["joins_runs"] = json!(false);
        let window = Window::on(&db, Opening { settings, ..opening(&sink) }).await;
        window.keys("Ctrl+4").await;
        let elsewhere = kontor(&db).smtp(&sink.url()).args(["invoices", "run", "--period", "2013-01"]);
        let work = elsewhere.env("KONTOR_HOST", "rechenwerk").spawn();
        window.read("Wird bearbeitet von: rechenwerk").await;
        window.see("[role=progressbar]").await;
        window.shot("runs-elsewhere").await;
        is_let_go.store(true, Ordering::Relaxed);
        drop(work.wait().expect(0));
        window.miss("[role=progressbar]").await;
        assert_eq!(sink.kept(), 300);
        assert!(sink.duplicates().is_empty());
    }

    async fn two_desks_start_the_same_rerun(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "300", "--seed", "1"]).run().expect(0));
        let window = Window::on(&db, Opening::default()).await;
        let environment = vec![
            ("KONTOR_PERSON".to_owned(), "max".to_owned()), ("KONTOR_HOST".to_owned(), "schreibtisch-2".to_owned()),
        ];
        let other = Window::on(&db, Opening { environment, ..Opening::default() }).await;
        for desk in [&window, &other] {
            desk.keys("Ctrl+4").await;
            desk.press("Lauf planen …").await;
            desk.read_in("dialog[open]", "4 Mails gehen hinaus.").await;
            desk.fill("Grund", "Speicher getauscht").await;
        }
        tokio::join!(window.keys("Ctrl+Enter"), other.keys("Ctrl+Enter"));
        let out = async || messages(&db).len() == 4;
        window.comes_true("the mails are out", out).await;
        let open = "SELECT count(*) FROM run_items WHERE state IN ('waiting', 'claimed')";
        window.comes_true("nothing is left", async || db.number(open).await == 0).await;
        window.comes_true("the runs are over", async || db.number("SELECT count(*) FROM runs WHERE state NOT IN ('done', 'cancelled')").await == 0).await;
        assert_eq!(messages(&db).len(), 4, "each invoice is mailed once");
        let twice = "SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE state = 'accepted' GROUP BY invoice_id, purpose HAVING count(*) > 1) x";
        assert_eq!(db.number(twice).await, 0);
        let _ = mailing(&db);
    }
}
