//! Operations that only read: what a run would do, and what was changed by hand.
//!
//! `history_view.rs` reads the history and its records; `history_log.rs` also who wrote them and when. `status.rs` lists patches, plans and verifies; `facts_status.rs` does so
//! for facts. `drift.rs` compares the catalog with the last snapshot. `dry_run.rs` applies everything and rolls it back.

#[cfg(feature = "facts")]
pub(crate) mod drift;
pub(crate) mod dry_run;
pub(crate) mod facts_status;
mod history_log;
mod history_view;
pub(crate) mod status;
