//! `NAME.down.sql` must leave the database as its patch found it.

use std::ops::Range;

use embed_migrate_core::catalog::{Catalog, compare};
use embed_migrate_core::{Bundle, Error, ErrorKind, Kind, Patch, Place, Result, quote, statement_ranges};
use embed_migrate_runtime::{Driver, Migrator, Settings};

use super::catalog_comparison::{content, difference_error, is_column_order};
use super::setup_method::{ordered, patches_of};

/// Applies the patches one by one. If a patch has a way back, runs it, and applies the patch again. A way back that
/// leaves a difference is reported, and the next patches go on in another database.
///
/// # Errors
///
/// No database could be made. A refused patch ends the proof here: the setup methods report it.
pub(super) async fn back_and_forth(
    bundles: &[&Bundle],
    mut database: impl AsyncFnMut() -> Result<Settings>,
) -> Result<Vec<Error>> {
    let mut settings = database().await?;
    let (mut early, mut problems): (Vec<Bundle>, Vec<Error>) = (Vec::new(), Vec::new());
    for bundle in ordered(bundles) {
        early.push(patches_of(bundle));
        let above = bundle.baseline().map(|baseline| baseline.version());
        for patch in bundle.patches().iter().filter(|patch| Some(patch.version()) > above) {
            let Some(down) = bundle.down(patch.version()).map(|down| DownPatch { bundle, patch, down })
            else {
                continue;
            };
            if let Err(error) = down.prove(&early, &settings).await {
                // The database is in no defined state now.
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

struct DownPatch<'a> {
    bundle: &'a Bundle,
    patch: &'a Patch,
    down: &'a Patch,
}

impl DownPatch<'_> {
    /// Migrates a database up to the patch, runs the way back, and applies the patch again.
    async fn prove(&self, early: &[Bundle], settings: &Settings) -> Result<()> {
        let DownPatch { bundle, patch, .. } = *self;
        let (name, migrator) = (bundle.name().to_string(), Migrator::new(early));
        let before =
            bundle.patches().iter().rev().map(|other| other.version()).find(|other| *other < patch.version());
        let before = before.or(bundle.baseline().map(|baseline| baseline.version()));
        if let Some(before) = before {
            migrator
                .clone()
                .with(|options| {
                    options.targets.insert(name.clone(), before);
                })
                .run(settings)
                .await?;
        }
        let found = content(settings).await?;
        migrator
            .with(|options| {
                options.targets.insert(name, patch.version());
            })
            .run(settings)
            .await?;
        let created = content(settings).await?;
        self.check(settings, &found, &created).await
    }

    async fn check(&self, settings: &Settings, found: &Catalog, created: &Catalog) -> Result<()> {
        let (version, name) = (self.patch.version(), self.bundle.name());
        let back = format!("{PROVING}: the way back of patch `{version}` of `{name}`");
        self.run(settings, self.down).await.map_err(|error| error.context(back.clone()))?;
        self.same(found, &content(settings).await?, &back)?;
        // Facts are deployed, not run, and the setup methods prove that they hold. If the way back is empty, the patch is
        // still applied.
        if self.patch.file().ends_with(".yaml") || statement_ranges(self.down.text()).is_empty() {
            return Ok(());
        }
        let again = format!("{PROVING}: patch `{version}` of `{name}` again, after its way back");
        self.run(settings, self.patch).await.map_err(|error| error.context(again.clone()))?;
        self.same(created, &content(settings).await?, &again)
    }

    fn same(&self, expected: &Catalog, now: &Catalog, context: &str) -> Result<()> {
        let differences = compare(expected, now).into_iter().filter(|one| !is_column_order(one));
        let place = self.place(self.down);
        let errors =
            differences.map(|one| difference_error(one).at(place.clone()).context(context.to_owned()));
        Error::all(errors).map_or(Ok(()), Err)
    }

    fn place(&self, patch: &Patch) -> Place {
        Place::file(match self.bundle.directory() {
            Some(directory) => format!("{directory}/{}", patch.file()),
            None => patch.file().to_string(),
        })
    }

    /// Runs SQL in one transaction, or that of a concurrent patch statement by statement, as a run does.
    async fn run(&self, settings: &Settings, patch: &Patch) -> Result<()> {
        let path = self
            .bundle
            .schema()
            .map(|schema| format!("search_path = {}, public, pg_temp", quote::identifier(schema)));
        let text =
            |range: Range<usize>| (range.start, patch.text().get(range).unwrap_or_default().to_owned());
        if patch.kind() == Kind::Concurrent {
            let statements = patch.outline().statements().map(|statement| statement.range);
            let path = path.map(|path| (0, format!("SET {path}")));
            return self.one_by_one(settings, patch, path.into_iter().chain(statements.map(text))).await;
        }
        if let Some(level) = patch.directives()?.isolation {
            let path = path.map_or(String::new(), |path| format!("SET LOCAL {path}; "));
            let begin = (0, format!("BEGIN ISOLATION LEVEL {level}; {path}"));
            let texts = statement_ranges(patch.text()).into_iter().map(text);
            let texts = [begin].into_iter().chain(texts).chain([(0, "COMMIT".to_owned())]);
            return self.one_by_one(settings, patch, texts).await;
        }
        let mut driver = Driver::connect(settings).await?;
        if let Some(path) = path {
            driver.submit(&format!("SET LOCAL {path}")).await?;
        }
        driver.submit_file(self.place(patch).path(), patch.text()).await?;
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
                    .at(Place::offset(self.place(patch).path(), patch.text(), offset))
                    .context(format!("while executing: {}", sql.trim()))
                    .caused_by(error)
            })?;
        }
        Ok(())
    }
}
