//! What a run may be asked for: `options.rs`, the nodes beside its server, and how they are replicated.

pub(crate) mod node;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod options;
pub(crate) mod topology;
