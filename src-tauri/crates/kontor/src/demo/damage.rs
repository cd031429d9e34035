//! Which damage a process left, in the words of the truth file: from how the process ended, never from looking for it.

use kontor_pdf::content::sha256;

use super::clock::Milestone;
use super::fault::{End, Kill, Reason};
use super::process::Process;
use super::program::{Customer, Traces};
use super::truth::Entry;

/// The damage; none when the process did all of its work and nothing happened to its mail.
pub(super) fn of(process: &Process, customer: &Customer, traces: &Traces) -> Option<Entry> {
    match process.end {
        End::Done if process.post.is_bounced() => bounced(process, traces),
        End::Done | End::TurnedAway => None,
        // The log says that the recipient was refused, but names no mail; the note of the reply names no queue id.
        End::Deceived => mail(process, traces, "mail_recorded_accepted", "refused"),
        End::Killed(kill) => killed(process, kill, traces),
        End::Failed(reason) => failed(process, reason, customer, traces),
    }
}

/// The damage of a process that was started a second time: its invoice is one too many. The log of numbers still says
/// for which period the number was taken.
pub(super) fn of_second(process: &Process, traces: &Traces) -> Option<Entry> {
    let invoice = traces.invoice.as_ref()?;
    Some(Entry::new("invoices", invoice.id, "second_invoice", process.host).copied_in("number_allocations.period"))
}

/// Nobody read the report, so the mail stands there as accepted for good.
fn bounced(process: &Process, traces: &Traces) -> Option<Entry> {
    let copy = if process.post.is_logged { "maillog" } else { "bounces" };
    Some(mail(process, traces, "mail_bounced", "bounced")?.copied_in(copy))
}

/// A mail that stands there in another state than it should.
fn mail(process: &Process, traces: &Traces, fault: &'static str, right: &str) -> Option<Entry> {
    let mail = traces.delivery.as_ref()?;
    Some(Entry::new("deliveries", mail.id, fault, process.host).field("state", right, &mail.state))
}

/// A mail of whose fate nothing was heard: was it not taken over, it is still to be sent, but that nobody can know.
fn unheard(process: &Process, traces: &Traces, fault: &'static str) -> Option<Entry> {
    let right = if process.is_taken() { "accepted" } else { "queued" };
    Some(mail(process, traces, fault, right)?.unprovable().told_by_log(process.is_taken() && process.post.is_logged))
}

fn killed(process: &Process, kill: Kill, traces: &Traces) -> Option<Entry> {
    let invoice = |fault| Some(Entry::new("invoices", traces.invoice.as_ref()?.id, fault, process.host));
    match kill.after {
        Milestone::Number => {
            Some(Entry::new("number_allocations", traces.allocation.id, "number_without_invoice", process.host))
        }
        Milestone::Header => Some(invoice("invoice_without_lines")?.field("line_count", &1, &0)),
        Milestone::Line => Some(invoice("document_missing")?.field("state", "archived", "issued")),
        Milestone::Opened => cut_short(process, traces),
        Milestone::Stored => invoice("mail_never_queued"),
        Milestone::Queued => mail(process, traces, "mail_queued", "accepted"),
        _ => unheard(process, traces, "mail_stuck_sending"),
    }
}

fn cut_short(process: &Process, traces: &Traces) -> Option<Entry> {
    let document = traces.document.as_ref()?;
    let fault = if document.bytes.is_empty() { "document_empty" } else { "document_truncated" };
    let entry = Entry::new("documents", document.id, fault, process.host);
    Some(entry.field("bytes", &hex(&document.sha256), &hex(&sha256(&document.bytes))))
}

fn failed(process: &Process, reason: Reason, customer: &Customer, traces: &Traces) -> Option<Entry> {
    let row = &customer.registration;
    let person = |fault| Entry::new("registrations", row.id, fault, process.host);
    match reason {
        // What the customer meant, nobody can tell from a valid address.
        Reason::MistypedAddress => {
            Some(person("mistyped_address").field("email", &customer.email, &row.email).unprovable())
        }
        Reason::AddressInvalid => Some(person("address_invalid").field("email", &customer.email, &row.email)),
        // The name is right; it only cannot be printed.
        Reason::CharacterNotCovered => Some(person("character_not_covered")),
        Reason::RecipientGone => None,
        Reason::MailboxFull => mail(process, traces, "mailbox_full", "accepted"),
        Reason::ConnectionTimeout => mail(process, traces, "connection_timeout", "accepted"),
        Reason::ConnectionLost => unheard(process, traces, "connection_lost"),
        // What was read names the queue id, and 650 is no reply code.
        Reason::ReplyMisread => {
            Some(mail(process, traces, "mail_recorded_refused", "accepted")?.told_by_log(process.post.is_logged))
        }
        Reason::ReplyGarbled => {
            Some(mail(process, traces, "reply_garbled", "accepted")?.told_by_log(process.post.is_logged))
        }
    }
}

/// Bytes as the truth file names them.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |text, byte| text + &format!("{byte:02x}"))
}
