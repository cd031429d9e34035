//! What Postfix logs of a message: every line bears its queue id, and one line at its beginning the Message-ID.

use super::line::{Line, angled};
use super::{Event, Said};

/// What a line says of which message; the queue id is missing where none was given out yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The queue id.
    pub queue_id: Option<&'a str>,
    /// What it says.
    pub note: Note<'a>,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note<'a> {
    /// The message has this Message-ID. It was not taken yet: a client that is cut off leaves this line too.
    Named(&'a str),
    /// The queue manager has the message: its envelope sender, and what else happened to it.
    Queued(&'a str, Option<Event>),
    /// The server did not take the message with this envelope sender.
    Rejected(&'a str, Event),
    /// Something happened to the message.
    Happened(Event),
    /// The queue id is free again.
    Gone,
}

/// Reads a line of Postfix.
pub fn read<'a>(line: &Line<'a>) -> Option<Entry<'a>> {
    let (_, daemon) = line.program.rsplit_once('/')?;
    let (id, text) = line.text.split_once(": ")?;
    let queue_id = if id == "NOQUEUE" { None } else { Some(id).filter(|id| is_queue_id(id)) };
    if queue_id.is_none() && id != "NOQUEUE" {
        return None;
    }
    let note = match daemon {
        "cleanup" => named(text).or_else(|| rejected(text)),
        "qmgr" | "nqmgr" => queued(text),
        "smtpd" | "postscreen" => rejected(text),
        _ => status(text).map(Note::Happened),
    };
    note.map(|note| Entry { queue_id, note })
}

fn is_queue_id(id: &str) -> bool {
    (5..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn named(text: &str) -> Option<Note<'_>> {
    let id = text.strip_prefix("message-id=")?.trim();
    let id = id.strip_prefix('<').unwrap_or(id);
    Some(Note::Named(id.strip_suffix('>').unwrap_or(id)))
}

fn queued(text: &str) -> Option<Note<'_>> {
    if text == "removed" {
        return Some(Note::Gone);
    }
    let (sender, rest) = angled(text.strip_prefix("from=")?)?;
    let event = if rest.ends_with("(queue active)") {
        Some(Event::new(Said::Queued, "taken into the queue"))
    } else if rest.starts_with(", status=expired") || rest.starts_with(", status=force-expired") {
        Some(Event::new(Said::Expired, "expired in the queue, returned to sender"))
    } else {
        None
    };
    Some(Note::Queued(sender, event))
}

/// `to=<…>, orig_to=<…>, relay=…, delay=…, delays=…, dsn=2.0.0, status=sent (250 …)`: addresses first, they may hold
/// anything in quotes; the text last, the other server may have written anything into it.
fn status(text: &str) -> Option<Event> {
    let (_, mut rest) = angled(text.strip_prefix("to=")?)?;
    if let Some(original) = rest.strip_prefix(", orig_to=") {
        rest = angled(original)?.1;
    }
    let (fields, said) = rest.split_once(", status=")?;
    let (word, text) = said.split_once(' ').unwrap_or((said, ""));
    let said = match word {
        "sent" => Said::Delivered,
        "deferred" => Said::Deferred,
        "bounced" => Said::Bounced,
        "expired" => Said::Expired,
        // `deliverable` and its like answer a probe; nothing was mailed.
        _ => return None,
    };
    let dsn = fields.split_once(", dsn=").map(|(_, dsn)| dsn.split(',').next().unwrap_or_default());
    Some(Event::new(said, &format!("{} {text}", dsn.unwrap_or_default())))
}

/// `reject: RCPT from host[1.2.3.4]: 554 5.7.1 <…>: …; from=<…> to=<…> proto=ESMTP helo=<…>`. A `reject_warning` is none.
fn rejected(text: &str) -> Option<Note<'_>> {
    let body = text.strip_prefix("reject: ").or_else(|| text.strip_prefix("milter-reject: "))?;
    let (said, fields) = body.split_once("; from=")?;
    let (sender, fields) = angled(fields)?;
    let reply = match said.split_once("]: ") {
        Some((_, reply)) => reply,
        // `header_checks` and their like say it at the end.
        None => fields.rsplit_once(">: ")?.1,
    };
    let at_recipient = body.starts_with("RCPT ");
    let said = match reply.bytes().next()? {
        b'4' => Said::PutOff,
        b'5' if at_recipient => Said::RecipientRejected,
        b'5' => Said::Rejected,
        _ => return None,
    };
    Some(Note::Rejected(sender, Event::new(said, reply)))
}

