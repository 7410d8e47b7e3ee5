use std::fs;
use std::path::Path;

use crate::error::{Error, ErrorKind, Place};
use crate::facts;
use crate::file::{is_ignored_file, read_file};

/// The files of a bundle's directory, read whole and not yet understood.
pub(crate) struct SourceDirectory<'a> {
    /// The prefix of a file's name in messages, such as `migrations`.
    pub(crate) label: String,
    /// The files by name; directories and what is passed over are left out.
    pub(crate) files: Vec<SourceFile>,
    /// The files under `create`, by their paths from there.
    pub(crate) tree: Vec<SourceFile>,
    /// The files under `schema`, by their paths from there.
    pub(crate) schema: Vec<SourceFile>,
    /// The files that facts are read from.
    pub(crate) facts: Box<dyn facts::Files + 'a>,
    /// Those that can't be read, without their bytes: their names count, so that nothing is called gone besides.
    pub(crate) unread: Vec<SourceFile>,
    /// What can't be part of a bundle.
    pub(crate) problems: Vec<Error>,
}

#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The directory of the create tree, and how many directories deep it may be read, so that misplaced files are reported.
const CREATE: &str = "create";
/// The directory of the declared schema.
pub(crate) const SCHEMA: &str = "schema";
const DEEPEST: usize = 4;

/// Directories that belong to a bundle and hold no patches.
const DIRECTORIES: [&str; 4] = ["create", "deploy", "manual", SCHEMA];

impl SourceDirectory<'_> {
    /// Reads a directory; `label` names it in messages.
    ///
    /// # Errors
    ///
    /// The directory or its create tree can't be read.
    pub(crate) fn read(directory: &Path, label: &str) -> Result<SourceDirectory<'static>, Error> {
        let facts = Box::new(facts::DirectoryFiles::new(directory, label));
        let mut source = SourceDirectory {
            label: label.to_owned(),
            files: Vec::new(),
            tree: Vec::new(),
            schema: Vec::new(),
            facts,
            unread: Vec::new(),
            problems: Vec::new(),
        };
        let unreadable = |error: std::io::Error, place: &str| {
            Error::new(ErrorKind::File, format!("cannot read `{place}`: {error}")).caused_by(error)
        };
        for entry in fs::read_dir(directory).map_err(|error| unreadable(error, label))? {
            let entry = entry.map_err(|error| unreadable(error, label))?;
            let Ok(name) = entry.file_name().into_string() else {
                let name = entry.file_name().to_string_lossy().into_owned();
                source.problems.push(source.stray(&name, "the name is not UTF-8"));
                continue;
            };
            if is_ignored_file(&name, |other| directory.join(other).exists()) {
                continue;
            }
            if name.contains(char::is_control) {
                let shown = name.replace(char::is_control, "\u{fffd}");
                source.problems.push(source.stray(&shown, "the name has a control character"));
                continue;
            }
            let path = entry.path();
            // What a directory's entry says costs no question: only a link is to be followed.
            let kind = entry.file_type().ok().filter(|kind| !kind.is_symlink());
            let kind = kind.or_else(|| fs::metadata(&path).ok().map(|metadata| metadata.file_type()));
            if kind.is_some_and(|kind| kind.is_dir()) {
                source.directory(&name);
                if name == CREATE {
                    below(&path, "", &mut source.tree)?;
                } else if name == SCHEMA {
                    below(&path, "", &mut source.schema)?;
                }
                continue;
            }
            if kind.is_some_and(|kind| !kind.is_file()) {
                source
                    .problems
                    .push(source.stray(&name, "it is not a regular file: a pipe, a socket or a device"));
                continue;
            }
            match read_file(&path) {
                Ok(bytes) => source.files.push(SourceFile { name, bytes }),
                Err(error) => {
                    let path = source.path(&name);
                    let help = "make it readable, or remove it: a link may lead nowhere";
                    source.problems.push(unreadable(error, &path).at(Place::file(&path)).help(help));
                    source.unread.push(SourceFile { name, bytes: Vec::new() });
                }
            }
        }
        source.files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(source)
    }

    /// The file's path, as messages name it.
    pub(crate) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.label)
    }

    /// The bytes of a file.
    pub(crate) fn file(&self, name: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.name == name)
    }

    /// Whether a file of that name is there and can't be read.
    pub(crate) fn is_unread(&self, name: &str) -> bool {
        let path = self.path(name);
        self.problems.iter().any(|problem| problem.place().is_some_and(|place| place.file == path))
    }

    pub(crate) fn directory(&mut self, name: &str) {
        if !DIRECTORIES.contains(&name) {
            let problem =
                self.stray(name, "only `create`, `deploy`, `manual` and `schema` may be directories");
            self.problems.push(problem);
        }
    }

    fn stray(&self, name: &str, help: &str) -> Error {
        Error::new(ErrorKind::Name, format!("`{name}` is not part of a bundle"))
            .at(Place::file(self.path(name)))
            .help(help)
    }
}

