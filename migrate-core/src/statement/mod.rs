//! Single statements of a patch: how they are sent one by one, and how a run continues after a crash.
//!
//! `statement.rs` is what the parser found out about a statement, in a form that a constant can hold. If nobody knows whether
//! a statement ended, `recover.rs` decides what to do by what the catalog shows. `rewrite_probe.rs` lets the server show
//! whether a statement rewrites its table.

pub mod recover;
mod rewrite_probe;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod statement;

pub use rewrite_probe::RewriteProbe;
pub use statement::{Class, Outline, Statement};
