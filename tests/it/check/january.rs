//! January 2013: everything that was planted and can be found is found, nothing else is, and no proposal is wrong.
//!
//! The truth file lies where the program never looks. What the mail server's log and its reports settle is read first, as an
//! office would.

use std::collections::{BTreeMap, BTreeSet};

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::Value;

use super::{check, text, told};
use crate::support::kontor;
use crate::truth::{Entry, entries};
use crate::twin::{Contents, Owners, contents};

/// Which rules find a fault; those of the second column name the customer's other rows.
const FOUND_BY: [(&str, &[&str], &[&str]); 37] = [
    ("number_without_invoice", &["number_gap"], &["invoice_missing"]),
    ("invoice_without_lines", &["invoice_without_lines"], &[]),
    ("document_missing", &["document_missing"], &[]),
    ("character_not_covered", &["text_unprintable"], &[]),
    ("document_empty", &["document_damaged"], &[]),
    ("document_truncated", &["document_damaged"], &[]),
    ("document_flipped", &["document_damaged"], &[]),
    ("document_of_another", &["document_of_another"], &[]),
    ("mail_never_queued", &["mail_missing"], &[]),
    ("mail_queued", &["mail_stuck"], &[]),
    ("mail_stuck_sending", &["mail_stuck"], &[]),
    ("connection_lost", &["mail_stuck"], &[]),
    ("connection_timeout", &["mail_stuck"], &[]),
    ("mailbox_full", &["mail_stuck"], &[]),
    ("mail_bounced", &["mail_returned"], &[]),
    ("mail_recorded_refused", &["outcome_contradicts"], &[]),
    ("mail_recorded_accepted", &["outcome_contradicts"], &[]),
    ("reply_garbled", &["outcome_contradicts"], &[]),
    ("address_invalid", &["email_invalid"], &[]),
    ("mistyped_address", &[], &["mail_returned"]),
    ("second_invoice", &["invoice_twice"], &[]),
    ("amount_flipped", &["lines_do_not_add_up", "price_deviates"], &[]),
    ("vat_flipped", &["tax_wrong", "vat_id_invalid", "copy_deviates"], &[]),
    ("email_flipped", &["copy_deviates", "words_deviate", "recipient_deviates"], &[]),
    ("name_flipped", &["copy_deviates", "words_deviate", "name_deviates", "document_text_deviates"], &[]),
    ("quota_flipped", &["quota_deviates"], &[]),
    ("usage_flipped", &["usage_impossible"], &[]),
    ("date_flipped", &["date_deviates", "copy_deviates"], &[]),
    ("number_flipped", &["check_digit_wrong", "number_log_deviates"], &[]),
    ("reference_flipped", &["payment_reference", "message_id_deviates"], &[]),
    ("iban_flipped", &["iban_invalid"], &[]),
    ("state_wrong", &["state_contradicts"], &[]),
    ("payment_amount", &["payment_unmatched"], &[]),
    ("payment_reference", &["payment_unmatched"], &[]),
    ("payment_twice", &[], &["payment_sum"]),
    ("payment_returned", &["payment_returned"], &[]),
    ("payment_mismatched", &["payment_misassigned"], &[]),
];

#[derive(Default)]
struct Counts {
    planted: usize,
    found: usize,
    settled: usize,
    proven: usize,
    correct: usize,
    wrong: usize,
}

/// What was found, and where it belongs.
struct Month<'a> {
    findings: &'a [Value],
    owners: &'a Owners,
    after: &'a Contents,
}

impl Month<'_> {
    /// Findings of a fault: about its row, or about another row of the same customer where the rule names that.
    fn of<'f>(&'f self, entry: &'f Entry) -> impl Iterator<Item = &'f Value> {
        let (_, own, others) = FOUND_BY.iter().find(|(fault, ..)| *fault == entry.fault).expect("a known fault");
        let owner = self.owners.get(&entry.row);
        self.findings.iter().filter(move |finding| {
            let (rule, row) = (text(finding, "rule"), text(finding, "row"));
            (own.contains(&rule) && row == entry.row) || (others.contains(&rule) && self.owners.get(row) == owner)
        })
    }

    /// The mail server's log, or its report, has put it right by itself.
    fn is_settled(&self, entry: &Entry) -> bool {
        let is_state = entry.table == "deliveries" && entry.field.as_deref() == Some("state");
        is_state && self.after.cell("deliveries", &entry.row, "state") == entry.right.as_deref()
    }

    /// Proposals for the very field that a fault names: how sure, and which value.
    fn proposals<'f>(&'f self, entry: &'f Entry) -> impl Iterator<Item = (&'f str, &'f str)> {
        self.proposals_of(entry).filter_map(|(finding, value)| Some((finding["proposal"]["evidence"].as_str()?, value)))
    }

    fn proposals_of<'f>(&'f self, entry: &'f Entry) -> impl Iterator<Item = (&'f Value, &'f str)> {
        let about = |finding: &&Value| {
            text(finding, "row") == entry.row
                && entry.field.is_some()
                && finding["field"].as_str() == entry.field.as_deref()
        };
        self.findings.iter().filter(about).filter_map(|finding| Some((finding, finding["proposal"]["value"].as_str()?)))
    }
}

