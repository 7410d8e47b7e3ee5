//! The texts of patches, and how they are sent.
//!
//! `transaction_frame.rs` wraps a patch into a transaction with its row of the history, as a `script.rs`: this is exactly what is sent.
//! `session_reset.rs` is the end of each transaction, `untrusted_check.rs` the check of other roles' objects, which reads the
//! `patch_words.rs`. `record.rs` writes the rows that sum up the run. `pipeline.rs` sends all scripts without waiting in between,
//! each by `execute.rs`; `notice_log.rs` collects the notices. `create_tree.rs` replaces the patches of a fresh database,
//! `outside_transaction.rs` runs what no transaction allows. If the server refuses a message (`refused_message.rs`), `retry.rs` waits
//! before it is sent again, or `stop.rs` finds the statement and `patch_failure.rs` makes the error.

pub(crate) mod create_tree;
pub(crate) mod execute;
pub(crate) mod notice_log;
pub(crate) mod outside_transaction;
pub(crate) mod patch_failure;
pub(crate) mod patch_words;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod pipeline;
pub(crate) mod record;
pub(crate) mod refused_message;
pub(crate) mod retry;
pub(crate) mod script;
pub(crate) mod session_reset;
pub(crate) mod stop;
pub(crate) mod transaction_frame;
pub(crate) mod untrusted_check;
