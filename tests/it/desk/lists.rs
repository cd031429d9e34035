//! What all lists share, on the list of registrations: pages from any place, in every order, give the list whole and in
//! order; jumps into long lists; and which index the database takes.

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::Desk;
use crate::support::{customers_csv, empty_office, import, office};

/// Every order: its name, and the same in SQL.
const ORDERS: [(&str, &str); 6] = [
    ("customer", "r.customer_serial"),
    ("name", "r.sort_name"),
    ("mailbox", "f.address"),
    ("state", "r.state"),
    ("used_bytes", "f.used_bytes"),
    ("registered_at", "r.registered_at"),
];

async fn texts(db: &TestDb, sql: &str) -> Vec<String> {
    let connection = db.connect().await;
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let last = |row: &sea_orm::QueryResult| {
        (0..)
            .map_while(|index| {
                row.try_get_by_index::<String>(index)
                    .ok()
                    .or_else(|| row.try_get_by_index::<i64>(index).ok().map(|number| number.to_string()))
            })
            .last()
    };
    rows.iter().filter_map(last).collect()
}

/// Customer numbers in an order, as the database sorts them.
async fn in_order(db: &TestDb, key: &str, descending: bool) -> Vec<String> {
    let direction = if descending { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT r.customer_number FROM registrations r JOIN first_mailboxes f ON f.registration_id = r.id \
         ORDER BY {key} {direction}, r.id {direction}"
    );
    texts(db, &sql).await
}

fn ask(order: &Value, place: &Value, limit: usize) -> Value {
    json!({ "type": "list_registrations", "filter": {}, "order": order, "place": place, "limit": limit, "with_total": false })
}

fn numbers(page: &Value) -> Vec<String> {
    let rows = page["rows"].as_array().expect("rows").iter();
    rows.map(|row| row["value"]["customer"].as_str().unwrap_or_else(|| panic!("{row}")).to_owned()).collect()
}

fn first(page: &Value) -> usize {
    usize::try_from(page["first"].as_i64().expect("a place")).expect("a place in the list")
}

/// Follows cursors to the end of the list; `name` is the cursor's.
async fn walk(desk: &Desk, order: &Value, from: &str, name: &str, limit: usize, all: &[String]) {
    let mut place = json!({ "type": from });
    let mut seen: Vec<String> = Vec::new();
    loop {
        let page = desk.call(ask(order, &place, limit)).await;
        let found = numbers(&page);
        assert!(found.len() <= limit, "{order} {place}");
        assert_eq!(found[..], all[first(&page)..first(&page) + found.len()], "{order} {place}");
        assert_eq!(page["is_first_exact"], true, "{order} {place}");
        if name == "after" {
            seen.extend(found);
        } else {
            seen.splice(0..0, found);
        }
        if page[name].is_null() {
            break;
        }
        place = json!({ "type": name, "cursor": page[name] });
    }
    assert_eq!(seen, all, "{order} by {limit}, {name}");
}

