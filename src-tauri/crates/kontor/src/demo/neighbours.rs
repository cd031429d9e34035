//! Damage between processes: what belongs to one ends up with the next on the same host. Two PDFs that were in the cache
//! at the same time change places, and a payment is entered under the invoice of the payment before it.

use kontor_pdf::content::sha256;

use super::case::Case;
use super::damage::hex;
use super::hosts::FAULTY;
use super::memory::Cache;
use super::truth::Entry;
use crate::store::entities::documents;

/// Exchanges what is to be exchanged among the cases of a chunk, in the order of their processes, and says so.
pub(super) fn exchange(cases: &mut [Case]) -> Vec<Entry> {
    let mut damage = documents(cases);
    damage.extend(payments(cases));
    damage
}

fn documents(cases: &mut [Case]) -> Vec<Entry> {
    let mut damage = Vec::new();
    let mut waiting: Option<usize> = None;
    for index in 0..cases.len() {
        let cache = cases[index].cache;
        if cache == Cache::Keeps {
            continue;
        }
        let Some(first) = waiting.take() else {
            waiting = (cache == Cache::Exchanges).then_some(index);
            continue;
        };
        let (before, after) = cases.split_at_mut(index);
        let pair = (before[first].document_mut(), after[0].document_mut());
        if let (Some(one), Some(other)) = pair {
            std::mem::swap(&mut one.bytes, &mut other.bytes);
            std::mem::swap(&mut one.sha256, &mut other.sha256);
            let (right, wrong) = (hex(&sha256(&other.bytes)), hex(&sha256(&one.bytes)));
            damage.push(of_another(one, &right, &wrong));
            damage.push(of_another(other, &wrong, &right));
        }
    }
    damage
}

fn of_another(document: &documents::Model, right: &str, wrong: &str) -> Entry {
    let entry = Entry::new("documents", document.id, "document_of_another", FAULTY);
    entry.field("bytes", right, wrong).copied_in("documents.bytes")
}

fn payments(cases: &mut [Case]) -> Vec<Entry> {
    let mut damage = Vec::new();
    let mut before = None;
    for case in cases.iter_mut().filter(|case| case.host == Some(FAULTY)) {
        let Some(payment) = case.payments.first_mut() else { continue };
        let own = payment.invoice_id;
        if let (true, Some(own), Some(wrong)) = (case.is_astray, own, before) {
            let entry = Entry::new("payments", payment.id, "payment_mismatched", FAULTY);
            damage.push(entry.field("invoice_id", &own, &wrong).copied_in("payments.reference"));
            payment.invoice_id = Some(wrong);
        }
        before = own.or(before);
    }
    damage
}
