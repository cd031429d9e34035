//! A text that a person writes to open the mails of a run: an apology, a word on why the invoice comes again.
//!
//! Left out: what it says, and the other language's text.

/// Most characters of such a text.
pub const LONGEST: usize = 4_000;

/// Why a text cannot open a mail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It has a control character other than line feed and tab.
    #[error(
        "Line {line} of the covering text has the control character U+{:04X}, which a mail cannot show. Remove it.",
        u32::from(*.character)
    )]
    ControlCharacter {
        /// The line, counted from 1.
        line: usize,
        /// The character.
        character: char,
    },
    /// There is nothing in it.
    #[error("The covering text is empty. Write what the mails shall open with, or leave it out.")]
    Empty,
    /// It has more than [`LONGEST`] characters.
    #[error("The covering text has {length} characters; at most {LONGEST} fit. Shorten it by {}.", .length - LONGEST)]
    TooLong {
        /// How many it has.
        length: usize,
    },
}

/// Checks and tidies a covering text: line ends become line feeds, blanks at line ends and around the text go.
///
/// Long lines stay; they are broken when a mail is composed.
pub fn covering(text: &str) -> Result<String, Unfit> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    if let Some((line, character)) = control(&text) {
        return Err(Unfit::ControlCharacter { line, character });
    }
    let text = tidy(&text);
    match text.chars().count() {
        0 => Err(Unfit::Empty),
        length if length > LONGEST => Err(Unfit::TooLong { length }),
        _ => Ok(text),
    }
}

fn control(text: &str) -> Option<(usize, char)> {
    let lines = (1..).zip(text.split('\n'));
    lines.flat_map(|(line, text)| text.chars().map(move |ch| (line, ch))).find(|(_, ch)| ch.is_control() && *ch != '\t')
}

fn tidy(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, covering};

    fn refusal(text: &str) -> String {
        covering(text).expect_err("this text is none to open a mail with").to_string()
    }

    #[test]
    fn line_ends_and_blanks_are_tidied() {
        let text = covering("\u{feff}\r\n bitte entschuldigen Sie \r\n\r\n\tdie Störung.\r\n\r\n");
        assert_eq!(text.ok().as_deref(), Some("bitte entschuldigen Sie\n\n\tdie Störung."));
    }

    #[test]
    fn what_no_mail_can_open_with_is_refused_with_a_reason() {
        assert!(refusal(" \n\t\r\n").contains("is empty"));
        assert_eq!(
            refusal("a\nb\u{1b}[31m"),
            "Line 2 of the covering text has the control character U+001B, which a mail cannot show. Remove it."
        );
        assert!(refusal("a\rb").contains("U+000D") && refusal("a\u{85}").contains("U+0085"));
        assert!(refusal(&"ä".repeat(LONGEST + 12)).contains("4012 characters; at most 4000 fit. Shorten it by 12."));
        assert!(covering(&"ä".repeat(LONGEST)).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_was_taken_is_taken_again_unchanged(text in "\\PC{0,40}(\n|\r\n|\t| )\\PC{0,40}") {
            if let Ok(tidy) = covering(&text) {
                prop_assert_eq!(covering(&tidy).ok(), Some(tidy));
            }
        }
    }
}