fn counted(month: &Month<'_>, entries: &[Entry]) -> BTreeMap<(String, String), Counts> {
    let mut table: BTreeMap<(String, String), Counts> = BTreeMap::new();
    for entry in entries {
        let counts = table.entry((entry.fault.clone(), entry.evidence.clone())).or_default();
        counts.planted += 1;
        let is_settled = month.is_settled(entry);
        counts.settled += usize::from(is_settled);
        counts.found += usize::from(is_settled || month.of(entry).next().is_some());
        for (evidence, value) in month.proposals(entry) {
            let is_right = entry.right.as_deref() == Some(value);
            counts.proven += usize::from(evidence == "proven");
            counts.correct += usize::from(is_right);
            counts.wrong += usize::from(!is_right);
            assert!(evidence != "proven" || entry.evidence != "none", "nobody can prove {entry:?}");
        }
    }
    table
}

fn print(table: &BTreeMap<(String, String), Counts>) {
    println!("{:<24} {:<6} planted found settled proven correct wrong", "fault", "kind");
    for ((fault, evidence), counts) in table {
        let Counts { planted, found, settled, proven, correct, wrong } = counts;
        println!("{fault:<24} {evidence:<6} {planted:>7} {found:>5} {settled:>7} {proven:>6} {correct:>7} {wrong:>5}");
    }
}

/// The same by rule: what was planted that it is to find, what of it it found, what it found beside it, and how sure and how
/// right it was.
fn print_rules(month: &Month<'_>, entries: &[Entry], is_false: impl Fn(&Value) -> bool) {
    println!("{:<28} planted found false proven correct wrong", "rule");
    for rule in kontor::check::rules::ALL {
        let of_rule = |finding: &&Value| text(finding, "rule") == rule.id;
        let mut counts = Counts::default();
        for entry in entries {
            let (_, own, others) = FOUND_BY.iter().find(|(fault, ..)| *fault == entry.fault).expect("a known fault");
            counts.planted += usize::from(own.contains(&rule.id) || others.contains(&rule.id));
            counts.found += usize::from(month.of(entry).any(|finding| of_rule(&finding)));
            for (_, value) in month.proposals_of(entry).filter(|(finding, _)| of_rule(finding)) {
                counts.correct += usize::from(entry.right.as_deref() == Some(value));
                counts.wrong += usize::from(entry.right.as_deref() != Some(value));
            }
        }
        let false_ones = month.findings.iter().filter(of_rule).filter(|finding| is_false(finding)).count();
        let proven =
            month.findings.iter().filter(of_rule).filter(|finding| text(finding, "evidence") == "proven").count();
        let Counts { planted, found, correct, wrong, .. } = counts;
        println!("{:<28} {planted:>7} {found:>5} {false_ones:>5} {proven:>6} {correct:>7} {wrong:>5}", rule.id);
    }
}

both_databases! {
    async fn what_was_planted_is_found_and_nothing_else(db: TestDb) {
        let elsewhere = TestDb::new(db.kind);
        let truth = elsewhere.path().join("truth.json");
        let create = ["demo", "create", "--maillog", "maillog", "--bounces", "bounces", "--signup-export", "signup.csv", "--truth"];
        drop(kontor(&db).args(create).args([&truth]).run().expect(0));
        let before = contents(&db.connect().await).await;
        drop(kontor(&db).args(["deliveries", "evidence", "--maillog", "maillog"]).run().expect(0));
        drop(kontor(&db).args(["deliveries", "bounces", "bounces"]).run().expect(0));
        let findings = check(&db, &["--compare", "signup.csv"]);
        let after = contents(&db.connect().await).await;
        let (entries, owners) = (entries(&truth), Owners::of(&before, &before));
        let month = Month { findings: &findings, owners: &owners, after: &after };

        let damaged: BTreeSet<String> = entries.iter().map(|entry| owners.get(&entry.row)).filter(|owner| !owner.is_empty()).collect();
        let rows: BTreeSet<&str> = entries.iter().map(|entry| entry.row.as_str()).collect();
        let is_false = |finding: &Value| {
            let row = text(finding, "row");
            !rows.contains(row) && !damaged.contains(&owners.get(row))
        };
        let table = counted(&month, &entries);
        print(&table);
        print_rules(&month, &entries, is_false);
        for ((fault, evidence), counts) in &table {
            assert!(counts.found == counts.planted || evidence == "none", "{fault} {evidence}: {} of {}", counts.found, counts.planted);
            assert_eq!(counts.wrong, 0, "{fault} {evidence}");
        }
        let surplus: Vec<Value> = findings.iter().filter(|finding| is_false(finding)).cloned().collect();
        assert!(surplus.is_empty(), "{:#?}", told(&surplus));
        let proven: Vec<&Value> = findings.iter().filter(|finding| text(finding, "evidence") == "proven").collect();
        assert!(proven.len() > 5 && proven.iter().all(|finding| rows.contains(text(finding, "row"))), "{}", proven.len());
    }
}
