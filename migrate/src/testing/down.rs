//! Ways back: what `NAME.down.sql` leaves must be what its patch found.

use std::ops::Range;

use migrate_core::catalog::{Catalog, compare};
use migrate_core::{Bundle, Error, ErrorKind, Kind, Patch, Place, Result, quote, statement_ranges};
use migrate_runtime::{Driver, Migrator, Settings};

use super::prove::{content, differing, is_column_order};
use super::way::{ordered, patches_of};

/// Applies the patches one by one; where one has a way back, goes it, and applies the patch again. Each that does not
/// lead back is told, and the next ones go on in another database.
///
/// # Errors
///
/// There is no database to be had. That a patch is refused, other ways tell better.
pub(super) async fn back_and_forth(
    bundles: &[&Bundle],
    mut database: impl AsyncFnMut() -> Result<Settings>,
) -> Result<Vec<Error>> {
    let mut settings = database().await?;
    let (mut early, mut problems): (Vec<Bundle>, Vec<Error>) = (Vec::new(), Vec::new());
    for bundle in ordered(bundles) {
        early.push(patches_of(bundle));
        let above = bundle.baseline.as_ref().map(|baseline| baseline.version);
        for patch in bundle.patches.iter().filter(|patch| Some(patch.version) > above) {
            let Some(down) = bundle.down(patch.version).map(|down| Down { bundle, patch, down }) else {
                continue;
            };
            if let Err(error) = down.prove(&early, &settings).await {
                // What is left there is nobody's state.
                settings = database().await?;
                let refused = !error.contexts().iter().any(|context| context.contains(PROVING));
                problems.extend(error.split());
                if refused {
                    return Ok(problems);
                }
            }
        }
    }
    Ok(problems)
}

const PROVING: &str = "while proving";

struct Down<'a> {
    bundle: &'a Bundle,
    patch: &'a Patch,
    down: &'a Patch,
}

impl Down<'_> {
    /// Brings a database to the patch, and goes back and forth there.
    async fn prove(&self, early: &[Bundle], settings: &Settings) -> Result<()> {
        let Down { bundle, patch, .. } = *self;
        let (name, migrator) = (bundle.name.to_string(), Migrator::new(early));
        let before =
            bundle.patches.iter().rev().map(|other| other.version).find(|other| *other < patch.version);
        let before = before.or(bundle.baseline.as_ref().map(|baseline| baseline.version));
        if let Some(before) = before {
            migrator.clone().target(name.clone(), before).run(settings).await?;
        }
        let found = content(settings).await?;
        migrator.target(name, patch.version).run(settings).await?;
        let made = content(settings).await?;
        self.check(settings, &found, &made).await
    }

    async fn check(&self, settings: &Settings, found: &Catalog, made: &Catalog) -> Result<()> {
        let (version, name) = (self.patch.version, &self.bundle.name);
        let back = format!("{PROVING}: the way back of patch `{version}` of `{name}`");
        self.run(settings, self.down).await.map_err(|error| error.context(back.clone()))?;
        self.same(found, &content(settings).await?, &back)?;
        // Facts are deployed, not run; that they hold again is shown by the other ways. Where nothing is to be undone, the
        // patch is still in.
        if self.patch.file.ends_with(".yaml") || statement_ranges(&self.down.text).is_empty() {
            return Ok(());
        }
        let again = format!("{PROVING}: patch `{version}` of `{name}` again, after its way back");
        self.run(settings, self.patch).await.map_err(|error| error.context(again.clone()))?;
        self.same(made, &content(settings).await?, &again)
    }

    fn same(&self, expected: &Catalog, now: &Catalog, context: &str) -> Result<()> {
        let differences = compare(expected, now).into_iter().filter(|one| !is_column_order(one));
        let place = self.place(self.down);
        let errors = differences.map(|one| differing(one).at(place.clone()).context(context.to_owned()));
        Error::all(errors).map_or(Ok(()), Err)
    }

    fn place(&self, patch: &Patch) -> Place {
        Place::file(match self.bundle.directory.as_deref() {
            Some(directory) => format!("{directory}/{}", patch.file),
            None => patch.file.to_string(),
        })
    }

    /// Runs SQL in a transaction of its own; that of a concurrent patch statement by statement, as a run does.
    async fn run(&self, settings: &Settings, patch: &Patch) -> Result<()> {
        let path = self
            .bundle
            .schema
            .as_deref()
            .map(|schema| format!("search_path = {}, public, pg_temp", quote::identifier(schema)));
        let text = |range: Range<usize>| (range.start, patch.text.get(range).unwrap_or_default().to_owned());
        if patch.kind == Kind::Concurrent {
            let statements = patch.outline.statements().map(|statement| statement.range);
            let path = path.map(|path| (0, format!("SET {path}")));
            return self.one_by_one(settings, patch, path.into_iter().chain(statements.map(text))).await;
        }
        if let Some(level) = patch.directives()?.isolation {
            let path = path.map_or(String::new(), |path| format!("SET LOCAL {path}; "));
            let begin = (0, format!("BEGIN ISOLATION LEVEL {level}; {path}"));
            let texts = statement_ranges(&patch.text).into_iter().map(text);
            let texts = [begin].into_iter().chain(texts).chain([(0, "COMMIT".to_owned())]);
            return self.one_by_one(settings, patch, texts).await;
        }
        let mut driver = Driver::connect(settings).await?;
        if let Some(path) = path {
            driver.submit(&format!("SET LOCAL {path}")).await?;
        }
        driver.submit_file(&self.place(patch).file, &patch.text).await?;
        driver.commit().await.map_err(|error| error.at(self.place(patch)))
    }

    async fn one_by_one(
        &self,
        settings: &Settings,
        patch: &Patch,
        texts: impl IntoIterator<Item = (usize, String)>,
    ) -> Result<()> {
        let link = settings.connect().await?;
        for (offset, sql) in texts {
            link.client.batch_execute(&sql).await.map_err(|error| {
                let why = error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
                Error::new(ErrorKind::Sql, why)
                    .at(Place::offset(self.place(patch).file, &patch.text, offset))
                    .context(format!("while executing: {}", sql.trim()))
                    .caused_by(error)
            })?;
        }
        Ok(())
    }
}
