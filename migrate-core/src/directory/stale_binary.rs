use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::bundle::{Bundle, LOCK_FILE, MANIFEST};
use crate::error::{Error, ErrorKind, Place};
use crate::file::{is_ignored_file, normalised, read_file};

impl Bundle {
    /// What in the bundle's directory differs from what was embedded, if the directory is known and exists.
    ///
    /// Only debug builds know it. A release binary is not bound to the machine that built it.
    pub fn changed_since_build(&self) -> Option<Error> {
        let directory = Path::new(self.directory()?);
        let entries = fs::read_dir(directory).ok()?;
        let names: HashSet<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        let patches = || self.patches().iter().chain(self.baseline()).chain(self.downs().iter());
        let embedded: HashSet<&str> = patches()
            .map(|patch| patch.file())
            .chain(self.files().iter().map(|(path, _)| path.as_ref()))
            .chain(self.manifest().into_iter().map(|_| MANIFEST))
            .collect();
        let is_there = |name: &str| names.contains(name);
        let is_patch = |name: &&String| {
            let is_read = name.ends_with(".sql") || name.ends_with(".yaml");
            // A declared schema is not embedded.
            is_read && name.as_str() != "schema.sql" && !is_ignored_file(name, is_there)
        };
        let added = names.iter().filter(is_patch).find(|name| !embedded.contains(name.as_str()));
        let (file, what) = match added {
            Some(name) => (name.as_str(), "was added"),
            None => {
                let texts = self
                    .files()
                    .iter()
                    .chain(self.create_tree().into_iter().flat_map(|tree| tree.files.iter()));
                let texts = texts.map(|(path, text)| (path.as_ref(), text.as_ref()));
                let patches = patches().map(|patch| (patch.file(), patch.text()));
                let mut files = patches.chain(texts).chain(self.manifest().map(|text| (MANIFEST, text)));
                let renamed = || is_renamed(directory, self.name()).then_some((LOCK_FILE, "was changed"));
                files.find_map(|(file, text)| changed(directory, file, text)).or_else(renamed)?
            }
        };
        Some(
            Error::new(ErrorKind::Stale, format!("stale binary: `{file}` {what} after it was built"))
                .at(Place::file(directory.join(file).display().to_string()))
                .note("the database was not touched")
                .help("rebuild; `embed_migrate_core::build::watch` in build.rs makes cargo do so by itself"),
        )
    }
}

/// The name that a lock file's text gives the bundle.
pub(crate) fn locked_name(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("bundle ")).map(str::trim)
}

/// Whether the lock file gives the bundle another name by now.
fn is_renamed(directory: &Path, name: &str) -> bool {
    let lock = read_file(&directory.join(LOCK_FILE)).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    lock.as_deref().and_then(locked_name).is_some_and(|locked| locked != name)
}

fn changed<'a>(directory: &Path, file: &'a str, text: &str) -> Option<(&'a str, &'static str)> {
    match read_file(&directory.join(file)) {
        // What was embedded of facts is the file as it was.
        Ok(bytes) if bytes == text.as_bytes() => None,
        Ok(bytes) if str::from_utf8(&bytes).is_ok_and(|now| normalised(file, now) == text) => None,
        Ok(_) => Some((file, "was changed")),
        Err(_) => Some((file, "was removed")),
    }
}
