//! What a run reports: events while it runs, and results at its end. Plain values; nothing here asks a server.

#[cfg(feature = "facts")]
pub(crate) mod drift;
pub(crate) mod dry_run;
pub(crate) mod event;
pub(crate) mod facts_status;
pub(crate) mod history_log;
pub(crate) mod lock_holder;
pub(crate) mod notice;
pub(crate) mod patch_status;
pub(crate) mod pending_patch;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod report;
pub(crate) mod status;
