//! The figures of a report as a table, for spreadsheets and scripts: one figure a line, named by words that do not change.

use super::Report;
use crate::{Error, Result};

/// The report as CSV (RFC 4180) with a head: section, figure, of what, value. Amounts are cents, sizes are bytes.
pub fn csv(report: &Report) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Error::Refused(format!("The table could not be written: {error}."));
    writer.write_record(["section", "figure", "of", "value"]).map_err(failed)?;
    for [section, figure, of, value] in rows(report) {
        writer.write_record([section, figure, of, value]).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| Error::Refused(format!("The table could not be written: {}.", error.error())))
}

/// Section, figure, what it is of, value.
pub fn rows(report: &Report) -> Vec<[String; 4]> {
    let mut rows = Rows(Vec::new());
    let registrations = &report.registrations;
    rows.put("report", "month", "", report.month);
    rows.put("report", "made_on", "", report.made_on);
    rows.put("report", "company", "", &report.company);
    rows.put("registrations", "total", "", registrations.total);
    rows.put("registrations", "month", "", registrations.month);
    rows.put("registrations", "month_before", "", registrations.month_before);
    for week in &registrations.weeks {
        rows.put("registrations", "week", &week.week.to_string(), week.count);
    }
    for day in &registrations.days {
        rows.put("registrations", "day", &day.day.to_string(), day.count);
    }
    rows.invoices(report);
    for incident in &report.incidents {
        let of = format!("{}={}", incident.named.attribute.word(), incident.named.value);
        rows.put("incidents", "level", &of, incident.level.word());
        rows.put("incidents", "failures", &of, incident.failures);
        rows.put("incidents", "attempts", &of, incident.attempts);
        for (figure, day) in [("from", incident.from), ("to", incident.to)] {
            rows.put("incidents", figure, &of, day.map(|day| day.to_string()).unwrap_or_default());
        }
        let customers = incident.customers.map(|count| count.to_string());
        rows.put("incidents", "customers", &of, customers.unwrap_or_default());
    }
    if let Some(storage) = &report.storage {
        rows.put("storage", "capacity_bytes", "", storage.capacity_bytes);
        rows.put("storage", "sold_bytes", "", storage.sold_bytes);
        rows.put("storage", "used_bytes", "", storage.used_bytes);
        let growth = storage.growth_per_day_bytes.map(|bytes| bytes.to_string());
        rows.put("storage", "growth_per_day_bytes", "", growth.unwrap_or_default());
        for (figure, day) in [("full_on", storage.full_on), ("sold_out_on", storage.sold_out_on)] {
            rows.put("storage", figure, "", day.map(|day| day.to_string()).unwrap_or_default());
        }
    }
    for (code, count) in &report.open.failures {
        rows.put("open", "failures", code, *count);
    }
    for (severity, count) in &report.open.findings {
        rows.put("open", "findings", severity, *count);
    }
    rows.put("open", "unsettled_mails", "", report.open.unsettled_mails);
    rows.put("open", "payments", "", report.open.payments);
    rows.put("open", "of_month", "", report.open_of_month);
    rows.put("journal", "entries", "", report.journal.entries);
    rows.put("journal", "hash", "", &report.journal.hash);
    rows.0
}

struct Rows(Vec<[String; 4]>);

impl Rows {
    #[expect(clippy::needless_pass_by_value, reason = "figures are numbers and days")]
    fn put(&mut self, section: &str, figure: &str, of: &str, value: impl ToString) {
        self.0.push([section.to_owned(), figure.to_owned(), of.to_owned(), value.to_string()]);
    }

    fn invoices(&mut self, report: &Report) {
        let (invoices, complete, mails) = (&report.invoices, &report.invoices.completeness, &report.invoices.mails);
        for (figure, value) in [
            ("due", complete.due),
            ("issued", complete.issued),
            ("cancelled", complete.cancelled.count),
            ("quarantined", complete.quarantined.count),
            ("failed", complete.failed.count),
            ("not_begun", complete.not_begun.count),
            ("not_due", complete.not_due.count),
            ("unexplained", complete.unexplained),
            ("cancellations", invoices.cancellations),
            ("gross_cents", invoices.gross_cents),
            ("rerun", invoices.rerun),
        ] {
            self.put("invoices", figure, "", value);
        }
        // All of those whom the paper names a few of; the lines of a figure add up to it.
        for (figure, missing) in [
            ("cancelled_customer", &complete.cancelled),
            ("quarantined_customer", &complete.quarantined),
            ("failed_customer", &complete.failed),
            ("not_begun_customer", &complete.not_begun),
            ("not_due_customer", &complete.not_due),
            ("unexplained_customer", &complete.unexplained_of),
        ] {
            for customer in &missing.customers {
                self.put("invoices", figure, customer, 1);
            }
        }
        for (figure, value) in [
            ("accepted", mails.accepted),
            ("refused", mails.refused),
            ("bounced", mails.bounced),
            ("unknown", mails.unknown),
            ("waiting", mails.waiting),
            ("none", mails.none),
            ("resent", mails.resent),
        ] {
            self.put("mails", figure, "", value);
        }
        let (from, to) = report.repairs.days.unzip();
        for (figure, day) in [("from", from), ("to", to)] {
            self.put("repairs", figure, "", day.map(|day| day.to_string()).unwrap_or_default());
        }
        self.put("repairs", "applied", "", report.repairs.applied);
        self.put("repairs", "undone", "", report.repairs.undone);
        self.put("repairs", "findings_closed", "", report.repairs.closed);
    }
}
