use std::fs;
use std::path::Path;

use embed_migrate_core::Result;

use super::file::{file_error, remove};
use super::scratch;

/// Renames a directory, which is atomic, and then removes it.
pub(crate) fn discard(path: &Path) -> Result<()> {
    let gone = path.with_file_name(format!(".{}", scratch::random_word()));
    fs::rename(path, &gone).map_err(file_error("rename", path))?;
    remove(&gone)
}

/// Whether the name was given by [`discard`].
pub(crate) fn is_discarded(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_prefix('.').is_some_and(|word| word.len() == 16 && word.chars().all(|c| c.is_ascii_hexdigit()))
}
