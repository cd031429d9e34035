//! Damaged pages of the database itself: they are found, nothing else is looked at or repaired, and no program falls over.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use kontor::check::is_corrupt;
use kontor::store::{DbUrl, Store};
use kontor_tests::databases::{TestDb, block_on};
use kontor_tests::postgres::Cluster;
use kontor_tests::process::Kontor;
use serde_json::{Value, json};

use super::{check, damage, text, told};
use crate::support::kontor;

/// Turns bytes of a file around.
fn overwrite(path: &Path, at: u64, length: usize) {
    let mut file = OpenOptions::new().read(true).write(true).open(path).expect("the file opens");
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(at)).expect("a place");
    file.read_exact(&mut bytes).expect("bytes");
    for byte in &mut bytes {
        *byte = !*byte;
    }
    file.seek(SeekFrom::Start(at)).expect("a place");
    file.write_all(&bytes).expect("bytes");
}

async fn opened(url: &str) -> Store {
    let url: DbUrl = url.parse().expect("an address");
    Store::open(&url).await.expect("the database opens")
}

/// A made-up month with a finding that could be put right.
async fn month(db: &TestDb, registrations: &str) -> String {
    drop(kontor(db).args(["demo", "create", "--registrations", registrations, "--incident", "none"]).run().expect(0));
    damage(db, &["UPDATE mailboxes SET quota_bytes = 42 WHERE registration_id = (SELECT id FROM registrations WHERE customer_serial = 3)"]).await;
    let findings = check(db, &["--rule", "quota_deviates"]);
    text(&findings[0], "id").to_owned()
}

#[test]
fn a_damaged_file_is_found_and_stops_repairs() {
    let db = TestDb::sqlite();
    block_on(async {
        let other = month(&db, "200").await;
        let store = opened(&db.url).await;
        assert!(!is_corrupt(store.read()).await.expect("an answer"));
        let page = db.number("SELECT rootpage FROM sqlite_master WHERE name = 'registrations_email'").await;
        let size = db.number("PRAGMA page_size").await;
        store.close().await.expect("the journal goes into the file");
        let file = db.url.strip_prefix("sqlite:").expect("a file");
        overwrite(Path::new(file), u64::try_from(page * size - 100).expect("a place"), 64);
        let findings = check(&db, &["--rule", "database_corrupt"]);
        assert_eq!(findings.len(), 1, "{:#?}", told(&findings));
        assert!(findings[0]["current"].as_str().is_some_and(|said| !said.is_empty()), "{}", findings[0]);
        let all = check(&db, &[]);
        assert_eq!(told(&all).iter().filter(|one| one.starts_with("database_corrupt")).count(), 1, "{:#?}", told(&all));
        let store = opened(&db.url).await;
        assert!(is_corrupt(store.read()).await.expect("an answer"));
        assert_refused(&db, &other);
        let refused = kontor(&db).args(["check", "--seal-first-seen"]).run().expect(0).json();
        assert_eq!((&refused["first_seen"], &refused["corrupt"]), (&Value::Null, &json!(true)), "nothing is sealed");
    });
}

fn assert_refused(db: &TestDb, finding: &str) {
    let refused = kontor(db).args(["repairs", "apply", "--finding", finding, "--reason", "x"]).run().expect(3).json();
    assert_eq!(refused["items"][0]["code"], "database_corrupt", "{refused}");
}

