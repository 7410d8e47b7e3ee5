use embed_migrate_core::catalog::{Catalog, Difference, DifferenceKind};
use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::{Scope, Settings, inspect};

/// The catalog of a database, without the history.
pub(super) async fn content(settings: &Settings) -> Result<Catalog> {
    let scope = Scope { leave_out: &["migrate"], ..Scope::default() };
    inspect(&settings.connect().await?.client, &scope).await
}

/// Whether two tables differ only in the order of their columns.
pub(super) fn is_column_order(difference: &Difference) -> bool {
    matches!(difference.kind, DifferenceKind::Changed { aspect: "order of columns", .. })
}

/// The error for a difference between two databases that must be alike.
pub(super) fn difference_error(difference: Difference) -> Error {
    let error = Error::new(ErrorKind::Drift, difference.to_string());
    let error = difference.lines().into_iter().fold(error, Error::note);
    error.help("all methods must give the same catalog: put the missing object into a patch, or into a fact")
}
