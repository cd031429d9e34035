//! `kontor check` and `kontor rules`, as scripts and people use them.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::process::Kontor;
use serde_json::{Value, json};

use super::damage;
use crate::support::{kontor, office};

both_databases! {
    async fn the_document_has_the_names_that_scripts_rely_on(db: TestDb) {
        office(&db, 4);
        damage(&db, &["UPDATE registrations SET city = 'Kiem' WHERE customer_serial = 2"]).await;
        let answer = kontor(&db).args(["check", "--rule", "seal_broken"]).run().expect(0).json();
        assert_eq!((&answer["rules"], &answer["rows"]), (&json!(1), &json!(12)));
        assert!(answer["seconds"].as_f64().is_some());
        let one = &answer["findings"][0];
        for (name, value) in [("rule", "seal_broken"), ("severity", "critical"), ("table", "registrations"), ("field", "city"), ("current", "Kiem")] {
            assert_eq!(one[name], value, "{one}");
        }
        assert!(["id", "row"].iter().all(|name| one[name].as_str().is_some_and(|id| id.len() == 36)));
        let proposal = &one["proposal"];
        assert_eq!((&proposal["value"], &proposal["action"], &proposal["evidence"]), (&json!("Kiel"), &json!("set_fields"), &json!("proven")));
        let shown = plain(&db).args(["check", "--rule", "seal_broken"]).run().expect(0).stdout;
        assert!(shown.contains("1 findings open") && shown.contains("Kiem") && shown.contains("Kiel") && shown.contains("proven"), "{shown}");
    }

    async fn a_wrong_question_is_told_from_a_failure(db: TestDb) {
        office(&db, 2);
        for arguments in [["check", "--rule", "nonsense"], ["check", "--compare", "customers.csv.none"]] {
            let output = kontor(&db).args(arguments).run();
            assert!(output.code == Some(2) || output.code == Some(1), "{arguments:?} {:?}", output.code);
            assert!(output.stderr.contains("kontor:"), "{}", output.stderr);
        }
        std::fs::write(db.path().join("odd.csv"), "name,town\nA,B\n").expect("a file");
        let odd = kontor(&db).args(["check", "--compare", "odd.csv"]).run().expect(2);
        assert!(odd.stderr.contains("customer_number or mailbox"), "{}", odd.stderr);
    }

    async fn the_questions_can_be_asked_without_kontor(db: TestDb) {
        office(&db, 3);
        damage(&db, &["UPDATE mailboxes SET quota_bytes = 42 WHERE registration_id IN (SELECT id FROM registrations WHERE customer_serial = 1)"]).await;
        let told = kontor(&db).args(["rules", "--sql"]).run().expect(0).json();
        let questions = told.as_array().expect("a list");
        assert!(questions.len() > 60, "{}", questions.len());
        let mut answers = 0;
        for question in questions {
            let sql = question["sql"].as_str().expect("a text");
            let found = db.number(&format!("SELECT count(*) FROM ({sql}) x")).await;
            answers += usize::from(found > 0);
            assert!(found == 0 || ["quota_deviates", "date_deviates", "message_id_deviates"].contains(&question["rule"].as_str().expect("a rule")), "{question}");
        }
        assert_eq!(answers, 1);
    }
}

fn plain(db: &TestDb) -> Kontor {
    Kontor::new(env!("CARGO_BIN_EXE_kontor-test-worker")).db(&db.url).dir(db.path())
}

#[test]
fn rules_are_listed_and_explained_without_a_database() {
    let program = || Kontor::new(env!("CARGO_BIN_EXE_kontor-test-worker"));
    let listed = program().args(["rules", "--json"]).run().expect(0).json();
    let rules = listed.as_array().expect("a list");
    assert_eq!(rules.len(), kontor::check::rules::ALL.len());
    for rule in rules {
        for language in ["de", "en"] {
            let says = |name: &str| rule[language][name].as_str().is_some_and(|text| !text.is_empty());
            assert!(["title", "what", "why", "how", "not"].iter().all(|name| says(name)), "{rule}");
        }
        assert!(["critical", "high", "medium", "info"].map(Value::from).contains(&rule["severity"]), "{rule}");
    }
    let one = program().args(["rules", "seal_broken"]).run().expect(0).stdout;
    assert!(one.contains("Broken seal") && one.contains("Siegel gebrochen") && one.contains("Wann nicht"), "{one}");
    assert_eq!(program().args(["rules", "nonsense"]).run().code, Some(2));
}
