//! What remains to be done in a database, decided without a connection.
//!
//! `resolve.rs` compares bundles with a `history.rs` and returns a `plan.rs`, or all reasons to refuse one (`refusal.rs`).
//! `requires.rs` orders bundles that depend on each other, `limit.rs` shortens a run, `run_options.rs` has all options of a run, `bundle_head.rs` says how far a bundle is applied, and `identity.rs` recognises a bundle
//! that a history has under another name.

mod bundle_head;
mod history;
pub mod identity;
mod limit;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod plan;
mod refusal;
mod requires;
mod resolve;
mod run_options;

pub use bundle_head::BundleHead;
pub use history::{Applied, History};
pub use limit::{HISTORY_BUNDLE, Limit, Reach};
pub use plan::{BundlePosition, Plan, Step};
pub use resolve::{Targets, resolve, resolve_within};
pub use run_options::RunOptions;
