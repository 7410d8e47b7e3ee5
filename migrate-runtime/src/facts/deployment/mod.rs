//! One deployment of facts.

pub(crate) mod after_commit;
mod answer;
pub(crate) mod deploy;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod deployment;
mod pass;
mod prefetch;
pub(crate) mod purpose;
mod send;
mod truth;
