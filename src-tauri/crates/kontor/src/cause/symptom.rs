//! What failures and findings have to do with each other: codes and rules that come from one trouble are one symptom.
//!
//! A process that dies leaves an invoice without lines, without a PDF and without a mail; that is one symptom, not four.

/// The symptom that a failed attempt shows by its outcome and code.
pub fn of_code(outcome: &str, code: Option<&str>) -> &'static str {
    match code.unwrap_or_default() {
        _ if outcome == "died" => "killed",
        "workers_lost" => "killed",
        "render_failed" | "audit_failed" | "drawn_otherwise" | "character_not_covered" => "drawing",
        "document_damaged" => "documents",
        "disk_full" | "outbox_not_writable" => "disk",
        "content_contradicts"
        | "record_unreadable"
        | "address_invalid"
        | "mailbox_missing"
        | "settings_missing"
        | "registration_blocked"
        | "not_due"
        | "quarantined"
        | "invoice_cancelled" => "records",
        "internal" => "program",
        _ => "mail",
    }
}

/// The symptom that a finding of this rule shows.
pub fn of_rule(rule: &str) -> &'static str {
    const RULES: [(&str, &[&str]); 8] = [
        // What a process that died had not written yet.
        (
            "killed",
            &[
                "number_gap",
                "invoice_missing",
                "invoice_without_lines",
                "document_missing",
                "mail_missing",
                "mail_stuck",
                "claim_expired",
                "item_without_effect",
            ],
        ),
        ("amounts", &["lines_do_not_add_up", "price_deviates", "tax_wrong"]),
        ("dates", &["date_deviates", "date_impossible", "period_overlap"]),
        ("numbers", &["check_digit_wrong", "number_duplicate", "number_log_deviates", "number_order", "invoice_twice"]),
        (
            "texts",
            &[
                "name_deviates",
                "words_deviate",
                "copy_deviates",
                "recipient_deviates",
                "email_invalid",
                "message_id_deviates",
                "vat_id_invalid",
                "text_unprintable",
            ],
        ),
        ("drawing", &["document_drawn_wrong"]),
        ("documents", &["document_damaged", "document_of_another", "document_text_deviates"]),
        ("sizes", &["quota_deviates", "usage_impossible"]),
    ];
    let known = RULES.iter().find(|(_, rules)| rules.contains(&rule)).map(|(symptom, _)| *symptom);
    known.unwrap_or(match rule {
        "mail_returned" | "mail_twice" | "outcome_contradicts" => "mail",
        "state_contradicts" | "state_unknown" => "states",
        _ => "records",
    })
}
