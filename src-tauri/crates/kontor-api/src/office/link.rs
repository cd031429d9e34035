//! Whether the open database can be reached, and trying until it can again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;

use super::Office;
use crate::connection::ConnectionState;
use crate::event::Event;

/// Waits between two tries.
const WAITS: [u64; 5] = [1, 2, 3, 5, 10];

/// The connection to the open database.
pub(crate) struct Link {
    state: Mutex<ConnectionState>,
    answered_at: Mutex<DateTime<Utc>>,
}

impl Link {
    /// A connection that has just answered.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { state: Mutex::new(ConnectionState::Ok { since: now }), answered_at: Mutex::new(now) }
    }

    /// How it stands.
    pub fn state(&self) -> ConnectionState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Since when it is lost; none when it is not.
    pub fn lost_since(&self) -> Option<DateTime<Utc>> {
        match self.state() {
            ConnectionState::Lost { since, .. } => Some(since),
            ConnectionState::Ok { .. } => None,
        }
    }

    /// Notes that the database has answered just now.
    pub fn answered(&self, now: DateTime<Utc>) {
        *self.answered_at.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Notes that the connection is gone, tells the window, and tries until it is back.
    pub fn lose(&self, office: &Office) -> DateTime<Utc> {
        let now = office.host().now();
        let answered_at = *self.answered_at.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if let ConnectionState::Lost { since, .. } = *state {
                return since;
            }
            *state = ConnectionState::Lost { since: now, answered_at, next_try_at: later(now, WAITS[0]) };
        }
        if let Some(open) = office.current() {
            office.host().tell(Event::Connection { connection: Some(open.connection()) });
            tokio::spawn(reconnect(office.clone(), open.closing()));
        }
        now
    }

    fn wait(&self, next: DateTime<Utc>) {
        if let ConnectionState::Lost { next_try_at, .. } =
            &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner)
        {
            *next_try_at = next;
        }
    }

    fn restore(&self, now: DateTime<Utc>) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = ConnectionState::Ok { since: now };
        self.answered(now);
    }
}

fn later(now: DateTime<Utc>, seconds: u64) -> DateTime<Utc> {
    now + TimeDelta::seconds(i64::try_from(seconds).unwrap_or(10))
}

async fn reconnect(office: Office, closing: tokio_util::sync::CancellationToken) {
    let mut waits = WAITS.iter().copied().chain(std::iter::repeat(WAITS[WAITS.len() - 1]));
    loop {
        let seconds = waits.next().unwrap_or(10);
        let Some(open) = office.current() else { return };
        open.link.wait(later(office.host().now(), seconds));
        office.host().tell(Event::Connection { connection: Some(open.connection()) });
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
        }
        let answer =
            tokio::time::timeout(Duration::from_secs(5), open.store.read().execute_unprepared("SELECT 1")).await;
        if matches!(answer, Ok(Ok(_))) && !closing.is_cancelled() {
            open.link.restore(office.host().now());
            open.tell_runs_again();
            office.host().tell(Event::Connection { connection: Some(open.connection()) });
            return;
        }
    }
}
