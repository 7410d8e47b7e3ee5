use std::collections::BTreeMap;
use std::fmt;

use embed_migrate_core::catalog::{CatalogObject, Difference};
use embed_migrate_core::{Error, Result, escape_controls, redact};

/// The differences of a database from its bundles, and from the snapshot of the last run.
///
/// Its `Display` is the whole report.
#[derive(Debug)]
#[non_exhaustive]
pub struct Drift {
    /// Patches that were edited after they were applied, that are missing from the binary, and all else for which a
    /// run would be refused. Patches that are only pending are none.
    pub patches: Vec<Error>,
    /// Facts that do not hold, each with what would fix it.
    pub facts: Vec<Error>,
    /// What was changed beside the runs, each with the SQL that takes it back.
    pub catalog: Vec<Difference>,
    /// Whether the catalog was compared with what the bundles make, instead of with what the last run left.
    #[doc(hidden)]
    pub from_scratch: bool,
    /// The run that left the catalog that was compared with; `None` if no run stored one.
    #[doc(hidden)]
    pub since: Option<SnapshotOrigin>,
    /// Why the catalog was not compared, if it was not; then nothing is known of it.
    pub unknown: Option<Error>,
}

/// Which run left a catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SnapshotOrigin {
    /// When, as `2026-11-21T15:04:05.123456Z`, by the server's clock.
    pub at: String,
    /// The role that it connected as.
    pub by: String,
    /// The application's name.
    pub application: Option<String>,
    /// The application's git revision.
    pub revision: Option<String>,
    /// `server_version_num` then, such as 150018.
    pub server: u32,
}

impl Drift {
    /// Whether there is none, as far as is known: see [`Drift::unknown`].
    pub fn is_empty(&self) -> bool {
        self.patches.is_empty() && self.facts.is_empty() && self.catalog.is_empty()
    }

    /// The same, with the differences of the catalog from what the bundles make, or with why they are not known.
    #[doc(hidden)]
    pub fn from_scratch(self, differences: Result<Vec<Difference>>) -> Drift {
        let (catalog, unknown) = match differences {
            Ok(catalog) => (catalog, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        Drift { catalog, unknown, since: None, from_scratch: true, ..self }
    }

    /// The same with only those changes of the catalog that are in one of these schemas, for a database in which other
    /// programs have schemas of their own. What is in no schema, such as an extension or a publication, is left out.
    pub fn within(mut self, schemas: &[impl AsRef<str>]) -> Drift {
        let is_in = |name: &str, schema: &str| {
            name.strip_prefix(schema).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.catalog.retain(|difference| {
            let CatalogObject { kind, name, .. } = &difference.object;
            let in_a_schema = !IN_NONE.contains(&kind.as_str());
            in_a_schema && schemas.iter().any(|schema| is_in(name, schema.as_ref()))
        });
        self
    }
}

/// The kinds of objects that are in no schema.
pub(crate) const IN_NONE: [&str; 5] =
    ["extension", "foreign data wrapper", "server", "publication", "event trigger"];

impl fmt::Display for SnapshotOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SnapshotOrigin { at, by, application, revision, .. } = self;
        f.write_str("left")?;
        if let Some(application) = application {
            write!(f, " by {}", escape_controls(application))?;
        }
        if let Some(revision) = revision {
            write!(f, " (revision {})", escape_controls(revision))?;
        }
        write!(f, " as {} at {}", escape_controls(by), escape_controls(at))
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.patches.iter().chain(&self.facts).map(Error::to_string));
        if !self.catalog.is_empty() {
            let since = self.since.as_ref().map(|since| format!("\n  {since}")).unwrap_or_default();
            let count = match self.catalog.len() {
                1 => "1 difference".to_owned(),
                count => format!("{count} differences"),
            };
            let what = if self.from_scratch { "the bundles make" } else { "the last run left" };
            parts.push(format!("the catalog is not what {what}: {count}{since}"));
        }
        parts.extend(self.catalog.iter().take(SHOWN).map(difference));
        parts.extend(more(self.catalog.get(SHOWN..).unwrap_or_default()));
        parts.extend(self.unknown.iter().map(Error::to_string));
        if self.is_empty() {
            parts.insert(0, "no drift".to_owned());
        }
        f.write_str(&parts.join("\n\n"))
    }
}

/// A difference, and under it the SQL that takes it back, ready to be copied.
pub(crate) fn difference(difference: &Difference) -> String {
    let fix: Vec<String> =
        difference.fix.iter().map(|statement| format!("\n{};", redact(statement))).collect();
    let fix = match fix.is_empty() {
        true if difference.done_above => "\n  the SQL above takes this back too".to_owned(),
        true => "\n  help: no SQL takes this back".to_owned(),
        false => fix.concat(),
    };
    let lines = difference.lines().map(|lines| format!("\n{lines}").replace('\n', "\n  "));
    let lines = lines.as_deref().map(redact).unwrap_or_default();
    escape_controls(&format!("{}{lines}{fix}", redact(&difference.to_string()))).into_owned()
}

/// How many differences are shown; [`Drift::catalog`] has all.
pub(crate) const SHOWN: usize = 100;

/// Those that are not shown, by the kinds of their objects.
pub(crate) fn more(differences: &[Difference]) -> Option<String> {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    differences.iter().for_each(|one| *kinds.entry(&one.object.kind).or_default() += 1);
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
    let count = differences.len();
    (count > 0).then(|| format!("and {count} more differences ({}): the JSON has all", kinds.join(", ")))
}
