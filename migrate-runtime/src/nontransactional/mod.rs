//! Concurrent patches: statement by statement, outside a transaction if need be.
//!
//! `concurrent_patch.rs` runs one, `patch_statement.rs` is one statement, `messages.rs` what is written before and after it, and
//! `batch.rs` a statement that runs in batches. After an interruption, `started_statement.rs` is what the history knows,
//! `catalog_state.rs` what the catalog shows, `recovery.rs` continues an interrupted patch, and `refusal.rs` has the reasons why it can't be continued; `repair.rs` lets a person decide.

mod batch;
mod catalog_state;
mod concurrent_patch;
mod messages;
mod patch_statement;
mod recovery;
pub(crate) mod refusal;
pub(crate) mod repair;
mod started_statement;
