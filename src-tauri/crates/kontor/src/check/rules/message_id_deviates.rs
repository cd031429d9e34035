//! Message-IDs of the old programs, made anew from the time, the process and the serial.

use crate::check::book::Found;
use crate::check::candidates::differ_by_a_bit;
use crate::check::facts::Facts;
use crate::check::neighbours;
use crate::check::proposal::Evidence;
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};
use crate::number::Number;

/// Message-ID deviates.
pub(in crate::check) static RULE: Rule = Rule {
    id: "message_id_deviates",
    severity: Severity::Medium,
    de: Words {
        title: "Message-ID weicht ab",
        what: "Die Message-ID einer alten Mail liegt ein Bit neben der, die aus Zeit, Prozess und Nummer folgt.",
        why: "Im Protokoll des Mailservers ist die Mail so nicht zu finden.",
        how: "Die Message-ID, die aus Zeit, Prozess und Nummer folgt.",
        when_not: "Nicht, wenn sie anders gebildet ist.",
    },
    en: Words {
        title: "Message-ID deviates",
        what: "The Message-ID of an old mail lies one bit beside the one that follows from time, process and number.",
        why: "The mail cannot be found in the mail server's log.",
        how: "The Message-ID that follows from time, process and number.",
        when_not: "Not where it is formed in another way.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT d.id AS id, d.message_id AS current, d.queued_at AS queued_at, t.pid AS pid, t.host AS host, a.serial AS serial, \
    a.number AS number FROM deliveries d JOIN attempts t ON t.invoice_id = d.invoice_id JOIN number_allocations a ON a.invoice_id = \
    d.invoice_id WHERE d.origin = 'legacy' AND t.item_id IS NULL {only:d.id}";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let (Some(id), Some(current), Some(at)) = (row.id(), row.text("current"), row.at("queued_at")) else {
        return Vec::new();
    };
    let (Some(pid), Some(host)) = (row.whole("pid"), row.text("host")) else { return Vec::new() };
    let (Some((_, domain)), at) = (current.split_once('@'), at.format("%Y%m%d%H%M%S")) else { return Vec::new() };
    let Some((_, house)) = domain.split_once('.') else { return Vec::new() };
    let logged = row.text("number").and_then(|number| Number::parse(&number).ok()).map(|number| number.serial);
    // Serial and number of the log are two witnesses; either may be the damaged one.
    let serials = [row.whole("serial"), logged].into_iter().flatten();
    let meant: Vec<String> = serials.map(|serial| format!("{at}.{pid}.{serial}@{host}.{house}")).collect();
    if meant.contains(&current) {
        return Vec::new();
    }
    let Some(right) = meant.into_iter().find(|right| differ_by_a_bit(current.as_bytes(), right.as_bytes())) else {
        return Vec::new();
    };
    let mut proposal = neighbours::expected("message_id", &current, &right, "attempt");
    proposal.evidence = Evidence::Copy;
    vec![Found::new("deliveries", id).field("message_id", Some(current)).proposing(proposal)]
}
