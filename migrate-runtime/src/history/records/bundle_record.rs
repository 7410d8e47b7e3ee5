use embed_migrate_core::{Bundle, Checksum, Error, ErrorKind, Result, Targets, Version, quote};
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::facts_record::FactsRecord;
use super::patches_record::PatchesRecord;
use crate::connection::rows::rows;
use crate::history::row::text;
use crate::history::schema::{HistorySchema, array};
use crate::options::options::Options;
use crate::trust::trusted_roles::is_trusted;

const FAST: &str = include_str!("fast.sql");
const RECORDS: &str = include_str!("records.sql");
const AHEAD: &str = include_str!("ahead.sql");

/// What the database records of one bundle as a whole: enough to see that nothing is to be done.
#[derive(Debug)]
pub(crate) struct BundleRecord {
    pub(crate) name: String,
    /// `None` if there is no record of the bundle.
    patches: Option<PatchesRecord>,
    facts: Option<FactsRecord>,
    /// The digest of the rows up to the binary's head, if the query asked for it and the recorded digest differs.
    applied: Option<Checksum>,
    /// The last row of the history when the record was written, if the query asked for it.
    pub(crate) position: Option<i64>,
}

/// Keeps an untrusted role's view and policies from running functions with our rights. Servers know the second setting
/// since their minor releases of August 2024, and answer 42704 before.
const SAFE_READ: &str =
    "SET LOCAL row_security = off; SET LOCAL restrict_nonsystem_relation_kind = 'view, foreign-table'";

/// All that an up-to-date boot asks: the records, and in the same statement who owns the table that they come from, since
/// between two the table could be exchanged. A connection's first statement pays for each catalog entry it touches, so it
/// asks for the owner's name only (docs/benchmarks.md says what else would take); [`is_vouched_for`] says whether that is enough.
pub(crate) fn fast_query(schema: &HistorySchema) -> String {
    format!("{SAFE_READ}; {}", schema.fill(FAST))
}

/// Whether all records that [`fast_query`] found are in a table whose owner is known to be trusted by the name alone. Of
/// others, such as a superuser or the database's owner, only the server can say whether they are.
pub(crate) fn is_vouched_for(messages: &[SimpleQueryMessage], options: &Options) -> bool {
    let is_known = |row: &SimpleQueryRow| {
        let [owner, current, session] = [3, 4, 5].map(|column| row.try_get(column).ok().flatten());
        let mut named = options.role.iter().chain(&options.trust).map(|name| Some(name.as_str()));
        owner.is_some() && (owner == current || owner == session || named.any(|name| name == owner))
    };
    rows(messages).all(is_known)
}

/// The records, and whether the table that they come from is a trusted role's; with no guard of its own.
pub(crate) fn records_query(schema: &HistorySchema, options: &Options) -> String {
    schema.fill(RECORDS).replace("{trusted}", &is_trusted(options, "c.relowner"))
}

/// The same, and if a recorded digest is not the binary's, the digest of the patches that the binary knows: for
/// a database that may be ahead of it.
pub(crate) fn ahead_query(schema: &HistorySchema, bundles: &[&Bundle], options: &Options) -> String {
    let values: Vec<_> = bundles.iter().map(|bundle| wanted(bundle, &options.targets)).collect();
    let sql = schema.fill(AHEAD).replace("{trusted}", &is_trusted(options, "c.relowner"));
    sql.replace("{bundles}", &values.join(", "))
}

fn wanted(bundle: &Bundle, targets: &Targets) -> String {
    let (digest, head) = expected(bundle, targets);
    let [head, floor] =
        [head, bundle.floor()].map(|version| version.map_or("ARRAY[-1,0,0]".to_owned(), array));
    let (name, digest) = (quote::literal(bundle.name()), quote::literal(&digest.to_string()));
    format!("({name}, {digest}, {head}, {floor})")
}

/// The digest and head at which a bundle is up to date.
fn expected(bundle: &Bundle, targets: &Targets) -> (Checksum, Option<Version>) {
    match targets.get(bundle.name()) {
        Some(target) => (bundle.digest_at(*target), Some(*target)),
        None => (bundle.digest(), bundle.head()),
    }
}

/// Whether a bundle is to stop before its last patch. Its facts follow all patches, so they are left alone then.
pub(crate) fn stops_short(bundle: &Bundle, targets: &Targets) -> bool {
    targets.get(bundle.name()).is_some_and(|target| Some(*target) < bundle.head())
}

impl BundleRecord {
    /// Reads the answer to one of the queries, one a bundle.
    pub(crate) fn parse(messages: &[SimpleQueryMessage]) -> Result<Vec<BundleRecord>> {
        rows(messages).map(BundleRecord::of).collect()
    }

    /// Reads one row of it.
    pub(crate) fn of(row: &SimpleQueryRow) -> Result<BundleRecord> {
        let named = |column: &str| row.try_get(column).ok().flatten();
        let is_asked = row.columns().iter().any(|column| column.name() == "trusted");
        if is_asked && row.get(1).is_some() && named("trusted") != Some("t") {
            return Err(exchanged());
        }
        let applied = named("applied");
        Ok(BundleRecord {
            name: text(row, 0)?.to_owned(),
            position: named("position").and_then(|position| position.parse().ok()),
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
        bundle.facts().is_none_or(|revision| facts.is_some_and(|facts| facts.covers(revision)))
    }

    /// Whether the database has facts of a later revision than the bundle's.
    #[cfg(feature = "facts")]
    pub(crate) fn has_later_facts(&self, bundle: &Bundle) -> bool {
        let numbers = self.facts().map(|facts| facts.number).zip(bundle.facts().map(|facts| facts.number()));
        numbers.is_some_and(|(recorded, own)| recorded > own)
    }

    /// Which patches the database has.
    pub(crate) fn patches(&self) -> Option<&PatchesRecord> {
        self.patches.as_ref()
    }

    /// The facts that the database has.
    pub(crate) fn facts(&self) -> Option<FactsRecord> {
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

/// The check before the question found a trusted role's table, or none, and the question another one.
fn exchanged() -> Error {
    Error::new(
        ErrorKind::Permission,
        "the history's table `bundle` was exchanged, while it was read, for one of a role that is not trusted",
    )
    .help("find out who may make schemas in this database (`\\dn+` and `\\l` in psql), and boot again")
}
