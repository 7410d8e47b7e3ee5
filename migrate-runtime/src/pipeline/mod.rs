//! What is sent: the text of a patch with its row, and all of them at once.

pub(crate) mod create_tree;
pub(crate) mod execute;
pub(crate) mod outside_transaction;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod pipeline;
pub(crate) mod record;
pub(crate) mod script;
pub(crate) mod stop;
