//! The journal: its list, what it can be filtered by, and walking its chain.

mod choices;
mod list;
mod pager;
mod row;
mod verify;

pub(crate) use choices::Choices;
pub(crate) use row::changes;