#[cfg(test)]
mod tests {
    use super::super::line::framed;
    use super::*;

    fn note(line: &str) -> Option<Note<'_>> {
        read(&framed(line)).map(|entry| entry.note)
    }

    fn said(line: &str) -> Option<Said> {
        match note(line)? {
            Note::Happened(event) | Note::Queued(_, Some(event)) | Note::Rejected(_, event) => Some(event.said),
            _ => None,
        }
    }

    #[test]
    fn a_rejection_by_content_is_read_from_its_end() {
        let line = "Nov 25 22:32:13 mail postfix/cleanup[189]: CBFE29864D6: reject: header Subject: Ihre Rechnung from \
                    unknown[127.0.0.1]; from=<a@b.de> to=<x@y.de> proto=ESMTP helo=<client>: 5.7.1 message content rejected";
        assert_eq!(said(line), Some(Said::Rejected));
        let milter = "Nov 25 22:32:13 mail postfix/cleanup[189]: CBFE29864D6: milter-reject: END-OF-MESSAGE from \
                      unknown[127.0.0.1]: 4.7.1 try again; from=<a@b.de> to=<x@y.de> proto=ESMTP helo=<client>";
        assert_eq!(said(milter), Some(Said::PutOff));
        let warning = "Nov 25 22:32:13 mail postfix/smtpd[189]: NOQUEUE: reject_warning: RCPT from unknown[127.0.0.1]: 554 \
                       5.7.1 no; from=<a@b.de> to=<x@y.de> proto=ESMTP helo=<client>";
        assert_eq!(said(warning), None);
    }

    #[test]
    fn what_others_write_into_a_line_is_not_believed() {
        let quoted = "Nov 25 22:32:13 mail postfix/smtp[1]: CBFE29864D6: to=<\"x>, status=bounced (\"@y.de>, relay=none, \
                      delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok, status=bounced (550 no))";
        assert_eq!(said(quoted), Some(Said::Delivered));
        let named = "Nov 25 22:32:13 mail postfix/cleanup[1]: CBFE29864D6: message-id=<to=<a@b>, status=bounced (x)>";
        assert_eq!(note(named), Some(Note::Named("to=<a@b>, status=bounced (x)")));
        let probe = "Nov 25 22:32:13 mail postfix/smtp[1]: CBFE29864D6: to=<a@b.de>, relay=x, dsn=2.0.0, \
                     status=deliverable (delivery via x: 250 ok)";
        assert_eq!(said(probe), None);
    }

    #[test]
    fn lines_of_others_are_foreign() {
        for line in [
            "Nov 25 22:32:12 mail postfix/smtpd[186]: connect from unknown[127.0.0.1]",
            "Nov 25 22:32:12 mail postfix/smtpd[186]: warning: dict_nis_init: NIS domain name not set",
            "Nov 25 22:32:12 mail sshd[1]: Accepted publickey for root",
            "Nov 25 22:32:12 mail postfix/qmgr[142]: 9504A9864CC: from=<a@b.de",
            "Nov 25 22:32:12 mail postfix/bounce[193]: DFC3D9864CC: sender non-delivery notification: E38879864D0",
            "Nov 25 22:32:12 mail dovecot: lmtp(box): 9504A9864CC: msgid=<x>: saved mail to INBOX",
            "postfix/qmgr: ä€: removed",
        ] {
            assert_eq!(read(&framed(line)), None, "{line}");
        }
    }
}
