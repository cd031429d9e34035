//! Printing: one JSON document, or lines for people.

use std::io::{IsTerminal, Write};

use serde::Serialize;

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// With `json`, standard output carries one document and nothing else.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints a result: as JSON, or in the words of `human`.
    pub fn result<T: Serialize>(self, value: &T, human: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
        let text = if self.json { serde_json::to_string_pretty(value)? } else { human(value).trim_end().to_owned() };
        if !text.is_empty() {
            match writeln!(std::io::stdout().lock(), "{text}") {
                // A reader that went away (`| head`) is no failure.
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    return Err(kontor::Error::file("standard output", error).into());
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A remark beside the result.
    pub fn remark(text: &str) {
        eprintln!("{text}");
    }

    /// Whether a person watches.
    pub fn is_watched() -> bool {
        std::io::stderr().is_terminal()
    }
}

/// Lays rows out under a heading; columns named in `right` are aligned to the right.
pub fn table(heading: &[&str], right: &[usize], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([heading[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded: Vec<String> = cells
            .iter()
            .enumerate()
            .map(|(column, cell)| {
                let blank = " ".repeat(widths[column].saturating_sub(cell.chars().count()));
                if right.contains(&column) { format!("{blank}{cell}") } else { format!("{cell}{blank}") }
            })
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let heading: Vec<String> = heading.iter().map(|&name| name.to_owned()).collect();
    let mut text = line(&heading);
    for row in rows {
        text.push_str(&line(row));
    }
    text
}

/// Cents as euros: `1.00`.
pub fn euros(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// A count with thousands separated.
pub fn count(number: impl Into<i128>) -> String {
    let digits = number.into().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(
            (count(8_532_i64), count(12_i64), count(-1_234_i64)),
            ("8,532".into(), "12".into(), "-1,234".into())
        );
        assert_eq!((euros(100), euros(-5)), ("1.00".into(), "-0.05".into()));
    }
}
