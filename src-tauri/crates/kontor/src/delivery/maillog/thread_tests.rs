//! Logs that Postfix 3.7 and `OpenSMTPD` 6.8 wrote, in many orders and pieces.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;
use proptest::sample::Index;
use uuid::Uuid;

use super::super::line::framed;
use super::*;

const POSTFIX: &str = include_str!("samples/postfix.log");
const POSTFIX_RFC3339: &str = include_str!("samples/postfix-rfc3339.log");
const OPENSMTPD: &str = include_str!("samples/opensmtpd.log");

/// Each mail that was handed to the servers, and what its log proves.
const POSTFIX_MAILS: [(&str, &[&str]); 8] = [
    ("2a516acc-3302-4cd6-b488-32039834b5b9", &["accepted"]),
    ("6ece1169-0c12-400c-b17f-970f31dcccf9", &["accepted", "bounced"]),
    ("21b71857-961c-4579-a1df-ca072a18582e", &["accepted", "bounced"]),
    ("b0ecfbf9-06b1-4ee2-be82-226140941783", &["accepted", "bounced"]),
    // The client was cut off in the message; its Message-ID stands in the log all the same.
    ("ba456d5f-0be4-4030-91bc-02aea7a62097", &[]),
    // The client was cut off after the final dot.
    ("f27f6ec6-3793-4eb0-abf8-0ac9f94ce69f", &["accepted"]),
    ("5722966e-5b1f-4a1a-b174-4b8f1015ebe5", &["refused"]),
    ("34503824-1738-4a82-af2c-65a9b762ce7d", &["accepted"]),
];
const LONG_IDS: [(&str, &[&str]); 8] = [
    ("444d55c2-819f-4e0f-9d6b-3e8258f79767", &["accepted"]),
    ("c0ca84ab-1c5b-4e27-80c5-8a92a392c355", &["accepted", "bounced"]),
    ("38f03306-1174-4d32-a258-1c76678953f2", &["accepted"]),
    ("0ad3b689-2141-4d3a-ae2e-834216cbf22e", &["accepted", "bounced"]),
    ("b2d0b51f-d186-46f1-8e4c-0ed75e091bc2", &[]),
    ("f552687e-ef8e-4c3f-a8bf-40a2dfab1eb5", &["accepted"]),
    ("0bbe80b8-6f31-46f5-aa94-db55325cc20d", &["refused"]),
    ("b1a5999f-b303-416f-8844-86f56bd27977", &["accepted"]),
];
const OPENSMTPD_MAILS: [(&str, &[&str]); 7] = [
    ("7f56ee20-fbe3-4359-8768-ba30bbed528d", &["accepted"]),
    ("53c0a10f-8930-45aa-a548-debb277e50b9", &["accepted", "bounced"]),
    ("0741aca8-8367-4709-a360-ad3c426738c3", &["accepted", "bounced"]),
    ("d9268540-4173-4290-8de1-100100ef6615", &["accepted", "bounced"]),
    ("bf06d063-57af-44de-a714-b57564bb3e9d", &[]),
    ("adb517fb-8ab0-4eac-a1c6-5a334547c990", &["accepted"]),
    ("d2683b21-d6ee-44c1-acef-54f4fc47a6fb", &["accepted", "bounced"]),
];

type Verdicts = BTreeMap<Uuid, BTreeSet<&'static str>>;

