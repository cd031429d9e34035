//! Why something is not repaired, or not undone: codes with parameters, and their sentences in both languages.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::run::code;

/// Why something is not repaired, or not undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Obstacle {
    /// The rule no longer finds it.
    FindingClosed,
    /// The row is not as it was found, planned or left any more.
    RowChanged,
    /// The row is gone.
    RowMissing,
    /// The database itself is damaged.
    DatabaseCorrupt,
    /// Nothing is proposed; a person gives a value.
    NothingProposed,
    /// Several values could be right; a person chooses one.
    ChooseCandidate,
    /// A person decides, and there is no field to write.
    NeedsPerson,
    /// Nothing ever changes this column.
    Frozen,
    /// It touches money, numbers or identity and is not proven; a person names it.
    NameIt,
    /// The value cannot be taken.
    ValueInvalid {
        /// The column.
        field: String,
        /// The value.
        value: String,
    },
    /// Another row has this value, which may be there only once.
    Duplicate,
    /// The rule still finds it afterwards.
    StillFound,
    /// Another rule would find something about the record afterwards.
    BreaksRule {
        /// The rule.
        rule: String,
    },
    /// A run cannot take it; a code of `run::code`.
    CannotRun {
        /// The code.
        cause: String,
    },
    /// What was done cannot be taken back.
    Final,
    /// There is nothing to undo.
    NotApplied,
    /// The database itself forbids what would be written.
    Forbidden,
    /// The bytes that would have the stored hash are not to be had any more.
    BytesGone,
    /// It is staged already.
    StagedAlready,
    /// Whoever staged it applies it, too: that takes somebody else, or a second confirmation.
    SecondConfirmation,
    /// Whoever does this said why not.
    Said {
        /// The sentence.
        sentence: String,
    },
}

impl Obstacle {
    /// The code.
    pub fn code(&self) -> String {
        let told = serde_json::to_value(self).unwrap_or_default();
        told["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The sentence for a person.
    pub fn sentence(&self, german: bool) -> String {
        if let Self::Said { sentence } = self {
            return sentence.clone();
        }
        let (de, en) = self.words();
        let text = if german { de } else { en };
        match self {
            Self::ValueInvalid { field, value } => text.replace("{field}", field).replace("{value}", value),
            Self::BreaksRule { rule } => text.replace("{rule}", rule),
            Self::CannotRun { cause } => text.replace("{cause}", &code::sentence(cause)),
            _ => text.to_owned(),
        }
    }

    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::FindingClosed => ("Die Regel findet das nicht mehr.", "The rule no longer finds this."),
            Self::RowChanged => (
                "Der Datensatz wurde inzwischen geändert; nichts wurde geschrieben. Prüfen Sie noch einmal.",
                "The record was changed meanwhile; nothing was written. Check again.",
            ),
            Self::RowMissing => ("Den Datensatz gibt es nicht mehr.", "The record is gone."),
            Self::DatabaseCorrupt => (
                "Die Datenbank selbst ist beschädigt; bevor sie aus einer Sicherung wiederhergestellt ist, wird nichts \
                 korrigiert.",
                "The database itself is damaged; nothing is repaired before it was restored from a backup.",
            ),
            Self::NothingProposed => (
                "Es gibt keinen Vorschlag; geben Sie den richtigen Wert an.",
                "There is no proposal; give the right value.",
            ),
            Self::ChooseCandidate => {
                ("Mehrere Werte kommen infrage; wählen Sie einen.", "Several values are possible; choose one.")
            }
            Self::NeedsPerson => (
                "Das entscheidet eine Person; hier gibt es nichts zu schreiben.",
                "A person decides this; there is nothing to write here.",
            ),
            Self::Frozen => (
                "Dieses Feld ändert sich nie; nichts wurde geschrieben.",
                "This field never changes; nothing was written.",
            ),
            Self::NameIt => (
                "Es geht um Geld, Nummern oder Identität und ist nicht bewiesen; nennen Sie diesen Befund einzeln.",
                "This is about money, numbers or identity and not proven; name this finding itself.",
            ),
            Self::ValueInvalid { .. } => {
                ("„{value}“ kann in {field} nicht stehen.", "“{value}” cannot stand in {field}.")
            }
            Self::Duplicate => (
                "Ein anderer Datensatz hat diesen Wert schon, und es darf ihn nur einmal geben.",
                "Another record has this value already, and there may be only one.",
            ),
            Self::StillFound => (
                "Danach fände die Regel es immer noch; nichts wurde geschrieben.",
                "The rule would still find it afterwards; nothing was written.",
            ),
            Self::BreaksRule { .. } => (
                "Danach fände die Regel {rule} etwas an diesem Datensatz; nichts wurde geschrieben.",
                "Afterwards the rule {rule} would find something about this record; nothing was written.",
            ),
            Self::CannotRun { .. } => {
                ("Ein Lauf kann das nicht übernehmen: {cause}", "A run cannot take this: {cause}")
            }
            Self::Final => ("Was getan wurde, lässt sich nicht zurücknehmen.", "What was done cannot be taken back."),
            Self::NotApplied => (
                "Diese Korrektur ist nicht angewendet, es gibt nichts zurückzunehmen.",
                "This repair is not applied; there is nothing to undo.",
            ),
            Self::Forbidden => (
                "Was zu schreiben wäre, verbietet die Datenbank selbst; nichts wurde geschrieben.",
                "The database itself forbids what would be written; nothing was written.",
            ),
            Self::BytesGone => (
                "Die Bytes mit dem gespeicherten Hash sind nicht mehr herzustellen.",
                "The bytes that have the stored hash cannot be brought back any more.",
            ),
            Self::StagedAlready => {
                ("Zu diesem Befund ist schon eine Korrektur vorgemerkt.", "A repair of this finding is staged already.")
            }
            Self::SecondConfirmation => (
                "Sie haben diese Korrektur selbst vorgemerkt: Eine zweite Person wendet sie an, oder Sie bestätigen ein \
                 zweites Mal.",
                "You staged this repair yourself: somebody else applies it, or you confirm a second time.",
            ),
            Self::Said { .. } => ("", ""),
        }
    }

