use std::fmt;

use embed_migrate_core::redact;

use super::patch_status::PatchStatus;

/// What a run would do, tried in one transaction and rolled back. Its `Display` has all of it.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct DryRun {
    /// The patches that were tried, in order, with their SQL.
    #[doc(hidden)]
    pub tried: Vec<(PatchStatus, String)>,
    /// The facts that were tried, by bundle, with the SQL that makes them true, and what it comes to as a comment.
    #[doc(hidden)]
    pub facts: Vec<(String, Vec<String>)>,
    /// The patches that can't be tried in a transaction.
    #[doc(hidden)]
    pub untried: Vec<PatchStatus>,
    /// What would be there after it, and what no longer: lines of the catalog behind `+` and `-`.
    #[doc(hidden)]
    pub changes: Vec<String>,
    /// What was noticed and is no reason to refuse.
    #[doc(hidden)]
    pub notes: Vec<String>,
}

impl DryRun {
    /// Whether a run would do nothing.
    pub fn is_empty(&self) -> bool {
        self.tried.is_empty() && self.untried.is_empty() && self.facts.is_empty()
    }

    /// What was tried, in words.
    fn scope(&self) -> String {
        let patches = match self.tried.len() {
            1 => "1 patch".to_owned(),
            count => format!("{count} patches"),
        };
        match (self.tried.is_empty(), self.facts.is_empty()) {
            (_, true) => patches,
            (true, false) => "facts".to_owned(),
            (false, false) => format!("{patches} and facts"),
        }
    }
}

impl fmt::Display for DryRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing to do");
        }
        for (PatchStatus { bundle, version, file, .. }, sql) in &self.tried {
            writeln!(f, "-- {bundle} {version} ({file})\n{}\n", redact(sql.trim_end()))?;
        }
        for (bundle, sql) in &self.facts {
            writeln!(f, "-- facts of {bundle}")?;
            sql.iter().try_for_each(|sql| match sql.starts_with("-- ") {
                true => writeln!(f, "{}", redact(sql)),
                false => writeln!(f, "{};", redact(sql)),
            })?;
            writeln!(f)?;
        }
        self.changes.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        for PatchStatus { bundle, version, file, .. } in &self.untried {
            writeln!(f, "note: {bundle} {version} ({file}) can't run in a transaction, so it was not tried")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))?;
        write!(f, "Dry run: {} tried, then rolled back.", self.scope())
    }
}
