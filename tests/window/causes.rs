//! Causes in the window: the conclusion, both sides of it, and the way to those affected.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::json;

use crate::harness::{Opening, Window};
use crate::office::{demo, kontor};

const SUSPECT: &str = "rechnung-03";
const SOUND: &str = "rechnung-01";

/// Lets a host do what it owes to replays; the suspect one has memory that turns bits.
fn works(db: &TestDb, host: &str) {
    let work = kontor(db).args(["work", "--until-idle", "--workers", "0"]).env("KONTOR_HOST", host);
    let flips = if host == SUSPECT { "replay.flip=30%return" } else { "" };
    drop(work.failpoints(flips).run().expect(0));
}

/// Reruns what failed, so that there are frozen contents to draw.
fn rerun(db: &TestDb) {
    let run = kontor(db).args(["runs", "start", "--all", "--reason", "Gegenprobe vorbereiten"]);
    drop(run.env("KONTOR_HOST", SOUND).run().expect(0));
}

both_databases! {
    async fn the_host_is_told_with_its_days_and_leads_to_its_invoices(db: TestDb) {
        demo(&db, 4_000);
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+6").await;
        window.read_in("h1", "Ursachen").await;
        window.read_in("article h2", "Rechner rechnung-03").await;
        window.read_in("article header", "Hardware verdächtig").await;
        window.read_in("article header", "21.01.2013 bis 25.01.2013").await;
        window.read_in("article", "Dafür spricht").await;
        window.read_in("article", "Dagegen spricht").await;
        window.read_in("main", "erklärt durch Rechner rechnung-03").await;
        window.read_in("main", "Tag 21.01.2013").await;
        window.shot("causes").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());
        window.press("Betroffene zeigen").await;
        window.read_in("h1", "Läufe").await;
        window.see("[role=row][data-index]").await;
        window.read_in("[data-pane=detail]", "rechnung-03").await;
    }

    async fn a_host_is_taken_out_of_service_and_put_back_by_keyboard(db: TestDb) {
        demo(&db, 300);
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+6").await;
        window.read_in("[aria-labelledby=hosts]", "rechnung-03").await;
        window.shot("hosts").await;
        let host = "document.activeElement?.closest('tr')?.querySelector('th')?.textContent === 'rechnung-03'";
        window.key_until("Tab", "the button of rechnung-03", &format!("return {host}")).await;
        window.keys("Enter").await;
        window.read_in("dialog", "rechnung-03 außer Betrieb nehmen").await;
        window.type_text("Speichertest rot").await;
        window.shot("host-withdraw").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        window.keys("Ctrl+Enter").await;
        window.read_in("[aria-labelledby=hosts]", "außer Betrieb").await;
        // Its row goes to the top, and the focus with it, onto the way back.
        let stays = format!("return {host} && document.activeElement.innerText.startsWith('Zurück in Betrieb')");
        window.until("the focus stays with the host", &stays, vec![]).await;
        window.read_in("[aria-labelledby=hosts]", "Speichertest rot").await;
        window.shot("host-out").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());

        window.keys("Ctrl+1").await;
        window.read("rechnung-03 ist außer Betrieb").await;
        window.shot("host-out-overview").await;
        let line = "return active.textContent.includes('rechnung-03 ist außer Betrieb') && active.tagName === 'BUTTON'";
        window.key_until("Tab", "the line of rechnung-03", line).await;
        window.keys("Enter").await;
        window.read_in("h1", "Ursachen").await;
        window.read_in("[aria-labelledby=hosts]", "außer Betrieb").await;
        let back = format!("return {host} && active.textContent.includes('Zurück in Betrieb')");
        window.key_until("Tab", "the button of rechnung-03", &back).await;
        window.keys("Enter").await;
        window.read_in("dialog", "rechnung-03 zurück in Betrieb nehmen").await;
        window.type_text("Riegel getauscht").await;
        window.keys("Ctrl+Enter").await;
        window.miss("[aria-labelledby=hosts] tr.why").await;
    }

    async fn days_the_wrong_way_round_are_told_at_their_field(db: TestDb) {
        demo(&db, 300);
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+6").await;
        window.read_in("[aria-labelledby=hosts]", "rechnung-03").await;
        window.fill("Von", "31.01.2013").await;
        window.keys("Enter").await;
        window.fill("Bis", "01.01.2013").await;
        window.keys("Enter").await;
        window.read_in(".days", "Frühestens 31.01.2013.").await;
        window.shot("causes-wrong-days").await;
        window.fill("Bis", "01.02.2013").await;
        window.keys("Enter").await;
        window.miss(".days .error").await;
    }

    async fn a_desk_that_is_out_of_service_itself_says_so_before_the_work(db: TestDb) {
        demo(&db, 300);
        let run = kontor(&db).args(["runs", "start", "--all", "--reason", "Nachholen"]);
        drop(run.env("KONTOR_HOST", "schreibtisch-1").run().expect(0));
        drop(kontor(&db).args(["hosts", "withdraw", "schreibtisch-1", "--reason", "Speichertest rot"]).run().expect(0));
        let window = Window::on(&db, Opening::default()).await;
        let words = "Dieser Rechner ist außer Betrieb: prüfen und korrigieren an einem anderen.";
        window.read_in("[data-pane=status]", words).await;
        window.keys("Ctrl+6").await;
        window.press("Schaden ansehen …").await;
        let locked = "return [...document.querySelectorAll('dialog[open] footer button')].some((each) => \
                      each.getAttribute('aria-disabled') === 'true' && each.title.includes('außer Betrieb'))";
        window.until("drawing again is locked", locked, vec![]).await;
        window.shot("host-out-here").await;
        assert_eq!(window.clipped().await, Vec::<String>::new());
    }

    async fn a_host_that_goes_out_meanwhile_is_told_on_any_screen(db: TestDb) {
        demo(&db, 300);
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+2").await;
        window.read_in("h1", "Registrierungen").await;
        window.see("[role=row][data-index]").await;
        // The first look at the office is over: what comes from now on came meanwhile.
        let counted = "return /^[1-9]/.test([...document.querySelectorAll('nav .item')].find((each) => \
                       each.textContent.includes(arguments[0]))?.querySelector('.count')?.textContent ?? '')";
        window.until("the navigation counts failures", counted, vec![json!("Läufe")]).await;
        let withdraw = ["hosts", "withdraw", SUSPECT, "--reason", "Speichertest rot"];
        drop(kontor(&db).env("KONTOR_PERSON", "tom").args(withdraw).run().expect(0));
        window.read_in(".jobs", "rechnung-03 ist jetzt außer Betrieb").await;
        window.until("the navigation counts it", counted, vec![json!("Ursachen")]).await;
        window.shot("host-went-out").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());
        let button = "return active.tagName === 'BUTTON' && active.textContent.includes('Rechner ansehen')";
        window.key_until("Tab", "the way to the hosts", button).await;
        window.keys("Enter").await;
        window.read_in("h1", "Ursachen").await;
        window.read_in("[aria-labelledby=hosts]", "Speichertest rot").await;
        window.miss(".jobs").await;
    }

    async fn the_hosts_are_told_in_english_and_dark(db: TestDb) {
        demo(&db, 300);
        let withdraw = ["hosts", "withdraw", "rechnung-03", "--from", "2013-01-21", "--reason", "Memory test failed"];
        drop(kontor(&db).args(withdraw).run().expect(0));
        let settings = json!({ "language": "en", "theme": "dark" });
        let window = Window::on(&db, Opening { settings, size: (1_024, 768), ..Opening::default() }).await;
        window.keys("Ctrl+6").await;
        window.read_in("[aria-labelledby=hosts]", "out of service").await;
        window.script("document.querySelector('[aria-labelledby=hosts]').scrollIntoView({ block: 'end' })", vec![]).await;
        window.shot("hosts-english-dark").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());
    }

    async fn a_host_is_held_against_another_one_and_confirmed(db: TestDb) {
        demo(&db, 4_000);
        rerun(&db);
        let window = Window::on(&db, Opening { size: (1_280, 1_400), ..Opening::default() }).await;
        window.keys("Ctrl+6").await;
        window.read_in("article", "Gegenprobe").await;
        window.key_to("Tab", "Gegenprobe anfordern …").await;
        window.keys("Enter").await;
        window.read_in("dialog[open]", "Gegenprobe für rechnung-03 anfordern").await;
        let offered = "return [...document.querySelectorAll('dialog[open] option')].some((each) => each.textContent === arguments[0])";
        window.until("the other host is offered", offered, vec![json!(SOUND)]).await;
        window.shot("replay-ask").await;
        window.keys("Ctrl+Enter").await;
        window.read_in("dialog[open] .field", "Grund fehlt").await;
        window.type_text("Speicher unter Verdacht").await;
        window.keys("Ctrl+Enter").await;
        window.miss("dialog[open]").await;
        window.read_in("article", "Wartet auf einen Arbeitsprozess auf rechnung-03").await;
        // Whoever asked stands on the way to take it back, and the other way round.
        let stands = "return document.activeElement?.innerText.trim() === arguments[0]";
        window.until("the focus is on taking it back", stands, vec![json!("Zurückziehen …")]).await;
        window.keys("Enter").await;
        window.read_in("dialog[open]", "Gegenprobe für rechnung-03 zurückziehen").await;
        window.type_text("Falscher Rechner").await;
        window.keys("Ctrl+Enter").await;
        window.read_in("article", "Zurückgezogen.").await;
        window.until("the focus is on asking again", stands, vec![json!("Gegenprobe anfordern …")]).await;
        window.keys("Enter").await;
        window.read_in("dialog[open]", "Gegenprobe für rechnung-03 anfordern").await;
        window.type_text("Speicher unter Verdacht").await;
        window.keys("Ctrl+Enter").await;
        window.miss("dialog[open]").await;
        window.read_in("article", "Wartet auf einen Arbeitsprozess auf rechnung-03").await;
        window.shot("replay-waiting").await;
        works(&db, SUSPECT);
        window.read_in("article", "Wartet auf einen Arbeitsprozess auf einem anderen Rechner").await;
        works(&db, SOUND);
        works(&db, SUSPECT);
        // The window hears of it by itself; then a person may speak.
        window.read_in("article", "Nachgestellt").await;
        window.read_in("article", "Gegenprobe vom").await;
        window.key_to("Tab", "Als bestätigt festhalten …").await;
        window.keys("Enter").await;
        window.focus_is_on("dialog[open] input").await;
        window.type_text("Speicher getauscht, seither still").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        window.shot("replay-confirm").await;
        window.keys("Ctrl+Enter").await;
        window.miss("dialog[open]").await;
        window.read_in("article > header", "bestätigt").await;
        window.read_in("article .sides", "als Ursache bestätigt").await;
        window.read_in("article", "Bestätigt, weil: Speicher getauscht").await;
        let shown = "document.querySelector('article table:not(.bars)').scrollIntoView({ block: 'center' })";
        drop(window.script(shown, vec![]).await);
        window.shot("replay-confirmed").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'host.confirm'").await, 1);
        drop(window.close().await);

        let settings = json!({ "language": "en", "theme": "dark" });
        let opening = Opening { size: (1_280, 1_400), settings, ..Opening::default() };
        let window = Window::on(&db, opening).await;
        window.keys("Ctrl+6").await;
        window.read_in("article", "Reproduced").await;
        drop(window.script(shown, vec![]).await);
        window.shot("replay-en-dark").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());
    }
}