/// Whatever page is hit, there is a finding, or a sentence that says what is wrong; never a panic, never an endless wait.
#[test]
fn whichever_page_is_hit_the_check_ends_with_a_sentence() {
    let db = TestDb::sqlite();
    block_on(async {
        month(&db, "40").await;
        let size = u64::try_from(db.number("PRAGMA page_size").await).expect("a size");
        opened(&db.url).await.close().await.expect("the journal goes into the file");
        let file = Path::new(db.url.strip_prefix("sqlite:").expect("a file")).to_owned();
        let pages = std::fs::metadata(&file).expect("a file").len() / size;
        let (mut found, mut said, mut unused) = (0, 0, 0);
        for page in (0..pages).step_by(usize::try_from(pages / 60).expect("a number").max(1)) {
            let copy = TestDb::sqlite();
            let place = copy.url.strip_prefix("sqlite:").expect("a file").to_owned();
            std::fs::copy(&file, &place).expect("a copy");
            overwrite(Path::new(&place), page * size, 200);
            let output = kontor(&copy).args(["check"]).run();
            assert!(
                output.signal.is_none() && output.code != Some(101),
                "page {page}: {:?} {}",
                output.code,
                output.stderr
            );
            assert!(!output.stderr.contains("panicked"), "page {page}: {}", output.stderr);
            if output.code == Some(0) {
                let answer = output.json();
                let rules: Vec<&str> =
                    answer["findings"].as_array().expect("a list").iter().map(|one| text(one, "rule")).collect();
                // A page that holds no more than text, or nothing, is no damage of the file's structure.
                let counted = if answer["corrupt"] == json!(true) { &mut found } else { &mut unused };
                *counted += 1;
                assert!(answer["corrupt"] == json!(true) || !rules.is_empty(), "page {page}: nothing is said");
            } else {
                assert!(output.stderr.contains("kontor:"), "page {page}: {}", output.stderr);
                said += 1;
            }
        }
        println!(
            "{found} found, {said} refused with a sentence, {unused} without damage to the structure, of {pages} pages"
        );
        assert!(found + said > 20, "{found} {said} {unused}");
    });
}

#[test]
fn the_server_says_what_it_could_not_check() {
    let db = TestDb::postgres();
    block_on(async {
        drop(kontor(&db).args(["demo", "create", "--registrations", "20", "--incident", "none"]).run().expect(0));
        let ask = || kontor(&db).args(["check", "--rule", "database_corrupt"]).run().expect(0).json();
        assert_eq!(ask()["not_checked"], json!(["amcheck_missing"]));
        db.execute("CREATE EXTENSION amcheck").await;
        assert_eq!((&ask()["not_checked"], &ask()["findings"]), (&json!([]), &json!([])));
    });
}

/// A server of its own, because it is stopped and its files are damaged.
#[test]
fn damaged_pages_of_the_server_are_found_and_stop_repairs() {
    let cluster = Cluster::start_in(&std::env::temp_dir());
    let folder = TestDb::sqlite();
    for (what, relation, at, length) in
        // The tuples of a leaf of the index; the line pointers of a page of the table.
        [("an index", "registrations_email", 8192 + 7000, 1_000), ("a table", "mailboxes", 24, 60)]
    {
        let url = cluster.database();
        let kontor = || {
            let program = Kontor::new(env!("CARGO_BIN_EXE_kontor-test-worker")).db(&url).args(["--json"]);
            program.dir(folder.path())
        };
        drop(kontor().args(["demo", "create", "--registrations", "200", "--incident", "none"]).run().expect(0));
        cluster.psql(&url, "CREATE EXTENSION amcheck");
        cluster.psql(&url, "UPDATE registrations SET language = 'en' WHERE customer_serial = 3");
        cluster.psql(&url, "UPDATE subscriptions SET state = 'ended' WHERE registration_id = (SELECT id FROM registrations WHERE customer_serial = 4)");
        let before = kontor()
            .args(["check", "--rule", "database_corrupt", "--rule", "state_contradicts"])
            .run()
            .expect(0)
            .json();
        assert_eq!(
            (&before["corrupt"], before["findings"].as_array().map(Vec::len)),
            (&json!(false), Some(1)),
            "{before}"
        );
        let other = text(&before["findings"][0], "id").to_owned();
        let path = cluster.psql(&url, &format!("CHECKPOINT; SELECT pg_relation_filepath('{relation}')"));
        cluster.while_stopped(|data| overwrite(&data.join(path.trim()), at, length));
        let after = kontor().args(["check"]).run().expect(0).json();
        assert_eq!(after["corrupt"], json!(true), "{what}: {after}");
        let corrupt: Vec<&Value> = after["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|one| one["rule"] == "database_corrupt")
            .collect();
        let [one] = &corrupt[..] else { panic!("{what}: {after}") };
        assert!(text(one, "current").contains(relation), "{what}: {one}");
        let refused = kontor().args(["repairs", "apply", "--finding", &other, "--reason", "x"]).run().expect(3).json();
        assert_eq!(refused["items"][0]["code"], "database_corrupt", "{what}: {refused}");
        cluster.drop_database(&url);
    }
}
