use std::collections::BTreeSet;

use embed_migrate_core::autogenerate::Ownership;
use embed_migrate_core::catalog::{CatalogObject, compare};
use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::{Migrator, PatchState, Settings};

use super::diff_bundle::DiffBundle;
use super::schemas::Schemas;

/// Refuses a database that lacks patches of the bundles.
pub(crate) async fn has_all_patches(bundle: &DiffBundle, settings: &Settings, history: &str) -> Result<()> {
    let bundles = bundle.before();
    if bundles.iter().all(|bundle| bundle.head().is_none()) {
        return Ok(());
    }
    let status = Migrator::new(&bundles)
        .with(|options| options.history_schema = history.to_owned())
        .status(settings)
        .await?;
    if let Some(problem) = status.problem {
        return Err(problem);
    }
    let pending = status.patches.iter().filter(|patch| patch.state != PatchState::Applied);
    let error = pending.fold(None, |error: Option<Error>, patch| {
        let error = error
            .unwrap_or_else(|| Error::new(ErrorKind::Drift, "the database is not where the patches end"));
        Some(error.note(format!(
            "{} {} is {} ({})",
            patch.bundle,
            patch.version,
            patch.state.as_str(),
            patch.file
        )))
    });
    match error {
        None => Ok(()),
        Some(error) => {
            Err(error.help("apply what is pending with `cargo migrate up --all`, then run this again"))
        }
    }
}

/// Refuses a database in which something that patches made was changed by hand.
pub(crate) fn has_no_drift(schemas: &Schemas, ownership: &Ownership) -> Result<()> {
    // What is declared and not yet in a patch may be there: facts are deployed at a boot.
    let wanted: BTreeSet<CatalogObject> =
        compare(&schemas.made, &schemas.to).into_iter().map(|difference| difference.object).collect();
    let found = compare(&schemas.made, &schemas.from).into_iter().filter(|difference| {
        !difference.is_column_order() && ownership.is_own(difference) && !wanted.contains(&difference.object)
    });
    let error = found.fold(None, |error: Option<Error>, difference| {
        let error = error
            .unwrap_or_else(|| Error::new(ErrorKind::Drift, "the database is not what the patches make"));
        Some(error.note(difference.to_string()))
    });
    match error {
        None => Ok(()),
        Some(error) => Err(error
            .help("take the changes back, or put them into a patch: `cargo migrate drift` prints the SQL")),
    }
}
