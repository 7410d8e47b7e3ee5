//! Ways back: what `NAME.down.sql` leaves must be what its patch found.

use std::path::{Path, PathBuf};

use migrate_core::catalog::{Catalog, compare};
use migrate_core::{Bundle, Error, ErrorKind, Kind, Patch, Place, Result, quote, read_file};
use migrate_runtime::{Driver, Migrator, Settings};

use super::prove::{content, differing, is_column_order};
use super::way::{ordered, patches_of};

/// Applies the patches one by one; where one has a way back, goes it, and applies the patch again. The first that does
/// not lead back ends it.
///
/// # Errors
///
/// A patch is refused, which other ways tell better.
pub(super) async fn back_and_forth(bundles: &[&Bundle], settings: &Settings) -> Result<()> {
    let mut early: Vec<Bundle> = Vec::new();
    for bundle in ordered(bundles) {
        early.push(patches_of(bundle));
        let above = bundle.baseline.as_ref().map(|baseline| baseline.version);
        for patch in bundle.patches.iter().filter(|patch| Some(patch.version) > above) {
            let Some(down) = Down::of(bundle, patch)? else { continue };
            let migrator = Migrator::new(&early);
            if let Some(before) = bundle.patches.iter().rev().find(|other| other.version < patch.version) {
                migrator.clone().target(bundle.name.to_string(), before.version).run(settings).await?;
            } else if let Some(baseline) = above {
                migrator.clone().target(bundle.name.to_string(), baseline).run(settings).await?;
            }
            let found = content(settings).await?;
            migrator.target(bundle.name.to_string(), patch.version).run(settings).await?;
            let made = content(settings).await?;
            down.check(settings, &found, &made).await?;
        }
    }
    Ok(())
}

struct Down<'a> {
    bundle: &'a Bundle,
    patch: &'a Patch,
    path: PathBuf,
    text: String,
}

impl<'a> Down<'a> {
    /// The way back of a patch, where there is one; a release build does not know where its files are. That of a
    /// concurrent patch can't be tried in a transaction, and is passed over.
    fn of(bundle: &'a Bundle, patch: &'a Patch) -> Result<Option<Down<'a>>> {
        let Some(directory) = bundle.directory.as_deref().filter(|_| patch.kind != Kind::Concurrent) else {
            return Ok(None);
        };
        let stem = patch.file.rsplit_once('.').map_or(patch.file.as_ref(), |(stem, _)| stem);
        let path = Path::new(directory).join(format!("{stem}.down.sql"));
        let unreadable =
            |why: String| Error::new(ErrorKind::File, format!("`{}` can't be read: {why}", path.display()));
        match read_file(&path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Some(Down { bundle, patch, path, text })),
                Err(error) => Err(unreadable(error.to_string())),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    async fn check(&self, settings: &Settings, found: &Catalog, made: &Catalog) -> Result<()> {
        let (version, name) = (self.patch.version, &self.bundle.name);
        let back = format!("while proving: the way back of patch `{version}` of `{name}`");
        self.run(settings, &self.text, &self.path).await.map_err(|error| error.context(back.clone()))?;
        self.same(found, &content(settings).await?, &back)?;
        // Facts are deployed, not run; that they hold again is shown by the other ways.
        if self.patch.file.ends_with(".yaml") {
            return Ok(());
        }
        let again = format!("while proving: patch `{version}` of `{name}` again, after its way back");
        let path = self.path.with_file_name(self.patch.file.as_ref());
        self.run(settings, &self.patch.text, &path).await.map_err(|error| error.context(again.clone()))?;
        self.same(made, &content(settings).await?, &again)
    }

    fn same(&self, expected: &Catalog, now: &Catalog, context: &str) -> Result<()> {
        let differences = compare(expected, now).into_iter().filter(|one| !is_column_order(one));
        let place = Place::file(self.path.display().to_string());
        let errors = differences.map(|one| differing(one).at(place.clone()).context(context.to_owned()));
        Error::all(errors).map_or(Ok(()), Err)
    }

    /// Runs SQL in a transaction of its own.
    async fn run(&self, settings: &Settings, text: &str, path: &Path) -> Result<()> {
        let mut driver = Driver::connect(settings).await?;
        if let Some(schema) = &self.bundle.schema {
            let schema = quote::identifier(schema);
            driver.submit(&format!("SET LOCAL search_path = {schema}, public, pg_temp")).await?;
        }
        let place = Place::file(path.display().to_string());
        driver.submit(text).await.map_err(|error| error.at(place))?;
        driver.commit().await
    }
}