/// Reads the files under a directory; `prefix` is the path from there, and ends in `/` unless it is empty.
fn below(directory: &Path, prefix: &str, files: &mut Vec<SourceFile>) -> Result<(), Error> {
    let unreadable = |error: std::io::Error, path: &Path| {
        Error::new(ErrorKind::File, format!("cannot read `{}`: {error}", path.display())).caused_by(error)
    };
    for entry in fs::read_dir(directory).map_err(|error| unreadable(error, directory))? {
        let entry = entry.map_err(|error| unreadable(error, directory))?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_ignored_file(&name, |other| directory.join(other).exists()) {
            continue;
        }
        let name = format!("{prefix}{name}");
        let kind = entry.file_type().map_err(|error| unreadable(error, &path))?;
        if kind.is_dir() && name.matches('/').count() < DEEPEST {
            below(&path, &format!("{name}/"), files)?;
            continue;
        }
        let bytes = read_file(&path).map_err(|error| unreadable(error, &path))?;
        files.push(SourceFile { name, bytes });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(())
}

#[cfg(feature = "dir")]
impl<'a> SourceDirectory<'a> {
    /// The files of an embedded directory.
    pub(crate) fn embedded(directory: &'a include_dir::Dir<'a>) -> SourceDirectory<'a> {
        let label = directory.path().to_string_lossy().into_owned();
        let label = if label.is_empty() { ".".to_owned() } else { label };
        let facts = Box::new(EmbeddedDirectory { directory, label: label.clone() });
        let (files, tree, schema, unread, problems) = Default::default();
        let mut source = SourceDirectory { label, files, tree, schema, facts, unread, problems };
        for entry in directory.entries() {
            let name = entry.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
            match entry {
                _ if is_ignored_file(&name, |other| directory.contains(directory.path().join(other))) => {}
                include_dir::DirEntry::Dir(directory) => {
                    source.directory(&name);
                    if name == CREATE {
                        embedded_below(directory, "", &mut source.tree);
                    } else if name == SCHEMA {
                        embedded_below(directory, "", &mut source.schema);
                    }
                }
                include_dir::DirEntry::File(file) => {
                    source.files.push(SourceFile { name, bytes: file.contents().to_vec() });
                }
            }
        }
        source.files.sort_by(|a, b| a.name.cmp(&b.name));
        source
    }
}

#[cfg(feature = "dir")]
fn embedded_below(directory: &include_dir::Dir<'_>, prefix: &str, files: &mut Vec<SourceFile>) {
    for entry in directory.entries() {
        let name = entry.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        match entry {
            _ if is_ignored_file(&name, |other| directory.contains(directory.path().join(other))) => {}
            include_dir::DirEntry::Dir(directory) => {
                embedded_below(directory, &format!("{prefix}{name}/"), files);
            }
            include_dir::DirEntry::File(file) => {
                files.push(SourceFile { name: format!("{prefix}{name}"), bytes: file.contents().to_vec() });
            }
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
}

#[cfg(feature = "dir")]
struct EmbeddedDirectory<'a> {
    directory: &'a include_dir::Dir<'a>,
    label: String,
}

#[cfg(feature = "dir")]
impl facts::Files for EmbeddedDirectory<'_> {
    fn read(&self, path: &facts::FilePath) -> facts::Lookup<'_> {
        if path.bundle.is_some() {
            return facts::Lookup::Unseen;
        }
        match self.directory.get_file(self.directory.path().join(&path.path)) {
            Some(file) => facts::Lookup::Found(file.contents().into()),
            None => facts::Lookup::Missing,
        }
    }

    fn label(&self, path: &facts::FilePath) -> String {
        format!("{}/{path}", self.label)
    }
}
