//! The amounts of an invoice: its row, its lines and its tariff are three witnesses of the same figures.
//!
//! A figure that one witness has against two others is the wrong one, and the others are its copy. Invoices with several
//! lines say each figure only twice; there a difference is found and a person decides.

use super::book::Found;
use super::doubt;
use super::facts::Facts;
use super::neighbours::is_flip;
use super::proposal::{Action, Evidence, Proposal, Reason};
use super::question::Row;
use crate::invoice::content::net_of;

/// Invoices whose figures do not agree with each other. `{invoice}` names an invoice by its id or by that of a line.
pub(super) const TEXT: &str = "SELECT i.id AS id, i.kind AS kind, i.net_cents AS net, i.tax_cents AS tax, i.gross_cents AS \
    gross, i.period AS period, s.tariff_id AS tariff_id, l.id AS line_id, l.quantity AS quantity, l.unit_gross_cents AS \
    unit, l.tax_basis_points AS rate, l.net_cents AS line_net, l.tax_cents AS line_tax, l.gross_cents AS line_gross, \
    a.lines AS lines, a.net AS sum_net, a.tax AS sum_tax, a.gross AS sum_gross FROM invoices i JOIN (SELECT \
    x.invoice_id, count(*) AS lines, CAST(sum(x.net_cents) AS bigint) AS net, CAST(sum(x.tax_cents) AS bigint) AS tax, \
    CAST(sum(x.gross_cents) AS bigint) AS gross, sum(CASE WHEN x.net_cents + x.tax_cents <> x.gross_cents OR \
    CAST(x.quantity AS numeric) * x.unit_gross_cents <> x.gross_cents OR NOT EXISTS (SELECT 1 FROM tax_rates r WHERE r.basis_points = \
    x.tax_basis_points) THEN 1 ELSE 0 END) AS odd FROM invoice_lines x GROUP BY x.invoice_id) a ON a.invoice_id = i.id JOIN \
    invoice_lines l ON l.invoice_id = i.id AND l.id = (SELECT y.id FROM invoice_lines y WHERE y.invoice_id = i.id ORDER BY \
    y.position, y.id LIMIT 1) LEFT JOIN subscriptions s ON s.id = i.subscription_id WHERE (i.net_cents <> a.net OR \
    i.tax_cents <> a.tax OR i.gross_cents <> a.gross OR i.net_cents + i.tax_cents <> i.gross_cents OR a.odd > 0) {invoice}";

/// Which figures a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Net and gross.
    Sums,
    /// Tax, its amount and its rate.
    Tax,
}

/// One figure, in the order invoice, line, tariff.
struct Figure {
    field: &'static str,
    part: Part,
    invoice: Option<i64>,
    line: Option<i64>,
    tariff: Option<i64>,
}

/// What of the figures is wrong.
pub(super) fn wrong(row: &Row<'_>, facts: &Facts, part: Part) -> Vec<Found> {
    let Some(invoice) = row.id() else { return Vec::new() };
    if row.whole("lines") != Some(1) {
        return undecided(row, part);
    }
    let Some(line) = row.uuid("line_id") else { return Vec::new() };
    let mut found = Vec::new();
    for figure in figures(row, facts).into_iter().filter(|figure| figure.part == part) {
        let Figure { field, invoice: in_invoice, line: in_line, tariff, .. } = figure;
        let agreed = [(in_invoice, in_line), (in_invoice, tariff), (in_line, tariff)];
        let agreed = agreed.into_iter().find(|(one, other)| one.is_some() && one == other).and_then(|(one, _)| one);
        for (table, id, value) in [("invoices", invoice, in_invoice), ("invoice_lines", line, in_line)] {
            let Some(value) = value else { continue };
            let one = Found::new(table, id).field(field, Some(value.to_string()));
            match agreed {
                Some(right) if right == value => {}
                Some(right) => found.push(one.proposing(right_one(field, value, right))),
                None if in_invoice != in_line && table == "invoices" => found.push(one.proposing(decide())),
                None => {}
            }
        }
    }
    found
}

fn figures(row: &Row<'_>, facts: &Facts) -> Vec<Figure> {
    let sign = if row.text("kind").as_deref() == Some("cancellation") { -1 } else { 1 };
    let tariff = row.uuid("tariff_id").zip(row.day("period"));
    // Tariffs are looked up at the end of the month, because a customer may have joined within it.
    let on = |period| crate::period::Period::containing(period).last_day();
    let tariff = tariff.and_then(|(id, period)| Some((facts.settings.tariff(id, on(period)).ok()?, on(period))));
    let rate = tariff.and_then(|(tariff, on)| facts.settings.rate(&tariff.tax_code, on).ok());
    let gross = tariff.map(|(tariff, _)| tariff.gross_cents * sign);
    let net = gross.zip(rate).map(|(gross, rate)| net_of(gross * sign, rate) * sign);
    let tax = gross.zip(net).map(|(gross, net)| gross - net);
    let figure = |field, part, invoice, line, tariff| Figure { field, part, invoice, line, tariff };
    vec![
        figure("net_cents", Part::Sums, row.whole("net"), row.whole("line_net"), net),
        figure("gross_cents", Part::Sums, row.whole("gross"), row.whole("line_gross"), gross),
        figure("tax_cents", Part::Tax, row.whole("tax"), row.whole("line_tax"), tax),
        rate_of(row, rate, tax),
    ]
}

/// The rate stands in the line alone; that its tax was computed with the valid one is the second witness.
fn rate_of(row: &Row<'_>, rate: Option<i32>, tax: Option<i64>) -> Figure {
    let valid = rate.map(i64::from).filter(|_| tax.is_some() && tax == row.whole("line_tax").or(row.whole("tax")));
    let in_line = row.whole("rate");
    let figure = Figure { field: "tax_basis_points", part: Part::Tax, invoice: None, line: in_line, tariff: valid };
    // Two witnesses that agree with each other and not with the line.
    if valid.is_some() && valid != in_line { Figure { invoice: valid, ..figure } } else { figure }
}

fn right_one(field: &str, value: i64, right: i64) -> Proposal {
    let (current, right) = (value.to_string(), right.to_string());
    let mut proposal = Proposal::set(field, &right, Evidence::Copy).by(Action::RestoreInvoice);
    proposal.reasons.push(Reason::new("two_witnesses"));
    if is_flip(&current, &right) {
        proposal.reasons.extend(doubt::flip(&current, &right));
    } else {
        proposal.reasons.push(Reason::against("not_one_bit"));
    }
    proposal
}

fn decide() -> Proposal {
    Proposal::act(Action::Decide, Evidence::None).because(Reason::new("witnesses_disagree"))
}

/// Several lines: which figure is wrong only a person can tell.
fn undecided(row: &Row<'_>, part: Part) -> Vec<Found> {
    let Some(invoice) = row.id() else { return Vec::new() };
    let sums = [("net_cents", "net", "sum_net"), ("gross_cents", "gross", "sum_gross")];
    let tax = [("tax_cents", "tax", "sum_tax")];
    let fields = if part == Part::Sums { &sums[..] } else { &tax[..] };
    let differs = |(_, one, other): &&(&str, &str, &str)| row.whole(one) != row.whole(other);
    let found = fields
        .iter()
        .filter(differs)
        .map(|(field, one, _)| Found::new("invoices", invoice).field(field, row.shown(one)).proposing(decide()));
    found.collect()
}
