//! The mail server of the house: which mails it took, what became of them further on, and what its log says of each.
//!
//! The log is Postfix's, as syslog writes it. Some of it is missing: syslog drops lines when a program is too talkative,
//! and it is when connections break that Postfix is. What this module leaves out: all other mail of that server.

use chrono::{DateTime, TimeDelta, Utc};

use super::clock::{Milestone, milliseconds};
use super::dice::Dice;
use super::fault::{End, Kill, Reason};
use super::mailbox::DOMAIN;
use super::maillog::Line;
use super::process::Process;
use crate::store::entities::deliveries;

/// Share of the mails whose lines are missing, per mille: where the reply was not heard, and elsewhere.
const UNLOGGED_BREAK: u64 = 350;
const UNLOGGED: u64 = 4;
/// Share of the mails that are put off once by the recipient's server, per mille, and of those that come back.
const PUT_OFF: u64 = 30;
const BOUNCED: u64 = 3;
/// Share of broken connections after which the mail had been taken over, per mille.
const TAKEN_BEFORE_BREAK: u64 = 600;

/// What becomes of a mail that the server took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Onward {
    /// The recipient's server takes it.
    Sent,
    /// It takes it at the second try.
    SentLater,
    /// It refuses it, and the mail comes back.
    Bounced(Refused),
}

/// Why a mail comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NobodyThere,
    OverQuota,
    Unwanted,
}

/// The server's part in one mail.
#[derive(Debug)]
pub(super) struct Post {
    /// Queue id of the mail, and of the report if it comes back.
    pub queue_id: String,
    pub report_id: String,
    /// Whether a mail had been taken over when the connection broke.
    pub took_over: bool,
    /// Whether the log has its lines.
    pub is_logged: bool,
    is_logged_after_break: bool,
    onward: Onward,
    /// When the mail came back, counted from the reply.
    returns_after: TimeDelta,
    /// Process ids of smtpd, cleanup, qmgr and smtp.
    pids: [u64; 4],
    /// How long the recipient's server takes, in tenths of a second: to answer, in all, and to want the mail again.
    answers_in: u64,
    takes_in: u64,
    wants_again_in: u64,
}

/// A part of Postfix.
#[derive(Clone, Copy, Debug)]
enum Daemon {
    Smtpd,
    Cleanup,
    Qmgr,
    Smtp,
    Bounce,
    Local,
}

impl Daemon {
    fn name(self) -> &'static str {
        match self {
            Self::Smtpd => "smtpd",
            Self::Cleanup => "cleanup",
            Self::Qmgr => "qmgr",
            Self::Smtp => "smtp",
            Self::Bounce => "bounce",
            Self::Local => "local",
        }
    }

    /// Its process; those that deliver share one number, which nobody reads.
    fn pid(self, post: &Post) -> u64 {
        let [smtpd, cleanup, qmgr, smtp] = post.pids;
        match self {
            Self::Smtpd => smtpd,
            Self::Cleanup => cleanup,
            Self::Qmgr => qmgr,
            Self::Smtp | Self::Bounce | Self::Local => smtp,
        }
    }
}

impl Post {
    /// Draws it.
    pub fn draw(mut dice: Dice) -> Self {
        let queue_id =
            |dice: &mut Dice| format!("{:05X}{:05X}", dice.below(1_000_000), dice.between(0x4_0000, 0xf_ffff));
        let refused = [Refused::NobodyThere, Refused::OverQuota, Refused::Unwanted];
        let (put_off, bounced) = (dice.per_mille(PUT_OFF), dice.per_mille(BOUNCED));
        let onward = match (bounced, put_off) {
            (true, _) => Onward::Bounced(dice.pick(&refused)),
            (_, true) => Onward::SentLater,
            _ => Onward::Sent,
        };
        Self {
            queue_id: queue_id(&mut dice),
            report_id: queue_id(&mut dice),
            took_over: dice.per_mille(TAKEN_BEFORE_BREAK),
            is_logged: !dice.per_mille(UNLOGGED),
            is_logged_after_break: !dice.per_mille(UNLOGGED_BREAK),
            onward,
            returns_after: TimeDelta::seconds(i64::try_from(dice.between(1, 30 * 3_600)).unwrap_or(1)),
            pids: [(2_000, 2_900), (2_901, 2_960), (1_499, 1_499), (2_961, 3_400)]
                .map(|(low, high)| dice.between(low, high)),
            takes_in: dice.between(2, 30),
            answers_in: dice.between(1, 9),
            wants_again_in: dice.between(9_000, 19_000),
        }
    }

    /// Lets the rest follow from how the process ended: what comes back is never a second misfortune, and in a quiet
    /// month there is none at all.
    pub fn settle(&mut self, is_quiet: bool, end: End) {
        if (is_quiet || end != End::Done) && self.is_bounced() {
            self.onward = Onward::Sent;
        }
        let is_unheard = matches!(end, End::Killed(_) | End::Failed(Reason::ConnectionLost | Reason::ReplyGarbled));
        if is_unheard {
            self.is_logged = self.is_logged_after_break;
        }
        self.is_logged |= is_quiet;
    }

