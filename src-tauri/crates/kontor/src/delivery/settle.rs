//! What becomes of a mail when something is learned about it: one table, from the source of the knowledge, its verdict and
//! the present state to the next state. Evidence counts from anyone, even from a worker whose lease is over: what a mail
//! server said does not become untrue because somebody else took the work.
//!
//! What the table rests on:
//! - A reply of the mail server settles what is open or unknown. A 250 counts even where the mail stands as `refused`:
//!   that was a person's word or an older reply, and a mail that was taken must not go out a second time.
//! - The log of the server that took the mail is stronger than what a program noted about the same server. Its
//!   `accepted` and `bounced` therefore overrule `refused` too.
//! - A bounce (RFC 3464) is itself a mail, and anybody can write one: it makes nothing of what was refused, and one that
//!   says "delayed" changes nothing.
//! - A takeover knows only that nobody heard the reply; a person settles only what nobody else knows.
//! - Nothing goes back to `queued`, `sending` or `deferred` (the trigger `deliveries_once` refuses it too).
//!
//! The order in which the lines of a log, or several bounces, come in makes no difference.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Outcome;
use super::evidence::{self, Evidence};
use crate::Result;
use crate::store::{self, places};

/// A row of the table.
struct Rule {
    sources: &'static [&'static str],
    verdict: &'static str,
    from: &'static [&'static str],
    to: &'static str,
}

const REPLIES: &[&str] = &["smtp_reply", "connection", "file"];
const OPEN: &[&str] = &["queued", "sending", "deferred"];
const UNSETTLED: &[&str] = &["queued", "sending", "deferred", "unknown"];
const BUT_REFUSED: &[&str] = &["queued", "sending", "deferred", "unknown", "accepted"];

/// The table. Whatever it does not name is kept as evidence and changes nothing.
const TABLE: &[Rule] = &[
    Rule { sources: REPLIES, verdict: "accepted", from: UNSETTLED, to: "accepted" },
    Rule { sources: REPLIES, verdict: "refused", from: UNSETTLED, to: "refused" },
    Rule { sources: REPLIES, verdict: "deferred", from: OPEN, to: "deferred" },
    Rule { sources: REPLIES, verdict: "unknown", from: OPEN, to: "unknown" },
    Rule { sources: &["takeover"], verdict: "unknown", from: &["sending"], to: "unknown" },
    Rule { sources: &["smtp_reply", "maillog"], verdict: "accepted", from: &["refused"], to: "accepted" },
    Rule { sources: &["maillog", "bounce"], verdict: "accepted", from: UNSETTLED, to: "accepted" },
    Rule { sources: &["maillog"], verdict: "refused", from: UNSETTLED, to: "refused" },
    Rule { sources: &["maillog", "bounce"], verdict: "bounced", from: BUT_REFUSED, to: "bounced" },
    Rule { sources: &["maillog"], verdict: "bounced", from: &["refused"], to: "bounced" },
    Rule { sources: &["person"], verdict: "accepted", from: &["sending", "unknown"], to: "accepted" },
    Rule { sources: &["person"], verdict: "refused", from: &["sending", "unknown"], to: "refused" },
];

/// The state that follows from a verdict; none when the mail stays as it is.
pub fn next(source: &str, verdict: &str, state: &str) -> Option<&'static str> {
    rules(source, verdict).find(|rule| rule.from.contains(&state)).map(|rule| rule.to)
}

fn rules(source: &str, verdict: &str) -> impl Iterator<Item = &'static Rule> {
    TABLE.iter().filter(move |rule| rule.verdict == verdict && rule.sources.contains(&source))
}

