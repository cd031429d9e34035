//! One process of the old programs: where and when it ran, how it ended, and what the mail server did with its mail.
//!
//! Everything is drawn before anything is written, in one order: two months of the same seed have the same processes,
//! whatever of their work came about.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::calendar::{FIRST_DAY, day};
use super::clock::{Clock, Milestone};
use super::dice::{Dice, Purpose};
use super::fault::{End, Model, Reason};
use super::hosts::{Hosts, NAMES, is_faulty, version};
use super::post::Post;

/// Share of the processes on the faulty host that are started a second time and do not notice, per mille.
const STARTED_TWICE: u64 = 120;
/// The months that January becomes when a bit of its digit is flipped (`1` to `3`, `5`, `9`).
const MONTHS: [NaiveDate; 3] = [day(2013, 3, 1), day(2013, 5, 1), day(2013, 9, 1)];

/// One process.
#[derive(Debug)]
pub(super) struct Process {
    /// Place in the order of invoices.
    pub ordinal: u64,
    /// Serial of the number that it takes; given out in the order of the invoices.
    pub serial: i64,
    pub host: &'static str,
    pub boot_id: String,
    pub pid: i64,
    /// Version of program and template.
    pub version: String,
    pub started_at: DateTime<Utc>,
    pub clock: Clock,
    pub end: End,
    /// The trouble that the customer brings along.
    pub trouble: Option<Reason>,
    /// The period that the invoice is filed under.
    pub period: NaiveDate,
    pub ids: Ids,
    pub post: Post,
    /// Whether the customer got the mail and so may pay.
    pub arrives: bool,
    /// Whether what goes wrong leaves damage; without it the process writes what should stand there.
    pub leaves_damage: bool,
    /// The process that was started for the same invoice once more.
    pub second: Option<Box<Self>>,
}

/// Ids of the rows that a process writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ids {
    pub allocation: Uuid,
    pub attempt: Uuid,
    pub invoice: Uuid,
    pub line: Uuid,
    pub document: Uuid,
    pub delivery: Uuid,
    pub evidence: Uuid,
}

impl Ids {
    fn draw(started_at: DateTime<Utc>, clock: &Clock, dice: &mut Dice) -> Self {
        let mut id = |milestone| dice.id(clock.at(milestone));
        Self {
            invoice: id(Milestone::Header),
            line: id(Milestone::Line),
            document: id(Milestone::Opened),
            delivery: id(Milestone::Queued),
            evidence: id(Milestone::Answered),
            allocation: dice.id(started_at),
            attempt: dice.id(started_at),
        }
    }
}

impl Process {
    /// The process of this invoice; the calendar's `started_at` draws from the same dice.
    pub fn begin(
        seed: u64,
        ordinal: u64,
        hosts: &Hosts,
        model: &Model,
        started_at: impl FnOnce(&mut Dice) -> DateTime<Utc>,
    ) -> Self {
        let mut dice = Dice::new(seed, Purpose::Process, ordinal);
        let started_at = started_at(&mut dice);
        let host = dice.pick(&NAMES);
        let post = Post::draw(Dice::new(seed, Purpose::Post, ordinal));
        let mut process = Self::at(ordinal, hosts, (host, started_at), post, &mut dice);
        process.end = model.end(ordinal, host, started_at, &mut dice);
        process.trouble = match process.end {
            End::Failed(reason) => Some(reason),
            _ => None,
        };
        process.leaves_damage = !model.is_quiet();
        process.post.settle(model.is_quiet(), process.end);
        process.arrives = process.is_taken() && !process.post.is_bounced();
        if process.leaves_damage
            && process.end == End::Done
            && process.is_in_bad_memory()
            && dice.per_mille(STARTED_TWICE)
        {
            process.second = process.again(seed, hosts, &mut dice).map(Box::new);
        }
        process
    }

