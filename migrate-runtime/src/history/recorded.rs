use migrate_core::{Bundle, Checksum, MinApp, Result, Targets, Version, quote};
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::read::{min_app, rows, text};
use super::{Schema, array};

const FAST: &str = include_str!("fast.sql");

/// What the database records of one bundle as a whole: enough to see that nothing is to be done.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) name: String,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    digest: Checksum,
    head: Version,
    min_app: MinApp,
    interrupted: bool,
    /// The digest of what was applied up to the binary's head, computed where the recorded one differs.
    applied: Option<String>,
}

/// One query for all bundles, with what the binary expects of each: one round trip, and on an up-to-date
/// database no row but one a bundle.
pub(crate) fn fast_query(schema: &Schema, bundles: &[&Bundle], targets: &Targets) -> String {
    let values: Vec<_> = bundles.iter().map(|bundle| wanted(bundle, targets)).collect();
    schema.fill(FAST).replace("{bundles}", &values.join(", "))
}

fn wanted(bundle: &Bundle, targets: &Targets) -> String {
    let (digest, head) = expected(bundle, targets);
    let head = head.map_or("ARRAY[-1,0,0]".to_owned(), array);
    format!("({}, {}, {head})", quote::literal(&bundle.name), quote::literal(&digest.to_string()))
}

/// The digest and head at which a bundle is up to date.
fn expected(bundle: &Bundle, targets: &Targets) -> (Checksum, Option<Version>) {
    match targets.get(bundle.name.as_ref()) {
        Some(target) => (bundle.digest_at(*target), Some(*target)),
        None => (bundle.digest, bundle.head()),
    }
}

impl Recorded {
    /// Reads the answer, one a bundle.
    pub(crate) fn parse(messages: &[SimpleQueryMessage]) -> Result<Vec<Recorded>> {
        let parse = |row: &SimpleQueryRow| {
            let name = text(row, 0)?.to_owned();
            if row.get(1).is_none() {
                return Ok(Recorded { name, state: None });
            }
            let state = State {
                digest: text(row, 1)?.parse()?,
                head: text(row, 2)?.parse()?,
                min_app: min_app(row.get(3))?,
                interrupted: row.get(4) == Some("t"),
                applied: row.get(5).map(|digest| format!("sha256:{digest}")),
            };
            Ok(Recorded { name, state: Some(state) })
        };
        rows(messages).map(parse).collect()
    }

    /// Whether the binary's bundle needs nothing: the same patches, or a compatible database ahead of them.
    pub(crate) fn is_current(&self, bundle: &Bundle, targets: &Targets) -> bool {
        let (digest, target) = expected(bundle, targets);
        let (Some(state), Some(target), Some(head)) = (&self.state, target, bundle.head()) else {
            return self.state.is_none() && bundle.head().is_none();
        };
        let equal = state.digest == digest || state.applied.as_deref() == Some(&digest.to_string());
        equal && !state.interrupted && state.head >= target && state.min_app.admits(head)
    }

    /// Whether the database has patches after the bundle's last.
    pub(crate) fn is_ahead(&self, bundle: &Bundle) -> bool {
        self.state.as_ref().is_some_and(|state| Some(state.head) > bundle.head())
    }

    /// The highest version applied.
    pub(crate) fn head(&self) -> Option<Version> {
        self.state.as_ref().map(|state| state.head)
    }
}
