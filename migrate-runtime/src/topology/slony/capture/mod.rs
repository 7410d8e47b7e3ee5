//! Std patches, which Slony captures.

#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod capture;
pub(crate) mod captured_setting;
mod std_patches;
