//! The frame of a log line: when, which program, and what it said. Classic syslog (`Nov 25 22:32:12 host tag[1]: …`), RFC 3339
//! (`2026-11-25T22:32:12.1+01:00 host tag[1]: …`) and lines without a frame, as a server in the foreground writes them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::Berlin;

/// When a line was written, as far as it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// With its year and zone.
    Exact(DateTime<Utc>),
    /// Month, day and time of the mail server's zone, which is taken to be the office's.
    Yearless(u32, u32, NaiveTime),
}

/// A line without its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// When it was written.
    pub at: Option<Stamp>,
    /// The program, such as `postfix/smtpd`; empty where the line names none.
    pub program: &'a str,
    /// What it said.
    pub text: &'a str,
}

impl Stamp {
    /// The time; a year is chosen so that it lies as near as possible to `near`.
    pub fn near(self, near: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (month, day, time) = match self {
            Self::Exact(at) => return Some(at),
            Self::Yearless(month, day, time) => (month, day, time),
        };
        let year = near.with_timezone(&Berlin).year();
        [year - 1, year, year + 1]
            .into_iter()
            .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
            .filter_map(|date| Berlin.from_local_datetime(&date.and_time(time)).earliest())
            .map(|at| at.with_timezone(&Utc))
            .min_by_key(|at| (*at - near).num_seconds().abs())
    }
}

/// Takes the frame off a line.
pub fn framed(line: &str) -> Line<'_> {
    let line = without_priority(line.trim_end());
    let (at, rest) = match stamped(line) {
        // After the time stands the host.
        Some((at, rest)) => (Some(at), rest.split_once(' ').map_or("", |(_, rest)| rest)),
        None => (None, line),
    };
    let (program, text) = tagged(rest).unwrap_or(("", rest));
    Line { at, program, text }
}

/// `<22>` before a line is the syslog's priority.
fn without_priority(line: &str) -> &str {
    let Some((number, rest)) = line.strip_prefix('<').and_then(|rest| rest.split_once('>')) else { return line };
    if number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit()) { rest } else { line }
}

fn stamped(line: &str) -> Option<(Stamp, &str)> {
    exact(line).or_else(|| yearless(line))
}

fn exact(line: &str) -> Option<(Stamp, &str)> {
    let (word, rest) = line.split_once(' ')?;
    let at = DateTime::parse_from_rfc3339(word).or_else(|_| DateTime::parse_from_str(word, "%Y-%m-%dT%H:%M:%S%z"));
    Some((Stamp::Exact(at.ok()?.with_timezone(&Utc)), rest))
}

fn yearless(line: &str) -> Option<(Stamp, &str)> {
    let (month, rest) = line.split_once(' ')?;
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = (1..).zip(names).find(|(_, name)| *name == month)?.0;
    let (day, rest) = rest.trim_start().split_once(' ')?;
    let (time, rest) = rest.split_once(' ')?;
    let day: u32 = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    // A leap year takes every day there is.
    let time = NaiveDateTime::parse_from_str(&format!("2000-01-01 {time}"), "%Y-%m-%d %H:%M:%S%.f").ok()?.time();
    Some((Stamp::Yearless(month, day, time), rest))
}

/// `postfix/smtpd[186]: text` or `smtpd: text`.
fn tagged(rest: &str) -> Option<(&str, &str)> {
    let (tag, text) = rest.split_once(": ")?;
    let name = tag.split_once('[').map_or(tag, |(name, _)| name);
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    let has_pid = tag.ends_with(']');
    (!name.is_empty() && name.chars().all(plain) && (has_pid || name.contains('/') || name == "smtpd"))
        .then_some((name, text))
}

/// What stands between angle brackets at the beginning of a text, and what follows them. A quoted local part may hold
/// brackets itself (RFC 5321, 4.1.2).
pub fn angled(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('<')?;
    let (mut quoted, mut escaped) = (false, false);
    for (index, character) in inner.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => return Some((&inner[..index], &inner[index + 1..])),
            _ => {}
        }
    }
    None
}

