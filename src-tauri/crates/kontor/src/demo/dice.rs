//! Randomness that depends on the seed alone.
//!
//! Every person and every process has a stream of its own, so that a row does not depend on how the work was cut into
//! chunks or shared among threads. Only whole numbers are drawn: the same seed gives the same rows on every machine.

use chrono::{DateTime, Utc};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::{Builder, Uuid};

/// What a stream is for; streams of different purposes never share values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// Settings, number ranges, storage samples.
    Office = 1,
    /// How many people come in which hour.
    Calendar = 2,
    /// Boot ids of the hosts.
    Hosts = 3,
    /// Who has an odd name or address.
    Odd = 4,
    /// One person, by place in the order of registrations.
    Person = 5,
    /// One process of the old programs, by place in the order of invoices.
    Process = 6,
    /// The mail server's part in a process's mail.
    Post = 7,
    /// What a customer pays for an invoice, and what becomes of it.
    Payment = 8,
    /// What the faulty memory does to the values of a process that goes on.
    Memory = 9,
    /// A process that was started a second time.
    Second = 10,
    /// The mail server's part in the mail of such a process.
    SecondPost = 11,
}

/// One stream of random values.
#[derive(Debug)]
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of this purpose and number.
    pub fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(((purpose as u64) << 56) | number);
        Self(source)
    }

    /// A whole number below `end`; zero when `end` is zero.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.0.random_range(0..end) }
    }

    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below((high + 1).saturating_sub(low))
    }

    /// Yes, in so many cases of a thousand.
    pub fn per_mille(&mut self, share: u64) -> bool {
        self.below(1000) < share
    }

    /// One of the list; the list must not be empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let index = self.below(list.len() as u64);
        list[usize::try_from(index).unwrap_or(0)]
    }

    /// One of the list, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, list: &[(u64, T)]) -> T {
        let mut rest = self.below(list.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in list {
            if rest < *weight {
                return *value;
            }
            rest -= weight;
        }
        list[0].1
    }

    /// A `UUIDv7` of this time.
    pub fn id(&mut self, at: DateTime<Utc>) -> Uuid {
        let mut random = [0; 10];
        self.0.fill_bytes(&mut random);
        Builder::from_unix_timestamp_millis(u64::try_from(at.timestamp_millis()).unwrap_or(0), &random).into_uuid()
    }

    /// A `UUIDv4`, as Linux names its boots.
    pub fn boot_id(&mut self) -> String {
        let mut random = [0; 16];
        self.0.fill_bytes(&mut random);
        Builder::from_random_bytes(random).into_uuid().to_string()
    }
}
