//! A text that opens the mails of a run: seen beforehand, kept with the run, and never in what is stored already.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::process::Output;
use serde_json::{Value, json};

use crate::support::{counts, invoice, kontor, mailing, messages, office, text};

/// Words of the texts; pure ASCII, so that they stand in the messages as they are.
const GERMAN: &str = "bitte entschuldigen Sie die verspaetete Rechnung.";
const ENGLISH: &str = "please accept our apology for this late invoice.";

fn files(db: &TestDb) {
    std::fs::write(db.path().join("de.txt"), format!("\u{feff}{GERMAN}\r\n")).expect("a file");
    std::fs::write(db.path().join("en.txt"), format!("{ENGLISH}\n")).expect("a file");
}

fn plan(db: &TestDb, more: &[&str]) -> Value {
    kontor(db).args(["runs", "plan", "--all"]).args(more).dir(db.path()).run().expect(0).json()
}

fn start(db: &TestDb, more: &[&str]) -> Output {
    mailing(db).args(["runs", "start", "--all", "--reason", "late"]).args(more).dir(db.path()).run()
}

async fn english(db: &TestDb, customer: i64) {
    let sql = format!("UPDATE registrations SET language = 'en' WHERE customer_serial = {customer}");
    assert_eq!(db.execute(&sql).await, 1);
}

fn archived(db: &TestDb) {
    let run = ["invoices", "run", "--period", "2013-01", "--until", "archive"];
    drop(kontor(db).args(run).run().expect(0));
}