/// The reply code of a mail server within what is logged of its reply.
pub fn reply_code(text: &str) -> Option<i64> {
    let reply = text.split_once(" said: ").map_or(text, |(_, reply)| reply);
    let digits = reply.trim_start_matches(['(', ' ']).get(..3)?;
    digits.parse().ok().filter(|code| (200..600).contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_all_kinds_come_off() {
        let time = NaiveTime::from_hms_opt(2, 3, 4);
        let text = "9504A9864CC: removed";
        for (line, program) in [
            ("Nov  5 02:03:04 mail postfix/qmgr[142]: 9504A9864CC: removed", "postfix/qmgr"),
            ("Nov 05 02:03:04 mail postfix-out/qmgr[142]: 9504A9864CC: removed\r\n", "postfix-out/qmgr"),
            ("<22>Nov 5 02:03:04 mail postfix/submission/smtpd[1]: 9504A9864CC: removed", "postfix/submission/smtpd"),
        ] {
            let at = time.map(|time| Stamp::Yearless(11, 5, time));
            assert_eq!(framed(line), Line { at, program, text }, "{line}");
        }
        let at = "2026-11-05T02:03:04.5Z".parse().ok().map(Stamp::Exact);
        for line in [
            "2026-11-05T03:03:04.500+01:00 mail postfix/qmgr[142]: 9504A9864CC: removed",
            "2026-11-05T02:03:04.500Z mail postfix/qmgr[142]: 9504A9864CC: removed",
        ] {
            assert_eq!(framed(line), Line { at, program: "postfix/qmgr", text }, "{line}");
        }
        assert_eq!(framed("28d106e9cb0cc718 mta connected").text, "28d106e9cb0cc718 mta connected");
        assert_eq!(framed("smtpd[7]: 28d106e9cb0cc718 mta connected").program, "smtpd");
        assert_eq!(framed("relay: Expire for 1fbb8b7759ba30b8: from=<a@b.de>").program, "");
        assert_eq!(framed(""), Line { at: None, program: "", text: "" });
    }

    #[test]
    fn a_missing_year_is_the_nearest_one() {
        let near = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let noon = NaiveTime::from_hms_opt(12, 0, 0).expect("noon");
        let december = Stamp::Yearless(12, 31, noon);
        assert_eq!(december.near(near("2013-01-01T08:00:00Z")), Some(near("2012-12-31T11:00:00Z")));
        let january = Stamp::Yearless(1, 1, noon);
        assert_eq!(january.near(near("2012-12-31T23:00:00Z")), Some(near("2013-01-01T11:00:00Z")));
        assert_eq!(Stamp::Yearless(2, 29, noon).near(near("2013-03-01T00:00:00Z")), Some(near("2012-02-29T11:00:00Z")));
        assert_eq!(Stamp::Yearless(2, 30, noon).near(near("2013-03-01T00:00:00Z")), None);
        // The hour that the clocks leave out.
        let lost = Stamp::Yearless(3, 31, NaiveTime::from_hms_opt(2, 30, 0).expect("a time"));
        assert!(lost.near(near("2013-03-31T00:00:00Z")).is_none_or(|at| at.year() != 2013));
    }

    #[test]
    fn brackets_in_quotes_do_not_end_an_address() {
        assert_eq!(angled("<a@b.de>, size=1"), Some(("a@b.de", ", size=1")));
        assert_eq!(angled("<\"a>, status=sent (\"@b.de>, x"), Some(("\"a>, status=sent (\"@b.de", ", x")));
        assert_eq!(angled("<\"a\\\">\"@b.de>"), Some(("\"a\\\">\"@b.de", "")));
        assert_eq!((angled("<a@b.de"), angled("a@b.de>"), angled("")), (None, None, None));
    }

    #[test]
    fn reply_codes_are_found() {
        assert_eq!(reply_code("(host mx[1.2.3.4] said: 550 5.1.1 <x> no (in reply to RCPT TO command))"), Some(550));
        assert_eq!(reply_code("(250 2.0.0 Ok: taken)"), Some(250));
        assert_eq!((reply_code("(delivered to maildir)"), reply_code("25"), reply_code("ä€x")), (None, None, None));
    }
}
