//! Runs: the plan, the start, what a person does with a run that goes on, and looking at runs and their items.

mod attempt;
mod control;
mod detail;
mod items;
mod list;
mod orphan;
mod plan;
mod row;
mod selected;
mod start;

pub(crate) use detail::run_detail;
pub(crate) use orphan::orphaned_runs;
pub(crate) use row::open_runs;
