use migrate_core::{Bundle, Checksum, Result, Targets, Version, quote};
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::read::{rows, text};
use super::{Facts, Patches, Schema, array};

const RECORDS: &str = include_str!("records.sql");
const AHEAD: &str = include_str!("ahead.sql");

/// What the database records of one bundle as a whole: enough to see that nothing is to be done.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) name: String,
    /// `None` where there is no record of the bundle.
    patches: Option<Patches>,
    facts: Option<Facts>,
    /// What the rows up to the binary's head sum up to, where that was asked for and the recorded digest differs.
    applied: Option<Checksum>,
}

/// What keeps a stranger's view and policies from running functions with our rights. Servers know the second since their
/// minor releases of August 2024, and say 42704 before.
const UNPLANTED: &str =
    "SET LOCAL row_security = off; SET LOCAL restrict_nonsystem_relation_kind = 'view, foreign-table'";

/// All that an up-to-date boot asks. A connection's first statement pays for each catalog entry it touches, so it
/// calls no function, joins nothing and names no second table (docs/benchmarks.md says what each would take).
pub(crate) fn fast_query(schema: &Schema) -> String {
    format!("{UNPLANTED}; {}", records_query(schema))
}

/// The same with no guard of its own.
pub(crate) fn records_query(schema: &Schema) -> String {
    schema.fill(RECORDS)
}

/// The same, and where a recorded digest is not the binary's, the digest of the patches that the binary knows: for
/// a database that may be ahead of it.
pub(crate) fn ahead_query(schema: &Schema, bundles: &[&Bundle], targets: &Targets) -> String {
    let values: Vec<_> = bundles.iter().map(|bundle| wanted(bundle, targets)).collect();
    schema.fill(AHEAD).replace("{bundles}", &values.join(", "))
}

fn wanted(bundle: &Bundle, targets: &Targets) -> String {
    let (digest, head) = expected(bundle, targets);
    let [head, floor] =
        [head, bundle.floor()].map(|version| version.map_or("ARRAY[-1,0,0]".to_owned(), array));
    let (name, digest) = (quote::literal(&bundle.name), quote::literal(&digest.to_string()));
    format!("({name}, {digest}, {head}, {floor})")
}

/// The digest and head at which a bundle is up to date.
fn expected(bundle: &Bundle, targets: &Targets) -> (Checksum, Option<Version>) {
    match targets.get(bundle.name.as_ref()) {
        Some(target) => (bundle.digest_at(*target), Some(*target)),
        None => (bundle.digest, bundle.head()),
    }
}

/// Whether a bundle is to stop before its last patch: its facts, which stand on top of all of them, are left alone then.
pub(crate) fn stops_short(bundle: &Bundle, targets: &Targets) -> bool {
    targets.get(bundle.name.as_ref()).is_some_and(|target| Some(*target) < bundle.head())
}

impl Recorded {
    /// Reads the answer to either query, one a bundle.
    pub(crate) fn parse(messages: &[SimpleQueryMessage]) -> Result<Vec<Recorded>> {
        rows(messages).map(Recorded::of).collect()
    }

    /// Reads one row of it.
    pub(crate) fn of(row: &SimpleQueryRow) -> Result<Recorded> {
        let applied = row.try_get(3).ok().flatten();
        Ok(Recorded {
            name: text(row, 0)?.to_owned(),
            patches: row.get(1).map(str::parse).transpose()?,
            facts: row.get(2).map(str::parse).transpose()?,
            applied: applied.map(|digest| format!("sha256:{digest}").parse()).transpose()?,
        })
    }

    /// Whether the binary's bundle needs nothing: the same patches, or a compatible database ahead of them, and the
    /// same facts or later ones.
    pub(crate) fn is_current(&self, bundle: &Bundle, targets: &Targets) -> bool {
        (self.has_facts(bundle) || stops_short(bundle, targets)) && self.has_patches(bundle, targets)
    }

    /// Whether the database has the bundle's facts, or later ones.
    pub(crate) fn has_facts(&self, bundle: &Bundle) -> bool {
        let facts = self.facts();
        bundle.facts.as_ref().is_none_or(|revision| facts.is_some_and(|facts| facts.covers(revision)))
    }

    /// Whether the database has facts of a later revision than the bundle's.
    #[cfg(feature = "facts")]
    pub(crate) fn has_later_facts(&self, bundle: &Bundle) -> bool {
        let numbers =
            self.facts().map(|facts| facts.number).zip(bundle.facts.as_ref().map(|facts| facts.number));
        numbers.is_some_and(|(recorded, own)| recorded > own)
    }

    /// The facts that the database has.
    pub(crate) fn facts(&self) -> Option<Facts> {
        self.facts
    }

    /// Whether the database has the bundle's patches, or is ahead of them and admits the binary.
    pub(crate) fn has_patches(&self, bundle: &Bundle, targets: &Targets) -> bool {
        let (digest, target) = expected(bundle, targets);
        let (Some(patches), Some(target), Some(head)) = (&self.patches, target, bundle.head()) else {
            return bundle.head().is_none() && self.head().is_none();
        };
        let applied = || self.applied.is_some_and(|sum| bundle.history_digests(target).contains(&sum));
        let equal = patches.digest == digest || applied();
        equal && !patches.interrupted && patches.head >= Some(target) && patches.min_app.admits(head)
    }

    /// Whether the binary's bundle may need nothing, if only the patches that it knows are those that were applied.
    pub(crate) fn may_be_ahead(&self, bundle: &Bundle, targets: &Targets) -> bool {
        let (_, target) = expected(bundle, targets);
        let (Some(patches), Some(target), Some(head)) = (&self.patches, target, bundle.head()) else {
            return false;
        };
        !patches.interrupted && patches.head >= Some(target) && patches.min_app.admits(head)
    }

    /// Whether the database has patches after the bundle's last.
    pub(crate) fn is_ahead(&self, bundle: &Bundle) -> bool {
        self.patches.is_some_and(|patches| patches.head > bundle.head())
    }

    /// The highest version applied.
    pub(crate) fn head(&self) -> Option<Version> {
        self.patches?.head
    }
}