    /// Whether the mail comes back.
    pub fn is_bounced(&self) -> bool {
        self.refused().is_some()
    }

    /// Why it comes back.
    pub fn refused(&self) -> Option<Refused> {
        match self.onward {
            Onward::Bounced(refused) => Some(refused),
            _ => None,
        }
    }

    /// When the report of its return was written.
    pub fn returned_at(&self, taken_at: DateTime<Utc>) -> DateTime<Utc> {
        let soon = self.refused() != Some(Refused::OverQuota);
        taken_at + if soon { TimeDelta::milliseconds(900) } else { self.returns_after }
    }
}

/// The whole of what the log says of a process's mail, in order.
pub(super) fn log(process: &Process, mail: &deliveries::Model, size: usize) -> Vec<Line> {
    let Some(from) = process.passed(Milestone::Sending) else { return Vec::new() };
    let writer = Writer { process, mail, client: client(process.host), until: until(process), lines: Vec::new() };
    let lines = writer.write(from, size);
    if process.post.is_logged {
        return lines;
    }
    let text = format!(
        "rsyslogd-2177: imuxsock lost {} messages from pid {} due to rate-limiting",
        lines.len(),
        process.post.pids[0]
    );
    vec![Line { at: until(process), text }]
}

/// The recipient's mail server.
pub(super) fn relay(recipient: &str) -> String {
    let domain = recipient.rsplit_once('@').map_or(recipient, |(_, domain)| domain);
    let number = domain.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    format!("mx.{domain}[198.51.100.{}]", number % 254 + 1)
}

impl Refused {
    /// Enhanced status code (RFC 3463).
    pub fn status(self) -> &'static str {
        match self {
            Self::NobodyThere => "5.1.1",
            Self::OverQuota => "5.2.2",
            Self::Unwanted => "5.7.1",
        }
    }

    /// What the recipient's server said.
    pub fn reply(self, recipient: &str) -> String {
        match self {
            Self::NobodyThere => format!("550 5.1.1 <{recipient}>: Recipient address rejected: User unknown"),
            Self::OverQuota => format!("552 5.2.2 <{recipient}>: Mailbox is over quota"),
            Self::Unwanted => "550 5.7.1 Message rejected as unsolicited".to_owned(),
        }
    }

    /// What Postfix makes of it.
    pub fn sentence(self, recipient: &str) -> String {
        let command = if self == Self::Unwanted { "end of DATA" } else { "RCPT TO" };
        format!("host {} said: {} (in reply to {command} command)", relay(recipient), self.reply(recipient))
    }
}

fn client(host: &str) -> String {
    let number = host.bytes().last().map_or(0, |digit| u32::from(digit.saturating_sub(b'0')));
    format!("{host}.{DOMAIN}[192.0.2.{}]", 10 + number)
}

/// When the talk was over, whoever ended it.
fn until(process: &Process) -> DateTime<Utc> {
    match process.end {
        End::Killed(kill) => process.clock.on_the_way(kill.after, kill.way),
        End::Failed(Reason::ConnectionTimeout) => process.failed_at(),
        _ => process.clock.at(Milestone::Answered),
    }
}

/// Writes the lines of one mail.
struct Writer<'a> {
    process: &'a Process,
    mail: &'a deliveries::Model,
    client: String,
    until: DateTime<Utc>,
    lines: Vec<Line>,
}

