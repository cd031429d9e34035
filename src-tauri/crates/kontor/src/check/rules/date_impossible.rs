//! Days of subscriptions, invoices and payments against the limits of a business that began after 2000.

use crate::check::book::Found;
use crate::check::candidates;
use crate::check::facts::Facts;
use crate::check::neighbours;
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Impossible date.
pub(in crate::check) static RULE: Rule = Rule {
    id: "date_impossible",
    severity: Severity::High,
    de: Words {
        title: "Unmögliches Datum",
        what: "Ein Tag liegt vor 2000, in der Zukunft, in falscher Reihenfolge oder mitten im Monat, wo ein Monatserster stehen muss.",
        why: "Fälligkeit, Zeitraum und Buchung folgen aus diesem Tag.",
        how: "Der Tag, der ein Bit entfernt liegt und in die Grenzen passt, wird vorgeschlagen.",
        when_not: "Nicht, wenn mehrere passen: dann entscheidet eine Kopie oder eine Person.",
    },
    en: Words {
        title: "Impossible date",
        what: "A day lies before 2000, in the future, in the wrong order, or within a month where its first day must stand.",
        why: "Due date, period and booking follow from this day.",
        how: "The day that lies one bit away and fits the limits is proposed.",
        when_not: "Not where several fit: then a copy or a person decides.",
    },
    method: Method::Ask(Question::many(texts, judge)),
};

/// Nothing that Kontor keeps is older.
const FIRST: &str = "'2000-01-01'";

fn texts() -> Vec<String> {
    let subscriptions = format!(
        "SELECT s.id AS id, 'subscriptions' AS named, CASE WHEN s.started_on < {FIRST} OR s.started_on > {{far}} THEN \
         'started_on' ELSE 'ended_on' END AS field, CASE WHEN s.started_on < {FIRST} OR s.started_on > {{far}} THEN \
         s.started_on ELSE s.ended_on END AS current, NULL AS low FROM subscriptions s WHERE (s.started_on < {FIRST} OR \
         s.started_on > {{far}} OR s.ended_on < s.started_on) {{only:s.id}}"
    );
    let issued = format!(
        "SELECT i.id AS id, 'invoices' AS named, 'issued_on' AS field, i.issued_on AS current, NULL AS low FROM invoices i \
         WHERE (i.issued_on < {FIRST} OR i.issued_on > {{today}}) {{only:i.id}}"
    );
    let due = format!(
        "SELECT i.id AS id, 'invoices' AS named, 'due_on' AS field, i.due_on AS current, i.issued_on AS low FROM invoices i \
         WHERE i.issued_on >= {FIRST} AND i.issued_on <= {{today}} AND (i.due_on < i.issued_on OR i.due_on > {{far}}) \
         {{only:i.id}}"
    );
    let period =
        "SELECT i.id AS id, 'invoices' AS named, 'period' AS field, i.period AS current, NULL AS low FROM invoices i \
                  WHERE CAST(i.period AS text) NOT LIKE '%-01' {only:i.id}"
            .to_owned();
    let payments = format!(
        "SELECT p.id AS id, 'payments' AS named, 'received_on' AS field, p.received_on AS current, NULL AS low FROM \
         payments p WHERE (p.received_on < {FIRST} OR p.received_on > {{today}}) {{only:p.id}}"
    );
    vec![subscriptions, issued, due, period, payments]
}

fn judge(row: &Row<'_>, facts: &Facts) -> Vec<Found> {
    let (Some(id), Some(named), Some(field)) = (row.id(), row.text("named"), row.text("field")) else {
        return Vec::new();
    };
    let table = match named.as_str() {
        "subscriptions" => "subscriptions",
        "payments" => "payments",
        _ => "invoices",
    };
    let found = Found::new(table, id).field(&field, row.shown("current"));
    let Some(current) = row.day("current") else { return vec![found] };
    let first = chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
    let low = row.day("low").unwrap_or(first);
    let high = if field == "issued_on" || field == "received_on" { facts.today } else { facts.far() };
    let is_first = |day: &chrono::NaiveDate| field != "period" || chrono::Datelike::day(day) == 1;
    let near = candidates::days(current).filter(|day| (low..=high).contains(day) && is_first(day));
    let near: Vec<String> = near.map(|day| day.to_string()).collect();
    vec![neighbours::proposed(found, &field, &current.to_string(), near)]
}
