//! `check --compare`: who is missing on which side, what an older file found, and what is wrong with a file.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::Value;

use super::fixtures::{month, spelled};
use super::{check, damage, text, told};
use crate::repair::repairs;
use crate::support::kontor;

fn compared(db: &TestDb, file: &str) -> Vec<Value> {
    check(db, &["--rule", "copy_deviates", "--compare", file])
}

fn lines(db: &TestDb) -> Vec<String> {
    let text = std::fs::read_to_string(db.path().join("signup.csv")).expect("the export");
    text.lines().map(str::to_owned).collect()
}

fn write(db: &TestDb, name: &str, lines: &[String]) {
    std::fs::write(db.path().join(name), lines.join("\n") + "\n").expect("a file");
}

fn reasons(finding: &Value) -> Vec<&str> {
    let reasons = finding["proposal"]["reasons"].as_array().expect("a list");
    reasons.iter().map(|reason| text(reason, "code")).collect()
}

both_databases! {
    async fn who_is_missing_on_one_side_is_told(db: TestDb) {
        month(&db).await;
        assert_eq!(compared(&db, "signup.csv"), Vec::<Value>::new(), "those who came by a file are not in it, and that is right");
        let mut file = lines(&db);
        let (gone, heading) = (file.remove(30), file[0].clone());
        // One whom nobody here knows, by number and mailbox; and one who is known by the mailbox alone.
        let columns: Vec<&str> = heading.split(',').collect();
        let place = |name: &str| columns.iter().position(|column| *column == name).expect("a column");
        let with = |line: &str, changes: &[(&str, &str)]| {
            let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
            for (name, value) in changes {
                (*value).clone_into(&mut fields[place(name)]);
            }
            fields.join(",")
        };
        let stranger = with(&file[12], &[("customer_number", "K-000999-0"), ("mailbox", "fremd@mail.example.com")]);
        file.insert(13, stranger);
        file[20] = with(&file[20], &[("mailbox", &file[20].split(',').nth(place("mailbox")).expect("an address").to_uppercase())]);
        write(&db, "other.csv", &file);
        let found = compared(&db, "other.csv");
        assert_eq!(found.len(), 2, "{:#?}", told(&found));
        let here = found.iter().find(|one| reasons(one) == ["not_in_file"]).expect("one who is not in the file");
        let serial = spelled(&db, "SELECT customer_serial FROM registrations WHERE customer_serial = 30");
        assert!(db.number(&serial).await == 30 && gone.starts_with("K-000030-"), "{gone}");
        assert_eq!(text(here, "table"), "registrations");
        let elsewhere = found.iter().find(|one| reasons(one) == ["not_here"]).expect("one who is not here");
        assert_eq!((text(elsewhere, "row"), elsewhere["proposal"]["reasons"][0]["params"]["line"].as_str()), ("K-000999-0", Some("14")));
        let plan = repairs(&db, &["plan", "--finding", text(elsewhere, "id")], 0);
        assert_eq!(plan[0]["obstacle"]["code"], "needs_person", "{plan}");
        // Neither lapses without the file, nor with one that says nothing about them.
        let keys = |found: &[Value]| found.iter().filter(|one| one["rule"] == "copy_deviates").map(|one| text(one, "row").to_owned()).collect::<Vec<_>>();
        let mut known = keys(&found);
        known.sort();
        write(&db, "few.csv", &file[..9]);
        for later in [check(&db, &[]), compared(&db, "few.csv")] {
            let mut still = keys(&later);
            still.sort();
            assert_eq!(still, known, "{:#?}", told(&later));
        }
        // The whole file again: both are settled.
        assert_eq!(keys(&compared(&db, "signup.csv")), ["K-000999-0"]);
        damage(&db, &["UPDATE registrations SET customer_number = 'K-000999-0' WHERE customer_serial = 61"]).await;
        assert!(keys(&check(&db, &[])).is_empty(), "whoever came meanwhile is not missing any more");
    }

    async fn a_selection_of_customers_raises_no_alarm(db: TestDb) {
        month(&db).await;
        let file = lines(&db);
        let every_third: Vec<String> = file.iter().take(1).chain(file.iter().skip(1).step_by(3)).cloned().collect();
        write(&db, "third.csv", &every_third);
        let answer = kontor(&db).args(["check", "--rule", "copy_deviates", "--compare", "third.csv"]).run().expect(0).json();
        assert_eq!(answer["findings"], serde_json::json!([]));
        assert_eq!(answer["not_checked"], serde_json::json!(["file_is_selection"]));
    }

    async fn a_file_that_is_wrong_is_refused_with_its_line(db: TestDb) {
        crate::support::office(&db, 2);
        for (content, said) in [
            (&b"customer_number;mailbox\nK-000001-6;a@b.example\n"[..], "separated by commas"),
            (b"mailbox,city\na@b.example,Kiel\nc@d.example\n", "line 3: it has 1 fields"),
            (b"mailbox,city\na@b.example,K\xf6ln\n", "line 2: this is not UTF-8"),
            (b"mailbox,start_date\na@b.example,gestern\n", "line 2: start_date"),
            (b"mailbox,city\n,Kiel\n", "line 2: it names no customer"),
            (b"", "names no customers"),
        ] {
            std::fs::write(db.path().join("wrong.csv"), content).expect("a file");
            let refused = kontor(&db).args(["check", "--compare", "wrong.csv"]).run().expect(2);
            assert!(refused.stderr.contains("wrong.csv") && refused.stderr.contains(said), "{}", refused.stderr);
        }
        assert_eq!(db.number("SELECT count(*) FROM findings").await, 0);
    }
}
