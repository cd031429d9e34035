//! The real window, driven as a person drives it: the program itself under Xvfb, `WebKit`'s own driver, real databases, real
//! mails. What a flow did is asserted in the rows and in the messages, not only on the screen.

mod causes;
mod columns;
mod damage;
mod everywhere;
mod findings;
mod harness;
mod in_place;
mod invoices;
mod journal;
mod journey;
mod lists;
mod mails;
mod office;
mod overview;
mod papers;
mod payments;
mod registrations;
mod repairs;
mod reports;
mod runs;
mod start;
#[path = "../it/support.rs"]
#[expect(dead_code, reason = "the integration tests need more of it")]
mod support;
