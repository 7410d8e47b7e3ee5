use std::sync::Arc;

#[cfg(feature = "parse")]
use crate::error::Place;
use crate::error::{Error, ErrorKind};
use crate::facts::checks::{clashes, endings};
#[cfg(feature = "parse")]
use crate::facts::document::parse_json;
use crate::facts::document::{FactReader, SourceFile, parse_file};
use crate::facts::files::{FactFile, FilePath, Files, Lookup};
use crate::facts::kinds::Fact;
use crate::facts::values::Value;
use crate::file::normalise;

/// Facts, and the files that they were read from.
#[derive(Debug, Clone)]
pub struct FactSet {
    /// The facts, in order.
    pub facts: Vec<Fact>,
    /// Every file that was read, in the order of their paths.
    pub files: Vec<FactFile>,
}

/// Reads the facts of a file, with all that it includes.
///
/// # Errors
///
/// Every problem that the files have, each with its place.
pub fn read(files: &dyn Files, path: &str) -> Result<Vec<Fact>, Error> {
    Ok(load(files, path)?.facts)
}

/// The same, with the files that were read.
///
/// # Errors
///
/// Every problem that the files have, each with its place.
pub fn load(files: &dyn Files, path: &str) -> Result<FactSet, Error> {
    let wrong = |message: String| Error::new(ErrorKind::File, message);
    let own = FilePath::own("")
        .resolve(path)
        .map_err(|reason| wrong(format!("`{path}` is not a path: {reason}")))?;
    let label = files.label(&own);
    let text: Arc<str> = match files.read(&own) {
        Lookup::Found(bytes) => normalise(&label, &bytes)?.into(),
        Lookup::Missing => {
            return Err(wrong(format!("there is no file `{label}`"))
                .help("the facts of a bundle start in `deploy.yaml` in its directory"));
        }
        Lookup::Unseen => return Err(wrong(format!("`{label}` can't be read from here"))),
        Lookup::Refused(reason) => return Err(wrong(format!("`{label}` can't be read: {reason}"))),
    };
    facts(files, own, label, text)
}

/// Reads facts from YAML text; messages call the text `name`. It can't include files.
///
/// ```
/// use embed_migrate_core::facts::{self, Claim};
///
/// let facts = facts::parse("the facts of the test", "{table: study, with: [{column: code, type: text}]}")?;
/// let Claim::Table(table) = &facts[0].claim else { unreachable!() };
/// assert_eq!(table.with.len(), 1);
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
///
/// # Errors
///
/// Every problem that the text has, each with its place.
pub fn parse(name: &str, text: &str) -> Result<Vec<Fact>, Error> {
    let text = normalise(name, text.as_bytes())?.into();
    Ok(facts(&NoFiles, FilePath::own(name), name.to_owned(), text)?.facts)
}

/// The value that a YAML text holds.
pub(crate) fn value(text: &str) -> Result<Value, Error> {
    let reader = FactReader::new(&NoFiles);
    let source = SourceFile::new(FilePath::own("yaml"), "yaml".to_owned(), text.into(), None);
    match parse_file(&reader, &source, 0)? {
        Some(node) => node.value(),
        None => Ok(Value::Null),
    }
}

/// The keys and values of a JSON mapping of texts, each with its place; `label` is the file in messages.
///
/// # Errors
///
/// Every problem that the text has, each with its place.
#[cfg(feature = "parse")]
pub(crate) fn texts(label: &str, text: &str) -> Result<Vec<(String, String, Place)>, Error> {
    let reader = FactReader::new(&NoFiles);
    let source = SourceFile::new(FilePath::own("texts.json"), label.to_owned(), text.into(), None);
    let node = reader.keep(parse_json(&reader, &source, 0));
    let mut found = Vec::new();
    for entry in node.as_ref().and_then(|node| reader.keep(node.map())).unwrap_or_default() {
        if let Some(value) = reader.keep(entry.value.text()) {
            found.push((entry.key.to_string(), value.to_owned(), source.place(entry.position)));
        }
    }
    Error::all(reader.finish().0).map_or(Ok(found), Err)
}

fn facts(files: &dyn Files, path: FilePath, label: String, text: Arc<str>) -> Result<FactSet, Error> {
    let reader = FactReader::new(files);
    reader.fits(&path, &label, &text)?;
    let source = SourceFile::new(path.clone(), label, text.clone(), None);
    let node = reader.keep(parse_file(&reader, &source, 0));
    let facts = Fact::list(&reader, node.flatten().as_ref());
    let problems = endings(&facts).into_iter().chain(clashes(&facts, None));
    problems.for_each(|problem| reader.problem(problem));
    let (problems, mut texts) = reader.finish();
    texts.insert(path, text);
    let files = texts.into_iter().map(|(path, text)| FactFile { path, text }).collect();
    Error::all(problems).map_or(Ok(FactSet { facts, files }), Err)
}

/// The files of a text that has none.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &FilePath) -> Lookup<'_> {
        match path.bundle {
            Some(_) => Lookup::Unseen,
            None => Lookup::Refused("the facts are a text without a directory of files".into()),
        }
    }
}
