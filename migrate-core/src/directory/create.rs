//! How the directory `create` is read: directories in the order of their numbers, and the files of each in the order that its
//! `order.json` says, or else that of their names.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::lock_file::LockFile;
use super::source_directory::{SourceDirectory, SourceFile};
use crate::bundle::{Bundle, CreateTree};
use crate::error::{Error, ErrorKind, Place};
use crate::facts;
use crate::file::normalise;
use crate::patch::{Directives, FileRole, Kind, Version, number};
use crate::sql::{self, Rules, Script};

const ORDER: &str = "order.json";

const FORM: &str = "`create` contains directories with a number, such as `create/1-tables`. Each contains files `….sql`, and \
may contain an `order.json` with their order: `{\"1\": \"study.sql\", \"2\": \"visit.sql\"}`";

/// The create tree of a bundle whose patches are read; `None` if its directory has none.
///
/// # Errors
///
/// Every problem that it has, each with its place.
pub(crate) fn read(
    source: &SourceDirectory<'_>,
    bundle: &Bundle,
    lock: &LockFile,
) -> Result<Option<CreateTree>, Error> {
    if source.tree.is_empty() {
        return Ok(None);
    }
    let mut problems = Vec::new();
    let files = texts(source, &mut problems);
    if let Some(error) = Error::all(problems) {
        return Err(error);
    }
    let Some(head) = bundle.head() else {
        return Err(Error::new(ErrorKind::Missing, "a create tree replaces patches, and there are none")
            .at(Place::file(source.path("create")))
            .help("write the patches as well: databases that are there already need them"));
    };
    let sum = |version: Version| CreateTree::sum(&files, bundle.digest_at(version));
    let locked = lock.create.filter(|(version, digest)| bundle.has(*version) && sum(*version) == *digest);
    let version = locked.map_or(head, |(version, _)| version);
    if bundle.baseline().is_some_and(|baseline| version < baseline.version()) {
        return Err(Error::new(
            ErrorKind::Late,
            format!("the create tree ends at `{version}`, before the baseline"),
        )
        .at(Place::file(source.path("create")))
        .help("bring it up to date, or remove it: the baseline has the same effect"));
    }
    if locked.is_none() {
        let problems: Vec<Error> = files.iter().flat_map(|file| check(source, file, version)).collect();
        if let Some(error) = Error::all(problems) {
            return Err(error);
        }
    }
    Ok(Some(CreateTree { version, draft: locked.is_none(), digest: sum(version), files: files.into() }))
}

type Text = (Cow<'static, str>, Cow<'static, str>);

/// The files in the order in which they run.
fn texts(source: &SourceDirectory<'_>, problems: &mut Vec<Error>) -> Vec<Text> {
    let mut directories: BTreeMap<(u32, &str), Vec<(&str, &SourceFile)>> = BTreeMap::new();
    for file in &source.tree {
        let (directory, name) = file.name.split_once('/').unwrap_or(("", &file.name));
        match directory.split_once('-').and_then(|(ordinal, _)| number(ordinal)) {
            Some(ordinal) => directories.entry((ordinal, directory)).or_default().push((name, file)),
            None => problems.push(stray(source, file)),
        }
    }
    let names: Vec<(u32, &str)> = directories.keys().copied().collect();
    for ((one, first), (two, second)) in names.iter().zip(names.iter().skip(1)) {
        if one == two {
            let message = format!("`create/{first}` and `create/{second}` have the same number");
            problems.push(
                Error::new(ErrorKind::Duplicate, message).at(Place::file(source.path("create"))).help(FORM),
            );
        }
    }
    let mut texts = Vec::new();
    for ((_, directory), files) in directories {
        for (name, file) in ordered(source, directory, files, problems) {
            let path = format!("create/{directory}/{name}");
            match normalise(&source.path(&path), &file.bytes) {
                Ok(text) => texts.push((path.into(), text.into_owned().into())),
                Err(error) => problems.push(error),
            }
        }
    }
    texts
}

/// A directory's files of SQL in the order of its `order.json`, or else of their names.
fn ordered<'a>(
    source: &SourceDirectory<'_>,
    directory: &str,
    files: Vec<(&'a str, &'a SourceFile)>,
    problems: &mut Vec<Error>,
) -> Vec<(&'a str, &'a SourceFile)> {
    let (order, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| *name == ORDER);
    let is_sql = |name: &str| name.ends_with(".sql") && !name.contains('/');
    problems.extend(files.iter().filter(|(name, _)| !is_sql(name)).map(|(_, file)| stray(source, file)));
    let mut files: BTreeMap<&str, &SourceFile> = files.into_iter().filter(|(name, _)| is_sql(name)).collect();
    let Some((_, order)) = order.first() else { return files.into_iter().collect() };
    let path = source.path(&format!("create/{directory}/{ORDER}"));
    let named = match normalise(&path, &order.bytes).and_then(|text| facts::texts(&path, &text)) {
        Ok(named) => named,
        Err(error) => {
            problems.push(error.help(FORM));
            return Vec::new();
        }
    };
    let (mut places, mut numbers) = (BTreeMap::new(), BTreeSet::new());
    for (key, name, place) in named {
        let refuse = |kind, message| Error::new(kind, message).at(place.clone()).help(FORM);
        match (number(&key), files.remove_entry(name.as_str())) {
            (None, _) => problems.push(refuse(ErrorKind::Format, format!("`{key}` is not a number"))),
            (Some(at), _) if !numbers.insert(at) => {
                problems.push(refuse(ErrorKind::Duplicate, format!("the number {at} is here twice")));
            }
            (_, None) => {
                let message = format!("`create/{directory}` has no file `{name}`, or it is here twice");
                problems.push(refuse(ErrorKind::Missing, message));
            }
            (Some(at), Some(found)) => {
                places.insert(at, found);
            }
        }
    }
    problems.extend(files.keys().map(|name| {
        Error::new(ErrorKind::Missing, format!("`{name}` has no place in the order"))
            .at(Place::file(&path))
            .help("add it there, with its number in the order")
    }));
    places.into_values().collect()
}

fn stray(source: &SourceDirectory<'_>, file: &SourceFile) -> Error {
    Error::new(ErrorKind::Name, format!("`create/{}` is not part of a create tree", file.name))
        .at(Place::file(source.path(&format!("create/{}", file.name))))
        .help(FORM)
}

/// The rules of a std patch, which all files are run as.
fn check(source: &SourceDirectory<'_>, (path, text): &Text, version: Version) -> Vec<Error> {
    let file = source.path(path);
    let foreign = sql::foreign(&file, text, FileRole::Baseline);
    if !foreign.is_empty() {
        return foreign;
    }
    let directives = match Directives::parse(&file, text) {
        Ok(directives) if directives == Directives::default() => directives,
        Ok(_) => {
            return vec![
                Error::new(ErrorKind::Directive, "a file of a create tree takes no directives")
                    .at(Place::file(file))
                    .help("the directives of the patches that the tree replaces apply"),
            ];
        }
        Err(error) => return vec![error],
    };
    // No table holds rows yet: nothing is a hazard, and nobody has to be asked about older binaries.
    let rules = Rules {
        file: &file,
        text,
        kind: Kind::Std,
        role: FileRole::Baseline,
        version,
        directives: &directives,
        locked: false,
    };
    sql::check(&rules, &Script::parse(text))
}
