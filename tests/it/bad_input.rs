//! Bad input: a sentence that says what to do, the right exit code, nothing written.

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use kontor_tests::process::{Kontor, Output};

use crate::support::{customers_csv, empty_office, import, invoice, kontor, mailing, messages, office};

fn complaint(output: Output, code: i32, parts: &[&str]) {
    let output = complaint_with_answer(output, code, parts);
    assert_eq!(output.stdout, "", "nothing on standard output");
}

fn complaint_with_answer(output: Output, code: i32, parts: &[&str]) -> Output {
    let output = output.expect(code);
    for part in parts {
        assert!(output.stderr.contains(part), "“{part}” is missing in:\n{}", output.stderr);
    }
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    output
}

both_databases! {
    async fn unknown_databases(db: TestDb) {
        match db.kind {
            Kind::Sqlite => {
                complaint(kontor(&db).args(["runs", "list"]).run(), 1, &["There is no database at", "demo create"]);
                assert!(!db.path().join("kontor.db").exists(), "asking does not make a file");
                std::fs::write(db.path().join("kontor.db"), "this is a letter, not a database, and long enough").expect("a file");
                complaint(kontor(&db).args(["runs", "list"]).run(), 1, &["kontor:"]);
            }
            Kind::Postgres => {
                complaint(kontor(&db).args(["runs", "list"]).run(), 1, &["not a Kontor database", "db migrate"]);
                let nowhere = format!("{}_missing", db.url);
                let other = Kontor::new(env!("CARGO_BIN_EXE_kontor-test-worker")).db(&nowhere).args(["runs", "list"]);
                complaint(other.run(), 1, &["no such database", "createdb"]);
            }
        }
    }

    async fn older_newer_and_foreign_schemas(db: TestDb) {
        office(&db, 1);
        db.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 1)").await;
        complaint(kontor(&db).args(["runs", "list"]).run(), 1, &["newer than this program", "nothing was changed"]);
        complaint(kontor(&db).args(["db", "migrate"]).run(), 1, &["newer than this program"]);
        db.execute("DELETE FROM seaql_migrations WHERE version IN ('m9999_later', 'm0009_guards')").await;
        complaint(kontor(&db).args(["runs", "list"]).run(), 1, &["older than this program", "db migrate"]);
        db.execute("DROP TABLE seaql_migrations").await;
        complaint(kontor(&db).args(["db", "migrate"]).run(), 1, &["not Kontor's"]);
    }

    async fn faulty_lines_are_named_and_nothing_is_imported(db: TestDb) {
        empty_office(&db);
        let mut text = customers_csv(1, 5);
        text.push_str(",,,,,,nobody,box9@mail.example.com,2013-01-01\n");
        text.push_str(",Eva,Klein,,,,eva@example.com,box1@mail.example.com,2013-02-30\n");
        text.push_str(",Eva,Klein,,,,eva@example.com,box2@mail.example.com,2013-01-01\n");
        text.push_str(",Eva,Klein\n");
        let parts = ["line 7: last_name and company are both empty; email is no", "line 8: start_date", "line 9: mailbox stands in line 3",
            "line 10: has 3 fields", "4 of 9 lines", "nothing was imported"];
        let answer = complaint_with_answer(import(&db, &text), 1, &parts).json();
        assert_eq!((&answer["faults"][0]["line"], &answer["lines"]), (&serde_json::json!(7), &serde_json::json!(9)));
        assert_eq!(db.number("SELECT count(*) FROM registrations").await, 0);
        drop(import(&db, &customers_csv(1, 2)).expect(0));
        drop(complaint_with_answer(import(&db, &customers_csv(2, 2)), 1, &["line 2: mailbox exists already", "1 of 2 lines"]));
        complaint(import(&db, "name;email\nx;y\n"), 2, &["the column “name” is unknown", "last_name (needed)"]);
        complaint(import(&db, ""), 2, &["the file is empty"]);
        assert_eq!(db.number("SELECT count(*) FROM registrations").await, 2);
        let latin = b"last_name,email,mailbox,start_date\nM\xfcller,a@example.com,a@mail.example.com,2013-01-01\n";
        let file = db.path().join("latin.csv");
        std::fs::write(&file, latin).expect("a file");
        drop(complaint_with_answer(kontor(&db).args(["registrations", "import"]).args([&file]).run(), 1, &["line 2", "UTF-8"]));
        complaint(kontor(&db).args(["registrations", "import", "missing.csv"]).run(), 1, &["no such file"]);
    }

    async fn semicolons_and_a_byte_order_mark_are_understood(db: TestDb) {
        empty_office(&db);
        let text = format!("\u{feff}{}", customers_csv(1, 3).replace(',', ";"));
        assert_eq!(import(&db, &text).expect(0).json()["imported"], 3);
    }

    async fn impossible_periods_and_numbers(db: TestDb) {
        office(&db, 3);
        for period in ["2013-13", "13-01", "januar", "1913-01", "2199-01"] {
            let run = mailing(&db).args(["invoices", "run", "--period", period]).run();
            complaint(run, 2, &["kontor:"]);
        }
        let future = ["invoices", "run", "--period", "2013-01", "--date", "2199-01-01"];
        complaint(mailing(&db).args(future).run(), 2, &["lies in the future"]);
        invoice(&db, "2013-01");
        let known = kontor(&db).args(["invoices", "list", "--limit", "1"]).run().expect(0).json()[0]["number"].clone();
        let known = known.as_str().expect("a number");
        let mut wrong = known.to_owned();
        let last = wrong.pop().and_then(|digit| digit.to_digit(10)).expect("a digit");
        wrong.push(char::from_digit((last + 1) % 10, 10).expect("a digit"));
        complaint(kontor(&db).args(["invoices", "show", &wrong]).run(), 1, &["The check digit of", known]);
        complaint(mailing(&db).args(["runs", "start", "--reason", "x", "--invoice", &wrong]).run(), 1, &[known]);
        complaint(kontor(&db).args(["invoices", "show", "RE-13"]).run(), 2, &["is no invoice number"]);
        complaint(kontor(&db).args(["registrations", "show", "K-000002-3"]).run(), 1, &["The check digit", "probably meant"]);
        complaint(kontor(&db).args(["runs", "start", "--all"]).run(), 2, &["--reason"]);
        complaint(mailing(&db).args(["runs", "start", "--all", "--reason", " "]).run(), 2, &["needs a reason"]);
        complaint(mailing(&db).args(["runs", "start", "--group", "nonsense", "--reason", "x"]).run(), 1, &["No open invoice"]);
        complaint(kontor(&db).args(["runs", "plan"]).run(), 2, &["--all"]);
        complaint(kontor(&db).args(["runs", "show", "zzz"]).run(), 1, &["There is no run"]);
        assert_eq!(db.number("SELECT count(*) FROM runs").await, 1);
    }

    async fn mail_targets_that_cannot_be(db: TestDb) {
        office(&db, 2);
        let run = ["invoices", "run", "--period", "2013-01"];
        complaint(kontor(&db).args(run).run(), 2, &["Where shall the mails go?"]);
        for (target, code, says) in [
            // Invented people's mail stays on this machine, however well it would be encrypted on its way.
            ("smtp://mail.example.com:25", 1, "demo or test database"),
            ("smtps://eva@mail.example.com", 2, "KONTOR_SMTP_PASSWORD"),
            ("smtps://eva:secret@mail.example.com", 2, "no place in an address"),
            ("smtp://127.0.0.1:2525?senders=0", 2, "senders=0"),
            ("smtp://127.0.0.1:2525?speed=9", 2, "speed=9"),
        ] {
            let output = kontor(&db).smtp(target).args(run).run();
            assert!(!output.stderr.contains("secret"), "{}", output.stderr);
            complaint(output, code, &[says]);
        }
        complaint(kontor(&db).smtp("carrier:pigeon").args(run).run(), 2, &["no mail target"]);
        let file = db.path().join("file");
        std::fs::write(&file, "x").expect("a file");
        complaint(kontor(&db).smtp(&format!("file:{}", file.display())).args(run).run(), 1, &["file"]);
        assert_eq!(db.number("SELECT count(*) FROM runs").await, 0, "nothing was started");
    }

    async fn an_outbox_that_fills_up_fails_the_items_and_a_rerun_completes_them(db: TestDb) {
        office(&db, 6);
        // A file may not grow beyond 8 blocks here: the messages do not fit, as on a full disk.
        let call = format!(
            "ulimit -f 8; trap '' XFSZ; exec '{}' --db '{}' --smtp 'file:{}' --json invoices run --period 2013-01",
            env!("CARGO_BIN_EXE_kontor-test-worker"),
            db.url,
            crate::support::outbox(&db).display()
        );
        if db.kind == Kind::Postgres {
            let limited = Kontor::new("bash").args(["-c", &call]).dir(db.path()).run().expect(3).json();
            assert_eq!(limited["by_code"]["disk_full"], 6, "{limited}");
            assert_eq!(messages(&db).len(), 0, "no half message is left");
            let rerun = mailing(&db).args(["runs", "start", "--group", "disk_full", "--reason", "room made"]).run().expect(0).json();
            assert_eq!(rerun["done"], 6);
        } else {
            // Here the limit hits the database's own file first: nothing is half written.
            let limited = Kontor::new("bash").args(["-c", &call]).dir(db.path()).run();
            assert!(limited.code.is_some_and(|code| code != 0), "{}", limited.stderr);
            drop(mailing(&db).args(["work", "--until-idle", "--lease", "0.5"]).run());
            drop(mailing(&db).args(["runs", "start", "--all", "--reason", "room made"]).run());
            invoice(&db, "2013-01");
        }
        crate::support::assert_mailed_once(&db).await;
        crate::support::assert_sound(&db, &["2013-01"], 6).await;
    }
}
