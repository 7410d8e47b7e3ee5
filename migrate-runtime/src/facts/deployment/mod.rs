//! One deployment of facts.

pub(crate) mod after_commit;
mod answer;
mod condition;
pub(crate) mod deploy;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod deployment;
mod facts_pass;
mod prefetch;
pub(crate) mod progress;
pub(crate) mod purpose;
mod send;
