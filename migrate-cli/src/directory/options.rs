use std::path::{Path, PathBuf};

use clap::Args;
use embed_migrate_core::{Bundle, Error, ErrorKind, LockFile, Result};

use super::label::label;
use super::{package, search};
use crate::output::diagnostic::print_warning;

/// The directories of bundles, and a name for a bundle without one.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DirectoryOptions {
    /// The directory of patches; may be repeated, for several bundles (default: `migrations` in this directory or one above,
    /// or the directory that a debug build embedded)
    #[arg(long, value_name = "DIRECTORY", global = true)]
    dir: Vec<PathBuf>,
    /// The bundle's name, if neither bundle.yaml nor migrations.lock has one (default: the package's name in Cargo.toml)
    #[arg(long, value_name = "NAME", global = true)]
    name: Option<String>,
}

impl DirectoryOptions {
    /// The paths: those that were given, or the directory of the one embedded bundle, or the nearest directory.
    ///
    /// # Errors
    ///
    /// None is given and none is near, and another one nearby may be meant, or this is a workspace's root.
    pub(crate) fn paths(&self, bundles: &[&Bundle]) -> Result<Vec<PathBuf>> {
        if let Some(paths) = self.known(bundles) {
            return Ok(paths);
        }
        search::absent().map_or_else(|| Ok(vec![PathBuf::from(search::DEFAULT)]), Err)
    }

    fn known(&self, bundles: &[&Bundle]) -> Option<Vec<PathBuf>> {
        let embedded = match bundles {
            [bundle] => bundle.directory(),
            _ => None,
        };
        match self.dir.is_empty() {
            false => Some(self.dir.clone()),
            true => Some(vec![embedded.map(PathBuf::from).or_else(search::nearest)?]),
        }
    }

    /// The path, for work in one directory.
    ///
    /// # Errors
    ///
    /// Several are given; or as [`DirectoryOptions::paths`].
    pub(crate) fn path(&self, bundles: &[&Bundle], what: &str) -> Result<PathBuf> {
        one(self.paths(bundles)?, what)
    }

    /// The path of the directory for a new patch, which need not exist.
    ///
    /// # Errors
    ///
    /// Several are given; or another directory nearby has patches.
    pub(crate) fn to_write(&self, bundles: &[&Bundle]) -> Result<PathBuf> {
        match self.known(bundles) {
            Some(paths) => one(paths, "a new patch"),
            None => search::new(),
        }
    }

    /// The path of the directory for new patches, which need not exist, and the directories of the bundles that come before.
    ///
    /// # Errors
    ///
    /// None is given, and another directory nearby has patches.
    pub(crate) fn first(&self, bundles: &[&Bundle]) -> Result<(PathBuf, Vec<PathBuf>)> {
        match self.known(bundles).as_deref() {
            Some([first, rest @ ..]) => Ok((first.clone(), rest.to_vec())),
            Some([]) | None => Ok((search::new()?, Vec::new())),
        }
    }

    /// The bundle in a directory, with its name; `nameless` if it has none.
    ///
    /// # Errors
    ///
    /// Every problem that the directory has.
    pub(crate) fn bundle(&self, path: &Path) -> Result<Bundle> {
        let name = self.named(path)?.unwrap_or_else(|| "nameless".to_owned());
        Ok(read(path, &name, None)?.with(|parts| parts.directory = Some(label(path).into())))
    }

    /// Does work in each directory, and returns all errors.
    pub(crate) fn each(&self, bundles: &[&Bundle], work: impl Fn(&Path) -> Result<()>) -> Result<()> {
        Error::all(self.paths(bundles)?.iter().filter_map(|path| work(path).err())).map_or(Ok(()), Err)
    }

