//! The overview. What is open comes from where its list comes from; what counts whole tables is read once and kept until
//! rows change (`totals`).

mod totals;

use chrono::{Datelike, NaiveDate};

pub(crate) use totals::{Days, Totals};

use super::failures::{by_cause, failures, figure};
use super::{Answered, Handle, deliveries, findings, hosts};
use crate::delivery::DeliveryFilter;
use crate::failure::{Failure, Fault};
use crate::invoice::InvoiceFilter;
use crate::list::{Destination, Figure, ListQuery};
use crate::office::{Office, Open};
use crate::overview::{DayFigure, InvoiceFigure, OpenRun, Overview, ShowOverview, Storage};
use crate::page::Order;
use crate::registration::{RegistrationFilter, RegistrationSort};

/// Most days of the chart.
const MOST: u64 = 1_000;

impl Handle for ShowOverview {
    async fn handle(self, office: &Office) -> Answered<Overview> {
        let open = office.open()?;
        let today = open.store.today().await?;
        let days = self.days(today)?;
        let known = failures(&open).await?;
        let totals = totals::totals(&open, days).await?;
        Ok(Overview {
            today,
            failures: figure(&known),
            causes: by_cause(&known),
            unsettled_mails: unsettled(&open).await?,
            findings: findings::by_severity(&open).await?,
            checked_at: kontor::check::checked_at(open.store.read()).await?,
            hosts_out: hosts::out_of_service(&open).await?,
            runs: runs(&open).await?,
            registrations: registered(totals.registrations, None, None),
            from: days.from,
            to: days.to,
            registered: registered(totals.days.iter().map(|(_, count)| count).sum(), Some(days.from), Some(days.to)),
            days: totals
                .days
                .iter()
                .map(|(day, count)| DayFigure { day: *day, figure: registered(*count, Some(*day), Some(*day)) })
                .collect(),
            invoices: invoices(totals.invoices, InvoiceFilter::default()),
            invoice_states: states(&totals),
            storage: storage(&totals),
        })
    }
}

impl ShowOverview {
    fn days(&self, today: NaiveDate) -> Answered<Days> {
        let to = self.to.unwrap_or(today);
        let from = match self.from {
            Some(from) => from,
            None => today.with_day(1).unwrap_or(today).min(to),
        };
        if from > to {
            return Err(Failure::invalid("day_to", Fault::TooEarly { earliest: from }).into());
        }
        let earliest = to.checked_sub_days(chrono::Days::new(MOST - 1)).unwrap_or(from);
        if from < earliest {
            return Err(Failure::invalid("day_from", Fault::TooEarly { earliest }).into());
        }
        Ok(Days { from, to })
    }
}

fn registered(count: i64, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Figure {
    let filter = RegistrationFilter { registered_from: from, registered_to: to, ..RegistrationFilter::default() };
    Figure { count, destination: Destination::List { query: ListQuery::Registrations { filter, order: None } } }
}

fn invoices(count: i64, filter: InvoiceFilter) -> Figure {
    Figure { count, destination: Destination::List { query: ListQuery::Invoices { filter, order: None } } }
}

fn states(totals: &Totals) -> Vec<InvoiceFigure> {
    let state = |of: &totals::Stands| {
        let filter = InvoiceFilter {
            states: vec![of.state],
            kinds: vec![of.kind],
            mails: vec![of.mail],
            ..InvoiceFilter::default()
        };
        InvoiceFigure { kind: of.kind, state: of.state, mail: of.mail, figure: invoices(of.count, filter) }
    };
    totals.stands.iter().map(state).collect()
}

fn storage(totals: &Totals) -> Storage {
    let order = Some(Order { by: RegistrationSort::UsedBytes, descending: true });
    let query = ListQuery::Registrations { filter: RegistrationFilter::default(), order };
    Storage {
        sold_bytes: totals.sold_bytes,
        used_bytes: totals.used_bytes,
        capacity_bytes: totals.capacity_bytes,
        samples: totals.samples.clone(),
        destination: Destination::List { query },
    }
}

async fn unsettled(open: &Open) -> Answered<Figure> {
    let filter = DeliveryFilter { unsettled: Some(true), ..DeliveryFilter::default() };
    let count = deliveries::list(&filter, None, open.store.now().await?).count(&open.store).await?;
    Ok(Figure { count, destination: Destination::List { query: ListQuery::Deliveries { filter, order: None } } })
}

async fn runs(open: &Open) -> Answered<Vec<OpenRun>> {
    let mut runs = Vec::new();
    for run in super::open_runs(open).await? {
        let detail = super::run_detail(open, run).await?;
        runs.push(OpenRun { row: detail.row, progress: detail.progress });
    }
    Ok(runs)
}
