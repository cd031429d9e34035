//! The same inputs drawn on a suspect host, on another, and back: what it says, that it touches nothing, and that only what
//! was reproduced is confirmed.

use std::time::Duration;

use kontor::identity::Actor;
use kontor::withdrawal;
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::process::{Kontor, Output};
use serde_json::{Value, json};

use crate::support::{counts, kontor, mailing, office, text};

/// The suspect host.
pub const SUSPECT: &str = "rechnung-03";
/// The one it is held against.
pub const SOUND: &str = "rechnung-01";
/// Memory that turns a bit in nearly every third page of a leg. Only there: the patrol, which works at the same time, would
/// take the host out of service, and whether before its leg or after it is a matter of luck.
pub const FLIPS: &str = "replay.flip=30%return";
/// What a replay must leave as it is.
const TABLES: [&str; 9] = [
    "invoices",
    "invoice_lines",
    "documents",
    "deliveries",
    "delivery_evidence",
    "attempts",
    "run_items",
    "number_allocations",
    "findings",
];

/// A worker of a host.
pub fn on(db: &TestDb, host: &str) -> Kontor {
    mailing(db).args(["work", "--until-idle", "--workers", "0"]).env("KONTOR_HOST", host)
}

/// Lets a host do what it owes.
fn works(db: &TestDb, host: &str) {
    drop(on(db, host).run().expect(0));
}

fn works_badly(db: &TestDb, host: &str) {
    drop(on(db, host).failpoints(FLIPS).run().expect(0));
}

fn causes(db: &TestDb, arguments: &[&str]) -> Output {
    kontor(db).arg_list("causes", arguments).run()
}

fn ask(db: &TestDb, arguments: &[&str]) -> Output {
    causes(db, &[&["replay", "--host", SUSPECT, "--reason", "Gegenprobe"], arguments].concat())
}

fn newest(db: &TestDb) -> Value {
    causes(db, &["replays"]).expect(0).json()[0].clone()
}

fn confirm(db: &TestDb, replay: &Value) -> Output {
    let id = replay["replay"].as_str().expect("an id");
    causes(db, &["confirm", "--replay", id, "--reason", "Speicher getauscht, seither still"])
}

fn leg(replay: &Value, place: usize, name: &str) -> Value {
    replay["legs"][place][name].clone()
}

fn wrong(replay: &Value) -> [u64; 3] {
    [0, 1, 2].map(|place| leg(replay, place, "wrong").as_u64().expect("a count"))
}

/// An office whose invoices were drawn on the sound host; the suspect one is known.
pub fn two_hosts(db: &TestDb, customers: usize) {
    office(db, customers);
    let invoiced = mailing(db).args(["invoices", "run", "--period", "2013-01"]).env("KONTOR_HOST", SOUND);
    drop(invoiced.run().expect(0));
    works(db, SUSPECT);
}

trait Arguments {
    fn arg_list(self, command: &str, more: &[&str]) -> Self;
}

impl Arguments for Kontor {
    fn arg_list(self, command: &str, more: &[&str]) -> Self {
        self.args([command]).args(more)
    }
}

/// Reruns what failed, so that there are frozen contents to draw.
fn rerun(db: &TestDb) {
    let run = kontor(db).args(["runs", "start", "--all", "--reason", "Gegenprobe vorbereiten"]);
    drop(run.env("KONTOR_HOST", SOUND).run().expect(0));
}

