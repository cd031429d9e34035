//! The proxy loses the answer to exactly the COMMIT it was asked to lose, and the transaction has happened.

use kontor_tests::databases::{TestDb, block_on, connect, number};
use kontor_tests::postgres::Cluster;
use kontor_tests::proxy::CutProxy;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};

/// One transaction; the commit is a simple statement, as sqlx sends it.
async fn insert(database: &DatabaseConnection, value: i64) -> Result<(), DbErr> {
    let transaction = database.begin().await?;
    transaction.execute_unprepared(&format!("INSERT INTO t VALUES ({value})")).await?;
    transaction.commit().await
}

fn table() -> TestDb {
    let db = TestDb::postgres();
    Cluster::shared().psql(&db.url, "CREATE TABLE t (v INTEGER)");
    db
}

#[test]
fn the_second_commit_happens_and_its_answer_is_lost() {
    let (db, proxy) = (table(), CutProxy::start(Cluster::shared().port()));
    block_on(async {
        let through = connect(&proxy.url(&db.url)).await;
        proxy.cut_commit(2);
        insert(&through, 1).await.expect("the first is not touched");
        insert(&through, 2).await.expect_err("the answer to the second is lost");
        assert_eq!((proxy.commits(), proxy.lost()), (2, 1));
        insert(&through, 3).await.expect("the third runs on a new connection");
        assert_eq!(proxy.commits(), 3);
        assert_eq!(number(&through, "SELECT count(*) FROM t").await, 3);
    });
    assert_eq!(Cluster::shared().psql(&db.url, "SELECT string_agg(v::text, ',' ORDER BY v) FROM t"), "1,2,3");
}

#[test]
fn a_rollback_and_a_statement_outside_a_transaction_do_not_count() {
    let (db, proxy) = (table(), CutProxy::start(Cluster::shared().port()));
    proxy.cut_commit(1);
    let through = proxy.url(&db.url);
    Cluster::shared().psql(&through, "INSERT INTO t VALUES (1)");
    Cluster::shared().psql(&through, "BEGIN; INSERT INTO t VALUES (2); ROLLBACK");
    assert_eq!((proxy.commits(), proxy.lost()), (0, 0));
    assert_eq!(Cluster::shared().psql(&through, "SELECT count(*) FROM t"), "1");
}

#[test]
fn a_prepared_commit_is_lost_too() {
    let (db, proxy) = (table(), CutProxy::start(Cluster::shared().port()));
    block_on(async {
        let mut options = sea_orm::ConnectOptions::new(proxy.url(&db.url));
        options.max_connections(1).sqlx_logging(false);
        let through = sea_orm::Database::connect(options).await.expect("the proxy lets it through");
        let run = |sql| through.execute_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql));
        run("BEGIN").await.expect("begins");
        run("INSERT INTO t VALUES (7)").await.expect("inserts");
        proxy.cut_commit(1);
        run("COMMIT").await.expect_err("the answer is lost");
    });
    assert_eq!(Cluster::shared().psql(&db.url, "SELECT v FROM t"), "7");
}

#[test]
fn cutting_all_in_the_middle_of_a_transaction_undoes_it() {
    let (db, proxy) = (table(), CutProxy::start(Cluster::shared().port()));
    block_on(async {
        let through = connect(&proxy.url(&db.url)).await;
        let transaction = through.begin().await.expect("begins");
        transaction.execute_unprepared("INSERT INTO t VALUES (1)").await.expect("inserts");
        proxy.cut_all();
        transaction.commit().await.expect_err("the connection is gone");
        assert_eq!(number(&through, "SELECT count(*) FROM t").await, 0);
    });
}
