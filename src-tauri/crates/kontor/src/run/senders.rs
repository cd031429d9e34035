//! Sending to a mail server: a few connections, each kept for many messages, each with one message at a time.
//!
//! A batch gives its letters to the senders as they become free and may then be left alone: whoever waits for one slow
//! recipient keeps one sender busy and nobody else. What is put off waits in the run for another try.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::DefaultClock;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use rand::Rng;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinSet;

use super::code::{self, Refusal};
use super::finish::Ending;
use super::ledger::{Entry, Ledger};
use super::letter::Letter;
use crate::delivery::address::{self, Address};
use crate::delivery::smtp::Session;
use crate::delivery::target::Server;
use crate::delivery::{Outcome, Verdict};
use crate::identity::Pace;
use crate::{Error, Result, failpoint};

/// How long a connection may rest before it is not trusted any more; servers close idle ones.
const REST: Duration = Duration::from_secs(20);
/// How long a server that could not be reached is taken to be away.
const AWAY: Duration = Duration::from_secs(2);

type Limit = RateLimiter<NotKeyed, InMemoryState, DefaultClock>;

/// The senders of one worker to one mail server.
#[derive(Clone)]
pub struct Senders(Arc<Inner>);

struct Inner {
    server: Server,
    ledger: Ledger,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<Session>>,
    away: Mutex<Option<(Instant, Refusal)>>,
    limit: Option<Limit>,
    retries: u32,
    backoff: Duration,
}

impl std::fmt::Debug for Senders {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Senders").field("server", &self.0.server.to_string()).finish_non_exhaustive()
    }
}

impl Senders {
    /// Senders without a connection yet.
    pub fn new(server: Server, ledger: Ledger, pace: &Pace) -> Self {
        let limit = server.per_minute.and_then(NonZeroU32::new).map(|rate| {
            // A burst of a second's worth at most: a server that asks for slowness means it.
            let burst = NonZeroU32::new(rate.get() / 60).unwrap_or(NonZeroU32::MIN);
            RateLimiter::direct(Quota::per_minute(rate).allow_burst(burst))
        });
        Self(Arc::new(Inner {
            free: Arc::new(Semaphore::new(server.senders)),
            server,
            ledger,
            idle: Mutex::default(),
            away: Mutex::default(),
            limit,
            retries: pace.retries,
            backoff: pace.backoff,
        }))
    }

    /// Gives the letters to the senders and waits until all are concluded; `released` is told when the last has been taken.
    /// Once the host is out of service, no further letter is taken.
    pub async fn send(
        &self,
        token: i64,
        letters: Vec<Letter>,
        sender: Option<Address>,
        released: Option<oneshot::Sender<()>>,
    ) -> Result<()> {
        let mut under_way = JoinSet::new();
        let mut outcome = Ok(());
        for letter in letters {
            let permit = Arc::clone(&self.0.free).acquire_owned().await;
            let permit = permit.map_err(|_| Error::Refused("The senders are closed.".to_owned()))?;
            while let Some(ended) = under_way.try_join_next() {
                outcome = first(outcome, ended);
            }
            if is_out_of_service(&outcome) {
                break;
            }
            let (inner, sender) = (Arc::clone(&self.0), sender.clone());
            under_way.spawn(async move { inner.one(token, letter, sender, permit).await });
        }
        if let Some(released) = released {
            let _ = released.send(());
        }
        while let Some(ended) = under_way.join_next().await {
            outcome = first(outcome, ended);
        }
        outcome
    }

    /// Says goodbye on all connections.
    pub async fn close(&self) {
        let idle = std::mem::take(&mut *lock(&self.0.idle));
        for session in idle {
            session.close().await;
        }
    }
}

/// The first error of several letters, unless a later one says that the host is out of service: then the rest is given back.
/// One that panicked leaves its item to its lease.
fn first(so_far: Result<()>, ended: std::result::Result<Result<()>, tokio::task::JoinError>) -> Result<()> {
    let ended = ended.unwrap_or_else(|error| {
        tracing::error!(%error, "a sender panicked; its item waits for its lease to run out");
        Ok(())
    });
    if is_out_of_service(&ended) && !is_out_of_service(&so_far) { ended } else { so_far.and(ended) }
}

