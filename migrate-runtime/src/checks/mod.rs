//! What only looks at a database: status, verification, drift, and a dry run.

#[cfg(feature = "facts")]
pub(crate) mod drift;
pub(crate) mod dry_run;
pub(crate) mod facts_status;
mod history_view;
pub(crate) mod status;
