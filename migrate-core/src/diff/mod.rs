//! Facts against a catalog: which changes make the facts true.
//!
//! This is for the crates of the workspace; users get its results through the facade.
//!
//! The [`Planner`] holds the catalog as it will be after the planned changes. It applies one fact after another
//! (`kinds/`, with `columns/` for what tables and columns need) and collects the changes (`edit.rs`, `pending_work.rs`,
//! `collect.rs`). The planner does no input or output: if a fact depends on what the tables hold, it stops with a
//! [`Question`], and the caller answers it (`question.rs`, `ask.rs`); `prefetch.rs` finds questions early, so that many
//! are answered in one round trip. `definitions/` compares definitions that the server prints in its own words.

mod ask;
mod change;
mod collect;
mod columns;
mod counts;
mod definitions;
mod edit;
mod kinds;
mod lookup;
mod name_index;
mod new_table;
mod outline;
mod pending_work;
mod planner;
mod prefetch;
mod question;

pub use change::{ChangeAction, ChangeHazard, PlannedChange};
pub use planner::{FactProgress, Planner};
pub use question::{Answer, Question};
