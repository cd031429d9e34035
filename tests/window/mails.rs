//! Mails in the window: what the mail server said of each, and the settling of those of which nobody knows what became of them.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::sink::{Behaviour, Fault, SmtpSink};
use serde_json::{Value, json};

use crate::harness::{Opening, Window};
use crate::runs::to;
use crate::support::{customers_csv, empty_office, import, kontor, text};

/// Six invoices on their way: one was refused, one was lost, two were taken without a word, one with a word that is none, and
/// one arrived.
fn sent(db: &TestDb) -> SmtpSink {
    empty_office(db);
    drop(import(db, &customers_csv(1, 6)).expect(0));
    let sink = SmtpSink::start();
    sink.behave(|envelope| match envelope.to.as_str() {
        "kunde1@example.com" => Behaviour::AnswerMessage("550 5.7.1 Message refused by policy 17".to_owned()),
        "kunde2@example.com" => Behaviour::LoseAfterDot,
        "kunde3@example.com" | "kunde4@example.com" => Behaviour::DropAfterDot,
        "kunde5@example.com" => Behaviour::AfterDot { kept: true, fault: Fault::Garbage },
        _ => Behaviour::Accept,
    });
    let run = ["invoices", "run", "--period", "2013-01", "--retries", "0"];
    drop(kontor(db).smtp(&sink.url()).args(run).run().expect(3));
    sink.behave(|_| Behaviour::Accept);
    sink
}

/// How often this server was given a message for this address.
fn kept_for(sink: &SmtpSink, recipient: &str) -> usize {
    sink.messages().iter().filter(|message| message.to.iter().any(|to| to == recipient)).count()
}

/// Evidence that a person gave, with this verdict.
async fn words_of_people(db: &TestDb, verdict: &str) -> i64 {
    let sql = "SELECT count(*) FROM delivery_evidence WHERE source = 'person' AND verdict = ";
    db.number(&format!("{sql}'{verdict}'")).await
}

/// The window at the mails that are to be settled, opened from the overview's line about them.
async fn at_the_unknown(db: &TestDb, opening: Opening, count: i64) -> Window {
    let window = Window::on(db, opening).await;
    window.read_in("[aria-label='Zu erledigen']", "Mails mit unbekanntem Ausgang").await;
    window.press(&format!("{count} Mails mit unbekanntem Ausgang")).await;
    window.read_in("[role=tab][aria-selected=true]", "Zustellungen").await;
    window.rows(count).await;
    window
}

/// Puts the focus on the row of this recipient and waits for its record.
async fn show(window: &Window, recipient: &str) {
    window.script("document.querySelector('[role=row][tabindex=\"0\"]')?.focus()", vec![]).await;
    window.keys("Home").await;
    window.walk_to_row(recipient).await;
    window.read_in("[data-pane=detail] .mail", recipient).await;
}

