use std::fs;
use std::path::Path;

use crate::file::read_file;
use crate::stale::is_passed_over;
use crate::{Error, ErrorKind, Place};

/// The files of a bundle's directory, read whole and not yet understood.
#[derive(Debug)]
pub(crate) struct Source {
    /// What stands before a file's name in messages, such as `migrations`.
    pub(crate) label: String,
    /// The files by name; directories, dotfiles and `README*` are left out.
    pub(crate) files: Vec<File>,
    /// What can't be part of a bundle.
    pub(crate) problems: Vec<Error>,
}

#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Directories that belong to a bundle and hold no patches.
const DIRECTORIES: [&str; 2] = ["create", "manual"];

impl Source {
    /// Reads a directory; `label` names it in messages.
    ///
    /// # Errors
    ///
    /// The directory or one of its files can't be read.
    pub(crate) fn read(directory: &Path, label: &str) -> Result<Source, Error> {
        let mut source = Source { label: label.to_owned(), files: Vec::new(), problems: Vec::new() };
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
            if is_passed_over(&name) {
                continue;
            }
            if entry.path().is_dir() {
                source.directory(&name);
                continue;
            }
            if fs::metadata(entry.path()).is_ok_and(|metadata| !metadata.is_file()) {
                source
                    .problems
                    .push(source.stray(&name, "it is no regular file: a pipe, a socket or a device"));
                continue;
            }
            let bytes = read_file(&entry.path()).map_err(|error| unreadable(error, &source.path(&name)))?;
            source.files.push(File { name, bytes });
        }
        source.files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(source)
    }

    /// The file's path, as messages name it.
    pub(crate) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.label)
    }

    /// The bytes of a file.
    pub(crate) fn file(&self, name: &str) -> Option<&File> {
        self.files.iter().find(|file| file.name == name)
    }

    pub(crate) fn directory(&mut self, name: &str) {
        if !DIRECTORIES.contains(&name) {
            let problem = self.stray(name, "only `create` and `manual` may be directories");
            self.problems.push(problem);
        }
    }

    fn stray(&self, name: &str, help: &str) -> Error {
        Error::new(ErrorKind::Name, format!("`{name}` is no part of a bundle"))
            .at(Place::file(self.path(name)))
            .help(help)
    }
}

#[cfg(feature = "dir")]
impl Source {
    /// The files of an embedded directory.
    pub(crate) fn embedded(directory: &include_dir::Dir<'_>) -> Source {
        let label = directory.path().to_string_lossy().into_owned();
        let label = if label.is_empty() { ".".to_owned() } else { label };
        let mut source = Source { label, files: Vec::new(), problems: Vec::new() };
        for entry in directory.entries() {
            let name = entry.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
            match entry {
                _ if is_passed_over(&name) => {}
                include_dir::DirEntry::Dir(_) => source.directory(&name),
                include_dir::DirEntry::File(file) => {
                    source.files.push(File { name, bytes: file.contents().to_vec() });
                }
            }
        }
        source.files.sort_by(|a, b| a.name.cmp(&b.name));
        source
    }
}