    /// A process of whose end nothing is known yet.
    fn at(
        ordinal: u64,
        hosts: &Hosts,
        (host, started_at): (&'static str, DateTime<Utc>),
        post: Post,
        dice: &mut Dice,
    ) -> Self {
        let clock = Clock::new(started_at, dice);
        Self {
            ordinal,
            serial: 0,
            host,
            boot_id: hosts.boot_id(host, started_at),
            pid: i64::try_from(dice.between(1_200, 32_767)).unwrap_or(0),
            version: version(host, started_at, dice),
            started_at,
            clock,
            end: End::Done,
            trouble: None,
            period: FIRST_DAY,
            ids: Ids::draw(started_at, &clock, dice),
            post,
            arrives: false,
            leaves_damage: false,
            second: None,
        }
    }

    /// The host takes a process that finished for a dead one and starts it again. The old program looked whether the
    /// period was invoiced already; with a flipped bit in the period it found nothing, and filed a second invoice there.
    fn again(&self, seed: u64, hosts: &Hosts, dice: &mut Dice) -> Option<Self> {
        let started_at = self.clock.at(Milestone::Answered) + TimeDelta::seconds(20);
        let mut own = Dice::new(seed, Purpose::Second, self.ordinal);
        let post = Post::draw(Dice::new(seed, Purpose::SecondPost, self.ordinal));
        let mut second = Self::at(self.ordinal, hosts, (self.host, started_at), post, &mut own);
        second.post.settle(true, End::Done);
        second.leaves_damage = true;
        second.period = dice.pick(&MONTHS);
        second.is_in_bad_memory().then_some(second)
    }

    /// Turns the process into one of which nothing is left to repair.
    pub fn put_right(&mut self) {
        self.end = self.end.put_right(self.is_taken());
        self.leaves_damage = false;
        if let Some(second) = &mut self.second {
            second.end = End::TurnedAway;
            second.period = FIRST_DAY;
            second.leaves_damage = false;
        }
    }

    /// Whether the whole process ran in memory that was faulty.
    pub fn is_in_bad_memory(&self) -> bool {
        is_faulty(self.host, self.started_at) && is_faulty(self.host, self.clock.at(Milestone::Answered))
    }

    /// Whether the mail server took the mail over, whatever was written down.
    pub fn is_taken(&self) -> bool {
        match self.end {
            End::Done | End::Failed(Reason::ReplyMisread | Reason::ReplyGarbled) => true,
            End::Killed(kill) => kill.is_after_the_dot(),
            End::Failed(Reason::ConnectionLost) => self.post.took_over,
            End::Deceived | End::TurnedAway | End::Failed(_) => false,
        }
    }

    /// Why the process failed, if it did and said so.
    pub fn failure(&self) -> Option<Reason> {
        match self.end {
            End::Failed(reason) => Some(reason),
            _ => None,
        }
    }

    /// When the process passed a milestone; none when it never did.
    pub fn passed(&self, milestone: Milestone) -> Option<DateTime<Utc>> {
        (milestone <= self.end.reached()).then(|| self.clock.at(milestone))
    }

    /// When a failing process noticed.
    pub fn failed_at(&self) -> DateTime<Utc> {
        let at = self.clock.at(self.end.reached());
        match self.failure() {
            Some(Reason::ConnectionTimeout) => at + TimeDelta::seconds(30),
            Some(Reason::ConnectionLost) => self.clock.at(Milestone::Answered) + TimeDelta::seconds(5),
            Some(Reason::AddressInvalid | Reason::CharacterNotCovered) | None => at + TimeDelta::milliseconds(90),
            Some(_) => self.clock.at(Milestone::Answered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::Incident;
    use crate::demo::calendar::{Calendar, date};
    use crate::demo::hosts::FAULTY;

    fn january() -> Vec<Process> {
        let (calendar, hosts) = (Calendar::new(1, 8_532, 8_532), Hosts::new(1));
        let model = Model::new(1, Incident::January2013, 8_532);
        let process = |index| {
            let on = date(calendar.registered_at(index, &mut Dice::new(1, Purpose::Person, index)));
            Process::begin(1, index, &hosts, &model, |dice| calendar.invoiced_at(index, on, dice))
        };
        (0..8_532).map(process).collect()
    }

    #[test]
    fn a_version_and_a_template_look_guilty_until_hosts_are_compared() {
        let january = january();
        // Deaths among a thousand of those that match.
        let deaths = |matches: &dyn Fn(&Process) -> bool| {
            let some: Vec<_> = january.iter().filter(|process| matches(process)).collect();
            assert!(some.len() > 30, "{}", some.len());
            some.iter().filter(|process| matches!(process.end, End::Killed(_))).count() * 1_000 / some.len()
        };
        let has = |process: &Process, text: &str| process.version.contains(text);
        assert!(deaths(&|process| has(process, "2.4.2")) > 4 * deaths(&|process| !has(process, "2.4.2")));
        assert!(deaths(&|process| has(process, "Vorlage 7")) > 10 * deaths(&|process| has(process, "Vorlage 6")));
        // Host by host they make no difference.
        let is_bad = |process: &Process| is_faulty(process.host, process.started_at);
        for text in ["2.4.1", "2.4.2", "2.4.3", "Vorlage 6", "Vorlage 7"] {
            assert!(deaths(&|process| is_bad(process) && has(process, text)) > 200, "{text}");
            assert_eq!(deaths(&|process| process.host != FAULTY && has(process, text)), 0, "{text}");
        }
        let is_over = |process: &Process| process.host == FAULTY && !is_bad(process);
        assert_eq!(deaths(&|process| is_over(process) && has(process, "Vorlage 7")), 0);
    }

    #[test]
    fn what_is_put_right_has_nothing_left_to_repair() {
        for mut process in january() {
            let (ids, taken) = (format!("{:?}", process.ids), process.is_taken());
            process.put_right();
            let is_kept = matches!(process.end, End::Killed(_) | End::Failed(Reason::ConnectionLost));
            assert!(!is_kept || !taken, "{process:?}");
            assert!(is_kept || matches!(process.end, End::Done | End::Failed(Reason::RecipientGone)), "{process:?}");
            assert_eq!(format!("{:?}", process.ids), ids);
            assert!(process.second.is_none_or(|second| second.end == End::TurnedAway));
        }
    }
}
