use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::file::read_file;
use crate::text::without_bom_and_cr;
use crate::{Bundle, Error, ErrorKind, Patch, Place};

impl Bundle {
    /// What in the bundle's directory differs from what was embedded, where the directory is known and there.
    ///
    /// Only debug builds know it. A release binary is not bound to the machine that built it.
    pub fn stale(&self) -> Option<Error> {
        let directory = Path::new(self.directory.as_deref()?);
        let entries = fs::read_dir(directory).ok()?;
        let names: HashSet<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        let patches = || self.patches.iter().chain(&self.baseline);
        let embedded: HashSet<&str> = patches().map(|patch| patch.file.as_ref()).collect();
        let is_patch =
            |name: &&String| name.ends_with(".sql") && !name.ends_with(".down.sql") && !is_passed_over(name);
        let added = names.iter().filter(is_patch).find(|name| !embedded.contains(name.as_str()));
        let (file, what) = match added {
            Some(name) => (name.as_str(), "was added"),
            None => patches().find_map(|patch| changed(directory, patch))?,
        };
        Some(
            Error::new(ErrorKind::Stale, format!("stale binary: `{file}` {what} after it was built"))
                .at(Place::file(directory.join(file).display().to_string()))
                .note("the database was not touched")
                .help("rebuild; `migrate_core::build::watch` in build.rs makes cargo do so by itself"),
        )
    }
}

/// Files that are no patches and may lie beside them.
pub(crate) fn is_passed_over(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("README")
}

fn changed<'a>(directory: &Path, patch: &'a Patch) -> Option<(&'a str, &'static str)> {
    match read_file(&directory.join(patch.file.as_ref())) {
        Ok(bytes) if str::from_utf8(&bytes).is_ok_and(|text| without_bom_and_cr(text) == patch.text) => None,
        Ok(_) => Some((&patch.file, "was changed")),
        Err(_) => Some((&patch.file, "was removed")),
    }
}
