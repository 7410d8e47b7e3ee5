use std::collections::BTreeSet;

use embed_migrate_core::diff::{ChangeAction, PlannedChange};

/// How much may be created in one transaction. A server with its default settings can hold 6,400 locks, and each new
/// table, index and sequence takes one until the transaction ends.
const LARGEST: usize = 2_000;

/// What a deployment has created since its last commit.
///
/// New objects may be committed before the others: nobody uses them yet, and the record says that the facts are open.
/// Changes of what was there before are all made in one transaction.
#[derive(Debug)]
pub(crate) struct CreatedParts {
    /// Whether all changes so far create new objects.
    fresh: bool,
    locks: usize,
    tables: BTreeSet<String>,
}

impl Default for CreatedParts {
    fn default() -> CreatedParts {
        CreatedParts { fresh: true, locks: 0, tables: BTreeSet::new() }
    }
}

impl CreatedParts {
    /// Takes note of changes that are about to be made; `created` are the new tables among them.
    pub(crate) fn note(&mut self, changes: &[PlannedChange], created: impl IntoIterator<Item = String>) {
        self.tables.extend(created);
        let tables = &self.tables;
        self.fresh &= changes.iter().all(|change| is_fresh(change, tables));
    }

    /// Takes note of something that can't be repeated.
    pub(crate) fn note_sql(&mut self) {
        self.fresh = false;
    }

    /// Whether what was created must be committed before this change.
    pub(crate) fn is_full(&mut self, change: &PlannedChange) -> bool {
        let locks = locks(&change.sql);
        let full = self.fresh && self.locks > 0 && self.locks + locks > LARGEST;
        self.locks = if full { locks } else { self.locks + locks };
        full
    }
}

fn is_fresh(change: &PlannedChange, tables: &BTreeSet<String>) -> bool {
    let of_new_table = change.table().is_some_and(|table| tables.contains(&table));
    let creates = change.action == ChangeAction::Create;
    of_new_table || creates && matches!(change.fact, "schema" | "extension" | "view" | "function")
}

/// About how many locks a change takes on new objects and on those that they refer to.
fn locks(sql: &str) -> usize {
    let words = ["UNIQUE", "PRIMARY KEY", "INDEX ", "REFERENCES ", "EXCLUDE "];
    // The table, its row type, and the table and index for its long values.
    4 + words.iter().map(|word| sql.matches(word).count()).sum::<usize>()
}
