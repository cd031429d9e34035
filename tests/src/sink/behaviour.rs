//! What the server can be told to do, and what it knows when it decides.

use std::time::Duration;

/// A message whose final dot arrived and that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Envelope sender.
    pub from: String,
    /// Envelope recipients.
    pub to: Vec<String>,
    /// Header and body as sent, with CRLF, without dot-stuffing.
    pub data: Vec<u8>,
    /// Its `Message-ID` header, with angle brackets.
    pub message_id: Option<String>,
    /// What followed the address in MAIL, such as `SIZE=1234`.
    pub parameters: Vec<String>,
    /// The queue id that the answer to the final dot names.
    pub queue_id: String,
    /// The how manieth connection it came over, from 1.
    pub connection: usize,
    /// Whether that connection was encrypted.
    pub tls: bool,
    /// Who had logged in.
    pub login: Option<String>,
}

/// What a behaviour is decided by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The how manieth mail transaction of this server, from 1.
    pub nth: usize,
    /// Envelope sender.
    pub from: String,
    /// First recipient.
    pub to: String,
}

/// A point of the conversation at which the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Right after the connection is there; with implicit TLS after the handshake.
    Greeting,
    /// EHLO.
    Ehlo,
    /// HELO.
    Helo,
    /// STARTTLS, before the handshake.
    StartTls,
    /// AUTH, once the login is complete.
    Login,
    /// MAIL.
    Mail,
    /// RCPT.
    Recipient,
    /// DATA.
    Data,
    /// The final dot of a message.
    Dot,
    /// RSET.
    Rset,
    /// NOOP.
    Noop,
    /// QUIT.
    Quit,
}

/// What is known when the server is about to speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Where in the conversation.
    pub phase: Phase,
    /// The how manieth connection of this server, from 1.
    pub connection: usize,
    /// The how manieth mail transaction of this server, from 1; 0 outside one.
    pub nth: usize,
    /// Envelope sender; empty outside a transaction.
    pub from: String,
    /// The recipient that is being answered, afterwards the first one.
    pub to: String,
}

/// What happens instead of the right answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This answer; several lines are separated by line feeds. After `421` the connection is closed, and after a
    /// greeting that is not `220`.
    Answer(String),
    /// The right answer, after this time.
    Slow(Duration),
    /// The right answer in single bytes, with this pause before each.
    Pieces(Duration),
    /// This answer in single bytes, with this pause before each.
    AnswerInPieces(String, Duration),
    /// No answer, for as long as the client waits.
    Silent,
    /// No answer; the connection ends in order.
    Cut,
    /// No answer; the connection is reset.
    Reset,
    /// A line that is no answer, and not even text.
    Garbage,
    /// The right answer, then bytes that nobody asked for, then the end of the connection. To STARTTLS: no handshake.
    ThenGarbage,
}

impl Fault {
    /// Whether the client is told no.
    pub(super) fn refuses(&self) -> bool {
        match self {
            Self::Answer(line) | Self::AnswerInPieces(line, _) => !line.starts_with(['2', '3']),
            _ => false,
        }
    }
}

/// What the server does with one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Accepts it: `250` after the final dot.
    Accept,
    /// Answers each recipient with this line, such as `550 5.1.1 unknown`.
    AnswerRecipient(String),
    /// Answers DATA with this line instead of `354`.
    AnswerData(String),
    /// Takes the message and answers the final dot with this line; it is kept only if the line starts with `2`.
    AnswerMessage(String),
    /// Closes the connection when DATA arrives.
    DropBeforeData,
    /// Closes the connection after the first bytes of the message.
    DropWithinData,
    /// Takes and keeps the message, then closes the connection without an answer.
    DropAfterDot,
    /// Takes and keeps the message, and answers `250` only after this time.
    Delay(Duration),
    /// This fault at the recipient, at DATA or at the final dot; other points are past, or not the message's own, when
    /// this is decided. At the dot the message is kept, unless the fault is an answer that says no.
    At(Phase, Fault),
    /// Closes the connection after this many bytes of the message. A message that is shorter is cut at its final dot,
    /// and not kept.
    CutWithin(usize),
    /// Takes the message whole, loses it, and closes the connection without an answer.
    LoseAfterDot,
    /// This fault at the final dot, with the message kept or lost whatever the client is told.
    AfterDot {
        /// Whether the server has the message.
        kept: bool,
        /// What the client gets to see.
        fault: Fault,
    },
    /// Accepts it in order, then says this, such as `421 4.4.2 idle for too long`, and closes the connection. An empty
    /// line is not said.
    ThenClose(String),
}

/// A behaviour, laid out along the conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    fault: Option<(Phase, Fault)>,
    /// Where to cut within the message, in bytes.
    pub(super) cut: Option<usize>,
    /// Whether the message is kept, where that does not follow from the answer.
    pub(super) kept: Option<bool>,
    /// Last words after the message.
    pub(super) close: Option<String>,
}

impl Plan {
    /// The fault planned for this point.
    pub(super) fn fault(&self, phase: Phase) -> Option<Fault> {
        self.fault.as_ref().filter(|(at, _)| *at == phase).map(|(_, fault)| fault.clone())
    }
}

impl From<Behaviour> for Plan {
    fn from(behaviour: Behaviour) -> Self {
        let at = |phase, fault| Self { fault: Some((phase, fault)), ..Self::default() };
        match behaviour {
            Behaviour::Accept => Self::default(),
            Behaviour::AnswerRecipient(line) => at(Phase::Recipient, Fault::Answer(line)),
            Behaviour::AnswerData(line) => at(Phase::Data, Fault::Answer(line)),
            Behaviour::AnswerMessage(line) => at(Phase::Dot, Fault::Answer(line)),
            Behaviour::DropBeforeData => at(Phase::Data, Fault::Cut),
            Behaviour::DropWithinData => Self { cut: Some(16), ..Self::default() },
            Behaviour::DropAfterDot => at(Phase::Dot, Fault::Cut),
            Behaviour::Delay(time) => at(Phase::Dot, Fault::Slow(time)),
            Behaviour::At(phase, fault) => at(phase, fault),
            Behaviour::CutWithin(bytes) => Self { cut: Some(bytes), ..Self::default() },
            Behaviour::LoseAfterDot => Self { kept: Some(false), ..at(Phase::Dot, Fault::Cut) },
            Behaviour::AfterDot { kept, fault } => Self { kept: Some(kept), ..at(Phase::Dot, fault) },
            Behaviour::ThenClose(line) => Self { close: Some(line), ..Self::default() },
        }
    }
}
