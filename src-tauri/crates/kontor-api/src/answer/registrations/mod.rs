//! Registrations: the list, and everything about one of them.

mod list;
mod open;
mod rows;

pub(crate) use list::list;
pub(crate) use rows::rows_of;
