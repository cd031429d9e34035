//! Normalised codes: why an item failed, or why it cannot run. A code holds no personal data; what was said word for
//! word stands in the attempt's message, with addresses masked.

use std::fmt;

use kontor_pdf::RenderError;

/// The outcome of a mail is unknown; only a person or evidence settles it.
pub const OUTCOME_UNKNOWN: &str = "outcome_unknown";
/// The mail server refused this address.
pub const RECIPIENT_REFUSED: &str = "recipient_refused";
/// The mail came back.
pub const MAIL_BOUNCED: &str = "mail_bounced";
/// The mail address is no address.
pub const ADDRESS_INVALID: &str = "address_invalid";
/// A character stands in the text that the invoice's fonts do not have.
pub const CHARACTER_NOT_COVERED: &str = "character_not_covered";
/// The content does not add up, or contradicts what the old programs stored.
pub const CONTENT_CONTRADICTS: &str = "content_contradicts";
/// The registration is blocked.
pub const REGISTRATION_BLOCKED: &str = "registration_blocked";
/// The subscription has no mailbox.
pub const MAILBOX_MISSING: &str = "mailbox_missing";
/// The subscription is not due in this period.
pub const NOT_DUE: &str = "not_due";
/// Tariff, VAT rate or issuing company is missing for the day.
pub const SETTINGS_MISSING: &str = "settings_missing";
/// The page could not be drawn.
pub const RENDER_FAILED: &str = "render_failed";
/// The drawn PDF did not pass its own audit.
pub const AUDIT_FAILED: &str = "audit_failed";
/// The same page came out otherwise when it was drawn a second time.
pub const DRAWN_OTHERWISE: &str = "drawn_otherwise";
/// The host was taken out of service while it had this in hand; another one goes on.
pub const HOST_WITHDRAWN: &str = "host_withdrawn";
/// The archived PDF is damaged.
pub const DOCUMENT_DAMAGED: &str = "document_damaged";
/// The outbox cannot be written.
pub const OUTBOX_NOT_WRITABLE: &str = "outbox_not_writable";
/// The outbox's disk is full.
pub const DISK_FULL: &str = "disk_full";
/// The mail server cannot be reached.
pub const SERVER_UNREACHABLE: &str = "server_unreachable";
/// The mail server put the mail off (4xx).
pub const MAIL_DEFERRED: &str = "mail_deferred";
/// The mail server refused the message (5xx after the text).
pub const MAIL_REFUSED: &str = "mail_refused";
/// The connection was lost before the message was sent whole.
pub const CONNECTION_LOST: &str = "connection_lost";
/// The worker's process was killed, and its end was seen.
pub const PROCESS_KILLED: &str = "process_killed";
/// The worker's process died and nobody saw why.
pub const PROCESS_DIED: &str = "process_died";
/// Several workers died on this item one after another.
pub const WORKERS_LOST: &str = "workers_lost";
/// The invoice was complete already.
pub const DONE_ALREADY: &str = "done_already";
/// Another run works on this invoice at this moment.
pub const IN_WORK: &str = "in_work";
/// The recipient's mailbox is full.
pub const MAILBOX_FULL: &str = "mailbox_full";
/// The mail server did not answer in time (a code of the old programs).
pub const CONNECTION_TIMEOUT: &str = "connection_timeout";
/// The message is larger than the mail server takes.
pub const MESSAGE_TOO_LARGE: &str = "message_too_large";
/// The mail server refused user or password.
pub const LOGIN_REFUSED: &str = "login_refused";
/// The connection to the mail server cannot be encrypted, or its certificate is not the right one.
pub const TLS_FAILED: &str = "tls_failed";
/// A person found out that the mail did not arrive.
pub const NOT_ARRIVED: &str = "not_arrived";
/// The invoice is cancelled.
pub const INVOICE_CANCELLED: &str = "invoice_cancelled";
/// A stored value of the record cannot be decoded.
pub const RECORD_UNREADABLE: &str = "record_unreadable";
/// An open critical finding holds the record back until it is resolved.
pub const QUARANTINED: &str = "quarantined";
/// The program stumbled; the message says over what.
pub const INTERNAL: &str = "internal";
/// No attempt is known; the invoice was never issued.
pub const NEVER_ISSUED: &str = "never_issued";
/// No attempt is known; the invoice has no PDF.
pub const NEVER_ARCHIVED: &str = "never_archived";
/// No attempt is known; the invoice was never mailed.
pub const NEVER_MAILED: &str = "never_mailed";

/// Whether what a code stands for may pass by itself, so that trying again a little later makes sense.
pub fn passes(code: &str) -> bool {
    [MAIL_DEFERRED, MAILBOX_FULL, CONNECTION_LOST, SERVER_UNREACHABLE].contains(&code)
}

/// A code with what it was about, for the attempt's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One of the codes above.
    pub code: &'static str,
    /// What was said, addresses masked.
    pub detail: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", sentence(self.code), self.detail)
    }
}

