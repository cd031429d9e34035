//! The rules, each in a file of its own, and the list of them.

pub(super) mod address_duplicate;
pub(super) mod check_digit_wrong;
pub(super) mod claim_expired;
pub(super) mod copy_deviates;
pub(super) mod database_corrupt;
pub(super) mod date_deviates;
pub(super) mod date_impossible;
pub(super) mod document_damaged;
pub(super) mod document_drawn_wrong;
pub(super) mod document_missing;
pub(super) mod document_of_another;
pub(super) mod document_text_deviates;
pub(super) mod email_invalid;
pub(super) mod iban_invalid;
pub(super) mod invoice_deviates;
pub(super) mod invoice_missing;
pub(super) mod invoice_twice;
pub(super) mod invoice_without_lines;
pub(super) mod item_without_effect;
pub(super) mod lines_do_not_add_up;
pub(super) mod mail_missing;
pub(super) mod mail_returned;
pub(super) mod mail_stuck;
pub(super) mod mail_twice;
pub(super) mod mailbox_without_registration;
pub(super) mod message_damaged;
pub(super) mod message_id_deviates;
pub(super) mod name_deviates;
pub(super) mod number_duplicate;
pub(super) mod number_gap;
pub(super) mod number_log_deviates;
pub(super) mod number_order;
pub(super) mod outcome_contradicts;
pub(super) mod payment_misassigned;
pub(super) mod payment_reference;
pub(super) mod payment_returned;
pub(super) mod payment_sum;
pub(super) mod payment_unmatched;
pub(super) mod period_overlap;
pub(super) mod price_deviates;
pub(super) mod quota_deviates;
pub(super) mod recipient_deviates;
pub(super) mod reference_orphaned;
pub(super) mod registration_without_mailbox;
pub(super) mod seal_broken;
pub(super) mod snapshot_broken;
pub(super) mod state_contradicts;
pub(super) mod state_unknown;
pub(super) mod subscription_count;
pub(super) mod tax_wrong;
pub(super) mod text_unprintable;
pub(super) mod usage_impossible;
pub(super) mod value_undecodable;
pub(super) mod vat_id_invalid;
pub(super) mod words_deviate;

use super::rule::Rule;
use crate::{Error, Result};

/// The rule that blocks all repairs while it finds something.
pub const DATABASE_CORRUPT: &str = "database_corrupt";
pub(super) const VALUE_UNDECODABLE: &str = "value_undecodable";
pub(super) const SEAL_BROKEN: &str = "seal_broken";
pub(super) const COPY_DEVIATES: &str = "copy_deviates";
pub(super) const CHECK_DIGIT_WRONG: &str = "check_digit_wrong";
pub(super) const NUMBER_LOG_DEVIATES: &str = "number_log_deviates";
pub(super) const SNAPSHOT_BROKEN: &str = "snapshot_broken";
pub(super) const INVOICE_DEVIATES: &str = "invoice_deviates";
pub(super) const DOCUMENT_DAMAGED: &str = "document_damaged";
pub(super) const DOCUMENT_DRAWN_WRONG: &str = "document_drawn_wrong";
pub(super) const MESSAGE_DAMAGED: &str = "message_damaged";
pub(super) const DOCUMENT_TEXT_DEVIATES: &str = "document_text_deviates";
pub(super) const DOCUMENT_OF_ANOTHER: &str = "document_of_another";
pub(super) const PAYMENT_MISASSIGNED: &str = "payment_misassigned";
pub(super) const PAYMENT_UNMATCHED: &str = "payment_unmatched";
pub(super) const PAYMENT_REFERENCE: &str = "payment_reference";
pub(super) const IBAN_INVALID: &str = "iban_invalid";

/// All rules, in the order in which they are shown and asked.
pub static ALL: [&Rule; 55] = [
    &database_corrupt::RULE,
    &value_undecodable::RULE,
    &reference_orphaned::RULE,
    &mailbox_without_registration::RULE,
    &state_unknown::RULE,
    &date_impossible::RULE,
    &registration_without_mailbox::RULE,
    &address_duplicate::RULE,
    &email_invalid::RULE,
    &vat_id_invalid::RULE,
    &text_unprintable::RULE,
    &check_digit_wrong::RULE,
    &words_deviate::RULE,
    &seal_broken::RULE,
    &copy_deviates::RULE,
    &quota_deviates::RULE,
    &usage_impossible::RULE,
    &subscription_count::RULE,
    &period_overlap::RULE,
    &state_contradicts::RULE,
    &price_deviates::RULE,
    &lines_do_not_add_up::RULE,
    &tax_wrong::RULE,
    &invoice_missing::RULE,
    &invoice_twice::RULE,
    &invoice_without_lines::RULE,
    &number_duplicate::RULE,
    &number_gap::RULE,
    &number_order::RULE,
    &number_log_deviates::RULE,
    &date_deviates::RULE,
    &name_deviates::RULE,
    &snapshot_broken::RULE,
    &invoice_deviates::RULE,
    &document_missing::RULE,
    &document_damaged::RULE,
    &document_drawn_wrong::RULE,
    &document_text_deviates::RULE,
    &document_of_another::RULE,
    &mail_missing::RULE,
    &mail_stuck::RULE,
    &mail_returned::RULE,
    &mail_twice::RULE,
    &outcome_contradicts::RULE,
    &recipient_deviates::RULE,
    &message_id_deviates::RULE,
    &message_damaged::RULE,
    &payment_unmatched::RULE,
    &payment_misassigned::RULE,
    &payment_reference::RULE,
    &payment_sum::RULE,
    &payment_returned::RULE,
    &iban_invalid::RULE,
    &claim_expired::RULE,
    &item_without_effect::RULE,
];

/// The rule with this id.
pub fn by_id(id: &str) -> Result<&'static Rule> {
    let found = ALL.iter().find(|rule| rule.id == id).copied();
    found.ok_or_else(|| Error::Usage(format!("There is no rule “{id}”. `kontor rules` lists them.")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_has_an_id_of_its_own_and_says_all_it_should() {
        let ids: BTreeSet<&str> = ALL.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for rule in ALL {
            for words in [rule.de, rule.en] {
                for text in [words.what, words.why, words.how, words.when_not] {
                    assert!(
                        text.ends_with('.') && text.chars().next().is_some_and(char::is_uppercase),
                        "{}: {text}",
                        rule.id
                    );
                }
                assert!(!words.title.is_empty() && !words.title.ends_with('.'), "{}", rule.id);
            }
            assert_ne!(rule.de, rule.en, "{}", rule.id);
        }
    }
}