    /// The bundles in the directories, for the database.
    ///
    /// # Errors
    ///
    /// Every problem that the directories have; or a bundle has no name.
    pub(crate) fn bundles(&self) -> Result<Vec<Bundle>> {
        let read = |path: &PathBuf| {
            is_there(path)?;
            let name = self.named(path)?.ok_or_else(|| self.nameless(path))?;
            // `--name` must name this bundle. With several directories it does not say which bundle it is for.
            if let Some(other) = self.name.as_ref().filter(|other| **other != name && self.dir.len() < 2) {
                return Err(renamed(path, &name, other));
            }
            // An error of the database then names these files.
            Ok(read(path, &name, None)?.with(|parts| parts.directory = Some(label(path).into())))
        };
        let (mut bundles, mut problems) = (Vec::new(), Vec::new());
        for path in self.paths(&[])? {
            match read(&path) {
                Ok(bundle) => bundles.push(bundle),
                Err(error) => problems.push(error),
            }
        }
        Error::all(problems).map_or(Ok(bundles), Err)
    }

    /// The bundle in a directory, if its name does not matter.
    pub(crate) fn read(&self, path: &Path, lock: Option<LockFile>) -> Result<Bundle> {
        read(path, &self.any_name(path)?, lock)
    }

    /// The bundle as if nothing were locked, and without the lint.
    pub(crate) fn read_unlocked(&self, path: &Path) -> Result<Bundle> {
        Bundle::read_unlocked(path, &label(path), &self.any_name(path)?)
    }

    fn any_name(&self, path: &Path) -> Result<String> {
        Ok(self.fallback(path)?.unwrap_or_else(|| "nameless".to_owned()))
    }

    /// The name of the bundle in a directory: its own, or else the package's.
    pub(crate) fn named(&self, path: &Path) -> Result<Option<String>> {
        match Bundle::declared_name(path)? {
            Some(name) => Ok(Some(name)),
            None => self.fallback(path),
        }
    }

    /// The name that was given, or the package's. Neither can be the name of several bundles.
    fn fallback(&self, path: &Path) -> Result<Option<String>> {
        if let (Some(name), 0..=1) = (&self.name, self.dir.len()) {
            return Ok(Some(name.clone()));
        }
        let Some(name) = package::name(path)? else { return Ok(None) };
        for other in self.dir.iter().filter(|other| *other != path) {
            let theirs =
                Bundle::declared_name(other)?.map_or_else(|| package::name(other), |name| Ok(Some(name)));
            if theirs?.as_ref() == Some(&name) {
                return Ok(None);
            }
        }
        Ok(Some(name))
    }
}

impl DirectoryOptions {
    fn nameless(&self, path: &Path) -> Error {
        let error = Error::new(ErrorKind::Format, format!("the bundle in `{}` has no name", label(path)));
        error.help(match self.dir.len() {
            0 | 1 => {
                "write `name: …` into its bundle.yaml, or give `--name`: the history keeps its patches under that name"
            }
            _ => {
                "write `name: …` into its bundle.yaml: the history keeps its patches under that name, and the package's \
                 name is for one bundle only"
            }
        })
    }
}

fn one(mut paths: Vec<PathBuf>, what: &str) -> Result<PathBuf> {
    match (paths.pop(), paths.is_empty()) {
        (Some(path), true) => Ok(path),
        _ => Err(Error::new(
            ErrorKind::Duplicate,
            format!("{what} is for one directory, and several are given"),
        )
        .help("give `--dir` once")),
    }
}

fn is_there(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let message = format!("there is no directory `{}`", label(path));
    Err(Error::new(ErrorKind::Missing, message)
        .help("begin one with `cargo migrate new create-study`, or name another with `--dir`"))
}

fn read(path: &Path, name: &str, lock: Option<LockFile>) -> Result<Bundle> {
    is_there(path)?;
    let (bundle, warnings) = Bundle::read_warned(path, &label(path), name, lock)?;
    warnings.iter().for_each(print_warning);
    Ok(bundle)
}

fn renamed(path: &Path, name: &str, other: &str) -> Error {
    let message = format!("the bundle in `{}` is called `{name}`, and `--name` says `{other}`", label(path));
    Error::new(ErrorKind::Identity, message).help(format!(
        "leave out `--name`: databases have its patches under `{name}`; `cargo migrate lock --rename {other}` \
         changes the name"
    ))
}
