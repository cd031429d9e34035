//! Monthly reports: the months there are, how one went, and its paper.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Berlin;
use kontor::period::Period;
use kontor::report::{Language, Missing, Report, table};
use kontor::store;
use sea_orm::ConnectionTrait;

use super::{Answered, Handle};
use crate::invoice::{InvoiceFilter, InvoiceKind, InvoiceState, MailState};
use crate::list::{Destination, Figure, ListQuery};
use crate::month::Month;
use crate::office::{Office, Open};
use crate::problem::Problem;
use crate::registration::RegistrationFilter;
use crate::report::{
    ListReportMonths, MailFigure, MissingFigure, MonthReport, NamedCustomer, PaperLanguage, ReportForm, ReportMonth,
    ShowReport,
};
use crate::run::FailureFilter;

/// Customers named with a difference; a table of the month names all of them.
const NAMED: usize = 500;

impl Handle for ListReportMonths {
    async fn handle(self, office: &Office) -> Answered<Vec<ReportMonth>> {
        let open = office.open()?;
        let today = open.store.today().await?;
        let Some(first) = first_day(&open).await? else { return Ok(Vec::new()) };
        let (first, last) = (Period::containing(first), Period::containing(today));
        let mut months = Vec::new();
        let mut month = last;
        while month >= first && months.len() < 1_200 {
            months.push(ReportMonth { month: Month(month), is_running: month.last_day() >= today });
            let Some(before) = month.first_day().pred_opt() else { break };
            month = Period::containing(before);
        }
        Ok(months)
    }
}

/// The day of the first registration at the office. A date that faulty memory moved far away is not followed there: what a
/// hundred registrations agree on counts, or all where there are fewer.
async fn first_day(open: &Open) -> Answered<Option<NaiveDate>> {
    let text = "SELECT registered_at FROM registrations ORDER BY registered_at LIMIT 100";
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), text, [])).await?;
    let days: Vec<NaiveDate> = rows
        .iter()
        .filter_map(|row| row.try_get::<DateTime<Utc>>("", "registered_at").ok())
        .map(|time| time.with_timezone(&Berlin).date_naive())
        .collect();
    Ok(days.get(days.len() / 2).copied())
}

impl Handle for ShowReport {
    async fn handle(self, office: &Office) -> Answered<MonthReport> {
        let open = office.open()?;
        let report = kontor::report::report(&open.store, self.month.0).await?;
        Ok(told(&report))
    }
}

/// The paper of a month, and the name of its file.
pub(super) async fn paper(
    open: &Open,
    month: Month,
    language: PaperLanguage,
    form: ReportForm,
) -> Answered<(String, &'static str, Vec<u8>)> {
    let report = kontor::report::report(&open.store, month.0).await?;
    let (words, language) = match language {
        PaperLanguage::De => ("Monatsbericht", Language::De),
        PaperLanguage::En => ("Monthly report", Language::En),
    };
    let (ending, bytes) = match form {
        ReportForm::Pdf => ("pdf", kontor::report::pdf(&report, language)?),
        ReportForm::Csv => ("csv", table::csv(&report)?),
        ReportForm::Json => (
            "json",
            serde_json::to_vec_pretty(&report)
                .map_err(|error| Problem::from(crate::failure::Failure::unexpected(&error)))?,
        ),
    };
    Ok((format!("{words} {}", month.0), ending, bytes))
}

fn told(report: &Report) -> MonthReport {
    let (month, invoices) = (Month(report.month), &report.invoices);
    let complete = &invoices.completeness;
    let registered = RegistrationFilter {
        registered_from: Some(report.month.first_day()),
        registered_to: Some(report.month.last_day()),
        ..RegistrationFilter::default()
    };
    let failures = FailureFilter { period: Some(month), ..FailureFilter::default() };
    MonthReport {
        month,
        made_on: report.made_on,
        registered: figure(report.registrations.month, ListQuery::Registrations { filter: registered, order: None }),
        registered_before: report.registrations.month_before,
        due: complete.due,
        issued: of_invoices(month, complete.issued, Vec::new()),
        cancelled: missing(&complete.cancelled),
        quarantined: missing(&complete.quarantined),
        failed: missing(&complete.failed),
        not_begun: missing(&complete.not_begun),
        not_due: missing(&complete.not_due),
        unexplained: MissingFigure { count: complete.unexplained, ..missing(&complete.unexplained_of) },
        mails: mails(report),
        failures: figure(report.open_of_month, ListQuery::Failures { filter: failures, order: None }),
        rerun: invoices.rerun,
        repaired: report.repairs.applied,
        journal_entries: report.journal.entries,
        journal_hash: report.journal.hash.clone(),
    }
}

fn figure(count: i64, query: ListQuery) -> Figure {
    Figure { count, destination: Destination::List { query } }
}

/// Invoices of the month that were issued and hold.
fn of_invoices(month: Month, count: i64, mails: Vec<MailState>) -> Figure {
    let filter = InvoiceFilter {
        period_from: Some(month),
        period_to: Some(month),
        kinds: vec![InvoiceKind::Invoice],
        states: vec![InvoiceState::Issued, InvoiceState::Archived],
        mails,
        ..InvoiceFilter::default()
    };
    figure(count, ListQuery::Invoices { filter, order: None })
}

fn mails(report: &Report) -> Vec<MailFigure> {
    let figure = |(state, count): (&String, &i64)| {
        let mail: MailState = super::word(state)?;
        Some(MailFigure { mail, figure: of_invoices(Month(report.month), *count, vec![mail]) })
    };
    report.invoices.mails.by_state.iter().filter_map(figure).collect()
}

fn missing(of: &Missing) -> MissingFigure {
    let named = of.registrations.iter().zip(&of.customers).take(NAMED);
    let customers = named.map(|(id, number)| NamedCustomer { id: *id, number: number.clone() }).collect();
    MissingFigure { count: of.count, customers }
}
