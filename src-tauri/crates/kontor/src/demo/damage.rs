//! Which damage a process left, in the words of the truth file: from how the process ended, never from looking for it.

use kontor_pdf::content::sha256;
use uuid::Uuid;

use super::fault::{End, Kill, Milestone, Reason};
use super::program::{Customer, Process, Traces};
use super::truth::Entry;

/// Share of the talk with the mail server, per mille, after which it has taken the mail over.
const TAKEN_OVER: u64 = 800;

/// What is wrong with a field: its name, what should stand there, what stands there.
type Wrong = (&'static str, Option<String>, Option<String>);

/// The damage; none when the process did all of its work.
pub(super) fn of(process: &Process, customer: &Customer, traces: &Traces) -> Option<Entry> {
    match process.end {
        End::Done => None,
        End::Killed(kill) => killed(process, kill, traces),
        End::Failed(reason) => failed(process, reason, customer, traces),
    }
}

fn killed(process: &Process, kill: Kill, traces: &Traces) -> Option<Entry> {
    let host = process.host;
    let invoice =
        |fault, field: Option<Wrong>| Some(entry("invoices", traces.invoice.as_ref()?.id, field, fault, host));
    let mail = |fault, field| Some(entry("deliveries", traces.delivery.as_ref()?.id, Some(field), fault, host));
    match kill.after {
        Milestone::Number => {
            Some(entry("number_allocations", traces.allocation.id, None, "number_without_invoice", host))
        }
        Milestone::Header => invoice("invoice_without_lines", Some(changed("line_count", "1", "0"))),
        Milestone::Line => invoice("document_missing", Some(changed("state", "archived", "issued"))),
        Milestone::Opened => cut_short(traces, host),
        Milestone::Stored => invoice("mail_never_queued", None),
        Milestone::Queued => mail("mail_queued", changed("state", "accepted", "queued")),
        _ => {
            // Whether the mail arrived, only the mail server knows.
            let right = if kill.way >= TAKEN_OVER { "accepted" } else { "queued" };
            let entry = mail("mail_stuck_sending", changed("state", right, "sending"))?;
            Some(Entry { evidence: "none", ..entry })
        }
    }
}

fn cut_short(traces: &Traces, host: &'static str) -> Option<Entry> {
    let document = traces.document.as_ref()?;
    let fault = if document.bytes.is_empty() { "document_empty" } else { "document_truncated" };
    let field = ("bytes", Some(hex(&document.sha256)), Some(hex(&sha256(&document.bytes))));
    Some(entry("documents", document.id, Some(field), fault, host))
}

fn failed(process: &Process, reason: Reason, customer: &Customer, traces: &Traces) -> Option<Entry> {
    let host = process.host;
    let row = &customer.registration;
    let person = |field, fault| entry("registrations", row.id, Some(field), fault, host);
    let email = || ("email", Some(customer.email.clone()), Some(row.email.clone()));
    let mail = |fault| {
        let field = changed("state", "accepted", "deferred");
        Some(entry("deliveries", traces.delivery.as_ref()?.id, Some(field), fault, host))
    };
    match reason {
        // What the customer meant, nobody can tell from a valid address.
        Reason::MistypedAddress => Some(Entry { evidence: "none", ..person(email(), "mistyped_address") }),
        Reason::AddressInvalid => Some(person(email(), "address_invalid")),
        Reason::CharacterNotCovered => Some(person(odd_name(customer), "character_not_covered")),
        Reason::MailboxFull => mail("mailbox_full"),
        Reason::ConnectionTimeout => mail("connection_timeout"),
    }
}

/// The name is right; it only cannot be printed.
fn odd_name(customer: &Customer) -> Wrong {
    let row = &customer.registration;
    if row.last_name.is_ascii() {
        ("first_name", None, Some(row.first_name.clone()))
    } else {
        ("last_name", None, Some(row.last_name.clone()))
    }
}

fn changed(field: &'static str, right: &str, wrong: &str) -> Wrong {
    (field, Some(right.to_owned()), Some(wrong.to_owned()))
}

fn entry(table: &'static str, row: Uuid, wrong: Option<Wrong>, fault: &'static str, host: &'static str) -> Entry {
    let (field, right, wrong) = wrong.map_or((None, None, None), |(field, right, wrong)| (Some(field), right, wrong));
    Entry { table, row, field, right, wrong, fault, host, evidence: "rule" }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |text, byte| text + &format!("{byte:02x}"))
}
