//! How a declared schema is read: `schema.sql`, or the files of the directory `schema` in the order of their names.

use std::borrow::Cow;

use super::fact_files::FACTS;
use super::lock_file::LockFile;
use super::source_directory::{SCHEMA, SourceDirectory, SourceFile};
use crate::bundle::DeclaredSchema;
use crate::error::{Error, ErrorKind, Place};
use crate::file::normalise;
use crate::patch::{Directives, FileRole, Kind, Version};
use crate::sql::{self, Rules, Script};

/// The file of a declared schema.
pub(crate) const SCHEMA_FILE: &str = "schema.sql";

/// The declared schema; `None` where the directory has none.
///
/// # Errors
///
/// Every problem that it has, each with its place; or the directory declares its schema twice.
pub(crate) fn read(source: &SourceDirectory<'_>, lock: &LockFile) -> Result<Option<DeclaredSchema>, Error> {
    let files = files(source)?;
    if files.is_empty() {
        return Ok(None);
    }
    if source.file(FACTS).is_some() {
        return Err(twice(&format!("`{FACTS}` and `{}`", files.first().map_or("", |(path, _)| path)))
            .at(Place::file(source.path(FACTS)))
            .help("declare the schema by facts or in plain SQL: remove one of them"));
    }
    let (mut texts, mut problems) = (Vec::new(), Vec::new());
    for (path, file) in files {
        match normalise(&source.path(&path), &file.bytes) {
            Ok(text) => texts.push((Cow::Owned(path), Cow::Owned(text.into_owned()))),
            Err(error) => problems.push(error),
        }
    }
    let schema = DeclaredSchema::new(texts, lock.schema);
    // What a patch was written from was checked then.
    if schema.has_changed() {
        problems.extend(schema.files.iter().flat_map(|(path, text)| check(&source.path(path), text)));
    }
    Error::all(problems).map_or(Ok(Some(schema)), Err)
}

fn files<'a>(source: &'a SourceDirectory<'_>) -> Result<Vec<(String, &'a SourceFile)>, Error> {
    let single = source.file(SCHEMA_FILE);
    let stray = source.schema.iter().find(|file| !file.name.ends_with(".sql") || file.name.contains('/'));
    if let Some(file) = stray {
        let path = format!("{SCHEMA}/{}", file.name);
        return Err(Error::new(ErrorKind::Name, format!("`{path}` is no part of a declared schema"))
            .at(Place::file(source.path(&path)))
            .help(format!("under `{SCHEMA}` are files `….sql`, which run in the order of their names")));
    }
    match single {
        Some(_) if !source.schema.is_empty() => Err(twice(&format!("`{SCHEMA_FILE}` and `{SCHEMA}`"))
            .at(Place::file(source.path(SCHEMA_FILE)))
            .help(format!("put all of it into `{SCHEMA_FILE}`, or into files of the directory `{SCHEMA}`"))),
        Some(file) => Ok(vec![(SCHEMA_FILE.to_owned(), file)]),
        None => Ok(source.schema.iter().map(|file| (format!("{SCHEMA}/{}", file.name), file)).collect()),
    }
}

fn twice(both: &str) -> Error {
    Error::new(ErrorKind::Duplicate, format!("the bundle declares its schema twice: {both}"))
}

/// The rules of a std patch on a database in which no table holds rows.
fn check(file: &str, text: &str) -> Vec<Error> {
    let directives = Directives::default();
    let (kind, role, version) = (Kind::Std, FileRole::Baseline, Version::new(0, 0, 0));
    let rules = Rules { file, text, kind, role, version, directives: &directives, locked: false };
    sql::check(&rules, &Script::parse(text))
}
