//! How a process of the old programs ends. This is the model that all damage comes from; it knows nothing of the code
//! that looks for damage.
//!
//! The fault of January 2013: a process on the host with the faulty memory dies at a random instant of its work, and
//! leaves behind what it had written by then. Everywhere else, and at all times, a few fail for ordinary reasons.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Incident;
use super::dice::{Dice, Purpose};
use super::hosts::{FAULTY, bad_days};

/// Share of the processes that the faulty memory kills, per mille.
const KILLED: u64 = 400;
/// Share of the processes that fail for ordinary reasons, per mille.
const ORDINARY: u64 = 5;
/// Among how many people one typed something that is no mail address.
const PEOPLE_PER_INVALID_ADDRESS: u64 = 1_700;
/// Among how many people one has a name that the PDF's fonts lack, and how many such people there are at most.
const PEOPLE_PER_ODD_NAME: u64 = 4_000;
const MOST_ODD_NAMES: u64 = 2;

/// What the old program has written, in the order in which it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Milestone {
    /// The number is taken.
    Number,
    /// The invoice's row is there, without amounts.
    Header,
    /// The line is there and the row has its amounts; now the PDF is drawn.
    Line,
    /// The PDF's place in the archive is made; now its bytes are written.
    Opened,
    /// The PDF is stored whole.
    Stored,
    /// The mail is queued.
    Queued,
    /// The mail server is being talked to.
    Sending,
    /// The mail server has answered; the work is done.
    Answered,
}

use Milestone::{Answered, Header, Line, Number, Opened, Queued, Sending, Stored};

/// Milliseconds that a process of ordinary speed takes from each milestone to the next.
const SPANS: [(Milestone, u64); 7] =
    [(Number, 140), (Header, 160), (Line, 620), (Opened, 420), (Stored, 180), (Queued, 240), (Sending, 480)];
const WHOLE: u64 = 2_240;

/// An ordinary reason to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The customer mistyped the address; nobody has it, and the mail server refuses it.
    MistypedAddress,
    /// The customer's mailbox is full.
    MailboxFull,
    /// The mail server did not answer in time.
    ConnectionTimeout,
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

impl End {
    /// The last milestone that the process reached.
    pub fn reached(self) -> Milestone {
        match self {
            Self::Done => Answered,
            Self::Killed(kill) => kill.after,
            Self::Failed(Reason::CharacterNotCovered) => Line,
            Self::Failed(Reason::AddressInvalid) => Stored,
            Self::Failed(_) => Sending,
        }
    }
}

/// The clock of one process: when it reaches what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    started_at: DateTime<Utc>,
    /// Hundredths of the ordinary duration.
    percent: u64,
}

impl Clock {
    /// A process that starts now; none is as fast as another.
    pub fn new(started_at: DateTime<Utc>, dice: &mut Dice) -> Self {
        Self { started_at, percent: dice.between(70, 190) }
    }

    /// When the process reaches a milestone.
    pub fn at(&self, milestone: Milestone) -> DateTime<Utc> {
        self.after(before(milestone))
    }

    /// When a kill happens.
    pub fn killed_at(&self, kill: Kill) -> DateTime<Utc> {
        self.after(before(kill.after) + span(kill.after) * kill.way / 1_000)
    }

    fn after(&self, ordinary: u64) -> DateTime<Utc> {
        self.started_at + TimeDelta::milliseconds(i64::try_from(ordinary * self.percent / 100).unwrap_or(0))
    }
}

fn span(milestone: Milestone) -> u64 {
    SPANS.iter().find(|(from, _)| *from == milestone).map_or(0, |(_, span)| *span)
}

fn before(milestone: Milestone) -> u64 {
    SPANS.iter().filter(|(from, _)| *from < milestone).map(|(_, span)| span).sum()
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

    /// How the process of this invoice ends, on this host and started at this time.
    pub fn end(&self, ordinal: u64, host: &str, started_at: DateTime<Utc>, dice: &mut Dice) -> End {
        if self.incident == Incident::None {
            return End::Done;
        }
        if let Some(reason) = self.odd.get(&ordinal) {
            return End::Failed(*reason);
        }
        let (from, until) = bad_days();
        if host == FAULTY && (from..until).contains(&started_at) && dice.per_mille(KILLED) {
            return End::Killed(kill(dice));
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
    Kill { after: Sending, way: 999, signal }
}

fn ordinary(dice: &mut Dice) -> Reason {
    dice.weighted(&[(5, Reason::MistypedAddress), (2, Reason::MailboxFull), (3, Reason::ConnectionTimeout)])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_spans_make_the_whole() {
        assert_eq!(before(Answered), WHOLE);
    }

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
        let kills = |host: &str, at| {
            let mut dice = Dice::new(1, Purpose::Process, 7);
            let ends = (0..2_000).map(|ordinal| model.end(ordinal, host, at, &mut dice));
            ends.filter(|end| matches!(end, End::Killed(_))).count()
        };
        assert!((700..900).contains(&kills(FAULTY, from)));
        assert_eq!(kills(FAULTY, from - TimeDelta::milliseconds(1)), 0);
        assert_eq!(kills(FAULTY, until), 0);
        assert_eq!(kills("rechnung-01", from), 0);
    }

    #[test]
    fn without_an_incident_everything_ends_well() {
        let model = Model::new(1, Incident::None, 5_000);
        let mut dice = Dice::new(1, Purpose::Process, 0);
        assert!((0..5_000).all(|ordinal| model.end(ordinal, FAULTY, bad_days().0, &mut dice) == End::Done));
    }
}
