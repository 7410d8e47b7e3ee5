use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::budget::{A_FILE, Budget};
use super::node::MapEntry;
use super::source_file::{Position, SourceFile};
use crate::error::{Error, ErrorKind, Place};
use crate::facts::files::{FilePath, Files, Lookup};
use crate::file::normalise;

/// How long a chain of files that include each other may be.
const LONGEST_CHAIN: usize = 50;

/// The largest file of YAML, JSON or SQL, in bytes; CSV files may be larger.
const LARGEST_TEXT: usize = 32 << 20;

/// Reads files and collects problems.
pub(crate) struct FactReader<'a> {
    files: &'a dyn Files,
    /// The texts that were read, normalised.
    texts: RefCell<BTreeMap<FilePath, Arc<str>>>,
    problems: RefCell<Vec<Error>>,
    pub(crate) budget: Budget,
}

impl<'a> FactReader<'a> {
    pub(crate) fn new(files: &'a dyn Files) -> FactReader<'a> {
        FactReader {
            files,
            texts: RefCell::default(),
            problems: RefCell::default(),
            budget: Budget::default(),
        }
    }

    /// Collects a problem, once.
    pub(crate) fn problem(&self, problem: Error) {
        let mut problems = self.problems.borrow_mut();
        // A problem without a message belongs to a broken value, whose problem was reported before.
        for problem in problem.split().into_iter().filter(|problem| !problem.message().is_empty()) {
            let same =
                |other: &Error| other.message() == problem.message() && other.place() == problem.place();
            // A file that is included several times has its problems as often.
            if problems.len() < MOST_PROBLEMS && !problems.iter().any(same) {
                problems.push(problem);
            }
        }
    }

    /// The value; an error is collected and gives `None`.
    pub(crate) fn keep<T>(&self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|problem| self.problem(problem)).ok()
    }

    /// The problems and the texts that were read.
    pub(crate) fn finish(self) -> (Vec<Error>, BTreeMap<FilePath, Arc<str>>) {
        let mut problems = self.problems.into_inner();
        let name = |problem: &Error| problem.place().map(|place| place.file.clone());
        let files: Vec<Option<String>> = problems.iter().map(name).collect();
        // Files in the order in which they were opened, and each from its beginning.
        problems.sort_by_cached_key(|problem| {
            let file = files.iter().position(|file| *file == name(problem));
            (file, problem.place().map(|place| (place.line, place.column)))
        });
        (problems, self.texts.into_inner())
    }

    /// The text of the file that `name` means at a position; `Ok(None)` if it can't be read from here. `hint` is the
    /// help if it is missing.
    pub(crate) fn open(
        &self,
        from: &Rc<SourceFile>,
        position: Position,
        name: &str,
        hint: &str,
    ) -> Result<Option<Rc<SourceFile>>, Error> {
        let path = from.file.resolve(name).map_err(|reason| {
            from.error(position, format!("`{name}` is not a path: {reason}"))
                .help("a path starts at the file that names it: `deploy/study.yaml`, or `BUNDLE:/path` for another bundle's")
        })?;
        self.unlooped(from, position, &path)?;
        self.budget.spend(from, position, A_FILE)?;
        let label = self.files.label(&path);
        let known = self.texts.borrow().get(&path).cloned();
        let text = match known {
            Some(text) => text,
            None => match self.files.read(&path) {
                Lookup::Found(bytes) => self.text(from, position, &path, &bytes)?,
                Lookup::Unseen => return Ok(None),
                Lookup::Missing => {
                    return Err(file(from, position, format!("there is no file `{label}`")).help(hint));
                }
                Lookup::Refused(reason) => {
                    return Err(file(from, position, format!("`{label}` can't be read: {reason}"))
                        .help("facts are read from regular files in the bundle's directory"));
                }
            },
        };
        Ok(Some(SourceFile::new(path, label, text, Some((from.clone(), position)))))
    }

    /// The same, but a file that can't be read from here is an error.
    pub(crate) fn open_seen(
        &self,
        from: &Rc<SourceFile>,
        position: Position,
        name: &str,
        hint: &str,
    ) -> Result<Rc<SourceFile>, Error> {
        self.open(from, position, name, hint)?.ok_or_else(|| {
            file(from, position, format!("the file `{name}` of another bundle can't be read from here"))
                .help("only `include:` may name files of other bundles; copy the file into this one")
        })
    }

    fn text(
        &self,
        from: &Rc<SourceFile>,
        position: Position,
        path: &FilePath,
        bytes: &[u8],
    ) -> Result<Arc<str>, Error> {
        let label = self.files.label(path);
        let outward =
            |error: Error| from.included(error.note(format!("included at {}", short(&from.place(position)))));
        let text: Arc<str> = normalise(&label, bytes).map_err(outward)?.into();
        self.fits(path, &label, &text).map_err(outward)?;
        self.texts.borrow_mut().insert(path.clone(), text.clone());
        Ok(text)
    }

    /// Checks that a file is small enough.
    pub(crate) fn fits(&self, path: &FilePath, label: &str, text: &str) -> Result<(), Error> {
        match text.len() > LARGEST_TEXT && !path.ends_in("csv") {
            true => {
                let message = format!("`{label}` is larger than {} MiB", LARGEST_TEXT >> 20);
                Err(Error::new(ErrorKind::File, message).help("only rows in CSV may be more"))
            }
            false => Ok(()),
        }
    }

    fn unlooped(&self, from: &Rc<SourceFile>, position: Position, path: &FilePath) -> Result<(), Error> {
        let loops = from.chain().any(|source| source.file == *path);
        if loops {
            let message = format!("`{}` includes itself", self.files.label(path));
            return Err(from.error(position, message).help("take one of the includes out"));
        }
        match from.chain().count() >= LONGEST_CHAIN {
            true => Err(from
                .error(position, format!("more than {LONGEST_CHAIN} files include each other"))
                .help("include them from one file")),
            false => Ok(()),
        }
    }

    pub(crate) fn duplicate(&self, source: &SourceFile, position: Position, key: &str, before: &[MapEntry]) {
        let mut problem = source
            .error(position, format!("the key `{key}` is given twice"))
            .help("remove one of the two, or split the fact in two");
        if let Some(first) = before.iter().find(|entry| *entry.key == *key) {
            problem = problem.note(format!("the first is on line {}", first.position.line));
        }
        self.problem(problem);
    }
}

/// The help for a file that is missing.
pub(crate) const PATH_HELP: &str = "a path starts at the file that names it";

/// More problems than anyone reads.
const MOST_PROBLEMS: usize = 1000;

fn file(from: &SourceFile, position: Position, message: String) -> Error {
    from.included(Error::new(ErrorKind::File, message).at(from.place(position)))
}

fn short(place: &Place) -> String {
    format!("{}:{}:{}", place.file, place.line, place.column)
}
