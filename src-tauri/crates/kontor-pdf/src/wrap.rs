//! Breaking text into lines that fit a width.
//!
//! Lines break at blanks. A word that is wider than the line is broken where addresses and compounds have a joint,
//! else between characters, never before a combining mark and without a hyphen, so that the text read back from the
//! page is the text that was put in. No hyphenation.

use unicode_normalization::char::canonical_combining_class;

use crate::font::{Style, prepare, width};

/// Breaks `text` into lines at most `limit` points wide. At least one line comes back.
pub(crate) fn wrap(style: Style, text: &str, limit: f32) -> Vec<String> {
    if width(style, text) <= limit {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in text.split(|ch: char| ch.is_whitespace() && ch != crate::format::FIXED).filter(|word| !word.is_empty())
    {
        place(style, &prepare(word), limit, &mut lines);
    }
    lines
}

fn place(style: Style, word: &str, limit: f32, lines: &mut Vec<String>) {
    let last = lines.last_mut().expect("there is always a line");
    let joined = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
    if width(style, &joined) <= limit {
        *last = joined;
        return;
    }
    if !last.is_empty() {
        lines.push(String::new());
    }
    for piece in pieces(style, word, limit) {
        let last = lines.last_mut().expect("there is always a line");
        if last.is_empty() {
            *last = piece;
        } else {
            lines.push(piece);
        }
    }
}

/// Cuts a word into pieces that fit; a piece holds at least one character with its marks.
fn pieces(style: Style, word: &str, limit: f32) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut used = 0.0;
    for cluster in clusters(word) {
        let wide = width(style, cluster);
        if used + wide > limit && !piece.is_empty() {
            let rest = piece.split_off(joint(&piece, cluster));
            pieces.push(std::mem::replace(&mut piece, rest));
            used = width(style, &piece);
        }
        piece.push_str(cluster);
        used += wide;
    }
    pieces.push(piece);
    pieces
}

/// Where a full piece is best cut: before an `@`, else at its last joint, if that leaves at least a third of it; else
/// at its end.
fn joint(piece: &str, next: &str) -> usize {
    let end = piece.len();
    let at = if next == "@" { Some(end) } else { piece.rfind('@') };
    let joint = piece.rfind(['-', '.', '/', '_']).map(|at| at + 1);
    [at, joint].into_iter().flatten().find(|cut| cut * 3 >= end).unwrap_or(end)
}

fn clusters(word: &str) -> impl Iterator<Item = &str> {
    let starts = word.char_indices().filter(|(index, ch)| *index == 0 || canonical_combining_class(*ch) == 0);
    let mut starts: Vec<usize> = starts.map(|(index, _)| index).collect();
    starts.push(word.len());
    (1..starts.len()).map(move |index| &word[starts[index - 1]..starts[index]])
}

/// The largest style, stepping down from the given one, in which one line of `text` fits.
pub(crate) fn fit(style: Style, text: &str, limit: f32) -> Style {
    let wide = width(style, text);
    if wide <= limit { style } else { style.with_size(style.size * limit / wide) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STYLE: Style = Style::regular(9.0);

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrap(STYLE, "eins zwei drei", width(STYLE, "eins zwei")), ["eins zwei", "drei"]);
        assert_eq!(wrap(STYLE, "ab 1,00\u{a0}€", width(STYLE, "ab 1,00")), ["ab", "1,00 €"]);
    }

    #[test]
    fn words_that_are_too_wide_break_at_their_joints() {
        let limit = width(STYLE, "buchhaltung.und.rech");
        let mail = "buchhaltung.und.rechnung@example.com";
        assert_eq!(wrap(STYLE, mail, limit), ["buchhaltung.und.", "rechnung", "@example.com"]);
        let limit = width(STYLE, "accounts.payable");
        assert_eq!(wrap(STYLE, "accounts.payable@example.org", limit), ["accounts.payable", "@example.org"]);
        assert_eq!(wrap(STYLE, "Müller-Lüdenscheidt", width(STYLE, "Müller-Lüdensch")), ["Müller-", "Lüdenscheidt"]);
        assert_eq!(
            wrap(STYLE, "a-Donaudampfschifffahrt", width(STYLE, "a-Donaudampf")),
            ["a-Donaudampf", "schifffahrt"]
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_all_fits(text in "[a-zA-ZäöüßW0-9 .,@/_\u{301}-]{0,200}", limit in 30.0_f32..300.0) {
            let lines = wrap(STYLE, &text, limit);
            let bare = |text: &str| prepare(text).chars().filter(|ch| !ch.is_whitespace()).collect::<String>();
            prop_assert_eq!(prepare(&bare(&lines.concat())), prepare(&bare(&text)));
            for line in &lines {
                prop_assert!(width(STYLE, line) <= limit + 0.01, "{}", line);
            }
        }
    }
}
