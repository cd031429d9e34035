//! How a process of the old programs ends. This is the model that all damage comes from; it knows nothing of the code
//! that looks for damage.
//!
//! The fault of January 2013: a process on the host with the faulty memory dies at a random instant of its work, and
//! leaves behind what it had written by then. One that goes on may mishear the mail server, or write values of which a
//! bit was flipped (`memory`). Everywhere else, and at all times, a few fail for ordinary reasons.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Incident;
use super::clock::{Milestone, SPANS, WHOLE};
use super::dice::{Dice, Purpose};
use super::hosts::is_faulty;

/// Share of the processes that the faulty memory kills, per mille.
const KILLED: u64 = 400;
/// Share of those it leaves alive that mishear the mail server, per mille.
const MISHEARD: u64 = 330;
/// Share of the processes that fail for ordinary reasons, per mille.
const ORDINARY: u64 = 9;
/// Among how many people one typed something that is no mail address.
const PEOPLE_PER_INVALID_ADDRESS: u64 = 1_700;
/// Among how many people one has a name that the PDF's fonts lack, and how many such people there are at most.
const PEOPLE_PER_ODD_NAME: u64 = 4_000;
const MOST_ODD_NAMES: u64 = 2;
/// Share of the talk with the mail server, per mille, after which it has taken the mail over.
const TAKEN_OVER: u64 = 600;

/// An ordinary reason to fail, or one that the faulty memory made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The customer mistyped the address; nobody has it, and the mail server refuses it.
    MistypedAddress,
    /// Nobody has the address any more, and the mail server refuses it.
    RecipientGone,
    /// The customer's mailbox is full.
    MailboxFull,
    /// The mail server did not answer in time.
    ConnectionTimeout,
    /// The connection broke after the mail had been sent; whether it arrived was not heard.
    ConnectionLost,
    /// The mail server took the mail; a bit of its reply was flipped, and 250 read as 650.
    ReplyMisread,
    /// The mail server took the mail; a bit of its reply was flipped, and it read as no number at all.
    ReplyGarbled,
    /// What the customer typed is no address.
    AddressInvalid,
    /// The name has a character that the PDF's fonts lack.
    CharacterNotCovered,
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It does all of its work.
    Done,
    /// It does all of its work, but the mail server refused the mail: what was read was still an older reply.
    Deceived,
    /// It finds that the period is invoiced already.
    TurnedAway,
    /// It is killed.
    Killed(Kill),
    /// It fails and says so.
    Failed(Reason),
}

/// An instant at which a process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kill {
    /// The last milestone before it.
    pub after: Milestone,
    /// How much of the way to the next milestone was done, per mille; below 1000.
    pub way: u64,
    /// SIGBUS (7), SIGKILL (9) or SIGSEGV (11).
    pub signal: i64,
}

impl Kill {
    /// Whether the mail server had taken the mail over by then.
    pub fn is_after_the_dot(self) -> bool {
        self.after == Milestone::Sending && self.way >= TAKEN_OVER
    }
}

impl End {
    /// The last milestone that the process reached.
    pub fn reached(self) -> Milestone {
        match self {
            Self::Done | Self::Deceived => Milestone::Answered,
            Self::TurnedAway => Milestone::Number,
            Self::Killed(kill) => kill.after,
            Self::Failed(Reason::CharacterNotCovered) => Milestone::Line,
            Self::Failed(Reason::AddressInvalid) => Milestone::Stored,
            Self::Failed(_) => Milestone::Sending,
        }
    }

    /// How it would have ended, and what would have been written, had nothing gone wrong: a mail that the server never
    /// got is still to be sent, and one that it refused is written down as refused.
    pub fn put_right(self, is_taken: bool) -> Self {
        match self {
            Self::Deceived => Self::Failed(Reason::RecipientGone),
            Self::Killed(kill) if kill.after == Milestone::Sending && !is_taken => self,
            Self::Failed(Reason::ConnectionLost) if !is_taken => self,
            Self::TurnedAway => self,
            _ => Self::Done,
        }
    }
}

/// The incident, with the few people whose trouble is decided before they come.
#[derive(Debug)]
pub(super) struct Model {
    incident: Incident,
    /// Invoices of people with an odd name or address.
    odd: BTreeMap<u64, Reason>,
}

