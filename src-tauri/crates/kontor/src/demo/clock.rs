//! The clock of one process of the old programs: what it writes in which order, and when.

use chrono::{DateTime, TimeDelta, Utc};

use super::dice::Dice;

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
    /// The mail server has answered. The program writes back every record that it held: the customer, the mailbox, the
    /// subscription, the invoice and the mail.
    Answered,
}

use Milestone::{Header, Line, Number, Opened, Queued, Sending, Stored};

/// Milliseconds that a process of ordinary speed takes from each milestone to the next.
pub(super) const SPANS: [(Milestone, u64); 7] =
    [(Number, 140), (Header, 160), (Line, 620), (Opened, 420), (Stored, 180), (Queued, 240), (Sending, 480)];
/// The whole of it.
pub(super) const WHOLE: u64 = 2_240;

/// When a process reaches what.
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

    /// When so much of the way from a milestone to the next is done, per mille.
    pub fn on_the_way(&self, milestone: Milestone, way: u64) -> DateTime<Utc> {
        self.after(before(milestone) + span(milestone) * way / 1_000)
    }

    fn after(&self, ordinary: u64) -> DateTime<Utc> {
        self.started_at + milliseconds(ordinary * self.percent / 100)
    }
}

/// So many milliseconds.
pub(super) fn milliseconds(count: u64) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(count).unwrap_or(0))
}

fn span(milestone: Milestone) -> u64 {
    SPANS.iter().find(|(from, _)| *from == milestone).map_or(0, |(_, span)| *span)
}

fn before(milestone: Milestone) -> u64 {
    SPANS.iter().filter(|(from, _)| *from < milestone).map(|(_, span)| span).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spans_make_the_whole() {
        assert_eq!(before(Milestone::Answered), WHOLE);
    }
}
