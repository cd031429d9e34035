//! One mail transaction: MAIL, RCPT, DATA and the message.

use std::sync::atomic::Ordering;

use super::behaviour::{Envelope, Fault, Message, Phase, Plan};
use super::content::{Content, Ending};
use super::conversation::Conversation;
use super::maillog::{CLIENT, Program};
use super::wire::End;

/// From MAIL to the answer to the final dot, RSET, or the end of the connection.
pub(super) struct Transaction {
    pub(super) nth: usize,
    pub(super) from: String,
    parameters: Vec<String>,
    to: Vec<String>,
    /// The recipient that is being answered.
    asked: String,
    /// Decided at the first recipient.
    plan: Option<Plan>,
    /// There once a recipient is accepted, as with Postfix.
    queue_id: Option<String>,
}

impl Transaction {
    pub(super) fn fault(&self, phase: Phase) -> Option<Fault> {
        self.plan.as_ref().and_then(|plan| plan.fault(phase))
    }

    /// Whom the next answer is about.
    pub(super) fn addressed(&self) -> &str {
        if self.asked.is_empty() { self.to.first().map_or("", String::as_str) } else { &self.asked }
    }
}

impl Conversation<'_> {
    pub(super) fn mail(&mut self, line: &str) -> Result<(), End> {
        let (from, parameters) = address(line);
        if let Some(refusal) = self.mail_refusal(&parameters) {
            return self.refuse(Phase::Mail, &refusal);
        }
        let nth = self.shared.transactions.fetch_add(1, Ordering::SeqCst) + 1;
        let (to, asked) = (Vec::new(), String::new());
        self.transaction = Some(Transaction { nth, from, parameters, to, asked, plan: None, queue_id: None });
        if !self.reply(Phase::Mail, "250 2.1.0 Ok")? {
            self.transaction = None;
        }
        Ok(())
    }

    fn mail_refusal(&self, parameters: &[String]) -> Option<String> {
        let setup = &self.shared.setup;
        let value = |name: &str| {
            parameters.iter().find_map(|parameter| parameter.to_ascii_uppercase().strip_prefix(name).map(str::to_owned))
        };
        let told = |name: &str| parameters.iter().any(|parameter| parameter.to_ascii_uppercase().starts_with(name));
        let too_large = setup.size.zip(value("SIZE=").and_then(|size| size.parse().ok()));
        let refusal = if self.helo.is_empty() {
            "503 5.5.1 Error: send HELO/EHLO first"
        } else if self.transaction.is_some() {
            "503 5.5.1 Error: nested MAIL command"
        } else if setup.tls_required && !self.wire.is_encrypted() {
            "530 5.7.0 Must issue a STARTTLS command first"
        } else if setup.login_required && self.login.is_none() {
            "530 5.7.0 Authentication required"
        } else if too_large.is_some_and(|(limit, size): (usize, usize)| size > limit) {
            "552 5.3.4 Message size exceeds fixed limit"
        } else if (told("SMTPUTF8") && !setup.offers("SMTPUTF8"))
            || (told("BODY=8BITMIME") && !setup.offers("8BITMIME"))
            || ((told("RET=") || told("ENVID=")) && !setup.offers("DSN"))
        {
            "555 5.5.4 Unsupported option"
        } else {
            return None;
        };
        Some(refusal.to_owned())
    }

    pub(super) fn recipient(&mut self, line: &str) -> Result<(), End> {
        let (to, parameters) = address(line);
        let shared = self.shared;
        let Some(transaction) = &mut self.transaction else { return self.say("503 5.5.1 Error: need MAIL command") };
        if !parameters.is_empty() && !shared.setup.offers("DSN") {
            return self.refuse(Phase::Recipient, "555 5.5.4 Unsupported option");
        }
        transaction.asked.clone_from(&to);
        if transaction.plan.is_none() {
            let envelope = Envelope { nth: transaction.nth, from: transaction.from.clone(), to: to.clone() };
            transaction.plan = Some(shared.decide(&envelope).into());
        }
        let taken = self.reply(Phase::Recipient, "250 2.1.5 Ok")?;
        let Some(transaction) = &mut self.transaction else { return Ok(()) };
        transaction.asked.clear();
        if !taken {
            return Ok(());
        }
        transaction.to.push(to);
        if transaction.queue_id.is_none() {
            let queue_id = shared.log.queue_id();
            transaction.queue_id = Some(queue_id.clone());
            let login = self.login.as_ref().map(|name| format!(", sasl_username={name}")).unwrap_or_default();
            self.note(format_args!("{queue_id}: client={CLIENT}{login}"));
        }
        Ok(())
    }

    pub(super) fn data(&mut self) -> Result<(), End> {
        let Some(transaction) = &self.transaction else { return self.say("503 5.5.1 Error: need RCPT command") };
        if transaction.to.is_empty() {
            return self.say("554 5.5.1 Error: no valid recipients");
        }
        if !self.reply(Phase::Data, "354 End data with <CR><LF>.<CR><LF>")? {
            return Ok(());
        }
        let plan = self.transaction.as_ref().and_then(|transaction| transaction.plan.clone()).unwrap_or_default();
        let content = Content::read(self.wire.reader(), plan.cut, self.shared.setup.bodies)?;
        if content.has_head() {
            let (id, message_id) = (self.queue_id(), content.message_id().unwrap_or_default());
            self.shared.log.write(Program::Cleanup, format_args!("{id}: message-id={message_id}"));
        }
        match content.ending {
            Ending::Gone => Err(End::Lost),
            Ending::Cut => Err(End::Closed),
            Ending::Dot if plan.cut.is_some() => Err(End::Closed),
            Ending::Dot => self.dot(content, plan),
        }
    }

    fn dot(&mut self, content: Content, plan: Plan) -> Result<(), End> {
        if self.shared.setup.size.is_some_and(|limit| content.size > limit) {
            self.refuse(Phase::Dot, "552 5.3.4 Error: message file too big")?;
            self.transaction = None;
            return Ok(());
        }
        let fault = self.fault(Phase::Dot);
        let right = format!("250 2.0.0 Ok: queued as {}", self.queue_id());
        if plan.kept.unwrap_or_else(|| !fault.as_ref().is_some_and(Fault::refuses)) {
            self.keep(content, &right);
        }
        self.give(Phase::Dot, fault, &right)?;
        self.transaction = None;
        match plan.close {
            None => Ok(()),
            Some(words) => self.say(&words).and(Err(End::Closed)),
        }
    }

    fn keep(&self, content: Content, answer: &str) {
        let Some(transaction) = &self.transaction else { return };
        let (message_id, size, data) = (content.message_id(), content.size, content.data);
        let message = Message {
            from: transaction.from.clone(),
            to: transaction.to.clone(),
            data,
            message_id,
            parameters: transaction.parameters.clone(),
            queue_id: self.queue_id().to_owned(),
            connection: self.number,
            tls: self.wire.is_encrypted(),
            login: self.login.clone(),
        };
        self.shared.log.passed_on(&message.queue_id, &message.from, &message.to, size, answer);
        self.shared.keep(message);
    }

    /// Says no for reasons of the server's own.
    fn refuse(&mut self, phase: Phase, line: &str) -> Result<(), End> {
        self.note_refusal(phase, line);
        self.say(line)
    }

    pub(super) fn note_refusal(&self, phase: Phase, line: &str) {
        let command = match phase {
            Phase::Mail => "MAIL",
            Phase::Recipient => "RCPT",
            Phase::Data => "DATA",
            Phase::Dot => "END-OF-MESSAGE",
            _ => return,
        };
        let (id, helo, line) = (self.queue_id(), &self.helo, line.lines().next().unwrap_or_default());
        let (from, to) = self
            .transaction
            .as_ref()
            .map(|transaction| (transaction.from.as_str(), transaction.addressed()))
            .unwrap_or_default();
        self.note(format_args!(
            "{id}: reject: {command} from {CLIENT}: {line}; from=<{from}> to=<{to}> proto=ESMTP helo=<{helo}>"
        ));
    }

    fn queue_id(&self) -> &str {
        let id = self.transaction.as_ref().and_then(|transaction| transaction.queue_id.as_deref());
        id.unwrap_or("NOQUEUE")
    }
}

/// The address between angle brackets, and the words after it.
fn address(line: &str) -> (String, Vec<String>) {
    let Some((address, rest)) = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')) else {
        return (String::new(), Vec::new());
    };
    (address.to_owned(), rest.split_ascii_whitespace().map(str::to_owned).collect())
}