fn id(text: &str) -> Uuid {
    text.parse().expect("an id")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn mail(text: &str, has_path: bool) -> Mail {
    let id = id(text);
    let path = address::return_path(id, "rechnung@dienst.example");
    Mail {
        id,
        message_id: format!("{id}@dienst.example"),
        return_path: has_path.then_some(path),
        recipient: "ok@example.com".to_owned(),
        queued_at: at("2026-11-25T21:00:00Z"),
        sending_at: None,
    }
}

fn known(mails: &[(&str, &[&str])], has_path: bool) -> Mails {
    let mails: Vec<Mail> = mails.iter().map(|(id, _)| mail(id, has_path)).collect();
    Mails {
        own: mails.iter().map(|mail| (mail.id, mail.clone())).collect(),
        named: mails.iter().map(|mail| (mail.message_id.clone(), mail.clone())).collect(),
        queued: HashMap::new(),
    }
}

/// The day after the logs were written.
fn now() -> DateTime<Utc> {
    at("2026-11-26T00:00:00Z")
}

fn expected(mails: &[(&str, &[&'static str])]) -> Verdicts {
    let told = mails.iter().filter(|(_, verdicts)| !verdicts.is_empty());
    told.map(|(text, verdicts)| (id(text), verdicts.iter().copied().collect())).collect()
}

/// Reads lines, asking after each of `asks` lines.
fn read<'a>(lines: impl IntoIterator<Item = &'a str>, known: &Mails, asks: &[usize]) -> (Verdicts, u64) {
    let mut threads = Threads::default();
    let mut verdicts = Verdicts::new();
    let mut others = 0;
    let mut note = |found: Found| {
        others += found.others;
        for one in found.evidence {
            verdicts.entry(one.delivery).or_default().insert(one.verdict);
        }
    };
    for (index, line) in lines.into_iter().enumerate() {
        threads.take(&framed(line));
        if asks.contains(&index) {
            note(threads.settle(known, now()));
        }
    }
    note(threads.settle(known, now()));
    (verdicts, others)
}

#[test]
fn what_the_servers_logged_is_what_happened() {
    for (log, mails) in
        [(POSTFIX, &POSTFIX_MAILS[..]), (POSTFIX_RFC3339, &LONG_IDS[..]), (OPENSMTPD, &OPENSMTPD_MAILS[..])]
    {
        assert_eq!(read(log.lines(), &known(mails, true), &[]).0, expected(mails));
    }
}

#[test]
fn mails_without_a_return_path_are_known_by_their_message_id() {
    let mut mails = expected(&POSTFIX_MAILS);
    // A rejection names nothing but the envelope.
    mails.remove(&id("5722966e-5b1f-4a1a-b174-4b8f1015ebe5"));
    let without_paths = Mails { own: HashMap::new(), ..known(&POSTFIX_MAILS, false) };
    assert_eq!(read(POSTFIX.lines(), &without_paths, &[]).0, mails);
    assert_eq!(read(POSTFIX.lines(), &Mails::default(), &[]).0, Verdicts::new());
}

#[test]
fn what_others_pass_on_has_arrived_and_nothing_more() {
    let ours = "2a516acc-3302-4cd6-b488-32039834b5b9";
    let log = format!(
        "Nov 25 22:32:12 mail postfix/cleanup[1]: 9504A9864CC: message-id=<{ours}@dienst.example>\n\
         Nov 25 22:32:12 mail postfix/qmgr[1]: 9504A9864CC: from=<somebody@example.org>, size=379, nrcpt=1 (queue active)\n\
         Nov 25 22:32:12 mail postfix/smtp[1]: 9504A9864CC: to=<x@y.de>, relay=none, delay=0, delays=0/0/0/0, dsn=5.1.1, \
         status=bounced (unknown)\n"
    );
    for asks in [&[][..], &[0][..], &[1][..]] {
        assert_eq!(read(log.lines(), &known(&POSTFIX_MAILS, true), asks).0[&id(ours)], ["accepted"].into());
    }
    // Without a return path of its own nothing tells the two apart.
    assert_eq!(read(log.lines(), &known(&POSTFIX_MAILS, false), &[]).0[&id(ours)], ["accepted", "bounced"].into());
}

#[test]
fn a_queue_id_alone_counts_when_the_time_fits_and_nothing_else_has_it_now() {
    let ours = mail("2a516acc-3302-4cd6-b488-32039834b5b9", true);
    let queued = HashMap::from([("9504A9864CC".to_owned(), vec![ours.clone()])]);
    let known = Mails { queued, ..Mails::default() };
    let sent = "mail postfix/smtp[1]: 9504A9864CC: to=<x@y.de>, relay=none, delay=0, dsn=2.0.0, status=sent (250 ok)";
    let named = "mail postfix/cleanup[1]: 9504A9864CC: message-id=<other@example.org>";
    let one = |lines: &[String]| read(lines.iter().map(String::as_str), &known, &[]).0;
    assert_eq!(one(&[format!("Nov 25 23:00:00 {sent}")])[&ours.id], ["accepted"].into());
    assert_eq!(one(&[format!("2026-06-26T10:00:00Z {sent}")]), Verdicts::new());
    assert_eq!(one(&[format!("Nov 25 23:00:00 {named}"), format!("Nov 25 23:00:00 {sent}")]), Verdicts::new());
    // The message had been there before the log began; then the id was given to another.
    let lines = [format!("Nov 25 23:00:00 {sent}"), format!("Nov 25 23:00:01 {named}")];
    assert_eq!(one(&lines)[&ours.id], ["accepted"].into());
}

#[test]
fn a_queue_id_of_others_is_given_to_ours_later() {
    let foreign = "Nov 25 22:00:00 mail postfix/cleanup[1]: 9504A9864CC: message-id=<cut-off@example.org>";
    let lines = || std::iter::once(foreign).chain(POSTFIX.lines());
    for asks in [&[][..], &[0][..], &[3][..]] {
        let (verdicts, others) = read(lines(), &known(&POSTFIX_MAILS, true), asks);
        assert_eq!(verdicts, expected(&POSTFIX_MAILS));
        assert_eq!(others, 4, "the one cut off and three bounces of the server");
        let by_name = Mails { own: HashMap::new(), ..known(&POSTFIX_MAILS, false) };
        let ours = id("2a516acc-3302-4cd6-b488-32039834b5b9");
        assert_eq!(read(lines(), &by_name, asks).0[&ours], ["accepted"].into());
    }
}

#[test]
fn a_message_that_is_put_off_for_days_counts_once() {
    let mut threads = Threads::default();
    let known = known(&POSTFIX_MAILS, true);
    let mut prints = BTreeSet::new();
    // The other server puts it in other words each time.
    for words in ["Mailbox full", "over quota"] {
        for line in POSTFIX.replace("Mailbox full", words).lines() {
            threads.take(&framed(line));
        }
        let found = threads.settle(&known, now());
        let full = found.evidence.iter().filter(|one| one.delivery == id("21b71857-961c-4579-a1df-ca072a18582e"));
        prints.extend(full.map(|one| one.fingerprint.clone()));
    }
    assert_eq!(prints.len(), 3, "queued, deferred, expired");
}

#[test]
fn what_is_kept_names_nobody() {
    let mut threads = Threads::default();
    POSTFIX.lines().for_each(|line| threads.take(&framed(line)));
    let found = threads.settle(&known(&POSTFIX_MAILS, true), now());
    assert!(found.evidence.iter().all(|one| !one.detail.contains("@example.com")));
    let rejected = found.evidence.iter().find(|one| one.verdict == "refused").expect("the rejection");
    assert_eq!(
        rejected.detail,
        "recipient rejected: 554 5.7.1 <n…@reject.example>: Recipient address rejected: Access denied"
    );
    assert_eq!((rejected.reply_code, rejected.seen_at), (Some(554), at("2026-11-25T21:32:14Z")));
}

/// The lines of each message in their order; lines of different messages may come in any order.
fn messages(log: &'static str) -> Vec<Vec<&'static str>> {
    let mut messages: Vec<(String, Vec<&'static str>)> = Vec::new();
    for line in log.lines() {
        let line_of = framed(line);
        let key = match (postfix::read(&line_of), opensmtpd::read(&line_of)) {
            (Some(entry), _) => entry.queue_id.unwrap_or("NOQUEUE").to_owned(),
            (_, Some(entry)) => entry.message.to_owned(),
            _ => "foreign".to_owned(),
        };
        match messages.iter_mut().find(|(known, _)| *known == key) {
            Some((_, lines)) => lines.push(line),
            None => messages.push((key, vec![line])),
        }
    }
    messages.into_iter().map(|(_, lines)| lines).collect()
}

fn shuffled(log: &'static str, picks: &[Index]) -> Vec<&'static str> {
    let mut left: Vec<std::vec::IntoIter<&str>> = messages(log).into_iter().map(Vec::into_iter).collect();
    let mut lines = Vec::new();
    let mut picks = picks.iter().cycle();
    while !left.is_empty() {
        let pick = picks.next().map_or(0, |pick| pick.index(left.len()));
        match left[pick].next() {
            Some(line) => lines.push(line),
            None => drop(left.swap_remove(pick)),
        }
    }
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_order_of_messages_and_of_asking_makes_no_difference(
        picks in prop::collection::vec(any::<Index>(), 1..200),
        asks in prop::collection::vec(0usize..120, 0..8),
    ) {
        for (log, mails) in
            [(POSTFIX, &POSTFIX_MAILS[..]), (POSTFIX_RFC3339, &LONG_IDS[..]), (OPENSMTPD, &OPENSMTPD_MAILS[..])]
        {
            let lines = shuffled(log, &picks);
            prop_assert_eq!(read(lines, &known(mails, true), &asks).0, expected(mails));
        }
    }

    #[test]
    fn a_log_with_holes_proves_less_and_nothing_else(keep in prop::collection::vec(any::<bool>(), 130)) {
        for (log, mails) in [(POSTFIX, &POSTFIX_MAILS[..]), (OPENSMTPD, &OPENSMTPD_MAILS[..])] {
            let lines = log.lines().zip(&keep).filter(|(_, keep)| **keep).map(|(line, _)| line);
            let all = expected(mails);
            for (mail, verdicts) in read(lines, &known(mails, true), &[]).0 {
                prop_assert!(verdicts.is_subset(&all[&mail]), "{}: {:?}", mail, verdicts);
            }
        }
    }

    #[test]
    fn no_line_makes_it_stumble(line in any::<String>(), garbled in any::<Index>(), cut in any::<Index>(), with in ".{0,4}") {
        let lines: Vec<&str> = POSTFIX.lines().chain(OPENSMTPD.lines()).collect();
        let sound = lines[garbled.index(lines.len())];
        let at = cut.index(sound.len() + 1);
        let broken = format!("{}{with}{}", &sound[..at], &sound[(at + 3).min(sound.len())..]);
        read([line.as_str(), &broken, &sound[..at]], &known(&POSTFIX_MAILS, true), &[]);
    }
}