both_databases! {
    async fn what_the_mail_server_said_stands_with_each_mail(db: TestDb) {
        let sink = sent(&db);
        let window = Window::on(&db, Opening { mail: Some(to(&sink)), ..Opening::default() }).await;
        window.keys("Ctrl+3").await;
        window.press("Zustellungen").await;
        window.rows(6).await;
        show(&window, "kunde1@example.com").await;
        let detail = "[data-pane=detail] .mail";
        window.read_in(detail, "Antwort des Mailservers: abgelehnt").await;
        window.read_in(detail, "550 5.7.1 Message refused by policy 17").await;
        window.read_in(&format!("{detail} .line"), "abgelehnt").await;
        window.shot("mails-refused").await;
        // For each mail the words of the evidence stand as they are stored.
        for recipient in ["kunde2@example.com", "kunde3@example.com", "kunde5@example.com", "kunde6@example.com"] {
            let of = format!("FROM delivery_evidence e JOIN deliveries d ON d.id = e.delivery_id WHERE d.recipient = '{recipient}'");
            let said = text(&db, &format!("SELECT e.detail {of} ORDER BY e.seen_at DESC LIMIT 1")).await;
            let id = text(&db, &format!("SELECT d.message_id FROM deliveries d WHERE d.recipient = '{recipient}'")).await;
            show(&window, recipient).await;
            window.read_in(detail, &said.split_whitespace().collect::<Vec<_>>().join(" ")).await;
            window.read_in(detail, &id).await;
        }
        // Found by what the customer reads out to one: the address, or the number of the invoice.
        let number = "SELECT i.number FROM invoices i JOIN deliveries d ON d.invoice_id = i.id WHERE d.recipient = 'kunde5@example.com'";
        let number = text(&db, number).await;
        window.search(&number).await;
        window.rows(1).await;
        window.read_in("[role=row][data-index='0']", "kunde5@example.com").await;
    }

    async fn unknown_mails_are_settled_one_and_then_many_with_one_reason(db: TestDb) {
        let sink = sent(&db);
        let window = at_the_unknown(&db, Opening { mail: Some(to(&sink)), ..Opening::default() }, 4).await;
        window.shot("mails-unknown").await;

        // One, of which the customer says that it arrived.
        show(&window, "kunde3@example.com").await;
        window.read_in("[data-pane=detail] .line", "Ausgang unbekannt").await;
        window.keys("F2").await;
        window.read_in("dialog[open]", "Ausgang unbekannt: bitte klären").await;
        let message = text(&db, "SELECT message_id FROM deliveries WHERE recipient = 'kunde3@example.com'").await;
        for words in ["kunde3@example.com", "127.0.0.1", "Letzte Antwort", &message] {
            window.read_in("dialog[open]", words).await;
        }
        let why = "return [...document.querySelectorAll('dialog[open] .answers button')].filter((each) => \
                   each.getAttribute('aria-disabled') === 'true').length === 2";
        window.until("nothing is settled without a reason", why, vec![]).await;
        window.shot("mails-settle-one").await;
        window.fill("Woher ist das bekannt?", "Kundin hat sie vorliegen").await;
        window.press("Kam an").await;
        window.miss("dialog[open]").await;
        window.read("1 Mail geklärt").await;
        assert_eq!(text(&db, "SELECT state FROM deliveries WHERE recipient = 'kunde3@example.com'").await, "accepted");
        assert_eq!(words_of_people(&db, "accepted").await, 1);
        let entry = "SELECT count(*) FROM journal WHERE action = 'delivery.settle' AND person = 'eva' AND desk = 'schreibtisch-1' AND reason = ";
        assert_eq!(db.number(&format!("{entry}'Kundin hat sie vorliegen'")).await, 1);
        assert_eq!(kept_for(&sink, "kunde3@example.com"), 1, "nothing was sent for it");
        // It leaves the list of what is to be done, here and on the overview.
        window.rows(3).await;
        window.keys("Ctrl+1").await;
        window.read_in("[aria-label='Zu erledigen']", "3 Mails mit unbekanntem Ausgang").await;

        // The others with one reason, and they are sent again.
        window.press("3 Mails mit unbekanntem Ausgang").await;
        window.rows(3).await;
        window.focus_is_on("[role=row][data-index]").await;
        window.keys("Ctrl+A").await;
        window.read("3 gewählt").await;
        window.press("Ausgang klären …").await;
        window.read_in("dialog[open]", "3 Mails gewählt; geklärt werden nur die mit unbekanntem Ausgang.").await;
        window.fill("Woher ist das bekannt?", "Stehen nicht im Protokoll des Servers").await;
        window.shot("mails-settle-many").await;
        window.read_in("dialog[open]", "Ziel: 127.0.0.1:").await;
        window.press("Kam nicht an: 3 Mails jetzt erneut senden").await;
        window.miss("dialog[open]").await;
        window.read("3 Mails geklärt").await;
        window.shot("mails-settled").await;
        assert_eq!(words_of_people(&db, "refused").await, 3);
        window.read_in("[data-pane=detail] .mail", "Angabe einer Person: kam nicht an").await;
        assert_eq!(db.number(&format!("{entry}'Stehen nicht im Protokoll des Servers'")).await, 1, "one act, one entry");
        let again = "SELECT count(*) FROM deliveries WHERE state = 'accepted' AND recipient IN ('kunde2@example.com', \
                     'kunde4@example.com', 'kunde5@example.com')";
        window.comes_true("they are out", async || db.number(again).await == 3).await;
        for (recipient, times) in [("kunde2@example.com", 1), ("kunde4@example.com", 2), ("kunde5@example.com", 2)] {
            assert_eq!(kept_for(&sink, recipient), times, "{recipient}");
        }
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'unknown'").await, 0);
        let open = "SELECT count(*) FROM run_items WHERE state IN ('waiting', 'claimed')";
        window.comes_true("nothing is left", async || db.number(open).await == 0).await;

        // On the overview only the refused one is left.
        window.keys("Ctrl+1").await;
        let gone = "const list = document.querySelector(\"[aria-label='Zu erledigen']\"); return list != null && \
                    !list.innerText.includes('unbekanntem Ausgang') && list.querySelectorAll('li').length === 1";
        window.until("only the refused mail is to be done", gone, vec![]).await;
        window.read_in("[aria-label='Zu erledigen']", "1 unfertige Rechnung").await;
        window.shot("mails-overview-after").await;
    }
}

/// The pictures of settling in dark, for people; and that a dialog of many names how many.
#[test]
fn settling_in_dark_and_english() {
    kontor_tests::databases::block_on(async {
        let db = TestDb::sqlite();
        let sink = sent(&db);
        let settings: Value = json!({ "language": "en", "theme": "dark", "motion": "reduced" });
        let window = Window::on(&db, Opening { mail: Some(to(&sink)), settings, ..Opening::default() }).await;
        window.press("4 Mails with unknown outcome").await;
        window.rows(4).await;
        show(&window, "kunde5@example.com").await;
        window.shot("mails-dark-unknown").await;
        window.keys("F2").await;
        window.see("dialog[open] .answers").await;
        window.shot("mails-dark-settle-one").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        window.keys("Escape").await;
        window.miss("dialog").await;
        window.keys("Ctrl+A").await;
        window.press("Settle the outcome").await;
        window.read_in("dialog[open]", "4 mails").await;
        window.shot("mails-dark-settle-many").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
    });
}
