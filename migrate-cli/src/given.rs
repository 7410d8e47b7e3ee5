use std::path::{Path, PathBuf};

use migrate_core::facts::{self, Fact};
use migrate_core::{Error, ErrorKind, Result};

use crate::directory::label;
use crate::print;

/// The file that a directory's facts begin with.
pub(crate) const FACTS: &str = "deploy.yaml";

/// The facts of a file, or of a directory's deploy.yaml, and what to call them. Other bundles are looked for beside
/// the directory.
///
/// # Errors
///
/// There is no such file, or every problem that the facts have.
pub(crate) fn read(path: &Path) -> Result<(String, Vec<Fact>)> {
    let file = if path.is_dir() { path.join(FACTS) } else { path.to_owned() };
    let (directory, name) = split(&file)?;
    let shown = label(&directory);
    let shown = if shown == "." { String::new() } else { shown };
    let files = facts::Directory::new(&directory, shown);
    let files = match directory.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned)) {
        Some(beside) => files.with_bundles_in(beside),
        None => files,
    };
    let facts = facts::read(&files, &name)?;
    facts::warnings(&facts).iter().for_each(|warning| print::progress(format_args!("warning: {warning}\n")));
    Ok((label(&file), facts))
}

fn split(file: &Path) -> Result<(PathBuf, String)> {
    let name = file.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let name = name.ok_or_else(|| Error::new(ErrorKind::File, format!("`{}` is no file", file.display())))?;
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok((directory.unwrap_or(Path::new(".")).to_owned(), name))
}
