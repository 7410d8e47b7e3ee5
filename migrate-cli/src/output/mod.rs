//! What the command line prints.
//!
//! `print.rs` alone writes to stdout and stderr. `diagnostic.rs` shows a problem and the line that it is about, in colours on a
//! terminal; `problems.rs` shows all problems of an error, with their causes. `exit.rs` turns the
//! outcome of a command into its exit code, and `confirm.rs` refuses what needs `--yes`. `json.rs` has the values of
//! `--format json`, to which `notice_log.rs` adds the server's notices and `damaged_records.rs` records that can't be
//! read; `utc.rs` writes times. `load_progress.rs`, `backfill_progress.rs` and `backup_progress.rs` show how far long
//! work is.

pub(crate) mod backfill_progress;
pub(crate) mod backup_progress;
pub(crate) mod confirm;
pub(crate) mod damaged_records;
pub(crate) mod diagnostic;
pub(crate) mod exit;
pub(crate) mod history_line;
pub(crate) mod json;
pub(crate) mod load_progress;
pub(crate) mod notice_log;
pub(crate) mod print;
pub(crate) mod problems;
pub(crate) mod utc;
