//! N patches with the same SQL, in each tool's layout.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use embed_migrate_core::{Bundle, LOCK_FILE, LockFile};

use crate::{Result, Tool, context};

/// The SQL of the `i`th patch, counted from 1.
pub fn sql(i: usize) -> String {
    edited(i, "")
}

/// The same with a default that only an edit has, so that its tokens differ.
pub fn edited(i: usize, edit: &str) -> String {
    let default = if edit.is_empty() { String::new() } else { format!(" DEFAULT '{edit}'") };
    format!(
        "CREATE TABLE t_{i} (id bigint PRIMARY KEY, name text NOT NULL{default});\n\
         CREATE INDEX t_{i}_name ON t_{i} (name);\n"
    )
}

/// Where `tool` looks for the `i`th patch, below its directory.
pub fn file(tool: Tool, i: usize) -> PathBuf {
    match tool {
        Tool::Refinery => format!("V{i}__t_{i}.sql").into(),
        Tool::Sqlx => format!("{i:06}_t_{i}.sql").into(),
        Tool::Diesel => format!("{i:06}_t_{i}/up.sql").into(),
        // The first version has to be `a.0.0`.
        Tool::Ours => format!("patch-1-{}-0-std.sql", i - 1).into(),
    }
}

/// Makes `directory` contain patches 1 to `n` and nothing else; ours are locked, as a release wants them.
///
/// # Errors
///
/// What the file system says.
pub fn write(tool: Tool, n: usize, directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(context(directory.display()))?;
    }
    fs::create_dir_all(directory).map_err(context(directory.display()))?;
    (1..=n).try_for_each(|i| write_one(tool, i, &sql(i), directory))?;
    match tool {
        Tool::Ours => lock(directory, None),
        Tool::Refinery | Tool::Sqlx | Tool::Diesel => Ok(()),
    }
}

/// Makes the last patch one that may still be edited, if the tool tells such from others: a draft.
///
/// # Errors
///
/// What the file system says.
pub fn unlock_last(tool: Tool, n: usize, directory: &Path) -> Result<()> {
    match tool {
        Tool::Ours => lock(directory, Some(&file(tool, n))),
        Tool::Refinery | Tool::Sqlx | Tool::Diesel => Ok(()),
    }
}

/// Locks what is in the directory, but for a draft.
fn lock(directory: &Path, draft: Option<&Path>) -> Result<()> {
    let label = directory.to_string_lossy();
    let bundle = Bundle::read_with(directory, &label, "ours", Some(LockFile::default()))?;
    let mut lock = LockFile::of(&bundle)?;
    for entry in lock.entries.iter_mut().filter(|entry| draft == Some(Path::new(&entry.file))) {
        entry.locked = None;
    }
    let path = directory.join(LOCK_FILE);
    fs::write(&path, lock.to_string()).map_err(context(path.display()))
}

/// Writes the `i`th patch alone.
///
/// # Errors
///
/// What the file system says.
pub fn write_one(tool: Tool, i: usize, sql: &str, directory: &Path) -> Result<()> {
    let path = directory.join(file(tool, i));
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(context(parent.display()))?;
    }
    fs::write(&path, sql).map_err(context(path.display()))
}

/// Has `tool`'s crate compiled again: a macro that reads a directory doesn't see files come and go.
///
/// # Errors
///
/// What the file system says.
pub fn touch(tool: Tool) -> Result<()> {
    let main = tool.directory().join("src/main.rs");
    let touched =
        File::options().append(true).open(&main).and_then(|file| file.set_modified(SystemTime::now()));
    touched.map_err(context(main.display()))
}