both_databases! {
    async fn a_plan_shows_one_mail_per_language_and_writes_nothing(db: TestDb) {
        office(&db, 5);
        files(&db);
        english(&db, 4).await;
        archived(&db);
        let tables = ["runs", "run_items", "deliveries", "journal"];
        let before = counts(&db, &tables).await;
        let shown = plan(&db, &["--covering", "de.txt", "--covering-en", "en.txt"]);
        assert_eq!((&shown["eligible"], &shown["stored_mails"]), (&json!(5), &json!(0)));
        let mails = shown["preview"].as_array().expect("a preview");
        assert_eq!(mails.len(), 2);
        for (mail, language, words, other) in [(&mails[0], "de", GERMAN, ENGLISH), (&mails[1], "en", ENGLISH, GERMAN)] {
            let number = mail["invoice"].as_str().expect("an invoice of this language");
            let frozen = format!("SELECT count(*) FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE \
                                  i.number = '{number}' AND r.language = '{language}'");
            assert_eq!(db.number(&frozen).await, 1);
            assert_eq!(mail["language"], language);
            assert!(mail["subject"].as_str().expect("a subject").contains(number), "{mail}");
            let text = mail["text"].as_str().expect("a text");
            assert!(text.contains(words) && !text.contains(other) && text.contains(number), "{text}");
        }
        // One text serves both languages.
        let shown = plan(&db, &["--covering", "de.txt"]);
        assert!(shown["preview"][1]["text"].as_str().expect("a text").contains(GERMAN));
        assert!(plan(&db, &[])["preview"].is_null());
        assert_eq!(counts(&db, &tables).await, before);
        let lines = kontor(&db).args(["runs", "plan", "--all", "--covering", "de.txt"]).dir(db.path());
        assert!(lines.run().expect(0).stdout.contains(GERMAN));
    }

    async fn a_language_without_invoices_gets_an_example(db: TestDb) {
        office(&db, 2);
        files(&db);
        archived(&db);
        let shown = plan(&db, &["--covering", "de.txt", "--covering-en", "en.txt"]);
        assert_eq!((&shown["preview"][0]["language"], &shown["preview"][1]["language"]), (&json!("de"), &json!("en")));
        assert!(shown["preview"][0]["invoice"].is_string());
        assert_eq!(shown["preview"][1]["invoice"], Value::Null);
        let text = shown["preview"][1]["text"].as_str().expect("a text");
        assert!(text.contains(ENGLISH) && text.contains("Muster Mail GmbH"), "{text}");
    }

    async fn a_run_keeps_its_text_and_the_journal_says_it(db: TestDb) {
        office(&db, 2);
        files(&db);
        archived(&db);
        let done = start(&db, &["--covering", "de.txt", "--covering-en", "en.txt", "--queue"]).expect(0).json();
        let run = done["run"].as_str().expect("a run");
        let kept = |column: &str| format!("SELECT {column} FROM runs ORDER BY created_at DESC LIMIT 1");
        assert_eq!(text(&db, &kept("covering")).await, GERMAN);
        assert_eq!(text(&db, &kept("covering_en")).await, ENGLISH);
        let entry = kontor(&db).args(["journal", "list", "--record", run]).run().expect(0).json()[0].clone();
        assert_eq!((&entry["after"]["covering"], &entry["after"]["covering_en"]), (&json!(GERMAN), &json!(ENGLISH)));
        // A run without one says nothing of it.
        drop(start(&db, &["--queue"]).expect(0));
        assert_eq!(db.number("SELECT count(*) FROM runs WHERE covering IS NULL AND covering_en IS NULL").await, 2);
        let entry = kontor(&db).args(["journal", "list", "--limit", "1"]).run().expect(0).json()[0].clone();
        assert!(entry["after"]["covering"].is_null());
    }

    async fn texts_that_cannot_be_are_refused(db: TestDb) {
        office(&db, 1);
        files(&db);
        archived(&db);
        std::fs::write(db.path().join("empty.txt"), " \n").expect("a file");
        std::fs::write(db.path().join("latin.txt"), b"Verz\xf6gerung").expect("a file");
        let refused = |more: &[&str], code: i32, words: &str| {
            for output in [start(&db, more), kontor(&db).args(["runs", "plan", "--all"]).args(more).dir(db.path()).run()] {
                let output = output.expect(code);
                assert!(output.stderr.contains(words), "“{words}” is missing in:\n{}", output.stderr);
            }
        };
        refused(&["--covering", "empty.txt"], 2, "empty");
        refused(&["--covering", "latin.txt"], 2, "UTF-8");
        refused(&["--covering", "missing.txt"], 1, "no such file");
        refused(&["--covering-en", "en.txt"], 2, "--covering");
        let unmailed = start(&db, &["--covering", "de.txt", "--until", "archive"]).expect(2);
        assert!(unmailed.stderr.contains("stops before mailing"), "{}", unmailed.stderr);
        assert_eq!(db.number("SELECT count(*) FROM runs").await, 1);
    }

    async fn what_is_stored_goes_out_as_it_is(db: TestDb) {
        office(&db, 4);
        files(&db);
        let died = mailing(&db)
            .args(["invoices", "run", "--period", "2013-01", "--lease", "0.5"])
            .failpoints("archive.after_commit=return(abort)")
            .run();
        assert_eq!(died.signal, Some(6));
        let shown = plan(&db, &["--covering", "de.txt"]);
        assert_eq!((&shown["eligible"], &shown["stored_mails"]), (&json!(4), &json!(4)));
        assert_eq!(shown["preview"][0]["invoice"], Value::Null, "none of them would carry the text");
        std::thread::sleep(std::time::Duration::from_millis(700));
        drop(start(&db, &["--covering", "de.txt"]).expect(0));
        drop(mailing(&db).args(["work", "--until-idle"]).run().expect(0));
        assert_eq!(messages(&db).len(), 4);
        assert_eq!(mails_with(&db, GERMAN), 0);
    }

    async fn the_mails_of_the_run_open_with_the_text(db: TestDb) {
        office(&db, 4);
        files(&db);
        english(&db, 2).await;
        archived(&db);
        drop(start(&db, &["--covering", "de.txt", "--covering-en", "en.txt"]).expect(0));
        assert_eq!((mails_with(&db, GERMAN), mails_with(&db, ENGLISH)), (3, 1));
        // The next run has none.
        assert_eq!(invoice(&db, "2013-02")["done"], 4);
        assert_eq!((mails_with(&db, GERMAN), mails_with(&db, ENGLISH), messages(&db).len()), (3, 1, 8));
    }
}

fn mails_with(db: &TestDb, words: &str) -> usize {
    let holds = |path: &std::path::PathBuf| std::fs::read_to_string(path).expect("a message is ASCII").contains(words);
    messages(db).iter().filter(|path| holds(path)).count()
}
