//! Causes as the window asks for them: the same as the command line's, in both languages.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use super::Desk;
use crate::support::kontor;

/// The words of a sentence: its figures and days stand in the window as the office writes them.
fn words(sentence: &Value) -> String {
    sentence.as_str().expect("a sentence").chars().filter(|one| one.is_alphabetic() || one.is_whitespace()).collect()
}

both_databases! {
    async fn the_window_is_told_what_the_command_line_says(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "4000", "--seed", "1"]).run().expect(0));
        let said = kontor(&db).args(["causes"]).run().expect(0).json();
        let desk = Desk::at(&db).await;
        let found = desk.call(json!({ "type": "show_causes" })).await;
        let causes = found["causes"].as_array().expect("causes");
        assert_eq!(causes.len(), said.as_array().expect("causes").len());
        for (shown, told) in causes.iter().zip(said.as_array().expect("causes")) {
            for name in ["level", "failures", "attempts"] {
                assert_eq!(shown[name], told[name], "{name}");
            }
            assert_eq!((&shown["at"]["attribute"], &shown["at"]["value"]), (&told["attribute"], &told["value"]));
            let english: Vec<_> = shown["evidence"].as_array().expect("sentences").iter().map(|text| words(&text["en"])).collect();
            let printed: Vec<_> = told["evidence"].as_array().expect("sentences").iter().map(words).collect();
            assert_eq!(english, printed);
        }
        let host = &causes[0];
        assert_eq!((&host["at"]["name"]["de"], &host["at"]["value"]), (&json!("Rechner"), &json!("rechnung-03")));
        assert_eq!(host["days"], json!({ "from": "2013-01-21", "to": "2013-01-25" }));
        let filter = &host["affected"]["query"]["filter"];
        let page = json!({ "type": "list_failures", "filter": filter, "place": { "type": "start" }, "limit": 1, "with_total": true });
        assert!(desk.call(page).await["total"]["rows"].as_i64().is_some_and(|rows| rows > 0));
        let failure = desk.failure(json!({ "type": "show_causes", "from": "2013-02-01", "to": "2013-01-01" })).await;
        assert_eq!(failure["faults"][0]["field"], "day_to");
    }
}
