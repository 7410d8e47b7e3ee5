//! Std patches, which Slony captures on the origin and runs on each node in order with the rows.
//!
//! `std_patches.rs` checks them and waits for the nodes, `capture.rs` captures one, `captured_setting.rs` finds the statements
//! cannot be captured.

#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod capture;
pub(crate) mod captured_setting;
mod std_patches;
