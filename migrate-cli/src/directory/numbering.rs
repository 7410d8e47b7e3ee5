use std::path::Path;

use clap::{Args, ValueEnum};
use embed_migrate_core::{
    Error, ErrorKind, FileName, FileRole, Kind, LockFile, MANIFEST, Place, Result, Scheme, Version,
    is_ignored_file,
};

use super::facts::FACTS;
use super::label::label;
use crate::options::version_spec::VersionSpec;

/// How the files of a directory are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NumberingScheme {
    /// `patch-1-0-0-std-SLUG.sql`
    Release,
    /// `00001-SLUG.sql`
    Ordinal,
}

/// Which version comes next.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct NumberingOptions {
    /// Begin a new major release: 2.0.0 after 1.4.0, instead of 1.5.0
    #[arg(long, conflicts_with = "hotfix_of")]
    major: bool,
    /// Number it as a hotfix of this patch: 1.2.1 for 1.2.0; `head` is the last patch. A hotfix may be applied after later
    /// patches
    #[arg(long, value_name = "VERSION")]
    hotfix_of: Option<VersionSpec>,
    /// How to number the first patch of a directory (default: release)
    #[arg(long, value_enum)]
    scheme: Option<NumberingScheme>,
}

/// The version numbers that a directory has.
#[derive(Debug, Default)]
pub(crate) struct PatchNumbers {
    scheme: Option<Scheme>,
    taken: Vec<Version>,
}

impl PatchNumbers {
    /// Reads the names of a directory's files, and of those that the lock file knows.
    pub(crate) fn read(directory: &Path, lock: &LockFile) -> Result<PatchNumbers> {
        let mut numbers =
            PatchNumbers { scheme: None, taken: lock.entries.iter().map(|entry| entry.version).collect() };
        let mut problems = Vec::new();
        for file in names(directory)? {
            match FileName::parse(&file) {
                Ok(name) => numbers.add(name),
                Err(error) => {
                    problems.push(error.at(Place::file(label(&directory.join(&file)))));
                }
            }
        }
        Error::all(problems).map_or(Ok(numbers), Err)
    }

    fn add(&mut self, name: FileName<'_>) {
        match name.role {
            FileRole::Up => {
                self.scheme = Some(name.scheme);
                self.taken.push(name.version);
            }
            FileRole::Baseline => self.taken.push(name.version),
            FileRole::Down => {}
        }
    }

    /// The name of the next patch.
    pub(crate) fn next<'s>(
        &self,
        next: &NumberingOptions,
        kind: Kind,
        slug: &'s str,
    ) -> Result<FileName<'s>> {
        let scheme = self.scheme(next)?;
        let version = match (scheme, next.hotfix_of) {
            (Scheme::Ordinal, _) => self.ordinal(next)?,
            (Scheme::Release, Some(point)) => self.hotfix(point.of(self.last())?)?,
            (Scheme::Release, None) => self.release(next.major)?,
        };
        Ok(FileName { scheme, role: FileRole::Up, version, kind, slug, facts: false })
    }

    /// The names of several patches, one after another, each with its kind and slug.
    pub(crate) fn several<'s>(
        &mut self,
        next: &NumberingOptions,
        patches: &[(Kind, &'s str)],
    ) -> Result<Vec<FileName<'s>>> {
        let mut names = Vec::new();
        let mut next = next.clone();
        for (kind, slug) in patches {
            let name = self.next(&next, *kind, slug)?;
            self.add(name);
            next.major = false;
            names.push(name);
        }
        Ok(names)
    }

    fn scheme(&self, next: &NumberingOptions) -> Result<Scheme> {
        let wanted = next.scheme.map(|numbering| match numbering {
            NumberingScheme::Release => Scheme::Release,
            NumberingScheme::Ordinal => Scheme::Ordinal,
        });
        match (self.scheme, wanted) {
            (Some(scheme), Some(wanted)) if scheme != wanted => {
                Err(Error::new(ErrorKind::Name, "the directory's patches have the other numbering scheme")
                    .help("a directory has one scheme: leave out `--scheme`"))
            }
            (Some(scheme), _) | (None, Some(scheme)) => Ok(scheme),
            (None, None) => Ok(Scheme::Release),
        }
    }

    fn last(&self) -> Option<Version> {
        self.taken.iter().max().copied()
    }

    fn release(&self, major: bool) -> Result<Version> {
        match self.last() {
            None => Ok(Version::new(1, 0, 0)),
            Some(last) if major => Ok(Version::new(after(last.major, last, NONE)?, 0, 0)),
            Some(last) => {
                Ok(Version::new(last.major, after(last.minor, last, "begin a new release: `--major`")?, 0))
            }
        }
    }

    fn ordinal(&self, next: &NumberingOptions) -> Result<Version> {
        if next.major || next.hotfix_of.is_some() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "patches numbered 00001, 00002 … have neither releases nor hotfixes",
            )
            .help("leave out `--major` and `--hotfix-of`: the patch gets the next number"));
        }
        Ok(Version::new(self.last().map_or(Ok(1), |last| after(last.major, last, NONE))?, 0, 0))
    }

    fn hotfix(&self, of: Version) -> Result<Version> {
        let same = |version: &&Version| (version.major, version.minor) == (of.major, of.minor);
        let last = self.taken.iter().filter(same).max().filter(|_| self.taken.contains(&of));
        let last = last.ok_or_else(|| {
            let error = Error::new(ErrorKind::Missing, format!("there is no patch `{of}` to correct"));
            match self.last() {
                Some(last) => error.help(format!("the last patch is `{last}`")),
                None => error.help("the directory has no patches yet"),
            }
        })?;
        Ok(Version::new(last.major, last.minor, after(last.point, *last, "correct a later patch")?))
    }
}

const NONE: &str = "is a digit too many in that file's name? Rename it where no database has it; otherwise the bundle goes no further";

/// The next number, if there is one: the history keeps numbers as PostgreSQL's `integer`.
fn after(number: u32, last: Version, help: &str) -> Result<u32> {
    if number < i32::MAX as u32 {
        return Ok(number + 1);
    }
    let message = format!("no number comes after `{number}`, which patch `{last}` has");
    Err(Error::new(ErrorKind::Name, message).help(help))
}

/// The files of SQL and YAML in a directory that are no patches.
const NO_PATCHES: [&str; 3] = [MANIFEST, FACTS, "schema.sql"];

fn names(directory: &Path) -> Result<Vec<String>> {
    let unreadable = |error: std::io::Error| {
        Error::new(ErrorKind::File, format!("cannot read `{}`: {error}", label(directory))).caused_by(error)
    };
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        let is_read = name.ends_with(".sql") || name.ends_with(".yaml");
        let may_be = is_read && !NO_PATCHES.contains(&name.as_str());
        if may_be && !is_ignored_file(&name, |other| directory.join(other).exists()) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
