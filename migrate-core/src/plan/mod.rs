//! What remains to be done in a database, decided without a connection.
//!
//! `resolve.rs` compares bundles with a `history.rs` and returns a `plan.rs`, or all reasons to refuse one (`refusal.rs`).
//! `requires.rs` orders bundles that depend on each other, `limit.rs` shortens a run, and `identity.rs` recognises a bundle
//! that a history has under another name.

mod history;
pub mod identity;
mod limit;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod plan;
mod refusal;
mod requires;
mod resolve;

pub use history::{Applied, History};
pub use limit::{HISTORY_BUNDLE, Limit, Reach};
pub use plan::{BundlePosition, Plan, Step};
pub use resolve::{Targets, resolve, resolve_within};
