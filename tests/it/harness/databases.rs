//! Fresh databases, and the server they live on.

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use kontor_tests::postgres::Cluster;

both_databases! {
    async fn a_database_is_new_and_its_own(db: TestDb) {
        if db.kind == Kind::Sqlite {
            std::fs::write(db.path().join("kontor.db"), b"").expect("an empty file is an empty SQLite database");
        }
        let other = match db.kind {
            Kind::Sqlite => TestDb::sqlite(),
            Kind::Postgres => TestDb::postgres(),
        };
        assert_ne!(db.url, other.url);
        db.execute("CREATE TABLE people (name TEXT)").await;
        assert_eq!(db.execute("INSERT INTO people VALUES ('Zoe'), ('Öztürk'), ('Anna')").await, 3);
        assert_eq!(db.number("SELECT count(*) FROM people").await, 3);
    }
}

#[test]
fn the_server_is_as_durable_as_shipped_and_sorts_as_germans_do() {
    let cluster = Cluster::shared();
    for (setting, value) in [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")] {
        assert_eq!(cluster.setting(setting), value, "{setting}");
    }
    let db = TestDb::postgres();
    let sql = "SELECT string_agg(n, ' ' ORDER BY n) FROM (VALUES ('Zoe'), ('Öztürk'), ('anna'), ('Anna')) t(n)";
    assert_eq!(cluster.psql(&db.url, sql), "anna Anna Öztürk Zoe");
}

#[test]
fn a_server_goes_with_its_value_and_takes_its_files_along() {
    let folder = {
        let cluster = Cluster::start_in(&std::env::temp_dir());
        assert_eq!(cluster.psql(&cluster.database(), "SELECT 1"), "1");
        cluster.folder().to_owned()
    };
    assert!(!folder.exists(), "{} is still there", folder.display());
}
