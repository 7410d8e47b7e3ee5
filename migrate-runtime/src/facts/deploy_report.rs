use std::fmt;

use embed_migrate_core::diff::PlannedChange;
use embed_migrate_core::quote;

/// What a deployment did.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct DeployReport {
    /// The changes of the schema, in order.
    pub changes: Vec<PlannedChange>,
    /// The SQL of `sql` facts that ran.
    #[doc(hidden)]
    pub submitted: Vec<String>,
    /// How many rows were inserted.
    pub inserted: u64,
    /// How many rows were changed.
    pub updated: u64,
    /// How many rows were deleted.
    pub deleted: u64,
    /// What is left for after the transaction: indexes to build and checks to validate while writers go on.
    #[doc(hidden)]
    pub after: Vec<PlannedChange>,
    /// The search path with which that was planned.
    pub(crate) path: String,
}

impl DeployReport {
    /// Whether everything was true already.
    pub fn is_empty(&self) -> bool {
        let DeployReport { changes, submitted, inserted, updated, deleted, after, path: _ } = self;
        changes.is_empty() && submitted.is_empty() && after.is_empty() && *inserted + *updated + *deleted == 0
    }
}

impl DeployReport {
    /// Has names mean for a session what they meant in the transaction.
    pub(crate) fn names(&self) -> String {
        format!("SELECT pg_catalog.set_config('search_path', {}, false);\n", quote::literal(&self.path))
    }
}

impl fmt::Display for DeployReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing to deploy");
        }
        let counts = [
            (self.changes.len() as u64, "change", " of the schema"),
            (self.submitted.len() as u64, "SQL fact", ""),
            (self.inserted, "row", " inserted"),
            (self.updated, "row", " changed"),
            (self.deleted, "row", " deleted"),
            (self.after.len() as u64, "step", " after the transaction"),
        ];
        let some = counts.iter().filter(|(count, ..)| *count > 0);
        let said: Vec<String> = some
            .map(|(count, what, how)| format!("{count} {what}{}{how}", if *count == 1 { "" } else { "s" }))
            .collect();
        f.write_str(&said.join(", "))
    }
}
