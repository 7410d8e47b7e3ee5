use embed_migrate_core::{Applied, Version};

use super::facts_status::FactsStatus;

/// What a database's history says: which patches were applied, by whom and when, and what else happened.
///
/// Times are UTC, as `2026-12-01T08:30:00Z`.
#[doc(hidden)]
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct HistoryLog {
    /// The rows, in the order of application over all bundles.
    pub rows: Vec<HistoryRow>,
    /// Failures and remarks, in the order of time.
    pub events: Vec<HistoryEvent>,
    /// The facts of each bundle that has some.
    pub facts: Vec<FactsStatus>,
}

/// A row of the history, with its circumstances.
#[doc(hidden)]
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HistoryRow {
    /// The patch.
    pub applied: Applied,
    /// When it began.
    pub started_at: String,
    /// When it ended; `None` if it was interrupted or is running.
    pub ended_at: Option<String>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: Option<u64>,
    /// The role that logged in.
    pub applied_by: String,
    /// The application that applied it, if it said its name.
    pub application: Option<String>,
    /// The git revision of that application.
    pub revision: Option<String>,
    /// The statements of a concurrent patch that were begun.
    pub statements: Vec<HistoryStatement>,
}

/// A statement of a concurrent patch.
#[doc(hidden)]
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HistoryStatement {
    /// Its number in the patch, from 1.
    pub number: usize,
    /// When it began.
    pub started_at: String,
    /// When it ended; `None` if it was interrupted or is running.
    pub ended_at: Option<String>,
    /// How many rows a batched statement has changed.
    pub changed: Option<u64>,
}

/// Something that happened beside the patches.
#[doc(hidden)]
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HistoryEvent {
    /// When.
    pub happened_at: String,
    /// What, in one word: `failed`, `noticed`, `created`.
    pub what: String,
    /// The bundle, if it was about one.
    pub bundle: Option<String>,
    /// The version of the patch, if it was about one.
    pub version: Option<Version>,
    /// What is reported about it.
    pub detail: String,
}
