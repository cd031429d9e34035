//! Searching in lists: words that occur anywhere in what people know a record by, in any order.
//!
//! A word that finds little is looked up in the index by groups of letters, and what it finds is sorted. A word that finds
//! much is soon met on the way through the list's order, so there every row on the way is asked. Which of the two a word
//! is, the index itself is asked first, and it stops counting early.

use kontor::number::{CANCELLATION, INVOICE};
use kontor::registration::folded;
use kontor::store::Store;
use kontor::store::search::{SHORTEST, Searched, matching, pattern};

use super::Answered;
use super::conditions::{Conditions, Much, Sql};

/// Most words of a search that count.
const MOST_WORDS: usize = 8;

/// Narrows registrations `r` to those that the words find: in name, company, address of customer or mailbox, customer
/// number, or an invoice's number.
pub(crate) async fn registrations(store: &Store, conditions: &mut Conditions, typed: Option<&str>) -> Answered<()> {
    narrow(store, conditions, &words(typed), &Way::of_registrations()).await
}

/// Narrows invoices `i` to those that the words find: in number or name on the paper, or in what their customer is known
/// by (name, company, addresses, customer number).
pub(crate) async fn invoices(store: &Store, conditions: &mut Conditions, typed: Option<&str>) -> Answered<()> {
    narrow(store, conditions, &words(typed), &Way::of_invoices()).await
}

/// The words of a search, folded.
pub(crate) fn words(typed: Option<&str>) -> Vec<String> {
    let folded = folded(typed.unwrap_or_default());
    let mut words = Vec::new();
    for word in folded.split(|character: char| character.is_whitespace() || character.is_control()) {
        if !word.is_empty() && !words.contains(&word.to_owned()) && words.len() < MOST_WORDS {
            words.push(word.to_owned());
        }
    }
    words
}

/// How a list is searched.
struct Way {
    /// Column that `found` lists the values of.
    column: &'static str,
    /// The rows that a word finds, as a query.
    found: fn(&Store, &str) -> Sql,
    /// Whether a word finds a row.
    holds: fn(&str) -> Sql,
}

impl Way {
    fn of_registrations() -> Self {
        Self { column: "r.customer_serial", found: found_registrations, holds: holds_registration }
    }

    fn of_invoices() -> Self {
        Self { column: "i.id", found: found_invoices, holds: holds_invoice }
    }
}

async fn narrow(store: &Store, conditions: &mut Conditions, words: &[String], way: &Way) -> Answered<()> {
    for word in words {
        let holds = (way.holds)(word);
        if word.chars().count() < SHORTEST {
            conditions.add(holds.0, holds.1);
        } else {
            // Reading every row counts as quickly as looking up most of them.
            let much = Much { counted: Some(holds.clone()), walked: holds };
            conditions.found(store, way.column, (way.found)(store, word), much).await?;
        }
    }
    Ok(())
}

fn found_registrations(store: &Store, word: &str) -> Sql {
    let (text, value) = matching(store.backend(), Searched::Registrations, word);
    if !may_be_in_a_number(word) {
        return (text, vec![value]);
    }
    let (invoices, with_number) = matching(store.backend(), Searched::Invoices, word);
    let union = format!(
        "{text} UNION ALL SELECT y.customer_serial FROM invoices x JOIN registrations y ON y.id = x.registration_id WHERE \
         x.id IN ({invoices}) AND lower(x.number) LIKE ? ESCAPE '\\'"
    );
    (union, vec![value, with_number, pattern(word).into()])
}

fn holds_registration(word: &str) -> Sql {
    let own = "r.search_text LIKE ? ESCAPE '\\'";
    if !may_be_in_a_number(word) {
        return (own.to_owned(), vec![pattern(word).into()]);
    }
    let number =
        "EXISTS (SELECT 1 FROM invoices x WHERE x.registration_id = r.id AND lower(x.number) LIKE ? ESCAPE '\\')";
    (format!("{own} OR {number}"), vec![pattern(word).into(), pattern(word).into()])
}

fn found_invoices(store: &Store, word: &str) -> Sql {
    let (text, value) = matching(store.backend(), Searched::Invoices, word);
    let (customers, of_customer) = matching(store.backend(), Searched::Registrations, word);
    let union = format!(
        "{text} UNION ALL SELECT x.id FROM registrations y JOIN invoices x ON x.registration_id = y.id WHERE \
         y.customer_serial IN ({customers})"
    );
    (union, vec![value, of_customer])
}

fn holds_invoice(word: &str) -> Sql {
    let text = "i.search_text LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM registrations y WHERE y.id = i.registration_id \
                AND y.search_text LIKE ? ESCAPE '\\')";
    (text.to_owned(), vec![pattern(word).into(), pattern(word).into()])
}

/// Whether a folded word may be a part of an invoice's number; most words are none, and need no look at invoices.
fn may_be_in_a_number(word: &str) -> bool {
    let is_made_like_one = word.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
    let has_more = word.chars().any(|character| character.is_ascii_digit() || character == '-');
    let is_prefix = [INVOICE, CANCELLATION].iter().any(|prefix| prefix.to_lowercase().contains(word));
    is_made_like_one && (has_more || is_prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_told_apart() {
        assert_eq!(words(Some("  Müller  MÜLLER \u{0}Straße ")), ["muller", "strasse"]);
        assert!(words(None).is_empty() && words(Some(" \t")).is_empty());
    }

    #[test]
    fn words_that_are_no_number_need_no_look_at_invoices() {
        for word in ["re-2013-000123-5", "000123", "re", "13-0", "rf-2013", "r"] {
            assert!(may_be_in_a_number(word), "{word}");
        }
        for word in ["muller", "a@b", "rex", "100%"] {
            assert!(!may_be_in_a_number(word), "{word}");
        }
    }
}
