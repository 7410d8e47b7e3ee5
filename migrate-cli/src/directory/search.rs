use std::fs;
use std::path::{Path, PathBuf};

use embed_migrate_core::{Error, ErrorKind, FileName, LOCK_FILE, MANIFEST, Result};

use super::label::label;

/// The directory's default name, as in `embed_migrations!()`.
pub(crate) const DEFAULT: &str = "migrations";

/// The nearest directory of patches: the current one, or `migrations` in it, or the same above, up to the root of the
/// workspace or of the repository.
pub(crate) fn nearest() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let mut way = PathBuf::new();
    for directory in here.ancestors() {
        if is_bundle(directory) {
            return Some(if way.as_os_str().is_empty() { PathBuf::from(".") } else { way });
        }
        let default = directory.join(DEFAULT);
        let is_ours = directory == here || directory.join("Cargo.toml").is_file() || is_bundle(&default);
        if default.is_dir() && is_ours {
            return Some(way.join(DEFAULT));
        }
        if directory.join(".git").exists() || is_workspace(directory) {
            return None;
        }
        way.push("..");
    }
    None
}

/// The path for a new directory: beside the nearest Cargo.toml.
///
/// # Errors
///
/// `Missing` if it is unclear which crate is meant, or another directory has patches.
pub(crate) fn new() -> Result<PathBuf> {
    let Some((root, way)) = root() else { return Ok(PathBuf::from(DEFAULT)) };
    let others = below(&root, &way);
    // A workspace's root that is no package embeds nothing.
    if others.is_empty() && (has_package(&root) || !is_workspace(&root)) {
        return Ok(way.join(DEFAULT));
    }
    Err(elsewhere(
        &root,
        &way,
        &others,
        &format!(", or begin here with `--dir {}`", label(&way.join(DEFAULT))),
    ))
}

/// Why there is nothing to read, if there is more to say than that.
pub(crate) fn absent() -> Option<Error> {
    let (root, way) = root()?;
    let others = below(&root, &way);
    (is_workspace(&root) || !others.is_empty()).then(|| elsewhere(&root, &way, &others, ""))
}

/// The directory of the nearest Cargo.toml, or the current one without any; and the relative path to it.
fn root() -> Option<(PathBuf, PathBuf)> {
    let here = std::env::current_dir().ok()?;
    let found = here.ancestors().enumerate().find(|(_, parent)| parent.join("Cargo.toml").is_file());
    let (up, root) = found.unwrap_or((0, &here));
    Some((root.to_owned(), std::iter::repeat_n("..", up).collect()))
}

fn elsewhere(root: &Path, way: &Path, others: &[PathBuf], or: &str) -> Error {
    let place = match label(way) {
        here if here.is_empty() => "this directory".to_owned(),
        place => format!("`{place}`"),
    };
    let is = if is_workspace(root) { "is the root of a workspace, and has" } else { "has" };
    let error = Error::new(ErrorKind::Missing, format!("{place} {is} no `{DEFAULT}`"));
    let names: Vec<_> = others.iter().map(|path| format!("`{}`", label(path))).collect();
    let (found, help) = match others {
        [] => {
            ("", "go to the crate that embeds the patches, or name their directory with `--dir`".to_owned())
        }
        [one] => ("there are patches in ", format!("name it: `--dir {}`", label(one))),
        _ => ("there are patches in ", "name the one that is meant with `--dir`".to_owned()),
    };
    let error = if found.is_empty() { error } else { error.note(format!("{found}{}", names.join(", "))) };
    error.help(format!("{help}{or}"))
}

/// How deep the search goes, and how many directories an error names.
const DEEPEST: usize = 3;
const MOST: usize = 8;

/// Directories of patches below a crate or a workspace, without those of its tests.
fn below(root: &Path, way: &Path) -> Vec<PathBuf> {
    let (mut found, mut next) = (Vec::new(), vec![(root.to_owned(), way.to_owned(), 0)]);
    while let Some((directory, way, depth)) = next.pop() {
        let mut inner: Vec<_> = fs::read_dir(&directory).into_iter().flatten().flatten().collect();
        inner.sort_by_key(|entry| std::cmp::Reverse(entry.file_name()));
        for entry in inner {
            let name = entry.file_name();
            let skipped =
                ["target", "node_modules", "tests", "benches", "examples"].iter().any(|other| name == *other);
            let is_plain = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if skipped || !is_plain || name.to_string_lossy().starts_with('.') {
                continue;
            }
            match is_bundle(&entry.path()) {
                true => found.push(way.join(&name)),
                false if depth + 1 < DEEPEST => next.push((entry.path(), way.join(&name), depth + 1)),
                false => {}
            }
        }
    }
    found.sort();
    found.truncate(MOST);
    found
}

/// Whether a directory is a bundle: it has a lock file or a bundle.yaml, or is called `migrations` and has a patch.
fn is_bundle(directory: &Path) -> bool {
    let has = |name: &str| directory.join(name).is_file();
    let is_patch =
        |entry: fs::DirEntry| entry.file_name().to_str().is_some_and(|name| FileName::parse(name).is_ok());
    let named = || directory.file_name().is_some_and(|name| name == DEFAULT);
    has(LOCK_FILE)
        || has(MANIFEST)
        || named() && fs::read_dir(directory).into_iter().flatten().flatten().any(is_patch)
}

fn is_workspace(directory: &Path) -> bool {
    manifest(directory).is_some_and(|manifest| manifest.contains_key("workspace"))
}

fn has_package(directory: &Path) -> bool {
    manifest(directory).is_some_and(|manifest| manifest.contains_key("package"))
}

/// The directory's Cargo.toml. If it does not parse, the reader of the package's name says so.
fn manifest(directory: &Path) -> Option<toml::Table> {
    fs::read_to_string(directory.join("Cargo.toml")).ok()?.parse().ok()
}
