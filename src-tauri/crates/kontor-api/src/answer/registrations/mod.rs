//! Registrations: the list, and everything about one of them.

mod call;
mod contact;
mod facts;
mod list;
mod open;
mod rows;
mod show;

pub(crate) use list::list;
pub(crate) use rows::rows_of;
