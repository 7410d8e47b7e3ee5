//! What a service calls at its start.

#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod boot;
