use migrate_core::{Bundle, Checksum, MinApp, Result, Targets, Version, quote};
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::read::{min_app, rows, text};
use super::{Facts, Schema, array};

const FAST: &str = include_str!("fast.sql");
const AHEAD: &str = include_str!("ahead.sql");

/// What the database records of one bundle as a whole: enough to see that nothing is to be done.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) name: String,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    digest: Checksum,
    /// `None` where the bundle has facts and no patches.
    head: Option<Version>,
    facts: Option<Facts>,
    min_app: MinApp,
    interrupted: bool,
    /// What the rows up to the binary's head sum up to, where that was asked for and the recorded digest differs.
    applied: Option<Checksum>,
}

/// All that an up-to-date boot asks. A connection's first statement pays for each catalog entry it touches, so it
/// calls no function, joins nothing and names no second table: half a millisecond instead of one and a half.
pub(crate) fn fast_query(schema: &Schema) -> String {
    schema.fill(FAST)
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
        let parse = |row: &SimpleQueryRow| {
            let name = text(row, 0)?.to_owned();
            if row.get(1).is_none() {
                return Ok(Recorded { name, state: None });
            }
            let applied = row.try_get(6).ok().flatten();
            let state = State {
                digest: text(row, 1)?.parse()?,
                head: row.get(2).map(str::parse).transpose()?,
                facts: row.get(5).map(str::parse).transpose()?,
                min_app: min_app(row.get(3))?,
                interrupted: row.get(4) == Some("t"),
                applied: applied.map(|digest| format!("sha256:{digest}").parse()).transpose()?,
            };
            Ok(Recorded { name, state: Some(state) })
        };
        rows(messages).map(parse).collect()
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
        self.state.as_ref()?.facts
    }

    /// Whether the database has the bundle's patches, or is ahead of them and admits the binary.
    pub(crate) fn has_patches(&self, bundle: &Bundle, targets: &Targets) -> bool {
        let (digest, target) = expected(bundle, targets);
        let (Some(state), Some(target), Some(head)) = (&self.state, target, bundle.head()) else {
            return bundle.head().is_none() && self.head().is_none();
        };
        let applied = || state.applied.is_some_and(|sum| bundle.history_digests(target).contains(&sum));
        let equal = state.digest == digest || applied();
        equal && !state.interrupted && state.head >= Some(target) && state.min_app.admits(head)
    }

    /// Whether the binary's bundle may need nothing, if only the patches that it knows are those that were applied.
    pub(crate) fn may_be_ahead(&self, bundle: &Bundle, targets: &Targets) -> bool {
        let (_, target) = expected(bundle, targets);
        let (Some(state), Some(target), Some(head)) = (&self.state, target, bundle.head()) else {
            return false;
        };
        !state.interrupted && state.head >= Some(target) && state.min_app.admits(head)
    }

    /// Whether the database has patches after the bundle's last.
    pub(crate) fn is_ahead(&self, bundle: &Bundle) -> bool {
        self.state.as_ref().is_some_and(|state| state.head > bundle.head())
    }

    /// The highest version applied.
    pub(crate) fn head(&self) -> Option<Version> {
        self.state.as_ref()?.head
    }
}
