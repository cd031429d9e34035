//! The steps that build Kontor's tables on `PostgreSQL` and on `SQLite`: one file per step, append-only.
//!
//! A released step is never edited; a change is a new step. What this crate leaves out: when a step runs
//! (`kontor db migrate` does, with the owner's role) and what the rows mean (crate `kontor`).

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod columns;
mod guard;
mod m0001_settings;
mod m0002_registrations;
mod m0003_invoices;
mod m0004_runs;
mod m0005_documents;
mod m0006_findings;
mod m0007_journal;
mod m0008_payments;
mod m0009_guards;
mod m0010_mails;
mod m0011_restorations;
mod m0013_cancellations;
mod m0014_desk;
mod m0015_lists;
mod m0016_reviews;
mod m0017_checks;
mod m0018_repairs;
mod m0019_repairs_reviewed;
mod m0020_first_seals;
mod m0021_workers;
mod m0022_withdrawals;
mod search;

/// Runs the steps in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_settings::Step),
            Box::new(m0002_registrations::Step),
            Box::new(m0003_invoices::Step),
            Box::new(m0004_runs::Step),
            Box::new(m0005_documents::Step),
            Box::new(m0006_findings::Step),
            Box::new(m0007_journal::Step),
            Box::new(m0008_payments::Step),
            Box::new(m0009_guards::Step),
            Box::new(m0010_mails::Step),
            Box::new(m0011_restorations::Step),
            Box::new(m0013_cancellations::Step),
            Box::new(m0014_desk::Step),
            Box::new(m0015_lists::Step),
            Box::new(m0016_reviews::Step),
            Box::new(m0017_checks::Step),
            Box::new(m0018_repairs::Step),
            Box::new(m0019_repairs_reviewed::Step),
            Box::new(m0020_first_seals::Step),
            Box::new(m0021_workers::Step),
            Box::new(m0022_withdrawals::Step),
        ]
    }
}

/// Name of the newest step, as it stands in the table of applied steps.
pub fn newest() -> String {
    Migrator::migrations().last().map(|step| step.name().to_owned()).unwrap_or_default()
}

/// Names of all steps in order.
pub fn names() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}
