//! Why something failed or cannot run: the normalised codes of `kontor::run::code` and of the old programs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A normalised cause. The window has a sentence for each code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Cause {
    /// The code; `other` for a word that this program does not know.
    pub code: CauseCode,
    /// The step in which the process died, for the codes that say that.
    pub step: Option<Step>,
    /// The word as it is stored; filters take it.
    pub key: String,
}

/// What is known to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is described beside its constant in `kontor::run::code`")]
pub enum CauseCode {
    OutcomeUnknown,
    RecipientRefused,
    MailBounced,
    AddressInvalid,
    CharacterNotCovered,
    ContentContradicts,
    RegistrationBlocked,
    MailboxMissing,
    NotDue,
    SettingsMissing,
    RenderFailed,
    AuditFailed,
    DrawnOtherwise,
    HostWithdrawn,
    DocumentDamaged,
    OutboxNotWritable,
    DiskFull,
    ServerUnreachable,
    MailDeferred,
    MailRefused,
    ConnectionLost,
    ConnectionTimeout,
    ProcessDied,
    /// A code of the old programs: the process was killed.
    ProcessKilled,
    WorkersLost,
    DoneAlready,
    InWork,
    MailboxFull,
    MessageTooLarge,
    LoginRefused,
    TlsFailed,
    NotArrived,
    InvoiceCancelled,
    RecordUnreadable,
    Quarantined,
    Internal,
    NeverIssued,
    NeverArchived,
    NeverMailed,
    Other,
}

/// A step on the way from due to mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Number and content.
    Issue,
    /// The PDF is drawn.
    Render,
    /// The PDF is stored.
    Archive,
    /// The mail goes out.
    Deliver,
}

impl Cause {
    /// Reads a stored code, such as `recipient_refused` or `process_died.render`.
    pub fn read(stored: &str) -> Self {
        let (word, step) = match stored.split_once('.') {
            Some((word, step)) => (word, known(step)),
            None => (stored, None),
        };
        Self { code: known(word).unwrap_or(CauseCode::Other), step, key: stored.to_owned() }
    }
}

fn known<T: for<'de> Deserialize<'de>>(word: &str) -> Option<T> {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};
    let word: StrDeserializer<'_, Error> = word.into_deserializer();
    T::deserialize(word).ok()
}

#[cfg(test)]
mod tests {
    use kontor::run::code;

    use super::*;

    #[test]
    fn each_code_of_the_office_is_known() {
        for stored in [
            code::OUTCOME_UNKNOWN,
            code::RECIPIENT_REFUSED,
            code::MAIL_BOUNCED,
            code::ADDRESS_INVALID,
            code::CHARACTER_NOT_COVERED,
            code::CONTENT_CONTRADICTS,
            code::REGISTRATION_BLOCKED,
            code::MAILBOX_MISSING,
            code::NOT_DUE,
            code::SETTINGS_MISSING,
            code::RENDER_FAILED,
            code::AUDIT_FAILED,
            code::DOCUMENT_DAMAGED,
            code::OUTBOX_NOT_WRITABLE,
            code::DISK_FULL,
            code::SERVER_UNREACHABLE,
            code::MAIL_DEFERRED,
            code::MAIL_REFUSED,
            code::CONNECTION_LOST,
            code::CONNECTION_TIMEOUT,
            code::PROCESS_DIED,
            code::WORKERS_LOST,
            code::DONE_ALREADY,
            code::IN_WORK,
            code::MAILBOX_FULL,
            code::MESSAGE_TOO_LARGE,
            code::LOGIN_REFUSED,
            code::TLS_FAILED,
            code::NOT_ARRIVED,
            code::INVOICE_CANCELLED,
            code::RECORD_UNREADABLE,
            code::QUARANTINED,
            code::INTERNAL,
            code::NEVER_ISSUED,
            code::NEVER_ARCHIVED,
            code::NEVER_MAILED,
        ] {
            let cause = Cause::read(stored);
            assert_ne!(cause.code, CauseCode::Other, "{stored}");
            assert_eq!(serde_json::to_value(cause.code).expect("a word"), stored, "the word is the stored one");
        }
    }

    #[test]
    fn a_death_names_its_step_and_an_unknown_word_is_kept() {
        let died = Cause::read("process_killed.render");
        assert_eq!((died.code, died.step), (CauseCode::ProcessKilled, Some(Step::Render)));
        let other = Cause::read("gremlins");
        assert_eq!((other.code, other.key.as_str()), (CauseCode::Other, "gremlins"));
    }
}