/// Moves mails to `sending`, just before they leave, and returns how many could be moved. Each comes with the hash of the
/// message in hand: one that was written anew meanwhile does not leave as it was.
pub async fn mark_sending(
    connection: &impl ConnectionTrait,
    mails: &[(Uuid, [u8; 32])],
    target: &str,
    now: DateTime<Utc>,
) -> Result<u64> {
    let text = format!(
        "UPDATE deliveries SET state = 'sending', target = ?, sending_at = ?, tries = tries + 1 \
         WHERE id IN ({list}) AND message_sha256 IN ({list}) AND \
         (state IN ('queued', 'deferred') OR (state = 'sending' AND target = ?))",
        list = places(mails.len())
    );
    let ids = mails.iter().map(|(id, _)| (*id).into());
    // Each message has an id of its own, so its hash belongs to one mail only.
    let hashes = mails.iter().map(|(_, sha256)| sha256.to_vec().into());
    let values = [target.into(), now.into()].into_iter().chain(ids).chain(hashes).chain([target.into()]);
    let backend = connection.get_database_backend();
    Ok(connection.execute_raw(store::sql(backend, &text, values)).await?.rows_affected())
}

/// Adds what became of mails that were sent, and lets the states follow. One outcome per mail.
pub async fn settle(
    connection: &impl ConnectionTrait,
    outcomes: &[(Uuid, Option<Uuid>, &Outcome)],
    now: DateTime<Utc>,
) -> Result<()> {
    let evidence: Vec<Evidence> =
        outcomes.iter().map(|(delivery, attempt, outcome)| of_outcome(*delivery, *attempt, outcome, now)).collect();
    follow(connection, &evidence, now).await?;
    evidence::insert(connection, evidence).await
}

fn of_outcome(delivery: Uuid, attempt: Option<Uuid>, outcome: &Outcome, now: DateTime<Utc>) -> Evidence {
    let verdict = outcome.verdict.state();
    let replied = outcome.source == "smtp_reply" && verdict == "accepted";
    Evidence {
        delivery,
        attempt,
        source: outcome.source,
        verdict,
        code: outcome.verdict.code(),
        reply_code: outcome.reply_code,
        detail: outcome.detail.clone(),
        seen_at: now,
        queue_id: if replied { evidence::queue_id(&outcome.detail) } else { None },
        fingerprint: None,
    }
}

/// Lets the states follow from evidence: set by set, acceptances before bounces, because a bounce follows one.
pub(super) async fn follow(connection: &impl ConnectionTrait, evidence: &[Evidence], now: DateTime<Utc>) -> Result<()> {
    let mut groups: BTreeMap<(&str, &str, Option<&str>), Vec<Uuid>> = BTreeMap::new();
    for one in evidence {
        groups.entry((one.verdict, one.source, one.code)).or_default().push(one.delivery);
    }
    for ((verdict, source, code), deliveries) in groups {
        for rule in rules(source, verdict) {
            apply(connection, rule, code, &deliveries, now).await?;
        }
    }
    Ok(())
}

