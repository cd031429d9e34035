//! January 2013: what is proven is put right at once, exactly as the truth has it, and nothing else is touched.
//!
//! The program never sees the truth file; the test reads it.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use super::{differing, repairs, stored};
use crate::check::{check, text, told};
use crate::support::kontor;
use crate::truth::entries;

/// Rule, row and field of findings.
fn keys(findings: &[Value]) -> std::collections::BTreeSet<[String; 3]> {
    findings.iter().map(|one| ["rule", "row", "field"].map(|name| text(one, name).to_owned())).collect()
}

both_databases! {
    async fn everything_proven_is_as_it_was_and_can_be_taken_back(db: TestDb) {
        let create = ["demo", "create", "--truth", "truth.json", "--signup-export", "signup.csv"];
        drop(kontor(&db).args(create).run().expect(0));
        let truth = entries(&db.path().join("truth.json"));
        let findings = check(&db, &["--compare", "signup.csv"]);
        let proven: Vec<&Value> = findings.iter().filter(|one| one["proposal"]["evidence"] == "proven").collect();
        assert!(proven.len() >= 5, "{:#?}", told(&findings));
        let broken = stored(&db).await;
        let done = repairs(&db, &["apply", "--all-proven", "--yes", "--reason", "Speicher getauscht"], 0);
        assert_eq!(done["refused"], 0, "{done}");
        let listed = repairs(&db, &["list", "--state", "applied", "--limit", "1000"], 0);
        let listed = listed.as_array().expect("a list");
        assert_eq!(json!(listed.len()), done["applied"]);
        let mut right = 0;
        for repair in listed {
            for change in repair["changes"].as_array().expect("a list") {
                let entry = truth.iter().find(|entry| {
                    entry.row == text(change, "row") && entry.field.as_deref() == change["field"].as_str()
                });
                let entry = entry.unwrap_or_else(|| panic!("nothing was damaged there: {repair}"));
                let new = text(change, "new").trim_start_matches("SHA-256 ");
                assert_eq!(Some(new), entry.right.as_deref(), "{repair}");
                right += 1;
            }
        }
        println!("{} findings, {} proven, {} applied, {right} fields right", findings.len(), proven.len(), done["applied"]);
        let left = check(&db, &["--compare", "signup.csv"]);
        let (before, after) = (keys(&findings), keys(&left));
        let new: Vec<_> = after.difference(&before).collect();
        assert!(new.is_empty(), "a repair left something wrong: {new:?}");
        for one in proven {
            let key = keys(std::slice::from_ref(one));
            assert!(key.is_disjoint(&after), "still found: {one}");
        }
        let batch = text(&done, "batch");
        let undone = repairs(&db, &["undo", "--batch", batch, "--reason", "Probe"], 0);
        assert_eq!(undone["applied"], done["applied"]);
        assert_eq!(differing(&broken, &stored(&db).await), Vec::<String>::new());
        assert_eq!(keys(&check(&db, &["--compare", "signup.csv"])), before);
    }

    async fn whatever_is_applied_leaves_no_other_rule_broken(db: TestDb) {
        let create = ["demo", "create", "--registrations", "2000", "--truth", "truth.json", "--signup-export", "signup.csv"];
        drop(kontor(&db).args(create).run().expect(0));
        let truth = entries(&db.path().join("truth.json"));
        let findings = check(&db, &["--compare", "signup.csv"]);
        let writes = ["set_fields", "restore_invoice", "restore_document", "settle_delivery", "accept_row"];
        let named: Vec<&str> = findings.iter()
            .filter(|one| writes.contains(&text(&one["proposal"], "action")))
            .flat_map(|one| ["--finding", text(one, "id")]).collect();
        let arguments: Vec<&str> = ["apply"].into_iter().chain(named).chain(["--yes", "--reason", "Speicher getauscht"]).collect();
        let done = kontor(&db).args(["repairs"]).args(&arguments).run().json();
        let (applied, refused) = (done["applied"].as_u64().expect("a count"), done["refused"].as_u64().expect("a count"));
        let listed = repairs(&db, &["list", "--state", "applied", "--limit", "5000"], 0);
        let (mut right, mut wrong) = (0, Vec::new());
        for change in listed.as_array().expect("a list").iter().flat_map(|repair| repair["changes"].as_array().expect("a list")) {
            let entry = truth.iter().find(|entry| entry.row == text(change, "row") && entry.field.as_deref() == change["field"].as_str());
            let new = text(change, "new").trim_start_matches("SHA-256 ").to_owned();
            match entry {
                Some(entry) if entry.right.as_deref() == Some(new.as_str()) => right += 1,
                Some(entry) => wrong.push(format!("{entry:?}: {new}")),
                None => {}
            }
        }
        println!("{applied} applied, {refused} refused, {right} fields as the truth has them");
        assert!(applied > 30 && wrong.is_empty(), "{wrong:#?}");
        let (before, after) = (keys(&findings), keys(&check(&db, &["--compare", "signup.csv"])));
        let new: Vec<_> = after.difference(&before).collect();
        assert!(new.is_empty(), "a repair left something wrong: {new:#?}");
    }
}
