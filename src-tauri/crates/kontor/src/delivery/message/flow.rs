//! Long lines broken for the mail: plain, as people see them, and as `format=flowed` (RFC 3676), which lets a small
//! screen put the lines together again.
//!
//! Left out: quoting (these mails quote nothing) and the breaking of words.

/// Characters per line; RFC 3676 asks for fewer than 78, blank at the end included.
const COLUMNS: usize = 72;

/// Separates the signature and keeps its blank (RFC 3676, 4.3).
const SIGNATURE: &str = "-- ";

/// The text with long lines broken at blanks.
pub(super) fn plain(text: &str) -> String {
    text.lines().flat_map(broken).collect::<Vec<_>>().join("\n")
}

/// The text as `format=flowed`: a broken line ends with a blank, any other without one; a line that begins like a quote or
/// a mailbox separator gets a blank before it.
pub(super) fn flowed(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut parts = broken(line);
        let last = parts.len() - 1;
        for (index, part) in parts.iter_mut().enumerate() {
            if part.starts_with([' ', '>']) || part.starts_with("From ") {
                part.insert(0, ' ');
            }
            if index < last {
                part.push(' ');
            }
        }
        lines.append(&mut parts);
    }
    lines.join("\n")
}

/// A line in pieces of at most [`COLUMNS`] characters, as far as its words are no longer. No-break blanks hold until here.
fn broken(line: &str) -> Vec<String> {
    if line == SIGNATURE {
        return vec![line.to_owned()];
    }
    let line = line.trim_end();
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut used = 0;
    let mut begun = false;
    for word in line.split(' ') {
        let wide = word.chars().count();
        if begun && used + 1 + wide > COLUMNS && may_end(&part) {
            parts.push(std::mem::take(&mut part));
            (used, begun) = (0, false);
        }
        if word.is_empty() && !begun && !parts.is_empty() {
            continue;
        }
        if begun {
            part.push(' ');
            used += 1;
        }
        part.push_str(word);
        used += wide;
        begun = true;
    }
    parts.push(part);
    parts.into_iter().map(|part| part.trim_end().replace('\u{a0}', " ")).collect()
}

/// A line of blanks is none, and two hyphens alone with the blank of a broken line would begin the signature.
fn may_end(part: &str) -> bool {
    !matches!(part.trim(), "" | "--")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{COLUMNS, SIGNATURE, flowed, plain};

    /// What a reader makes of it (RFC 3676, 4.1 and 4.4).
    fn read(text: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        let mut flows = false;
        for line in text.split('\n') {
            let bare = line.strip_prefix(' ').unwrap_or(line);
            match lines.last_mut() {
                Some(last) if flows => last.push_str(bare),
                _ => lines.push(bare.to_owned()),
            }
            flows = line.ends_with(' ') && line != SIGNATURE;
        }
        lines.join("\n")
    }

    #[test]
    fn long_lines_break_at_blanks_and_flow() {
        let text = format!("{} zwei\n\n-- \nende ", "eins ".repeat(14).trim_end());
        let first = "eins ".repeat(14);
        assert_eq!(plain(&text), format!("{}\nzwei\n\n-- \nende", first.trim_end()));
        assert_eq!(flowed(&text), format!("{first}\nzwei\n\n-- \nende"));
    }

    #[test]
    fn amounts_and_dates_stay_on_one_line() {
        let text = format!("{} 1,00\u{a0}€ ", "x".repeat(66));
        assert_eq!(plain(&text), format!("{}\n1,00 €", "x".repeat(66)));
    }

    #[test]
    fn only_the_signature_begins_with_its_mark() {
        let word = "x".repeat(80);
        assert_eq!(flowed(&format!("-- {word} a")), format!("-- {word} \na"));
    }

    #[test]
    fn quotes_and_separators_get_a_blank() {
        assert_eq!(flowed("> a\nFrom b\n  c\nd"), " > a\n From b\n   c\nd");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_reader_gets_the_same_words(text in "([a-zA-Z>äß €.-]{1,90}(\n| )){0,12}") {
            let words = |text: &str| {
                let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
                text.split('\n').map(words).collect::<Vec<_>>()
            };
            let given = text.lines().collect::<Vec<_>>().join("\n");
            prop_assert_eq!(words(&read(&flowed(&given))), words(&given));
            prop_assert_eq!(words(&plain(&given)).concat(), words(&given).concat());
            for line in flowed(&given).lines().chain(plain(&given).lines()) {
                let bare = line.trim().trim_start_matches("-- ");
                prop_assert!(line.chars().count() <= COLUMNS + 2 || !bare.contains(' '), "{}", line);
            }
        }
    }
}
