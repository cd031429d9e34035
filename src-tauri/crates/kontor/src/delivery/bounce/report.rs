//! One report on a delivery (RFC 3464), as far as it can be read. It should be a `multipart/report` (RFC 3462), but `OpenSMTPD`
//! writes `multipart/mixed`, so the part with the delivery status decides. It comes from anybody, so nothing in it is
//! taken for granted.

use chrono::{DateTime, Utc};
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::super::address;
use crate::seal::hex;

/// Headers that name the address a mail came to.
const DESTINATIONS: [&str; 6] =
    ["To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To"];

/// What a report says became of the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It came back.
    Failed,
    /// It is still being tried.
    Delayed,
    /// It was delivered, or handed to a server that reports no further.
    Delivered,
}

impl Action {
    /// The word for it in the evidence.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
        }
    }
}

/// What a report says of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What became of it.
    pub action: Action,
    /// Enhanced status code, such as `5.1.1` (RFC 3463).
    pub class: String,
    /// What the other server said.
    pub diagnostic: String,
    /// The recipients it names, in small letters.
    recipients: Vec<String>,
}

/// A report that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// Tells it from others, wherever it is stored.
    pub identity: String,
    /// When it was written.
    pub written_at: Option<DateTime<Utc>>,
    /// Addresses that have the shape of a return path.
    pub return_paths: Vec<String>,
    /// Message-IDs of the returned message.
    pub message_ids: Vec<String>,
    /// Queue id on the reporting server.
    pub queue_id: Option<String>,
    /// One entry per recipient; at least one.
    statuses: Vec<Status>,
}

impl Status {
    /// Reply code of the server that spoke last.
    pub fn reply_code(&self) -> Option<i64> {
        let digits = self.diagnostic.get(..3)?;
        digits.parse().ok().filter(|code| (200..600).contains(code))
    }
}

impl Bounce {
    /// What it says of a recipient: of them by name where it names them, else the worst of all it says.
    pub fn status_for(&self, recipient: &str) -> &Status {
        let recipient = recipient.to_lowercase();
        let rank = |status: &&Status| match status.action {
            Action::Failed => 2,
            Action::Delayed => 1,
            Action::Delivered => 0,
        };
        let named = self.statuses.iter().filter(|status| status.recipients.contains(&recipient)).max_by_key(rank);
        named.or_else(|| self.statuses.iter().max_by_key(rank)).unwrap_or(&self.statuses[0])
    }
}

/// Reads a report; `Err` says why it is none.
pub fn parse(bytes: &[u8]) -> Result<Bounce, &'static str> {
    let message = MessageParser::default().parse(bytes).ok_or("it is no mail")?;
    let root = message.parts.first().ok_or("it is no mail")?;
    let status = part(&message, "message", "delivery-status")
        .or_else(|| part(&message, "message", "global-delivery-status"))
        .ok_or_else(|| not_a_report(root))?;
    let groups = groups(&text_of(status));
    let notice = part(&message, "text", "plain").map(text_of).unwrap_or_default();
    let statuses: Vec<Status> = groups.iter().filter_map(|group| status_of(group, &notice)).collect();
    if statuses.is_empty() {
        return Err("its delivery status names no recipient and what became of the mail");
    }
    let returned = returned(&message);
    let identity = message.message_id().map_or_else(|| hex(&kontor_pdf::content::sha256(bytes)), str::to_owned);
    let written_at = message.date().and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0));
    let queue_id = groups.iter().find_map(|group| field(group, "X-Postfix-Queue-ID")).map(str::to_owned);
    Ok(Bounce {
        identity,
        written_at,
        return_paths: return_paths(&message, &groups, &returned),
        message_ids: values(&returned, "Message-ID").map(|id| id.trim_matches(['<', '>', ' ']).to_owned()).collect(),
        queue_id,
        statuses,
    })
}

/// Why a message without a delivery status is none.
fn not_a_report(root: &MessagePart<'_>) -> &'static str {
    let kind = root.content_type().and_then(|kind| kind.attribute("report-type")).unwrap_or_default();
    match (root.is_content_type("multipart", "report"), kind.eq_ignore_ascii_case("delivery-status")) {
        (true, true) => "its delivery status is missing",
        (true, false) => "it reports on something else than a delivery",
        (false, _) => "it is no delivery report",
    }
}

fn part<'a>(message: &'a Message<'_>, kind: &str, subtype: &str) -> Option<&'a MessagePart<'a>> {
    message.parts.iter().find(|part| part.is_content_type(kind, subtype))
}