both_databases! {
    async fn pages_from_any_place_give_the_list(db: TestDb) {
        office(&db, 23);
        let vary = "UPDATE mailboxes SET used_bytes = (SELECT r.customer_serial % 4 FROM registrations r WHERE \
                    r.id = mailboxes.registration_id)";
        db.execute(vary).await;
        db.execute("UPDATE registrations SET state = 'blocked' WHERE customer_serial % 5 = 0").await;
        // Without any mailbox, and with names that are equal.
        db.execute("UPDATE subscriptions SET mailbox_id = NULL WHERE mailbox_id IN (SELECT m.id FROM mailboxes m JOIN \
                    registrations r ON r.id = m.registration_id WHERE r.customer_serial IN (7, 8))").await;
        db.execute("DELETE FROM mailboxes WHERE registration_id IN (SELECT id FROM registrations WHERE customer_serial IN (7, 8))").await;
        db.execute("UPDATE registrations SET sort_name = 'a' WHERE customer_serial % 3 = 0").await;
        let desk = Desk::at(&db).await;
        for (name, key) in ORDERS {
            for descending in [false, true] {
                let order = json!({ "by": name, "descending": descending });
                let all = in_order(&db, key, descending).await;
                assert_eq!(all.len(), 23);
                for limit in [1, 4, 23, 500] {
                    walk(&desk, &order, "start", "after", limit, &all).await;
                    walk(&desk, &order, "end", "before", limit, &all).await;
                }
                for index in 0..25 {
                    let page = desk.call(ask(&order, &json!({ "type": "at", "index": index }), 5)).await;
                    let from = if index < 23 { index } else { 18 };
                    assert_eq!((first(&page), numbers(&page)), (from, all[from..(from + 5).min(23)].to_vec()));
                    assert_eq!(page["before"].is_null(), from == 0, "{order} at {index}");
                    assert_eq!(page["after"].is_null(), from + 5 >= 23, "{order} at {index}");
                }
                for (index, number) in all.iter().enumerate() {
                    let id = texts(&db, &format!("SELECT CAST(customer_serial AS bigint) FROM registrations WHERE customer_number = '{number}'")).await;
                    let row = desk.call(json!({ "type": "list_registrations", "filter": { "search": number }, "place": { "type": "start" },
                        "limit": 1, "with_total": true })).await;
                    assert_eq!(row["total"]["rows"], 1, "{id:?}");
                    let around = json!({ "type": "around", "id": row["rows"][0]["value"]["id"] });
                    let page = desk.call(ask(&order, &around, 4)).await;
                    let found = numbers(&page);
                    assert!(found.contains(number) && found.len() >= 2, "{order} around {index}");
                    assert_eq!(found[..], all[first(&page)..first(&page) + found.len()], "{order} around {index}");
                }
            }
        }
    }

    async fn a_list_only_counts_on_request_and_forgives_strange_places(db: TestDb) {
        office(&db, 3);
        let desk = Desk::at(&db).await;
        let count = json!({ "type": "list_registrations", "filter": {}, "place": { "type": "start" }, "limit": 0, "with_total": true });
        let page = desk.call(count).await;
        assert_eq!((&page["rows"], &page["total"]["rows"]), (&json!([]), &json!(3)));
        for place in [json!({ "type": "at", "index": -4 }), json!({ "type": "around", "id": "nobody" }), json!({ "type": "at", "index": 99 })] {
            let page = desk.call(ask(&Value::Null, &place, 10)).await;
            assert_eq!((numbers(&page).len(), first(&page)), (3, 0), "{place}");
        }
        let wrong = desk.failure(ask(&Value::Null, &json!({ "type": "after", "cursor": "{}" }), 5)).await;
        assert_eq!(wrong["faults"][0], json!({ "field": "cursor", "fault": { "code": "malformed" } }));
        empty_list(&desk).await;
    }

    async fn a_long_list_is_jumped_into(db: TestDb) {
        let last = 12_000;
        empty_office(&db);
        drop(import(&db, &customers_csv(1, last)).expect(0));
        let desk = Desk::at(&db).await;
        let order = json!({ "by": "name", "descending": true });
        let all = in_order(&db, "r.sort_name", true).await;
        let start = json!({ "type": "list_registrations", "filter": {}, "order": order, "place": { "type": "start" }, "limit": 50, "with_total": true });
        assert_eq!(desk.call(start.clone()).await["total"]["rows"], last);
        // While anchors are made and when they are there, every place is what it says.
        for round in 0..20 {
            for index in [0, 255, 256, 257, 6_001, 11_990] {
                let page = desk.call(ask(&order, &json!({ "type": "at", "index": index }), 20)).await;
                assert_eq!((first(&page), &page["is_first_exact"]), (index, &json!(true)));
                assert_eq!(numbers(&page)[..], all[index..(index + 20).min(last)], "round {round} at {index}");
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let page = desk.call(ask(&order, &json!({ "type": "at", "index": 7_000 }), 3)).await;
        let around = json!({ "type": "around", "id": page["rows"][1]["value"]["id"] });
        let page = desk.call(ask(&order, &around, 3)).await;
        assert_eq!((first(&page), numbers(&page)), (7_000, all[7_000..7_003].to_vec()));
        let end = desk.call(ask(&order, &json!({ "type": "end" }), 7)).await;
        assert_eq!((first(&end), numbers(&end)), (11_993, all[11_993..].to_vec()));
        // Rows change: places are estimates now, the order is still right.
        let note = json!({ "type": "add_note", "request_id": uuid::Uuid::now_v7(), "registration": page["rows"][0]["value"]["id"], "text": "Rückruf" });
        desk.call(note).await;
        let page = desk.call(ask(&order, &json!({ "type": "at", "index": 9_000 }), 20)).await;
        assert_eq!((&page["is_first_exact"], numbers(&page)), (&json!(false), all[9_000..9_020].to_vec()));
    }

    async fn every_order_has_its_index(db: TestDb) {
        office(&db, 5);
        for (name, key) in ORDERS {
            for (sign, direction) in [(">", "ASC"), ("<", "DESC")] {
                let (table, id) = if key.starts_with('f') { ("first_mailboxes f", "f.registration_id") } else { ("registrations r", "r.id") };
                let is_number = ["customer", "used_bytes"].contains(&name);
                let value = if is_number { "3" } else { "'2013-01-15'" };
                let nobody = if db.kind == Kind::Postgres { "'01a21658-d402-7472-92bf-23cf71bb9447'" } else { "x'01'" };
                let sql = format!("SELECT {key}, {id} FROM {table} WHERE ({key}, {id}) {sign} ({value}, {nobody}) ORDER BY {key} {direction}, {id} {direction} LIMIT 50");
                let plan = match db.kind {
                    Kind::Sqlite => texts(&db, &format!("EXPLAIN QUERY PLAN {sql}")).await,
                    // On five rows it would rather read the table.
                    Kind::Postgres => planned(&db, &sql).await,
                };
                let plan = plan.join("\n");
                let (used, sorted) = match db.kind {
                    Kind::Sqlite => (plan.contains("INDEX") && plan.contains(&format!("{sign}(?,?)")), plan.contains("TEMP B-TREE")),
                    Kind::Postgres => (plan.contains("Index Cond: (ROW("), plan.contains("Sort")),
                };
                assert!(used && !sorted, "{name} {direction}: {plan}");
            }
        }
    }
}

async fn planned(db: &TestDb, sql: &str) -> Vec<String> {
    use sea_orm::TransactionTrait;
    let transaction = db.connect().await.begin().await.expect("a transaction");
    for setting in ["enable_seqscan", "enable_sort", "enable_bitmapscan"] {
        transaction.execute_unprepared(&format!("SET LOCAL {setting} = off")).await.expect("a setting");
    }
    let statement = Statement::from_string(transaction.get_database_backend(), format!("EXPLAIN {sql}"));
    let rows = transaction.query_all_raw(statement).await.expect("a plan");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a line")).collect()
}

async fn empty_list(desk: &Desk) {
    let none = json!({ "type": "list_registrations", "filter": { "search": "niemand" }, "place": { "type": "end" }, "limit": 10, "with_total": true });
    let page = desk.call(none).await;
    assert_eq!(
        (&page["rows"], &page["total"]["rows"], &page["before"], &page["after"]),
        (&json!([]), &json!(0), &Value::Null, &Value::Null)
    );
}