async fn apply(
    connection: &impl ConnectionTrait,
    rule: &Rule,
    code: Option<&str>,
    deliveries: &[Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    let ids = || deliveries.iter().map(|id| (*id).into());
    let list = places(deliveries.len());
    let reopens = rule.from.contains(&"refused") && rule.to == "accepted";
    // An invoice has one first mail. Where another has followed the refused one, the evidence is kept and the state
    // stays; of two refused ones the older is the one that was taken.
    let alone = format!(
        " AND (purpose = 'resend' OR NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.invoice_id = deliveries.invoice_id \
         AND o.purpose = deliveries.purpose AND o.id <> deliveries.id AND (o.state NOT IN ('refused', 'bounced') OR \
         (o.state = 'refused' AND o.id < deliveries.id AND o.id IN ({list})))))"
    );
    let text = format!(
        "UPDATE deliveries SET state = ?, code = ?, settled_at = ? WHERE id IN ({list}) AND state IN ({}){}",
        places(rule.from.len()),
        if reopens { alone.as_str() } else { "" }
    );
    let mut values = vec![rule.to.into(), code.into(), now.into()];
    values.extend(ids());
    values.extend(rule.from.iter().map(|state| (*state).into()));
    if reopens {
        values.extend(ids());
    }
    connection.execute_raw(store::sql(connection.get_database_backend(), &text, values)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STATES: [&str; 7] = ["queued", "sending", "deferred", "accepted", "refused", "unknown", "bounced"];
    const VERDICTS: [&str; 5] = ["accepted", "deferred", "refused", "unknown", "bounced"];
    const SOURCES: [&str; 7] = ["smtp_reply", "connection", "file", "takeover", "maillog", "bounce", "person"];

    /// One row per source and verdict: what becomes of each of `STATES`, by first letter; a dot where nothing does.
    const EXPECTED: [(&str, &str, &str); 35] = [
        ("smtp_reply", "accepted", "aaa.aa."),
        ("smtp_reply", "deferred", "ddd...."),
        ("smtp_reply", "refused", "rrr..r."),
        ("smtp_reply", "unknown", "uuu...."),
        ("smtp_reply", "bounced", "......."),
        ("connection", "accepted", "aaa..a."),
        ("connection", "deferred", "ddd...."),
        ("connection", "refused", "rrr..r."),
        ("connection", "unknown", "uuu...."),
        ("connection", "bounced", "......."),
        ("file", "accepted", "aaa..a."),
        ("file", "deferred", "ddd...."),
        ("file", "refused", "rrr..r."),
        ("file", "unknown", "uuu...."),
        ("file", "bounced", "......."),
        ("takeover", "accepted", "......."),
        ("takeover", "deferred", "......."),
        ("takeover", "refused", "......."),
        ("takeover", "unknown", ".u....."),
        ("takeover", "bounced", "......."),
        ("maillog", "accepted", "aaa.aa."),
        ("maillog", "deferred", "......."),
        ("maillog", "refused", "rrr..r."),
        ("maillog", "unknown", "......."),
        ("maillog", "bounced", "bbbbbb."),
        ("bounce", "accepted", "aaa..a."),
        ("bounce", "deferred", "......."),
        ("bounce", "refused", "......."),
        ("bounce", "unknown", "......."),
        ("bounce", "bounced", "bbbb.b."),
        ("person", "accepted", ".a...a."),
        ("person", "deferred", "......."),
        ("person", "refused", ".r...r."),
        ("person", "unknown", "......."),
        ("person", "bounced", "......."),
    ];

    #[test]
    fn the_table_says_what_was_decided() {
        let mut seen = 0;
        for source in SOURCES {
            for verdict in VERDICTS {
                let row = EXPECTED.iter().find(|row| (row.0, row.1) == (source, verdict)).expect("a row for each pair");
                for (state, letter) in STATES.into_iter().zip(row.2.chars()) {
                    let expected = STATES.into_iter().find(|next| next.starts_with(letter));
                    assert_eq!(next(source, verdict, state), expected, "{source} says {verdict} of a {state} mail");
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, SOURCES.len() * VERDICTS.len() * STATES.len());
    }

    #[test]
    fn no_two_rows_speak_of_the_same_thing() {
        for source in SOURCES {
            for verdict in VERDICTS {
                for state in STATES {
                    let rows = rules(source, verdict).filter(|rule| rule.from.contains(&state)).count();
                    assert!(rows <= 1, "{source} {verdict} {state}");
                }
            }
        }
    }

    #[test]
    fn nothing_that_is_settled_or_unknown_is_sent_again() {
        for state in ["accepted", "refused", "unknown", "bounced"] {
            for (source, verdict, _) in EXPECTED {
                assert!(
                    next(source, verdict, state).is_none_or(|to| !OPEN.contains(&to)),
                    "{source} {verdict} {state}"
                );
            }
        }
    }

    fn end_of(state: &'static str, verdicts: &[&str], source: &str) -> &'static str {
        verdicts.iter().fold(state, |state, verdict| next(source, verdict, state).unwrap_or(state))
    }

    proptest! {
        #[test]
        fn the_order_of_a_logs_lines_makes_no_difference(
            state in prop::sample::select(&STATES[..]),
            mut verdicts in prop::collection::vec(prop::sample::select(&VERDICTS[..]), 0..6),
            source in prop::sample::select(vec!["maillog", "bounce"]),
        ) {
            let ends = end_of(state, &verdicts, source);
            verdicts.reverse();
            prop_assert_eq!(end_of(state, &verdicts, source), ends);
            // The order in which a batch is applied.
            verdicts.sort_unstable();
            prop_assert_eq!(end_of(state, &verdicts, source), ends);
        }
    }
}
