//! Patches that run statement by statement, outside a transaction where one can't run in any: what is written down
//! before and after each, and how to go on when nobody knows how far one came.

mod batch;
mod catalog_state;
mod concurrent_patch;
mod messages;
mod patch_statement;
mod recovery;
pub(crate) mod refusal;
pub(crate) mod repair;
mod started_statement;
