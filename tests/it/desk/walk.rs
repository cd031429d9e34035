//! A list, walked in all the ways a window walks it: each must give the same rows in the same order.

use kontor_tests::databases::TestDb;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;

/// A list as it is asked for, without a place.
pub struct Walk<'a> {
    pub desk: &'a Desk,
    pub list: &'a str,
    pub filter: Value,
    pub order: Value,
}

/// Id of a row, read or not.
pub fn id(row: &Value) -> String {
    row["value"]["id"].as_str().unwrap_or_else(|| panic!("a row without an id: {row}")).to_owned()
}

/// Ids that a query tells, in its order.
pub async fn told(db: &TestDb, sql: &str) -> Vec<String> {
    let connection = db.connect().await;
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(|row| row.try_get_by_index::<Uuid>(0).expect("an id").to_string()).collect()
}

impl Walk<'_> {
    /// A page.
    pub async fn page(&self, place: Value, limit: usize) -> Value {
        let mut ask =
            json!({ "type": self.list, "filter": self.filter, "place": place, "limit": limit, "with_total": true });
        if !self.order.is_null() {
            ask["order"] = self.order.clone();
        }
        self.desk.call(ask).await
    }

    /// How many rows match.
    pub async fn total(&self) -> i64 {
        self.page(json!({ "type": "start" }), 0).await["total"]["rows"].as_i64().expect("a total")
    }

    /// All rows, from the start to the end.
    pub async fn rows(&self, limit: usize) -> Vec<Value> {
        let (mut rows, mut place) = (Vec::new(), json!({ "type": "start" }));
        loop {
            let page = self.page(place, limit).await;
            rows.extend(page["rows"].as_array().expect("rows").iter().cloned());
            if page["after"].is_null() {
                assert_eq!(page["total"]["rows"], rows.len(), "{} {}", self.list, self.filter);
                return rows;
            }
            place = json!({ "type": "after", "cursor": page["after"] });
        }
    }

    /// Walks the list in every way and returns the ids in its order.
    pub async fn every_way(&self, limit: usize) -> Vec<String> {
        let all: Vec<String> = self.rows(limit).await.iter().map(id).collect();
        assert_eq!(self.backward(limit).await, all, "backward: {} {}", self.list, self.order);
        // A place beyond the end shows the end.
        for index in [0, 1, all.len() / 3, all.len().saturating_sub(2)].into_iter().filter(|index| *index < all.len()) {
            let page = self.page(json!({ "type": "at", "index": index }), limit).await;
            let end = (index + limit).min(all.len());
            assert_eq!(ids(&page), all[index.min(end)..end], "at {index}: {} {}", self.list, self.order);
            assert_eq!(page["first"], index);
        }
        for index in [0, all.len() / 2, all.len().saturating_sub(1)] {
            let Some(id) = all.get(index) else { continue };
            let page = self.page(json!({ "type": "around", "id": id }), limit).await;
            let first = usize::try_from(page["first"].as_i64().expect("a place")).expect("a place");
            let around = ids(&page);
            assert!(around.contains(id), "around {index}: {} {}", self.list, self.order);
            assert_eq!(around, all[first..first + around.len()], "around {index}: {} {}", self.list, self.order);
        }
        all
    }

    async fn backward(&self, limit: usize) -> Vec<String> {
        let (mut all, mut place) = (Vec::new(), json!({ "type": "end" }));
        loop {
            let page = self.page(place, limit).await;
            let mut part = ids(&page);
            part.append(&mut all);
            all = part;
            if page["before"].is_null() {
                return all;
            }
            place = json!({ "type": "before", "cursor": page["before"] });
        }
    }
}

fn ids(page: &Value) -> Vec<String> {
    page["rows"].as_array().expect("rows").iter().map(id).collect()
}
