//! What is sent: the text of a patch with its row, and all of them at once.

pub(crate) mod create_tree;
pub(crate) mod execute;
pub(crate) mod frame;
pub(crate) mod notice_log;
pub(crate) mod outside_transaction;
pub(crate) mod patch_failure;
pub(crate) mod patch_words;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod pipeline;
pub(crate) mod record;
pub(crate) mod refused_message;
pub(crate) mod retry;
pub(crate) mod script;
pub(crate) mod session_reset;
pub(crate) mod stop;
pub(crate) mod untrusted_check;