both_databases! {
    async fn a_host_that_draws_wrong_before_and_after_is_confirmed(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "4000"]).run().expect(0));
        rerun(&db);
        let before = counts(&db, &TABLES).await;
        let asked = ask(&db, &["--limit", "20"]).expect(0).json();
        assert_eq!((&asked["state"], &asked["inputs"], &asked["other"]), (&json!("open"), &json!(20), &Value::Null));
        assert_eq!(asked["waits_for"]["host"], SUSPECT);
        // Those come first on which the host failed.
        let failed = "SELECT count(*) FROM invoices i WHERE i.snapshot IS NOT NULL AND EXISTS (SELECT 1 FROM attempts a WHERE \
                      a.subscription_id = i.subscription_id AND a.period = i.period AND a.host = 'rechnung-03' AND a.outcome \
                      IN ('failed', 'died', 'unknown')) AND (SELECT inputs FROM replays) LIKE '%' || ";
        let id = if db.url.starts_with("postgres") { "i.id::text" } else {
            "lower(substr(hex(i.id),1,8)||'-'||substr(hex(i.id),9,4)||'-'||substr(hex(i.id),13,4)||'-'||substr(hex(i.id),17,4)||\
             '-'||substr(hex(i.id),21))"
        };
        assert_eq!(db.number(&format!("{failed}{id} || '%'")).await, 20);

        // Each leg waits for its host, and for its turn.
        works(&db, SOUND);
        assert_eq!(newest(&db)["legs"], json!([]));
        works_badly(&db, SUSPECT);
        works_badly(&db, SUSPECT);
        let waiting = newest(&db);
        assert_eq!((waiting["legs"].as_array().expect("legs").len(), &waiting["waits_for"]["host"]), (1, &Value::Null));
        assert!(confirm(&db, &waiting).expect(1).stderr.contains("has not ended"));
        works(&db, SOUND);
        works_badly(&db, SUSPECT);

        let done = newest(&db);
        assert_eq!((&done["state"], &done["verdict"]), (&json!("done"), &json!("reproduced")), "{done:#}");
        let [first, between, again] = wrong(&done);
        assert!(first > 0 && between == 0 && again > 0, "{done:#}");
        for place in 0..3 {
            assert_eq!(leg(&done, place, "drawings"), 100);
        }
        assert_eq!(counts(&db, &TABLES).await, before, "a replay touches nothing");
        let suspected = causes(&db, &[]).expect(0).json();
        assert_eq!((&suspected[0]["value"], &suspected[0]["level"]), (&json!(SUSPECT), &json!("hardware_suspected")));

        let said = format!("{first} of 100 drawings were wrong here and later again {again} of 100, on {SOUND} in between 0");
        let tells = |causes: &Value, list: &str, part: &str| {
            causes[0][list].as_array().expect("sentences").iter().any(|one| one.as_str().expect("a sentence").contains(part))
        };
        assert!(tells(&suspected, "evidence", &said), "{:#}", suspected[0]);
        drop(confirm(&db, &done).expect(0));
        let confirmed = causes(&db, &[]).expect(0).json();
        assert_eq!((&confirmed[0]["value"], &confirmed[0]["level"]), (&json!(SUSPECT), &json!("confirmed")));
        assert!(tells(&confirmed, "evidence", "Confirmed as the cause by"), "{:#}", confirmed[0]);
        assert!(confirm(&db, &done).expect(1).stderr.contains("already"));
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action IN ('host.replay', 'host.confirm')").await, 2);
        drop(kontor(&db).args(["journal", "verify"]).run().expect(0));
    }

    async fn a_sound_host_is_not_blamed_even_out_of_service(db: TestDb) {
        two_hosts(&db, 8);
        let store = kontor::store::Store::open(&db.url.parse().expect("a url")).await.expect("it opens");
        let out = |host: &str| withdrawal::Order { host: host.to_owned(), from: None, until: None, reason: "Test".to_owned() };
        drop(withdrawal::withdraw(&store, &Actor::of_this_desk(), &out(SUSPECT)).await.expect("it is withdrawn"));
        works(&db, "rechnung-02");
        drop(withdrawal::withdraw(&store, &Actor::of_this_desk(), &out("rechnung-02")).await.expect("it is withdrawn"));
        let before = counts(&db, &TABLES).await;
        // One that is out of service draws its own legs, but nobody is held against it.
        assert!(ask(&db, &["--other", "rechnung-02"]).expect(1).stderr.contains("out of service"));
        assert_eq!(ask(&db, &["--rounds", "2"]).expect(0).json()["inputs"], 8);
        works(&db, SUSPECT);
        works(&db, "rechnung-02");
        assert_eq!(newest(&db)["legs"].as_array().expect("legs").len(), 1);
        works(&db, SOUND);
        works(&db, SUSPECT);
        let done = newest(&db);
        assert_eq!((&done["verdict"], wrong(&done)), (&json!("not_reproduced"), [0; 3]), "{done:#}");
        assert_eq!((leg(&done, 0, "drawings"), leg(&done, 1, "host")), (json!(16), json!(SOUND)));
        let refused = confirm(&db, &done).expect(1);
        assert!(refused.stderr.contains("Only what was reproduced is"), "{}", refused.stderr);
        assert_eq!(counts(&db, &TABLES).await, before);
        // What the sound host stored was held against what it drew.
        let found: Value = serde_json::from_str(&text(&db, "SELECT found FROM replay_legs WHERE position = 2").await).expect("JSON");
        for input in found["inputs"].as_array().expect("inputs") {
            let stored = input["stored"].as_str().expect("a stored original");
            assert_eq!(input["found"], json!({ stored: 2 }));
        }
    }

    async fn an_unreliable_other_host_says_nothing(db: TestDb) {
        two_hosts(&db, 8);
        drop(ask(&db, &["--other", SOUND]).expect(0));
        works_badly(&db, SUSPECT);
        works_badly(&db, SOUND);
        works_badly(&db, SUSPECT);
        let done = newest(&db);
        assert_eq!(done["verdict"], "b_unsteady", "{done:#}");
        drop(confirm(&db, &done).expect(1));
    }

    async fn a_watched_worker_that_dies_in_both_legs_is_evidence(db: TestDb) {
        two_hosts(&db, 6);
        drop(ask(&db, &["--rounds", "3"]).expect(0));
        let dies = || {
            let work = mailing(&db).args(["work", "--until-idle"]).env("KONTOR_HOST", SUSPECT);
            drop(work.failpoints("replay.after_round=return(abort)").run().expect(0));
        };
        dies();
        let first = newest(&db);
        assert_eq!((leg(&first, 0, "outcome"), leg(&first, 0, "drawings")), (json!("died"), json!(6)), "{first:#}");
        works(&db, SOUND);
        dies();
        let done = newest(&db);
        assert_eq!((&done["verdict"], wrong(&done)), (&json!("reproduced"), [0; 3]), "{done:#}");
        assert_eq!([0, 1, 2].map(|place| leg(&done, place, "outcome")), [json!("died"), json!("done"), json!("died")]);
        assert!(done["said"].as_str().expect("words").contains("In leg 3 the process died after 6 drawings."), "{done:#}");
        drop(confirm(&db, &done).expect(0));
    }

    async fn a_leg_whose_lease_runs_out_is_closed_by_whoever_looks(db: TestDb) {
        two_hosts(&db, 6);
        drop(ask(&db, &["--rounds", "3"]).expect(0));
        let dies = on(&db, SUSPECT).args(["--lease", "1"]).failpoints("replay.after_round=return(abort)").run();
        assert_eq!(dies.signal, Some(6));
        assert_eq!(leg(&newest(&db), 0, "outcome"), "running");
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        works(&db, SOUND);
        assert_eq!([0, 1].map(|place| leg(&newest(&db), place, "outcome")), [json!("died"), json!("done")]);
        works(&db, SUSPECT);
        let done = newest(&db);
        assert_eq!(done["verdict"], "mixed", "{done:#}");
        drop(confirm(&db, &done).expect(1));
    }

    async fn what_cannot_be_asked_is_said_with_the_next_step(db: TestDb) {
        two_hosts(&db, 6);
        for arguments in [&["--rounds", "0"][..], &["--limit", "4"], &["--other", SUSPECT]] {
            drop(ask(&db, arguments).expect(2));
        }
        drop(causes(&db, &["replay", "--host", SUSPECT, "--reason", " "]).expect(2));
        drop(causes(&db, &["--from", "2013-01-01", "replays"]).expect(2));
        let unknown = ask(&db, &["--other", "rechnung-07"]).expect(1);
        assert!(unknown.stderr.contains("let `kontor work` run there once"), "{}", unknown.stderr);

        // The same request is one replay; another one waits for its turn.
        let request = "01890a5d-ac96-774b-bcce-b302099a8057";
        let first = ask(&db, &["--request-id", request]).expect(0).json();
        assert_eq!(ask(&db, &["--request-id", request]).expect(0).json()["replay"], first["replay"]);
        assert!(ask(&db, &[]).expect(1).stderr.contains("is open already"));
        let short = &first["replay"].as_str().expect("an id")[..35];
        drop(causes(&db, &["cancel-replay", "--replay", short, "--reason", "Versehen"]).expect(0));
        assert!(causes(&db, &["cancel-replay", "--replay", short, "--reason", "Versehen"]).expect(1).stderr.contains("over already"));
        works(&db, SUSPECT);
        assert_eq!((&newest(&db)["state"], &newest(&db)["legs"]), (&json!("cancelled"), &json!([])));
        assert!(confirm(&db, &first).expect(1).stderr.contains("taken back"));
        drop(causes(&db, &["confirm", "--replay", "ffff", "--reason", "x"]).expect(1));
        drop(ask(&db, &[]).expect(0));
        assert_eq!(db.number("SELECT count(*) FROM replays").await, 2);
    }

    async fn too_few_inputs_are_refused_and_damaged_ones_do_not_count(db: TestDb) {
        two_hosts(&db, 5);
        let damage = "UPDATE invoices SET snapshot_sha256 = snapshot WHERE number = (SELECT MIN(number) FROM invoices)";
        assert_eq!(crate::support::past_the_guards(&db, "invoices", damage).await, 1);
        let refused = ask(&db, &[]).expect(1);
        assert!(refused.stderr.contains("at least 5") && refused.stderr.contains("there are 4"), "{}", refused.stderr);
        assert_eq!(db.number("SELECT count(*) FROM replays").await, 0);
    }

    async fn a_damaged_replay_holds_up_nothing(db: TestDb) {
        two_hosts(&db, 6);
        let asked = ask(&db, &[]).expect(0).json();
        let damage = "UPDATE replays SET inputs = replace(inputs, '[', '{')";
        assert_eq!(crate::support::past_the_guards(&db, "replays", damage).await, 1);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-02", "--queue"]).run().expect(0));
        let worked = on(&db, SUSPECT).run().expect(0);
        let id = asked["replay"].as_str().expect("an id");
        let told = format!("`kontor causes cancel-replay --replay {id}`");
        assert_eq!(worked.stderr.matches(&told).count(), 1, "said once: {}", worked.stderr);
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE state = 'archived'").await, 12);
        assert_eq!(newest(&db)["legs"], json!([]));
        // What it says to do can be done, and another replay is drawn.
        drop(causes(&db, &["cancel-replay", "--replay", id, "--reason", "Zeile beschädigt"]).expect(0));
        drop(ask(&db, &[]).expect(0));
        works(&db, SUSPECT);
        assert_eq!(leg(&newest(&db), 0, "outcome"), "done");
    }

    async fn a_worker_that_lost_a_batch_goes_on_with_its_leg(db: TestDb) {
        two_hosts(&db, 6);
        drop(ask(&db, &["--rounds", "2"]).expect(0));
        let alive = on(&db, SUSPECT).failpoints("replay.after_round=sleep(4000)").spawn();
        let begun = std::time::Instant::now();
        while db.number("SELECT count(*) FROM replay_legs WHERE outcome = 'running'").await == 0 {
            assert!(begun.elapsed() < Duration::from_mins(2), "the leg never began");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // The lease of a batch ran out, whatever for; whoever took the batch over noted it so.
        let lost = "UPDATE workers SET outcome = 'lost', ended_at = (SELECT started_at FROM replay_legs) WHERE id = (SELECT \
                    worker_id FROM replay_legs)";
        assert_eq!(db.execute(lost).await, 1);
        works(&db, SOUND);
        assert_eq!(leg(&newest(&db), 0, "outcome"), "running");
        drop(alive.wait().expect(0));
        works(&db, SOUND);
        works(&db, SUSPECT);
        let done = newest(&db);
        assert_eq!((&done["verdict"], wrong(&done)), (&json!("not_reproduced"), [0; 3]), "{done:#}");
    }
}