impl Writer<'_> {
    fn write(mut self, from: DateTime<Utc>, size: usize) -> Vec<Line> {
        let client = self.client.clone();
        self.smtpd(from, &format!("connect from {client}"));
        if self.process.is_taken() {
            self.taken(size);
        } else {
            self.not_taken(from);
        }
        self.smtpd(self.until, &format!("disconnect from {client}"));
        // What happens to the mail later stands later.
        self.lines.sort_by_key(|line| line.at);
        self.lines
    }

    fn line(&mut self, at: DateTime<Utc>, daemon: Daemon, text: &str) {
        let (name, pid) = (daemon.name(), daemon.pid(&self.process.post));
        self.lines.push(Line { at, text: format!("postfix/{name}[{pid}]: {text}") });
    }

    fn smtpd(&mut self, at: DateTime<Utc>, text: &str) {
        self.line(at, Daemon::Smtpd, text);
    }

    fn taken(&mut self, size: usize) {
        let id = self.process.post.queue_id.clone();
        self.smtpd(self.until, &format!("{id}: client={}", self.client));
        self.line(self.until, Daemon::Cleanup, &format!("{id}: message-id=<{}>", self.mail.message_id));
        let sender = super::mail::SENDER;
        self.line(self.until, Daemon::Qmgr, &format!("{id}: from=<{sender}>, size={size}, nrcpt=1 (queue active)"));
        if self.process.failure() == Some(Reason::ConnectionLost) {
            self.smtpd(self.until, &format!("lost connection after END-OF-MESSAGE from {}", self.client));
        }
        match self.process.post.onward {
            Onward::Sent => self.sent(self.until),
            Onward::SentLater => self.sent_later(),
            Onward::Bounced(refused) => self.bounced(refused),
        }
    }

    fn sent(&mut self, since: DateTime<Utc>) {
        let post = &self.process.post;
        let (id, tenths, setup) = (post.queue_id.clone(), post.takes_in, post.answers_in);
        let at = since + milliseconds(tenths * 100);
        let delay = (at - self.until).num_milliseconds() / 100;
        let text = format!(
            "{id}: to=<{}>, relay={}:25, delay={}.{}, delays=0.1/0/0.{setup}/{}.{}, dsn=2.0.0, status=sent \
             (250 2.0.0 Ok: queued as {})",
            self.mail.recipient,
            relay(&self.mail.recipient),
            delay / 10,
            delay % 10,
            tenths / 10,
            tenths % 10,
            post.report_id
        );
        self.line(at, Daemon::Smtp, &text);
        self.line(at, Daemon::Qmgr, &format!("{id}: removed"));
    }

    fn sent_later(&mut self) {
        let post = &self.process.post;
        let recipient = &self.mail.recipient;
        let text = format!(
            "{}: to=<{recipient}>, relay={}:25, delay=0.7, delays=0.1/0/0.3/0.3, dsn=4.2.0, status=deferred (host {} \
             said: 450 4.2.0 <{recipient}>: Recipient address rejected: Greylisted (in reply to RCPT TO command))",
            post.queue_id,
            relay(recipient),
            relay(recipient)
        );
        let again = self.until + milliseconds(post.wants_again_in * 100);
        self.line(self.until + milliseconds(700), Daemon::Smtp, &text);
        self.sent(again);
    }

    fn bounced(&mut self, refused: Refused) {
        let post = &self.process.post;
        let (id, report) = (post.queue_id.clone(), post.report_id.clone());
        let at = post.returned_at(self.until);
        let recipient = &self.mail.recipient;
        let via = relay(recipient);
        let delay = (at - self.until).num_seconds();
        let (status, sentence) = (refused.status(), refused.sentence(recipient));
        let text = format!(
            "{id}: to=<{recipient}>, relay={via}:25, delay={delay}, delays={delay}/0/0.4/0.2, dsn={status}, status=bounced \
             ({sentence})"
        );
        self.line(at, Daemon::Smtp, &text);
        self.line(at, Daemon::Cleanup, &format!("{report}: message-id=<{}>", super::bounce::message_id(&report, at)));
        self.line(at, Daemon::Bounce, &format!("{id}: sender non-delivery notification: {report}"));
        self.line(at, Daemon::Qmgr, &format!("{report}: from=<>, size=4711, nrcpt=1 (queue active)"));
        self.line(at, Daemon::Qmgr, &format!("{id}: removed"));
        let sender = super::mail::SENDER;
        let kept = format!(
            "{report}: to=<{sender}>, relay=local, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (delivered to \
             mailbox)"
        );
        self.line(at + milliseconds(100), Daemon::Local, &kept);
        self.line(at + milliseconds(100), Daemon::Qmgr, &format!("{report}: removed"));
    }

    fn not_taken(&mut self, from: DateTime<Utc>) {
        match self.process.end {
            End::Deceived => self.rejected(Reason::RecipientGone),
            End::Killed(Kill { way, .. }) => self.broken(from, way),
            End::Failed(Reason::ConnectionLost) => self.broken(from, 550),
            End::Failed(Reason::ConnectionTimeout) => self.broken(from, 0),
            End::Failed(reason) => self.rejected(reason),
            End::Done | End::TurnedAway => {}
        }
    }

    fn rejected(&mut self, reason: Reason) {
        let (recipient, host) = (&self.mail.recipient, self.process.host);
        let Some((_, reply)) = super::mail::refusal(reason, recipient) else { return };
        let text = format!(
            "NOQUEUE: reject: RCPT from {}: {reply}; from=<{}> to=<{recipient}> proto=ESMTP helo=<{host}.{DOMAIN}>",
            self.client,
            super::mail::SENDER
        );
        self.smtpd(self.until, &text);
    }

    /// The client went away before the message had been sent whole; the queue id it had been given means nothing.
    fn broken(&mut self, from: DateTime<Utc>, way: u64) {
        let (client, id) = (self.client.clone(), self.process.post.queue_id.clone());
        if way > 300 {
            self.smtpd(from + (self.until - from) / 2, &format!("{id}: client={client}"));
        }
        let command = match way {
            0..200 => "CONNECT",
            200..=300 => "MAIL",
            301..500 => "RCPT",
            _ => "DATA (0 bytes)",
        };
        self.smtpd(self.until, &format!("lost connection after {command} from {client}"));
    }
}
