//! One module per table, as `migrations` makes them.

pub mod attempts;
pub mod deliveries;
pub mod delivery_evidence;
pub mod documents;
pub mod fencing;
pub mod findings;
pub mod installation;
pub mod invoice_lines;
pub mod invoices;
pub mod issuers;
pub mod journal;
pub mod mailboxes;
pub mod number_allocations;
pub mod number_ranges;
pub mod payments;
pub mod registrations;
pub mod repair_changes;
pub mod repairs;
pub mod restorations;
pub mod reviews;
pub mod run_items;
pub mod runs;
pub mod storage_samples;
pub mod subscriptions;
pub mod tariffs;
pub mod tax_rates;
