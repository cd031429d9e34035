//! A run with its progress.

use kontor::run::Covering as Texts;
use kontor::store::{self, entities::runs};
use kontor::withdrawal;
use sea_orm::{ConnectionTrait, EntityTrait, Value};
use uuid::Uuid;

use super::row::rows;
use crate::answer::stored::word;
use crate::answer::{Answered, Handle};
use crate::cause::Cause;
use crate::failure::{Failure, Obstacle, RecordKind};
use crate::office::{Office, Open};
use crate::page::Stored;
use crate::run::{CauseCount, Covering, RunDetail, RunProgress, RunState, RunWorker, ShowRun};

impl Handle for ShowRun {
    async fn handle(self, office: &Office) -> Answered<RunDetail> {
        run_detail(&*office.open()?, self.id).await
    }
}

/// A run as it is stored.
pub(super) async fn stored_run(open: &Open, run: Uuid) -> Answered<runs::Model> {
    let found = match runs::Entity::find_by_id(run).one(open.store.read()).await.map_err(kontor::Error::from) {
        Ok(found) => found,
        Err(error) => match error.undecodable() {
            Some(field) => return Err(Failure::refused(Obstacle::Unreadable { field }).into()),
            None => return Err(error.into()),
        },
    };
    found.ok_or_else(|| Failure::not_found(RecordKind::Run, run).into())
}

/// A run as it stands.
pub(crate) async fn run_detail(open: &Open, run: Uuid) -> Answered<RunDetail> {
    let model = stored_run(open, run).await?;
    let row = match rows(open, vec![run]).await?.remove(&run) {
        Some(Stored::Whole(row)) => row,
        Some(Stored::Unreadable(unreadable)) => {
            let field = unreadable.fields.into_iter().next().map(|field| field.field).unwrap_or_default();
            return Err(Failure::refused(Obstacle::Unreadable { field }).into());
        }
        None => return Err(Failure::not_found(RecordKind::Run, run).into()),
    };
    Ok(RunDetail {
        row,
        progress: progress(open, run).await?,
        issue_on: model.issue_on,
        mails: model.last_step == "deliver",
        covering: Texts::of_run(&model).map(|texts| Covering { text: texts.text, text_en: texts.english }),
    })
}

async fn progress(open: &Open, run: Uuid) -> Answered<RunProgress> {
    let told = kontor::run::progress(&open.store, run).await?;
    let hosts_out = if told.is_left_alone() { withdrawal::out(open.store.read()).await? } else { Vec::new() };
    let next_try_at = if told.put_off > 0 { next_try(open, run).await? } else { None };
    Ok(RunProgress {
        run,
        state: word(&told.state).unwrap_or(RunState::Running),
        total: told.total,
        done: told.done,
        failed: told.failed,
        skipped: told.skipped,
        unknown: told.unknown,
        cancelled: told.cancelled,
        in_hand: told.in_hand,
        waiting: told.waiting,
        put_off: told.put_off,
        next_try_at,
        causes: causes(open, run).await?,
        seconds: told.seconds,
        per_minute: told.per_minute,
        seconds_left: told.seconds_left,
        workers: if told.in_hand > 0 { workers(open, run).await? } else { Vec::new() },
        hosts_out,
    })
}

async fn next_try(open: &Open, run: Uuid) -> Answered<Option<chrono::DateTime<chrono::Utc>>> {
    let text = "SELECT due_at FROM run_items WHERE run_id = ? AND state = 'waiting' AND due_at IS NOT NULL \
                ORDER BY due_at LIMIT 1";
    let row = open.store.read().query_one_raw(store::sql(open.store.backend(), text, [run.into()])).await?;
    Ok(row.map(|row| row.try_get("", "due_at")).transpose()?)
}

async fn causes(open: &Open, run: Uuid) -> Answered<Vec<CauseCount>> {
    let text = "SELECT code, count(*) AS items FROM run_items WHERE run_id = ? AND state IN ('failed', 'unknown') AND \
                code IS NOT NULL GROUP BY code ORDER BY count(*) DESC, code";
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), text, [run.into()])).await?;
    let mut causes = Vec::with_capacity(rows.len());
    for row in &rows {
        let code: String = row.try_get("", "code")?;
        causes.push(CauseCount { cause: Cause::read(&code), count: row.try_get("", "items")? });
    }
    Ok(causes)
}

/// Who has items in hand: whoever opened the attempt under the item's token.
async fn workers(open: &Open, run: Uuid) -> Answered<Vec<RunWorker>> {
    let text = "SELECT a.host, a.pid, count(*) AS items FROM run_items i JOIN attempts a ON a.item_id = i.id AND \
                a.token = i.token WHERE i.run_id = ? AND i.state = 'claimed' GROUP BY a.host, a.pid ORDER BY a.host, a.pid";
    let here = kontor::identity::Process::this();
    let values: [Value; 1] = [run.into()];
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), text, values)).await?;
    let mut workers = Vec::with_capacity(rows.len());
    for row in &rows {
        let (host, pid): (String, i64) = (row.try_get("", "host")?, row.try_get("", "pid")?);
        let is_here = host == here.host && pid == here.pid;
        workers.push(RunWorker { host, pid, is_here, items: row.try_get("", "items")? });
    }
    Ok(workers)
}
