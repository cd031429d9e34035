//! Texts with gaps: `{name}` takes a value, `[...]` stands only where each of its values is known, and otherwise what
//! follows its `|` does, if anything.
//!
//! A line that comes out empty is left out, and of several blank lines one stays: a missing value never leaves a hole.
//! Values are put in as they are and never read as a template. Left out: groups that span lines.

/// Fills the gaps of a text; `value` knows the values by name.
pub(super) fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    for line in template.lines() {
        let filled = Reader { rest: line, value: &value }.read().text;
        if filled.trim().is_empty() && !line.trim().is_empty() {
            continue;
        }
        text.push_str(&filled);
        text.push('\n');
    }
    without_holes(&text)
}

/// One blank line instead of several, none at the beginning and the end.
fn without_holes(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in text.lines() {
        let blank = line.trim().is_empty();
        if !blank || kept.last().is_some_and(|last| !last.trim().is_empty()) {
            kept.push(line);
        }
    }
    kept.join("\n").trim_end_matches('\n').to_owned()
}

/// A piece of text, and whether all its values were known.
struct Filled {
    text: String,
    whole: bool,
}

struct Reader<'a, V> {
    rest: &'a str,
    value: &'a V,
}

impl<'a, V: Fn(&str) -> Option<String>> Reader<'a, V> {
    /// Reads up to the end of the line, or to the `|` or `]` that ends a group.
    fn read(&mut self) -> Filled {
        let mut filled = Filled { text: String::new(), whole: true };
        loop {
            let end = self.rest.find(['{', '[', '|', ']']).unwrap_or(self.rest.len());
            filled.text.push_str(self.take(end));
            match self.rest.chars().next() {
                Some('{') => match self.gap() {
                    Some(value) => filled.text.push_str(&value),
                    None => filled.whole = false,
                },
                Some('[') => filled.text.push_str(&self.group()),
                _ => return filled,
            }
        }
    }

    fn gap(&mut self) -> Option<String> {
        let end = self.rest.find('}').unwrap_or(self.rest.len());
        let name = self.take(end).trim_start_matches('{');
        self.skip('}');
        (self.value)(name).filter(|value| !value.is_empty())
    }

    fn group(&mut self) -> String {
        self.skip('[');
        let first = self.read();
        let other = if self.skip('|') { self.read().text } else { String::new() };
        self.skip(']');
        if first.whole { first.text } else { other }
    }

    fn take(&mut self, end: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn skip(&mut self, mark: char) -> bool {
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::fill;

    fn filled(template: &str) -> String {
        fill(template, |name| match name {
            "a" => Some("{b} [c] | d".to_owned()),
            "lines" => Some("1\n2".to_owned()),
            "empty" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn values_are_put_in_as_they_are() {
        assert_eq!(filled("x {a}\n-- \n{lines}."), "x {b} [c] | d\n-- \n1\n2.");
    }

    #[test]
    fn groups_stand_or_fall_with_their_values() {
        assert_eq!(filled("x[ {a}][ or {none}]."), "x {b} [c] | d.");
        assert_eq!(filled("[Dear {empty},|Hello,]"), "Hello,");
        assert_eq!(filled("[x[ {none}] {lines}|y]"), "x 1\n2");
    }

    #[test]
    fn what_is_missing_leaves_no_hole() {
        assert_eq!(filled("\nx\n\n[{none}]\n\ny\n[{none}]\nz\n\n{empty}\n"), "x\n\ny\nz");
    }
}