/// Code of a drawing error.
pub fn of_render(error: &RenderError) -> Refusal {
    match error {
        RenderError::UncoveredCharacter { .. } => Refusal::new(CHARACTER_NOT_COVERED, error.to_string()),
        RenderError::Inconsistent(_) => Refusal::new(CONTENT_CONTRADICTS, error.to_string()),
        _ => Refusal::new(RENDER_FAILED, error.to_string()),
    }
}

/// What a code means and what to do, in a sentence for the person at the desk.
pub fn sentence(code: &str) -> String {
    if let Some(step) = code.strip_prefix("process_killed.").or_else(|| code.strip_prefix("process_died.")) {
        let doing = match step {
            "issue" => "while the invoice was issued",
            "render" => "while the PDF was drawn",
            "archive" => "while the PDF was stored",
            _ => "while the mail was sent",
        };
        return format!("The process died {doing}");
    }
    let text = match code {
        OUTCOME_UNKNOWN => "It is unknown whether the mail arrived; settle it before anything is sent again",
        RECIPIENT_REFUSED => "The mail server refused this address; correct the address first",
        MAIL_BOUNCED => "The mail came back; correct the address first",
        ADDRESS_INVALID => "The mail address is no address; correct it first",
        CHARACTER_NOT_COVERED => "A character cannot be printed; correct the name or address first",
        CONTENT_CONTRADICTS => "The stored amounts contradict tariff or lines; repair the record first",
        REGISTRATION_BLOCKED => "The registration is blocked",
        MAILBOX_MISSING => "The subscription has no mailbox; repair the record first",
        NOT_DUE => "The subscription is not due in this period",
        SETTINGS_MISSING => "Tariff, VAT rate or issuing company is missing for this day",
        RENDER_FAILED => "The page could not be drawn",
        AUDIT_FAILED => "The drawn PDF did not pass its audit; suspect this machine's memory",
        DRAWN_OTHERWISE => "The PDF came out otherwise when it was drawn again; the host is out of service",
        HOST_WITHDRAWN => "The host was taken out of service; another one goes on",
        DOCUMENT_DAMAGED => "The archived PDF is damaged; repair it first",
        OUTBOX_NOT_WRITABLE => "The outbox cannot be written; check its folder and rights",
        DISK_FULL => "The outbox's disk is full; make room",
        SERVER_UNREACHABLE => "The mail server cannot be reached",
        MAIL_DEFERRED => "The mail server put the mail off; try again later",
        MAILBOX_FULL => "The recipient's mailbox is full; try again later",
        MESSAGE_TOO_LARGE => "The message is larger than the mail server takes",
        LOGIN_REFUSED => "The mail server refused user or password; check them",
        TLS_FAILED => "The connection to the mail server cannot be secured; check its name and certificate",
        NOT_ARRIVED => "A person found out that the mail did not arrive; it may be sent again",
        INVOICE_CANCELLED => "The invoice is cancelled",
        RECORD_UNREADABLE => "A stored value cannot be read; repair the record first",
        QUARANTINED => "An open critical finding holds the record back; resolve it first",
        MAIL_REFUSED => "The mail server refused the message",
        CONNECTION_LOST | CONNECTION_TIMEOUT => "The connection was lost before the message was sent",
        PROCESS_KILLED => "The process was killed",
        PROCESS_DIED => "The process died, cause not seen",
        WORKERS_LOST => "Several workers died on this invoice one after another; look at it before trying again",
        DONE_ALREADY => "It was complete already",
        IN_WORK => "Another run is working on it",
        NEVER_ISSUED => "It was never issued",
        NEVER_ARCHIVED => "It has no PDF",
        NEVER_MAILED => "It was never mailed",
        INTERNAL => "The program stumbled over it",
        other => return format!("Failed with “{other}”"),
    };
    text.to_owned()
}

/// Masks mail addresses in a text that is kept: `m…@example.com`.
pub fn masked(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, domain) = rest.split_at(at);
        let local = local_part(before);
        kept.push_str(&before[..local]);
        kept.extend(before[local..].chars().next());
        kept.push_str("…@");
        rest = &domain[1..];
    }
    kept.push_str(rest);
    kept
}

/// Where the local part at the end of a text begins; a quoted one may hold blanks (RFC 5321, 4.1.2).
fn local_part(before: &str) -> usize {
    if let Some(quoted) = before.strip_suffix('"') {
        return quoted.rfind('"').map_or(0, |quote| quote + 1);
    }
    let delimiter = |character: char| character.is_whitespace() || "<>()[],;:\"'".contains(character);
    before
        .char_indices()
        .rev()
        .find(|(_, character)| delimiter(*character))
        .map_or(0, |(index, character)| index + character.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn addresses_are_masked() {
        assert_eq!(masked("550 <max.muster@example.com> unknown"), "550 <m…@example.com> unknown");
        assert_eq!(masked("ä@b no@"), "ä…@b n…@");
        assert_eq!(masked("@ plain"), "…@ plain");
        assert_eq!(masked("<a.b@x.de>,<c.d@y.de>"), "<a…@x.de>,<c…@y.de>");
        assert_eq!(masked("to \"max muster\"@x.de"), "to \"m…@x.de");
    }
}
