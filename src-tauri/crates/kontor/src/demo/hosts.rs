//! The four hosts that the old programs ran on: their boots, and which version of program and template they had.
//!
//! In those days the office looked for the fault in the program and changed it twice, on all hosts at once: one version
//! ran in bad days only, and nearly all of its hosts were healthy. A new template for the invoices was being tried out,
//! and mostly on the host that later turned out to be the faulty one. So a version and a template look guilty until they
//! are compared host by host.

use chrono::{DateTime, Utc};

use super::calendar::{FIRST_DAY, berlin, day};
use super::dice::{Dice, Purpose};

/// All hosts; they share the work about evenly.
pub(super) const NAMES: [&str; 4] = ["rechnung-01", "rechnung-02", "rechnung-03", "rechnung-04"];
/// The one with the faulty memory.
pub(super) const FAULTY: &str = "rechnung-03";

const HOUR: u64 = 3_600_000;

/// Share of the invoices drawn with the new template, per mille: on the host where it was tried out, and elsewhere.
const TRIED_OUT: u64 = 850;
const ELSEWHERE: u64 = 60;

/// First and last moment of the faulty memory: it was noticed after four days and replaced as a whole.
pub(super) fn bad_days() -> (DateTime<Utc>, DateTime<Utc>) {
    (berlin(day(2013, 1, 21), 9 * HOUR), berlin(day(2013, 1, 25), 16 * HOUR))
}

/// Whether the memory of this host was faulty at this time.
pub(super) fn is_faulty(host: &str, at: DateTime<Utc>) -> bool {
    let (from, until) = bad_days();
    host == FAULTY && (from..until).contains(&at)
}

/// Version of the program at this time.
fn program(at: DateTime<Utc>) -> &'static str {
    if at < berlin(day(2013, 1, 22), 18 * HOUR) {
        "rechnung 2.4.1"
    } else if at < berlin(day(2013, 1, 24), 12 * HOUR) {
        "rechnung 2.4.2"
    } else {
        "rechnung 2.4.3"
    }
}

/// Version of program and template that a process had: `rechnung 2.4.1 (Vorlage 6)`.
pub(super) fn version(host: &str, at: DateTime<Utc>, dice: &mut Dice) -> String {
    let share = if host == FAULTY { TRIED_OUT } else { ELSEWHERE };
    let is_new = dice.per_mille(share) && at >= berlin(day(2013, 1, 17), 0);
    format!("{} (Vorlage {})", program(at), if is_new { 7 } else { 6 })
}

/// Which boot of which host was when.
#[derive(Debug)]
pub(super) struct Hosts {
    /// Host, since when, boot id; oldest first.
    boots: Vec<(&'static str, DateTime<Utc>, String)>,
}

impl Hosts {
    /// Every host was up before the month began and had one planned restart; the faulty one was restarted in vain and
    /// again when its memory was replaced.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed, Purpose::Hosts, 0);
        let mut boots = Vec::new();
        for (name, restart) in
            NAMES.into_iter().zip([day(2013, 1, 8), day(2013, 1, 9), day(2013, 1, 10), day(2013, 1, 15)])
        {
            boots.push((name, berlin(FIRST_DAY - chrono::Days::new(12), 22 * HOUR), dice.boot_id()));
            boots.push((name, berlin(restart, 4 * HOUR), dice.boot_id()));
        }
        boots.push((FAULTY, berlin(day(2013, 1, 23), 7 * HOUR), dice.boot_id()));
        boots.push((FAULTY, bad_days().1, dice.boot_id()));
        Self { boots }
    }

    /// Id of the boot that a host was in.
    pub fn boot_id(&self, host: &str, at: DateTime<Utc>) -> String {
        let boot = self.boots.iter().rev().find(|(name, since, _)| *name == host && *since <= at);
        boot.map(|(.., id)| id.clone()).unwrap_or_default()
    }
}