    /// What an error means for one repair, if it concerns only that one.
    pub(super) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Refused(sentence) | Error::NotFound(sentence) | Error::Usage(sentence) => {
                Some(Self::Said { sentence: sentence.clone() })
            }
            Error::Blocked(blocked) => Some(Self::Said { sentence: blocked.sentence.clone() }),
            Error::Run(hindrance) => Some(Self::Said { sentence: hindrance.to_string() }),
            Error::Fenced => Some(Self::RowChanged),
            error if error.is_duplicate() => Some(Self::Duplicate),
            Error::Database(database) => {
                let text = database.to_string();
                if ["kontor.frozen", "kontor.kept", "kontor.numbers"].iter().any(|word| text.contains(word)) {
                    return Some(Self::Frozen);
                }
                if text.contains("kontor.once") {
                    return Some(Self::Final);
                }
                let is_refused = ["CHECK constraint", "FOREIGN KEY", "check constraint", "foreign key", "kontor."];
                let is_refused = is_refused.iter().any(|word| text.contains(word));
                is_refused.then_some(Self::Forbidden)
            }
            _ => None,
        }
    }
}

/// Done, or why not.
pub(super) type Outcome<T> = Result<T, Obstacle>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_cross_the_bridge_and_sentences_name_what_they_are_about() {
        let obstacle = Obstacle::BreaksRule { rule: "tax_wrong".to_owned() };
        assert_eq!(obstacle.code(), "breaks_rule");
        for german in [true, false] {
            assert!(obstacle.sentence(german).contains("tax_wrong"));
        }
        let invalid = Obstacle::ValueInvalid { field: "email".to_owned(), value: "x@".to_owned() };
        assert_eq!(invalid.sentence(false), "“x@” cannot stand in email.");
        let text = serde_json::to_string(&invalid).expect("JSON");
        assert_eq!(serde_json::from_str::<Obstacle>(&text).expect("an obstacle"), invalid);
    }
}
