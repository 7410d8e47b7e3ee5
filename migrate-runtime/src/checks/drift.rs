use std::fmt;

use embed_migrate_core::catalog::{Catalog, compare};
use embed_migrate_core::{Bundle, Error, ErrorKind, Result};

use crate::connection::source::{IntoSource, Source};
use crate::facts::bundle_facts;
use crate::history::records::bundle_record::BundleRecord;
use crate::history::snapshot::catalog_snapshot::{CatalogSnapshot, read_snapshot};
use crate::inspect::inspection::Inspection;
use crate::inspect::scope::Scope;
use crate::inspect::snapshot_text;
use crate::migrator::Migrator;
use crate::options::options::Options;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::report::drift::{Drift, SnapshotOrigin};
use crate::session::server_process::PROCESS_COLUMNS;
use crate::session::session::Session;

impl Migrator<'_> {
    /// In what the database differs from the bundles, and from what the last run left. Writes nothing and takes no
    /// lock; on a standby too.
    ///
    /// A run of a bundle with facts keeps the catalog as it leaves it, and this compares with that. The whole database
    /// counts, but for the history's schema, rows, and what extensions own: also what another program made in it since.
    ///
    /// ```no_run
    /// # async fn example(pool: &deadpool_postgres::Pool, migrations: &'static embed_migrate_core::Bundle) -> embed_migrate_core::Result<()> {
    /// use embed_migrate_runtime::Migrator;
    ///
    /// let drift = Migrator::new([migrations]).drift(pool).await?;
    /// if !drift.is_empty() {
    ///     eprintln!("{drift}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The history or the catalog can't be read; or the request itself is wrong.
    pub async fn drift<'s>(&self, source: impl IntoSource<'s>) -> Result<Drift> {
        self.check()?;
        let source = source.into_source();
        let session = self.looking(&source, DOING).await?;
        let drift = self.drift_on(&source, &session).await;
        session.end().await;
        drift
    }

    async fn drift_on(&self, source: &Source<'_>, session: &Session) -> Result<Drift> {
        let mut view = self.view(session).await?;
        view.refused(self);
        let patches = view.problems;
        let bundles = self.with_current_facts(&view.recorded);
        let bundles: Vec<&Bundle> = bundles.iter().collect();
        let facts = match bundle_facts::verify(source, session, &self.options, &bundles).await {
            Err(error) if error.kind() == ErrorKind::Connect => return Err(error),
            facts => facts.err().into_iter().flat_map(Error::split).map(advised).collect(),
        };
        let mut drift =
            Drift { patches, facts, catalog: Vec::new(), from_scratch: false, since: None, unknown: None };
        self.compare(source, session, &mut drift).await?;
        Ok(drift)
    }

    /// The bundles; without their facts if the database has later ones, since that change is no drift.
    fn with_current_facts(&self, recorded: &[BundleRecord]) -> Vec<Bundle> {
        let with_current = |bundle: &&Bundle| {
            let later = recorded.iter().any(|it| it.name == bundle.name() && it.has_later_facts(bundle));
            Bundle::clone(bundle).with(|parts| parts.facts = parts.facts.take().filter(|_| !later))
        };
        self.bundles.iter().map(with_current).collect()
    }

    /// Compares the catalog with the snapshot, and again if a run stored another snapshot meanwhile.
    async fn compare(&self, source: &Source<'_>, session: &Session, drift: &mut Drift) -> Result<()> {
        let (schema, options) = (self.schema(), &self.options);
        let mut found = read_snapshot(session, options, &schema).await?;
        loop {
            let before = match &found {
                None => Err(not_kept()),
                Some(kept) => comparable(kept).and_then(|()| snapshot_text::read(&kept.contents)),
            };
            drift.since = found.as_ref().map(SnapshotOrigin::from);
            let before = match before {
                Ok(before) => before,
                Err(unknown) => {
                    drift.unknown = Some(unknown);
                    return Ok(());
                }
            };
            let leave_out = [schema.name.as_str()];
            let scope = Scope { leave_out: &leave_out, ..Scope::default() };
            let after = inspected(source, session, options, &scope).await?;
            let again = read_snapshot(session, options, &schema).await?;
            if again == found {
                drift.catalog = compare(&before, &after);
                return Ok(());
            }
            found = again;
        }
    }
}

/// The catalog as it is, read as long as the server works on it: in a transaction, which behind a pooler tells what process
/// it has.
async fn inspected(
    source: &Source<'_>,
    session: &Session,
    options: &Options,
    scope: &Scope<'_>,
) -> Result<Catalog> {
    let own = |error| failure::own(DOING, error);
    let keep = session.keep_each(options);
    let begin = format!("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; {keep}SELECT {PROCESS_COLUMNS}");
    let mut inspection = Inspection::new(scope);
    loop {
        let begun = with_timeout(options, session.simple_query(&begin)).await.map_err(own)?;
        let watch = session.watch(source, options, None, &begun);
        let read = watch.over(inspection.read(session)).await.0.map_err(own)??;
        with_timeout(options, session.simple_query("ROLLBACK")).await.map_err(own)?;
        match read {
            Ok(catalog) => return Ok(catalog),
            Err(error) => inspection.bear(error)?,
        }
    }
}

const DOING: &str = "comparing the catalog";

fn advised(fact: Error) -> Error {
    match fact.advice() {
        Some(_) => fact,
        None => fact.help("deploy the facts, or undo the change"),
    }
}

impl From<&CatalogSnapshot> for SnapshotOrigin {
    fn from(kept: &CatalogSnapshot) -> SnapshotOrigin {
        SnapshotOrigin {
            at: kept.taken_at.clone(),
            by: kept.taken_by.clone(),
            application: kept.application.clone(),
            revision: kept.revision.clone(),
            server: kept.server,
        }
    }
}

const AGAIN: &str = "the next run that applies or deploys something stores a new snapshot; `cargo migrate deploy` does it now";

fn unknown(why: impl fmt::Display) -> Error {
    Error::new(ErrorKind::Unsupported, format!("the catalog was not compared: {why}"))
}

fn not_kept() -> Error {
    let message = "no snapshot to compare with; only bundles with facts store one";
    Error::new(ErrorKind::Unsupported, message)
}

/// Whether what was kept can be compared with what is.
fn comparable(kept: &CatalogSnapshot) -> Result<()> {
    let CatalogSnapshot { position, last, server, server_now, .. } = *kept;
    let (major, major_now) = (server / 10_000, server_now / 10_000);
    if major != major_now {
        let why = format!(
            "PostgreSQL {major} printed the stored catalog, and PostgreSQL {major_now} may print the same objects in another form"
        );
        return Err(unknown(why).help(AGAIN));
    }
    if kept.format != snapshot_text::format() {
        return Err(
            unknown("another release of migrate stored it, and reads catalogs in another way").help(AGAIN)
        );
    }
    if position != last {
        let applied = match last - position {
            1 => "1 patch was applied".to_owned(),
            many => format!("{many} patches were applied"),
        };
        let why = format!("{applied} since the last run that stored it");
        return Err(unknown(why)
            .note("a run is active, was interrupted, or had no bundle with facts")
            .help("repeat the interrupted run; `cargo migrate deploy` stores a new snapshot"));
    }
    Ok(())
}