impl Model {
    /// The model for so many invoices.
    pub fn new(seed: u64, incident: Incident, invoiced: u64) -> Self {
        let mut odd = BTreeMap::new();
        if incident == Incident::January2013 && invoiced > 0 {
            let mut dice = Dice::new(seed, Purpose::Odd, 0);
            for _ in 0..invoiced.div_ceil(PEOPLE_PER_INVALID_ADDRESS) {
                odd.insert(dice.below(invoiced), Reason::AddressInvalid);
            }
            for _ in 0..invoiced.div_ceil(PEOPLE_PER_ODD_NAME).min(MOST_ODD_NAMES) {
                odd.insert(dice.below(invoiced), Reason::CharacterNotCovered);
            }
        }
        Self { incident, odd }
    }

    /// Whether nothing goes wrong at all.
    pub fn is_quiet(&self) -> bool {
        self.incident == Incident::None
    }

    /// How the process of this invoice ends, on this host and started at this time.
    pub fn end(&self, ordinal: u64, host: &str, started_at: DateTime<Utc>, dice: &mut Dice) -> End {
        if self.is_quiet() {
            return End::Done;
        }
        if let Some(reason) = self.odd.get(&ordinal) {
            return End::Failed(*reason);
        }
        if is_faulty(host, started_at) {
            if dice.per_mille(KILLED) {
                return End::Killed(kill(dice));
            }
            if dice.per_mille(MISHEARD) {
                return misheard(dice);
            }
        }
        if dice.per_mille(ORDINARY) { End::Failed(ordinary(dice)) } else { End::Done }
    }
}

/// Any instant of the work is as likely as any other.
fn kill(dice: &mut Dice) -> Kill {
    let mut instant = dice.below(WHOLE);
    let signal = dice.weighted(&[(5, 11), (3, 7), (2, 9)]);
    for (after, span) in SPANS {
        if instant < span {
            return Kill { after, way: instant * 1_000 / span, signal };
        }
        instant -= span;
    }
    Kill { after: Milestone::Sending, way: 999, signal }
}

fn misheard(dice: &mut Dice) -> End {
    dice.pick(&[End::Failed(Reason::ReplyMisread), End::Failed(Reason::ReplyGarbled), End::Deceived])
}

fn ordinary(dice: &mut Dice) -> Reason {
    dice.weighted(&[
        (4, Reason::MistypedAddress),
        (2, Reason::MailboxFull),
        (2, Reason::ConnectionTimeout),
        (2, Reason::ConnectionLost),
    ])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeDelta;

    use super::super::hosts::{FAULTY, bad_days};
    use super::*;

    #[test]
    fn a_kill_can_happen_anywhere() {
        let mut dice = Dice::new(1, Purpose::Process, 0);
        let kills: Vec<Kill> = (0..2_000).map(|_| kill(&mut dice)).collect();
        assert!(kills.iter().all(|kill| kill.way < 1_000));
        let after: BTreeSet<_> = kills.iter().map(|kill| kill.after).collect();
        assert_eq!(after.len(), SPANS.len());
    }

    #[test]
    fn only_the_faulty_host_kills_and_only_in_its_bad_days() {
        let model = Model::new(1, Incident::January2013, 1_000_000);
        let (from, until) = bad_days();
        let ends = |host: &str, at| {
            let mut dice = Dice::new(1, Purpose::Process, 7);
            let ends: Vec<End> = (0..2_000).map(|ordinal| model.end(ordinal, host, at, &mut dice)).collect();
            let killed = ends.iter().filter(|end| matches!(end, End::Killed(_))).count();
            let misheard = [Reason::ReplyMisread, Reason::ReplyGarbled].map(End::Failed);
            let deaf = ends.iter().filter(|end| **end == End::Deceived || misheard.contains(end)).count();
            (killed, deaf)
        };
        let (killed, deaf) = ends(FAULTY, from);
        assert!((700..900).contains(&killed) && (310..480).contains(&deaf), "{killed} {deaf}");
        assert_eq!(ends(FAULTY, from - TimeDelta::milliseconds(1)), (0, 0));
        assert_eq!(ends(FAULTY, until), (0, 0));
        assert_eq!(ends("rechnung-01", from), (0, 0));
    }

    #[test]
    fn without_an_incident_everything_ends_well() {
        let model = Model::new(1, Incident::None, 5_000);
        let mut dice = Dice::new(1, Purpose::Process, 0);
        assert!((0..5_000).all(|ordinal| model.end(ordinal, FAULTY, bad_days().0, &mut dice) == End::Done));
    }
}
