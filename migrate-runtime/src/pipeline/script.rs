use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use embed_migrate_core::{only_changes_rows, statement_ranges};

/// A patch as it is sent: one query string, which is one transaction with the patch's row in it.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// A message that goes before it, and begins the transaction.
    pub(crate) opening: Option<String>,
    pub(crate) sql: String,
    /// The patch's own text in it, in bytes.
    pub(crate) own: Range<usize>,
    /// The ranges of our own text, in bytes of all that is sent.
    pub(crate) inserted: Range<usize>,
    /// How many bytes of the patch are left out before that text: of one that is sent statement by statement.
    pub(crate) skipped: usize,
    /// How many of its statements the server has completed.
    pub(crate) done: AtomicUsize,
    /// The statements of a patch that does nothing but change rows, and how many rows they changed.
    pub(crate) changing: Range<usize>,
    pub(crate) changed: AtomicU64,
}

/// How long a patch may be for its rows to be counted.
const COUNTED: usize = 1 << 16;

impl Script {
    /// A part of a patch that begins after so many bytes of it, with the SQL around it.
    pub(crate) fn around(before: &str, text: &str, after: &str, skipped: usize) -> Script {
        let own = before.len()..before.len() + text.len();
        Script { sql: [before, text, after].concat(), own, skipped, ..Script::default() }
    }

    /// The same, counting rows if a patch only changes rows.
    pub(super) fn counting(mut self) -> Script {
        if only_changes_rows(self.own_text(), COUNTED) {
            let before = self.sql.get(..self.own.start).unwrap_or_default();
            let first = statement_ranges(before).len();
            self.changing = first..first + statement_ranges(self.own_text()).len();
        }
        self
    }

    /// Whether it found no row to change.
    pub(crate) fn changed_nothing(&self) -> bool {
        !self.changing.is_empty() && self.changed.load(Ordering::Relaxed) == 0
    }

    /// The patch's own text, with what was inserted.
    pub(crate) fn own_text(&self) -> &str {
        self.sql.get(self.own.clone()).unwrap_or_default()
    }
}
