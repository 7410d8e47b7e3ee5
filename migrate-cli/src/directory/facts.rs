use std::path::{Path, PathBuf};

use embed_migrate_core::facts::{self, Fact};
use embed_migrate_core::{Bundle, Error, ErrorKind, Result};

use super::label::label;
use super::package;
use crate::output::diagnostic::print_warning;

/// The first file of a directory's facts.
pub(crate) const FACTS: &str = "deploy.yaml";

/// The facts of a file, or of a directory's deploy.yaml, and their name: that of the file or of the bundle. Other bundles
/// are looked for beside the directory. `None` if a directory has no deploy.yaml.
///
/// # Errors
///
/// There is no such file; or all problems of the facts.
pub(crate) fn read(path: &Path) -> Result<(String, Option<Vec<Fact>>)> {
    let (file, what) = match path.is_dir() {
        true => (path.join(FACTS), bundle(path)?),
        false => (path.to_owned(), label(path)),
    };
    if path.is_dir() && !file.exists() {
        return Ok((what, None));
    }
    let (directory, name) = split(&file)?;
    let shown = label(&directory);
    let shown = if shown == "." { String::new() } else { shown };
    let files = facts::DirectoryFiles::new(&directory, shown);
    let files = match directory.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned)) {
        Some(beside) => files.with_bundles_in(beside),
        None => files,
    };
    let facts = facts::read(&files, &name)?;
    facts::warnings(&facts).iter().for_each(print_warning);
    Ok((what, Some(facts)))
}

/// As [`read`], but a directory must have facts.
///
/// # Errors
///
/// `Missing` if a directory has no deploy.yaml; or as [`read`].
pub(crate) fn required(path: &Path) -> Result<(String, Vec<Fact>)> {
    let (name, facts) = read(path)?;
    let facts =
        facts.ok_or_else(|| Error::new(ErrorKind::Missing, format!("`{}` has no {FACTS}", label(path))))?;
    Ok((name, facts))
}

/// The name of the bundle in a directory, or the directory's own.
fn bundle(directory: &Path) -> Result<String> {
    match Bundle::declared_name(directory)? {
        Some(name) => Ok(name),
        None => Ok(package::name(directory)?.unwrap_or_else(|| label(directory))),
    }
}

fn split(file: &Path) -> Result<(PathBuf, String)> {
    let name = file.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let name =
        name.ok_or_else(|| Error::new(ErrorKind::File, format!("`{}` is not a file", file.display())))?;
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok((directory.unwrap_or(Path::new(".")).to_owned(), name))
}
