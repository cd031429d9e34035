//! One connection from its greeting to its end: who is there, how it is encrypted, and how every answer goes out.

use std::fmt::Write as _;
use std::net::TcpStream;
use std::sync::Arc;

use super::behaviour::{Fault, Moment, Phase};
use super::maillog::{CLIENT, Program};
use super::setup::Security;
use super::shared::Shared;
use super::transaction::Transaction;
use super::wire::{End, Wire};

/// Not an answer, not a line anybody knows, not even text.
const GARBAGE: &[u8] = b"\x16\x03\xFF\xFE@ \x00 2 5 0?\xC3\x28\r\n";

pub(super) struct Conversation<'a> {
    pub(super) shared: &'a Shared,
    pub(super) wire: Wire,
    pub(super) number: usize,
    /// How the client calls itself; empty before EHLO or HELO.
    pub(super) helo: String,
    pub(super) login: Option<String>,
    pub(super) transaction: Option<Transaction>,
    /// The last command, for the log.
    last: String,
}

impl<'a> Conversation<'a> {
    /// Talks until one side ends it.
    pub(super) fn hold(shared: &'a Shared, stream: TcpStream, number: usize) -> std::io::Result<()> {
        let wire = Wire::plain(stream)?;
        let (helo, last) = (String::new(), "CONNECT".to_owned());
        let mut conversation = Self { shared, wire, number, helo, login: None, transaction: None, last };
        conversation.note(format_args!("connect from {CLIENT}"));
        let end = conversation.converse();
        if matches!(end, Err(End::Lost)) {
            conversation.note(format_args!("lost connection after {} from {CLIENT}", conversation.last));
        }
        conversation.note(format_args!("disconnect from {CLIENT}"));
        shared.forget(number);
        match end {
            Err(End::Reset) => conversation.wire.reset(),
            _ => conversation.wire.close(),
        }
        Ok(())
    }

    fn converse(&mut self) -> Result<(), End> {
        if self.shared.setup.security == Security::Implicit {
            self.encrypt()?;
        }
        if !self.reply(Phase::Greeting, "220 sink.example.com ESMTP")? {
            return Err(End::Closed);
        }
        loop {
            let line = self.wire.line()?;
            self.obey(&line)?;
        }
    }

    fn obey(&mut self, line: &str) -> Result<(), End> {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        self.last.clone_from(&verb);
        match verb.as_str() {
            "EHLO" => self.ehlo(line),
            "HELO" => self.hello(line, Phase::Helo, "250 sink.example.com"),
            "STARTTLS" if self.shared.setup.security == Security::StartTls => self.starttls(),
            "AUTH" if self.offers_login() => self.auth(line),
            "MAIL" => self.mail(line),
            "RCPT" => self.recipient(line),
            "DATA" => self.data(),
            "RSET" => {
                self.transaction = None;
                self.reply(Phase::Rset, "250 2.0.0 Ok").map(drop)
            }
            "NOOP" => self.reply(Phase::Noop, "250 2.0.0 Ok").map(drop),
            "QUIT" => self.reply(Phase::Quit, "221 2.0.0 Bye").and(Err(End::Closed)),
            _ => self.say("502 5.5.2 Error: command not recognized"),
        }
    }

    fn ehlo(&mut self, line: &str) -> Result<(), End> {
        let setup = &self.shared.setup;
        let mut offers = vec!["sink.example.com".to_owned()];
        offers.extend(setup.size.map(|bytes| format!("SIZE {bytes}")));
        if setup.security == Security::StartTls && !self.wire.is_encrypted() {
            offers.push("STARTTLS".to_owned());
        }
        if self.offers_login() {
            offers.push("AUTH PLAIN LOGIN".to_owned());
        }
        offers.extend(setup.extensions.iter().cloned());
        let mut lines = String::new();
        for (number, offer) in offers.iter().enumerate() {
            let between = if number + 1 == offers.len() { ' ' } else { '-' };
            let _ = writeln!(lines, "250{between}{offer}");
        }
        self.hello(line, Phase::Ehlo, &lines)
    }

