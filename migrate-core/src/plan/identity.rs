//! Whether a history has a bundle's patches already, under another name or in another schema.

use std::collections::BTreeMap;

use super::history::{Applied, History};
use crate::bundle::Bundle;
use crate::error::{Error, ErrorKind};
use crate::patch::Version;

/// A bundle in a history that may be the same as a bundle of ours: they share patches, and all shared patches are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchingBundle {
    /// The name under which the history has it.
    pub name: String,
    /// The first and the last version that both have.
    pub shared: [Version; 2],
}

/// The bundles of a history that a bundle may be; the one of its own name first.
pub fn matching_bundles(bundle: &Bundle, history: &History) -> Vec<MatchingBundle> {
    let mut named: BTreeMap<&str, Vec<&Applied>> = BTreeMap::new();
    history.applied.iter().for_each(|row| named.entry(&row.bundle).or_default().push(row));
    let mut found: Vec<_> =
        named.into_iter().filter_map(|(name, rows)| compared(bundle, name, &rows)).collect();
    found.sort_by_key(|alike| alike.name != bundle.name());
    found
}

fn compared(bundle: &Bundle, name: &str, rows: &[&Applied]) -> Option<MatchingBundle> {
    let mut shared = Vec::new();
    for row in rows {
        match is_equal(bundle, row) {
            Some(true) => shared.push(row.version),
            // A draft may have changed since, and says nothing either way.
            Some(false) if row.draft => {}
            Some(false) => return None,
            None => {}
        }
    }
    let shared = [*shared.iter().min()?, *shared.iter().max()?];
    Some(MatchingBundle { name: name.to_owned(), shared })
}

/// Whether a row is of the bundle's patch with its version; `None` if the bundle has none.
fn is_equal(bundle: &Bundle, row: &Applied) -> Option<bool> {
    let patch = match row.baseline {
        true => bundle.baseline().filter(|baseline| baseline.version() == row.version),
        false => bundle.patch(row.version),
    }?;
    let equal = row.tokens == patch.tokens() || row.checksum == patch.checksum();
    Some(equal || bundle.accepts(row.version, row.tokens, patch.tokens()))
}

/// How a person says that a second history is intended.
pub const NEW_HISTORY_OPTIONS: &str =
    "`--new-history`, `RunOptions::new_history`, or `history: separate` in bundle.yaml";

impl MatchingBundle {
    /// Refuses a bundle that the history in `schema` has under another name.
    pub fn under_another_name(&self, bundle: &Bundle, schema: &str) -> Error {
        let (own, MatchingBundle { name, .. }) = (bundle.name(), self);
        let message = format!(
            "the history has no patch of bundle `{own}`, and has its patches under the name `{name}`"
        );
        Error::new(ErrorKind::Identity, message).note(self.note(schema)).help(format!(
            "give the bundle its former name: `cargo migrate lock --rename {name}`, and the same in its bundle.yaml if that \
             has a `name`\n\
             or, if this is another bundle with equal first patches, whose patches must be applied too: {NEW_HISTORY_OPTIONS}"
        ))
    }

    /// Refuses a bundle that the history in another schema has.
    pub fn in_another_history(&self, bundle: &Bundle, ours: &str, theirs: &str) -> Error {
        let own = bundle.name();
        let (name, rename) = match self.name == *own {
            true => (String::new(), String::new()),
            false => (
                format!(", under the name `{}`", self.name),
                format!(", and give it that name again: `cargo migrate lock --rename {}`", self.name),
            ),
        };
        let message = format!(
            "the history `{ours}` has no patch of bundle `{own}`, and the history `{theirs}` has its patches{name}"
        );
        Error::new(ErrorKind::Identity, message).note(self.note(theirs)).help(format!(
            "name its schema: `--history-schema {theirs}`, or `RunOptions::history_schema`{rename}\n\
             or, if you want a second history, and the patches to be applied once more: {NEW_HISTORY_OPTIONS}"
        ))
    }

    fn note(&self, schema: &str) -> String {
        let MatchingBundle { name, shared: [first, last] } = self;
        match first == last {
            true => format!("`{schema}.patch` has `{first}` of `{name}`, and it is equal"),
            false => format!(
                "`{schema}.patch` has `{first}` to `{last}` of `{name}`, and all that both have are equal"
            ),
        }
    }
}
