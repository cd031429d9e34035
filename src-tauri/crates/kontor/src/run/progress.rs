//! Progress of a run, read from the rows alone, so that any process can follow it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::Serialize;
use uuid::Uuid;

use crate::store::{self, Store, entities::runs};
use crate::{Error, Result};

/// Where a run stands.
#[derive(Clone, Debug, Serialize)]
pub struct Progress {
    /// The run; none when there was nothing to run.
    pub run: Option<Uuid>,
    /// `running`, `pausing`, `paused`, `cancelling`, `cancelled`, `done`, or `nothing_to_do`.
    pub state: String,
    /// Items.
    pub total: i64,
    /// Items that ended well.
    pub done: i64,
    /// Items that failed.
    pub failed: i64,
    /// Items that another run did, or that were complete already.
    pub skipped: i64,
    /// Items whose mail may or may not have arrived.
    pub unknown: i64,
    /// Items taken back.
    pub cancelled: i64,
    /// Items in hand.
    pub in_hand: i64,
    /// Items that wait.
    pub waiting: i64,
    /// Those of them whose mail was put off and is tried again.
    pub put_off: i64,
    /// How many ended under which code.
    pub by_code: BTreeMap<String, i64>,
    /// Seconds from start to end, or to now.
    pub seconds: f64,
    /// Items ended per minute; none before the first.
    pub per_minute: Option<f64>,
    /// Seconds left at this rate; none in the first ten seconds and after the end.
    pub seconds_left: Option<f64>,
}

impl Progress {
    /// Nothing was there to run.
    pub fn nothing() -> Self {
        Self {
            run: None,
            state: "nothing_to_do".to_owned(),
            total: 0,
            done: 0,
            failed: 0,
            skipped: 0,
            unknown: 0,
            cancelled: 0,
            in_hand: 0,
            waiting: 0,
            put_off: 0,
            by_code: BTreeMap::new(),
            seconds: 0.0,
            per_minute: None,
            seconds_left: None,
        }
    }

    /// Items that ended, in whatever way.
    pub fn ended(&self) -> i64 {
        self.done + self.failed + self.skipped + self.unknown + self.cancelled
    }

    /// Whether it goes on and yet nobody works on what waits.
    pub fn is_left_alone(&self) -> bool {
        self.state == "running" && self.in_hand == 0 && self.waiting > 0
    }
}

/// Reads where a run stands.
pub async fn progress(store: &Store, run: Uuid) -> Result<Progress> {
    let row = runs::Entity::find_by_id(run).one(store.read()).await?;
    let row = row.ok_or_else(|| Error::NotFound(format!("There is no run {run}.")))?;
    let mut progress = Progress { run: Some(run), state: row.state.clone(), total: row.total, ..Progress::nothing() };
    count(store, run, &mut progress).await?;
    if row.state == "paused" && progress.in_hand > 0 {
        "pausing".clone_into(&mut progress.state);
    }
    let now = store.now().await?;
    rate(&row, &mut progress, now);
    Ok(progress)
}

async fn count(store: &Store, run: Uuid, progress: &mut Progress) -> Result<()> {
    let text = "SELECT state, code, CASE WHEN retries > 0 THEN 1 ELSE 0 END AS retried, count(*) AS items FROM run_items \
                WHERE run_id = ? GROUP BY 1, 2, 3";
    for row in store.read().query_all_raw(store::sql(store.backend(), text, [run.into()])).await? {
        let (state, items): (String, i64) = (row.try_get("", "state")?, row.try_get("", "items")?);
        let code: Option<String> = row.try_get("", "code")?;
        match state.as_str() {
            "done" => progress.done += items,
            "failed" => progress.failed += items,
            "skipped" => progress.skipped += items,
            "unknown" => progress.unknown += items,
            "cancelled" => progress.cancelled += items,
            "claimed" => progress.in_hand += items,
            _ => {
                progress.waiting += items;
                progress.put_off += items * i64::from(row.try_get::<i32>("", "retried")?);
            }
        }
        if let Some(code) = code {
            *progress.by_code.entry(code).or_default() += items;
        }
    }
    Ok(())
}

fn rate(run: &runs::Model, progress: &mut Progress, now: DateTime<Utc>) {
    let elapsed = run.ended_at.unwrap_or(now) - run.created_at;
    progress.seconds = elapsed.as_seconds_f64().max(0.0);
    let ended = progress.ended();
    if ended == 0 || progress.seconds <= 0.0 {
        return;
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of items is far below 2^52")]
    let per_second = ended as f64 / progress.seconds;
    progress.per_minute = Some(per_second * 60.0);
    if run.state == "running" && progress.seconds >= 10.0 {
        #[expect(clippy::cast_precision_loss, reason = "a count of items is far below 2^52")]
        let left = (progress.waiting + progress.in_hand) as f64;
        progress.seconds_left = Some(left / per_second);
    }
}