    fn hello(&mut self, line: &str, phase: Phase, right: &str) -> Result<(), End> {
        self.transaction = None;
        if self.reply(phase, right)? {
            line.split(' ').nth(1).unwrap_or("unknown").clone_into(&mut self.helo);
        }
        Ok(())
    }

    /// Whether AUTH may be used now: never in the open where TLS is to be had.
    fn offers_login(&self) -> bool {
        let setup = &self.shared.setup;
        setup.login.is_some() && (setup.security == Security::Plain || self.wire.is_encrypted())
    }

    fn starttls(&mut self) -> Result<(), End> {
        if self.wire.is_encrypted() {
            return self.say("554 5.5.1 Error: TLS already active");
        }
        if self.reply(Phase::StartTls, "220 2.0.0 Ready to start TLS")? {
            self.encrypt()?;
            (self.helo, self.login, self.transaction) = (String::new(), None, None);
        }
        Ok(())
    }

    fn encrypt(&mut self) -> Result<(), End> {
        let Some(config) = &self.shared.handshake else { return Err(End::Closed) };
        let config = Arc::clone(config);
        self.wire.encrypt(&config).map_err(|error| {
            self.note(format_args!("SSL_accept error from {CLIENT}: {error}"));
            End::Lost
        })
    }

    /// Gives the right answer, or what is to happen instead; returns whether the client was told to go on.
    pub(super) fn reply(&mut self, phase: Phase, right: &str) -> Result<bool, End> {
        let fault = self.fault(phase);
        self.give(phase, fault, right)
    }

    /// The fault for this point: the message's own first.
    pub(super) fn fault(&self, phase: Phase) -> Option<Fault> {
        let planned = self.transaction.as_ref().and_then(|transaction| transaction.fault(phase));
        planned.or_else(|| self.shared.disturb(|| self.moment(phase)))
    }

    pub(super) fn give(&mut self, phase: Phase, fault: Option<Fault>, right: &str) -> Result<bool, End> {
        match fault {
            None => self.wire.say(right)?,
            Some(Fault::Slow(time)) => {
                self.shared.pause(time)?;
                self.wire.say(right)?;
            }
            Some(Fault::Pieces(pause)) => self.wire.say_in_pieces(right, pause)?,
            Some(Fault::Answer(line)) => {
                self.wire.say(&line)?;
                return self.answered(phase, &line);
            }
            Some(Fault::AnswerInPieces(line, pause)) => {
                self.wire.say_in_pieces(&line, pause)?;
                return self.answered(phase, &line);
            }
            Some(Fault::Garbage) => {
                self.wire.send(GARBAGE)?;
                return Ok(false);
            }
            Some(Fault::ThenGarbage) => {
                self.wire.say(right)?;
                self.wire.send(GARBAGE)?;
                return Err(End::Closed);
            }
            Some(Fault::Silent) => {
                self.wire.drain();
                return Err(End::Lost);
            }
            Some(Fault::Cut) => return Err(End::Closed),
            Some(Fault::Reset) => return Err(End::Reset),
        }
        Ok(true)
    }

    /// After an answer of the test's own.
    fn answered(&mut self, phase: Phase, line: &str) -> Result<bool, End> {
        let taken = line.starts_with(['2', '3']);
        if !taken {
            self.note_refusal(phase, line);
        }
        let leaves = line.starts_with("421") || (phase == Phase::Greeting && !taken);
        if leaves { Err(End::Closed) } else { Ok(taken) }
    }

    pub(super) fn say(&mut self, line: &str) -> Result<(), End> {
        Ok(self.wire.say(line)?)
    }

    pub(super) fn note(&self, words: std::fmt::Arguments<'_>) {
        self.shared.log.write(Program::Receiver(self.number), words);
    }

    fn moment(&self, phase: Phase) -> Moment {
        let transaction = self.transaction.as_ref();
        Moment {
            phase,
            connection: self.number,
            nth: transaction.map_or(0, |transaction| transaction.nth),
            from: transaction.map(|transaction| transaction.from.clone()).unwrap_or_default(),
            to: transaction.map(|transaction| transaction.addressed().to_owned()).unwrap_or_default(),
        }
    }
}
