//! What `OpenSMTPD` logs of a message (6.x and 7.x): no Message-ID ever, but each line names envelope and sender. The first
//! eight digits of an envelope's id are the message's id, which stood in the server's reply too.

use super::line::{Line, angled};
use super::{Event, Said};

/// What a line says of which message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The message's id.
    pub message: &'a str,
    /// The envelope sender.
    pub sender: &'a str,
    /// What happened.
    pub event: Event,
}

/// Reads a line of `OpenSMTPD`.
pub fn read<'a>(line: &Line<'a>) -> Option<Entry<'a>> {
    if !matches!(line.program, "" | "smtpd" | "opensmtpd") {
        return None;
    }
    expired(line.text).or_else(|| session(line.text))
}

/// `relay: Expire for 1fbb8b7759ba30b8: from=<…>, to=<…>, rcpt=<->, delay=8s, stat=Envelope expired`.
fn expired(text: &str) -> Option<Entry<'_>> {
    let (_, rest) = text.split_once(": Expire for ").filter(|(kind, _)| !kind.contains(' '))?;
    let (envelope, rest) = rest.split_once(": from=")?;
    let (sender, _) = angled(rest)?;
    let event = Event::new(Said::Expired, "expired in the queue");
    Some(Entry { message: message(envelope)?, sender, event })
}

/// `28d1… smtp envelope evpid=… from=<…> to=<…>` follows the reply that took the message; `mta delivery` and
/// `mda delivery` say how it went on.
fn session(text: &str) -> Option<Entry<'_>> {
    let (session, text) = text.split_once(' ')?;
    if session.len() != 16 || !is_hex(session) {
        return None;
    }
    let (kind, rest) = text.split_once(" evpid=")?;
    let (envelope, rest) = rest.split_once(" from=")?;
    let (sender, rest) = angled(rest)?;
    let event = match kind {
        "smtp envelope" => Event::new(Said::Queued, "taken into the queue"),
        "mta delivery" | "mda delivery" => delivered(rest)?,
        _ => return None,
    };
    Some(Entry { message: message(envelope)?, sender, event })
}

/// ` to=<…> rcpt=<…> … result="PermFail" stat="550 …"`; what is delivered on the spot stands without quotes.
fn delivered(rest: &str) -> Option<Event> {
    let (_, rest) = angled(rest.strip_prefix(" to=")?)?;
    let (_, rest) = angled(rest.strip_prefix(" rcpt=")?)?;
    let (_, rest) = rest.split_once(" result=")?;
    let (result, stat) = rest.split_once(" stat=").unwrap_or((rest, ""));
    let said = match result.trim_matches('"') {
        "Ok" => Said::Delivered,
        "TempFail" => Said::Deferred,
        "PermFail" | "Loop" => Said::Bounced,
        _ => return None,
    };
    Some(Event::new(said, stat.trim_matches('"')))
}

fn message(envelope: &str) -> Option<&str> {
    (envelope.len() == 16 && is_hex(envelope)).then(|| &envelope[..8])
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::super::line::framed;
    use super::*;

    fn entry(line: &str) -> (String, String, Said) {
        let entry = read(&framed(line)).unwrap_or_else(|| panic!("{line}"));
        (entry.message.to_owned(), entry.sender.to_owned(), entry.event.said)
    }

    #[test]
    fn each_kind_of_line_is_read() {
        for (line, said) in [
            ("28d106e64922514f smtp envelope evpid=a26b7f42545d8552 from=<a@b.de> to=<ok@example.com>", Said::Queued),
            (
                "Feb  1 10:00:00 mail smtpd[7]: 28d106e9cb0cc718 mta delivery evpid=a26b7f42545d8552 from=<a@b.de> \
                 to=<x@y.de> rcpt=<-> source=\"127.0.0.1\" relay=\"127.0.0.1 (localhost)\" delay=0s result=\"TempFail\" \
                 stat=\"452 4.2.2 Mailbox full\"",
                Said::Deferred,
            ),
            (
                "2013-02-01T10:00:00+01:00 mail smtpd[7]: 28d106f60bac0333 mda delivery evpid=a26b7f42545d8552 \
                 from=<a@b.de> to=<root@y.de> rcpt=<root@y.de> user=root delay=0s result=PermFail stat=Error (no)",
                Said::Bounced,
            ),
            (
                "relay: Expire for a26b7f42545d8552: from=<a@b.de>, to=<x@y.de>, rcpt=<->, delay=8s, stat=Envelope expired",
                Said::Expired,
            ),
        ] {
            assert_eq!(entry(line), ("a26b7f42".to_owned(), "a@b.de".to_owned(), said), "{line}");
        }
    }

    #[test]
    fn lines_that_say_nothing_are_foreign() {
        for line in [
            "28d106e64922514f smtp message msgid=a26b7f42 size=371 nrcpt=1 proto=ESMTP",
            "28d106f35440de97 smtp failed-command command=\"RCPT TO:<a@b.de>\" result=\"550 Invalid recipient\"",
            "28d106e64922514f smtp envelope evpid=a26b from=<a@b.de> to=<x@y.de>",
            "info: OpenSMTPD 6.8.0p2 starting",
            "",
        ] {
            assert_eq!(read(&framed(line)), None, "{line}");
        }
    }
}