fn is_out_of_service(outcome: &Result<()>) -> bool {
    matches!(outcome, Err(Error::OutOfService { .. }))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    async fn one(
        &self,
        token: i64,
        letter: Letter,
        sender: Option<Address>,
        _permit: OwnedSemaphorePermit,
    ) -> Result<()> {
        let outcome = self.tried(token, &letter, sender).await?;
        failpoint::hit("deliver.after_message")?;
        let ending = self.ending(&letter, &outcome);
        let entry = Entry::Conclude { token, delivery: letter.delivery, attempt: letter.item.attempt, outcome, ending };
        match self.ledger.write(entry).await {
            // Somebody else has taken the item; what the mail server said is written all the same.
            Err(Error::Fenced) => {
                tracing::warn!(token, "the lease ran out while a mail was being sent");
                Ok(())
            }
            other => other,
        }
    }

    /// Sends one letter; what is known of it afterwards.
    async fn tried(&self, token: i64, letter: &Letter, sender: Option<Address>) -> Result<Outcome> {
        let refused = |refusal| Ok(Outcome::deferred("connection", refusal));
        let Some(message) = letter.message() else {
            return refused(Refusal::new(code::DOCUMENT_DAMAGED, "the stored message does not have its hash"));
        };
        let to = match address::check(&letter.paper.recipient) {
            Ok(address) => address,
            Err(refusal) => return refused(refusal),
        };
        let own = letter.return_path.as_deref().and_then(|path| address::check(path).ok());
        let Some(from) = own.or(sender) else {
            return refused(Refusal::new(code::SETTINGS_MISSING, "the issuing company has no mail address"));
        };
        if let Some(limit) = &self.limit {
            limit.until_ready().await;
        }
        let mut session = match self.announced(&from, &to, message.len()).await {
            Ok(session) => session,
            Err(outcome) => return Ok(outcome),
        };
        if let Err(error) = self.ledger.write(Entry::mark(token, letter)).await {
            session.withdraw().await;
            self.keep(session);
            return Err(error);
        }
        let outcome = session.transmit(&message).await;
        self.keep(session);
        Ok(outcome)
    }

    /// A connection on which the mail is announced. One that rested may have been closed meanwhile; then a new one is
    /// taken, because nothing of the message has left yet.
    async fn announced(&self, from: &Address, to: &Address, size: usize) -> std::result::Result<Session, Outcome> {
        if let Some(mut session) = self.rested() {
            match session.announce(from, to, size).await {
                Ok(()) => return Ok(session),
                Err(outcome) if session.is_usable() => {
                    self.keep(session);
                    return Err(outcome);
                }
                Err(_) => {}
            }
        }
        let mut session = self.open().await.map_err(|refusal| Outcome::deferred("connection", refusal))?;
        let announced = session.announce(from, to, size).await;
        match announced {
            Ok(()) => Ok(session),
            Err(outcome) => {
                self.keep(session);
                Err(outcome)
            }
        }
    }

    fn rested(&self) -> Option<Session> {
        let mut idle = lock(&self.idle);
        idle.retain(|session| session.used_at().elapsed() < REST);
        idle.pop()
    }

    fn keep(&self, session: Session) {
        if session.is_usable() {
            lock(&self.idle).push(session);
        }
    }

    /// Connects; a server that was away a moment ago is not asked again by every letter.
    async fn open(&self) -> std::result::Result<Session, Refusal> {
        if let Some((since, refusal)) = &*lock(&self.away)
            && since.elapsed() < AWAY
        {
            return Err(refusal.clone());
        }
        let opened = Session::open(&self.server).await;
        *lock(&self.away) = opened.as_ref().err().map(|refusal| (Instant::now(), refusal.clone()));
        opened
    }

    /// How the item ends: what may pass by itself is tried again later, each time twice as late, never at the same time
    /// as others (a server that put off many must not meet them all again at once).
    fn ending(&self, letter: &Letter, outcome: &Outcome) -> Ending {
        let item = &letter.item;
        match &outcome.verdict {
            Verdict::Accepted => Ending::done(item),
            Verdict::Deferred(code) if code::passes(code) && item.retries < i64::from(self.retries) => {
                let doubled =
                    self.backoff * 2_u32.saturating_pow(u32::try_from(item.retries).unwrap_or(u32::MAX).min(12));
                let pause = doubled.mul_f64(rand::rng().random_range(0.75..1.25));
                Ending::later(item, Refusal::new(code, outcome.detail.clone()), pause)
            }
            Verdict::Deferred(code) | Verdict::Refused(code) => {
                Ending::failed(item, Refusal::new(code, outcome.detail.clone()))
            }
            Verdict::Unknown => Ending::failed(item, Refusal::new(code::OUTCOME_UNKNOWN, outcome.detail.clone())),
        }
    }
}