fn text_of(part: &MessagePart<'_>) -> String {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.to_string(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        PartType::Message(message) => String::from_utf8_lossy(&message.raw_message).into_owned(),
        PartType::Multipart(_) => String::new(),
    }
}

/// The head of the returned message, whether it came whole or as headers only.
fn returned(message: &Message<'_>) -> Vec<(String, String)> {
    let headers = part(message, "text", "rfc822-headers").or_else(|| part(message, "message", "rfc822-headers"));
    let whole = || part(message, "message", "rfc822").or_else(|| part(message, "message", "global"));
    let text = headers.map_or_else(|| whole().map(head_of).unwrap_or_default(), text_of);
    groups(&text).into_iter().next().unwrap_or_default()
}

fn head_of(part: &MessagePart<'_>) -> String {
    match &part.body {
        PartType::Message(inner) => {
            let lines: Vec<String> =
                inner.headers_raw().map(|(name, value)| format!("{name}: {}", value.trim())).collect();
            lines.join("\n")
        }
        _ => text_of(part),
    }
}

/// Addresses in the report's destinations, and where the returned message says it came from, that may be ours.
fn return_paths(message: &Message<'_>, groups: &[Vec<(String, String)>], returned: &[(String, String)]) -> Vec<String> {
    let own = message.headers_raw().filter(|(name, _)| DESTINATIONS.iter().any(|one| one.eq_ignore_ascii_case(name)));
    let mut paths = Vec::new();
    let reported = groups.iter().flat_map(|group| values(group, "X-Postfix-Sender"));
    for text in own.map(|(_, value)| value).chain(values(returned, "Return-Path")).chain(reported) {
        for word in text.split(|c: char| c.is_whitespace() || "<>(),;\"".contains(c)) {
            if address::delivery_of(word).is_some() && !paths.iter().any(|path| path == word) {
                paths.push(word.to_owned());
            }
        }
    }
    paths
}

/// The groups of fields that blank lines divide, with folded lines put together (RFC 3464, 2.1).
fn groups(text: &str) -> Vec<Vec<(String, String)>> {
    let mut groups: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            groups.push(Vec::new());
            continue;
        }
        let Some(group) = groups.last_mut() else { continue };
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = group.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            group.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

fn values<'a>(group: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    group.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn field<'a>(group: &'a [(String, String)], name: &'a str) -> Option<&'a str> {
    values(group, name).next()
}

/// `rfc822; somebody@example.com` without its type; what has none may hold a semicolon.
fn untyped(value: &str) -> &str {
    let is_type = |word: &str| word.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    value.split_once(';').filter(|(word, _)| is_type(word)).map_or(value, |(_, rest)| rest).trim()
}

/// The status of one recipient. Where no server is quoted, the line of the notice that names the recipient must do.
fn status_of(group: &[(String, String)], notice: &str) -> Option<Status> {
    let class: String = field(group, "Status").unwrap_or_default().chars().take(16).collect();
    let word = field(group, "Action").map(|word| word.split([' ', '(']).next().unwrap_or_default().to_lowercase());
    let action = match word.as_deref() {
        Some("failed") => Action::Failed,
        Some("delayed") => Action::Delayed,
        Some("delivered" | "relayed" | "expanded") => Action::Delivered,
        Some(_) => return None,
        // Some servers leave it out; the status has the last word then.
        None => match class.chars().next()? {
            '5' => Action::Failed,
            '4' => Action::Delayed,
            '2' => Action::Delivered,
            _ => return None,
        },
    };
    let recipients = ["Final-Recipient", "Original-Recipient"].into_iter().flat_map(|name| values(group, name));
    let recipients: Vec<String> =
        recipients.map(|value| untyped(value).trim_matches(['<', '>']).to_lowercase()).collect();
    let diagnostic = match field(group, "Diagnostic-Code") {
        Some(code) => untyped(code).to_owned(),
        None => recipients.iter().find_map(|one| said_in(notice, one)).unwrap_or_default(),
    };
    Some(Status { action, class, diagnostic, recipients })
}

/// What a notice says after `somebody@example.com: `.
fn said_in(notice: &str, recipient: &str) -> Option<String> {
    let said = |line: &str| {
        let (name, said) = line.trim().split_once(": ")?;
        name.trim_matches(['<', '>']).eq_ignore_ascii_case(recipient).then(|| said.to_owned())
    };
    notice.lines().find_map(said)
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
