//! One deployment of facts inside a transaction.
//!
//! `deployment.rs` is what it works with; `deploy.rs` makes facts true and verifies them, by one `facts_pass.rs` each. A pass
//! plans changes, answers the planner's questions (`answer.rs`, several at once by `prefetch.rs`), and sends SQL (`send.rs`).
//! `condition.rs` evaluates `unless`. `after_commit.rs` builds what cannot be built in a transaction.

pub(crate) mod after_commit;
mod answer;
mod condition;
pub(crate) mod deploy;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod deployment;
mod facts_pass;
mod parts;
mod prefetch;
pub(crate) mod progress;
pub(crate) mod purpose;
mod send;
