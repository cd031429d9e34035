//! Replays as the window asks for them.

use std::time::Duration;

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;
use crate::replay::{FLIPS, SOUND, SUSPECT, on, two_hosts};

fn ask(other: Option<&str>, reason: &str) -> Value {
    let mut asked = json!({ "type": "ask_replay", "request_id": Uuid::now_v7(), "host": SUSPECT, "reason": reason });
    if let Some(other) = other {
        asked["other"] = json!(other);
    }
    asked
}

fn settle(what: &str, replay: &Value) -> Value {
    json!({ "type": what, "request_id": Uuid::now_v7(), "replay": replay["id"], "reason": "Weil" })
}

both_databases! {
    async fn a_replay_is_asked_for_watched_and_confirmed(db: TestDb) {
        two_hosts(&db, 8);
        let desk = Desk::at(&db).await;
        let show = json!({ "type": "show_replays", "host": SUSPECT });
        assert_eq!(desk.call(show.clone()).await, json!({ "others": [SOUND], "replays": [] }));
        assert_eq!(desk.failure(ask(None, " ")).await["faults"][0]["field"], "reason");
        assert_eq!(desk.failure(ask(Some("rechnung-09"), "Weil")).await["faults"][0]["field"], "other");

        let asked = desk.call(ask(Some(SOUND), "Weil")).await;
        assert_eq!((&asked["state"], &asked["inputs"], &asked["verdict"]), (&json!("open"), &json!(8), &Value::Null));
        let legs: Vec<_> = asked["legs"].as_array().expect("legs").iter().map(|leg| (leg["host"].clone(), leg["state"].clone())).collect();
        let waiting = |host: &str| (json!(host), json!("waiting"));
        assert_eq!(legs, [waiting(SUSPECT), waiting(SOUND), waiting(SUSPECT)]);
        assert_eq!(asked["waits"]["de"], "Wartet auf einen Arbeitsprozess auf rechnung-03 (kontor work).");
        assert_eq!(desk.failure(ask(None, "Weil")).await["obstacle"], json!({ "code": "replay_open" }));
        assert_eq!(desk.failure(settle("confirm_replay", &asked)).await["obstacle"], json!({ "code": "not_reproduced" }));

        // Whoever looks on is told of each leg; what the canary of the suspect host did may be told with it.
        let is_told = |event: &Value| {
            let names = event["parts"].as_array().is_some_and(|parts| parts.contains(&json!("replays")));
            event["type"] == "changed" && event["is_own"] == false && names
        };
        // Two beats, so that what was asked has been told before.
        tokio::time::sleep(Duration::from_millis(3_300)).await;
        for host in [SUSPECT, SOUND, SUSPECT] {
            let flips = if host == SUSPECT { FLIPS } else { "" };
            drop(on(&db, host).failpoints(flips).run().expect(0));
        }
        drop(desk.until(is_told).await);
        let done = desk.call(show.clone()).await["replays"][0].clone();
        assert_eq!((&done["state"], &done["verdict"]), (&json!("done"), &json!("reproduced")), "{done:#}");
        assert_eq!((&done["legs"][1]["wrong"], &done["waits"]), (&json!(0), &Value::Null));
        assert!(done["said"]["de"].as_str().expect("words").starts_with("Gegenprobe vom "), "{done:#}");
        assert_eq!(desk.failure(settle("cancel_replay", &done)).await["obstacle"], json!({ "code": "replay_over" }));
        let confirmed = desk.call(settle("confirm_replay", &done)).await;
        assert_eq!(confirmed["confirmed"]["reason"], "Weil");
        let again = desk.failure(settle("confirm_replay", &done)).await;
        assert_eq!(again["obstacle"]["code"], "confirmed_before");

        // A second one may follow, and be taken back.
        let second = desk.call(ask(None, "Noch einmal")).await;
        assert_eq!(second["legs"][1]["host"], Value::Null);
        let back = desk.call(settle("cancel_replay", &second)).await;
        assert_eq!(back["state"], "cancelled");
        assert_eq!(desk.call(show).await["replays"].as_array().expect("replays").len(), 2);
        let nobody = json!({ "type": "cancel_replay", "request_id": Uuid::now_v7(), "replay": Uuid::now_v7(), "reason": "Weil" });
        assert_eq!(desk.failure(nobody).await["record"], "replay");
    }
}
