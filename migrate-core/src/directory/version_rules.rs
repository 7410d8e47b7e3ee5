//! The one rule on versions: no duplicates, no gaps, drafts at the end, and all that was locked is there.

use std::collections::HashSet;

use super::file_name::{FileName, Scheme};
use super::lock_file::{LockEntry, LockFile};
use super::source_directory::{SourceDirectory, SourceFile};
use crate::bundle::LOCK_FILE;
use crate::error::{Error, ErrorKind, Place};
use crate::patch::{FileRole, Version};

/// Files whose names contradict each other: two schemes, two files for one version, a way back from nowhere.
pub(crate) fn names(
    source: &SourceDirectory,
    named: &[(FileName<'_>, &SourceFile)],
    lock: &LockFile,
) -> Vec<Error> {
    let mut problems = Vec::new();
    let mut sorted: Vec<_> = named.iter().collect();
    // Of two files with one version, the one that came later has to give way: that is the one without a line.
    let files: HashSet<&str> = lock.entries.iter().map(|entry| entry.file.as_str()).collect();
    sorted.sort_by_key(|(name, file)| {
        let file = file.name.as_str();
        (rank(name.role), name.version, !files.contains(file), file)
    });
    for ((one, first), (two, second)) in sorted.iter().zip(sorted.iter().skip(1)) {
        if one.role == two.role && (one.version == two.version || one.role == FileRole::Baseline) {
            problems.push(match two.role {
                FileRole::Baseline => two_baselines(source, first, second),
                FileRole::Up | FileRole::Down => duplicate(source, first, second, two.version),
            });
        }
    }
    problems.extend(mixed(source, named));
    for (name, file) in named.iter().filter(|(name, _)| name.role == FileRole::Down) {
        let same =
            |up: &FileName<'_>| up.version == name.version && up.kind == name.kind && up.slug == name.slug;
        let up = sorted
            .binary_search_by_key(&(rank(FileRole::Up), name.version), |(up, _)| (rank(up.role), up.version));
        let found = up.ok().and_then(|index| sorted.get(index)).is_some_and(|(up, _)| same(up));
        if !found {
            problems.push(orphan(source, file));
        }
    }
    problems
}

fn rank(role: FileRole) -> u8 {
    match role {
        FileRole::Up => 0,
        FileRole::Down => 1,
        FileRole::Baseline => 2,
    }
}

fn duplicate(source: &SourceDirectory, first: &SourceFile, second: &SourceFile, version: Version) -> Error {
    Error::new(ErrorKind::Duplicate, format!("version `{version}` is claimed by two files"))
        .at(Place::file(source.path(&second.name)))
        .note(format!("the other one is `{}`", source.path(&first.name)))
        .help("give one of them the next free version (`cargo migrate new` shows it)")
}

fn two_baselines(source: &SourceDirectory, first: &SourceFile, second: &SourceFile) -> Error {
    Error::new(ErrorKind::Duplicate, "there are two baselines")
        .at(Place::file(source.path(&second.name)))
        .note(format!("the other one is `{}`", source.path(&first.name)))
        .help("keep the later one: it replaces everything before it")
}

fn orphan(source: &SourceDirectory, file: &SourceFile) -> Error {
    Error::new(ErrorKind::Name, "a way back has no patch of the same name")
        .at(Place::file(source.path(&file.name)))
        .help("give it the name of its patch, with `.down` before `.sql`")
}

fn mixed(source: &SourceDirectory, named: &[(FileName<'_>, &SourceFile)]) -> Option<Error> {
    let ups = || named.iter().filter(|(name, _)| name.role == FileRole::Up);
    let (first, _) = ups().next()?;
    let (_, other) = ups().find(|(name, _)| name.scheme != first.scheme)?;
    Some(
        Error::new(ErrorKind::Name, "one directory has patches with versions and patches with numbers")
            .at(Place::file(source.path(&other.name)))
            .help("use one scheme for all patches: `patch-1-0-0-std.sql` or `00001-create-study.sql`"),
    )
}

/// Versions that don't follow each other, and what the lock file says otherwise.
///
/// The names alone decide, so that a patch with a problem of its own does not leave a gap as well.
pub(crate) fn problems(
    source: &SourceDirectory,
    named: &[(FileName<'_>, &SourceFile)],
    lock: &LockFile,
) -> Vec<Error> {
    let of = |role| named.iter().filter(move |(name, _)| name.role == role);
    let mut ups: Vec<_> = of(FileRole::Up).copied().collect();
    ups.sort_by_key(|(name, _)| name.version);
    let baseline = of(FileRole::Baseline).map(|(name, _)| name.version).max();
    let mut problems = Vec::new();
    problems.extend(first(source, &ups, baseline));
    for ((before, _), (name, file)) in ups.iter().zip(ups.iter().skip(1)) {
        if name.version != before.version && !name.version.follows(before.version) {
            problems.push(gap(source, *name, file, before.version));
        }
    }
    problems.extend(unlocked(source, &ups, lock));
    problems.extend(below_baseline(source, &ups, baseline, lock));
    problems.extend(gone(source, &ups, baseline, lock));
    problems
}

fn first(
    source: &SourceDirectory,
    ups: &[(FileName<'_>, &SourceFile)],
    baseline: Option<Version>,
) -> Option<Error> {
    let (name, file) = ups.first()?;
    let Version { major, minor, point } = name.version;
    let ordinal = name.scheme == Scheme::Ordinal;
    let begins = minor == 0 && point == 0 && (!ordinal || major <= 1);
    let follows = baseline.is_some_and(|baseline| name.version.follows(baseline));
    (!begins && !follows).then(|| {
        Error::new(ErrorKind::Gap, format!("the first patch can't be `{}`", name.version))
            .at(Place::file(source.path(&file.name)))
            .help(match (ordinal, baseline) {
                (_, Some(baseline)) => format!("the first patch follows the baseline `{baseline}`"),
                (true, None) => "the first ordinal is 0 or 1".to_owned(),
                (false, None) => format!("the first version is `{major}.0.0`, or follows a baseline"),
            })
    })
}

fn gap(source: &SourceDirectory, name: FileName<'_>, file: &SourceFile, before: Version) -> Error {
    let Version { major, minor, point } = before;
    let help = match name.scheme {
        Scheme::Ordinal => format!("after ordinal {major} comes {}", major.saturating_add(1)),
        Scheme::Release => format!(
            "after `{before}` comes `{major}.{minor}.{}`, `{major}.{}.0` or `{}.0.0`",
            point.saturating_add(1),
            minor.saturating_add(1),
            major.saturating_add(1),
        ),
    };
    Error::new(ErrorKind::Gap, format!("there is a gap between `{before}` and `{}`", name.version))
        .at(Place::file(source.path(&file.name)))
        .help(help)
}

// A draft may still change, and what comes after it could not be locked without it.
fn unlocked(source: &SourceDirectory, ups: &[(FileName<'_>, &SourceFile)], lock: &LockFile) -> Vec<Error> {
    let entries = lock.entries.iter().filter(|entry| !entry.baseline && entry.locked.is_some());
    let locked: HashSet<Version> = entries.map(|entry| entry.version).collect();
    let last = ups.iter().rev().map(|(name, _)| name.version).find(|version| locked.contains(version));
    let early =
        |version: &Version| Some(*version) < last && !version.is_hotfix() && !locked.contains(version);
    let early = ups.iter().filter(|(name, _)| early(&name.version)).map(|(name, file)| {
        Error::new(ErrorKind::Unlocked, format!("patch `{}` is not locked, and a later one is", name.version))
            .at(Place::file(source.path(&file.name)))
            .help("give it the next version after the last locked patch; only a hotfix may come between locked patches")
    });
    early.collect()
}

// A database that was made from the baseline would never get it, and one that was made from patches would.
fn below_baseline(
    source: &SourceDirectory,
    ups: &[(FileName<'_>, &SourceFile)],
    baseline: Option<Version>,
    lock: &LockFile,
) -> Vec<Error> {
    let locked = |version: Version| lock.entry(version).is_some_and(|entry| entry.locked.is_some());
    let below = ups.iter().filter(|(name, _)| Some(name.version) <= baseline && name.version.is_hotfix());
    let late = below.filter(|(name, _)| !locked(name.version)).map(|(name, file)| {
        Error::new(ErrorKind::Late, format!("hotfix `{}` is below the baseline and not locked", name.version))
            .at(Place::file(source.path(&file.name)))
            .help("databases made from the baseline would never get it: give it a version after the baseline")
    });
    late.collect()
}

fn gone(
    source: &SourceDirectory,
    ups: &[(FileName<'_>, &SourceFile)],
    baseline: Option<Version>,
    lock: &LockFile,
) -> Vec<Error> {
    let there = |entry: &&LockEntry| {
        baseline.is_some_and(|baseline| entry.version <= baseline)
            || !entry.baseline && ups.binary_search_by_key(&entry.version, |(name, _)| name.version).is_ok()
    };
    // A draft that was removed leaves nothing to restore.
    let locked = lock.entries.iter().filter(|entry| entry.locked.is_some());
    let missing = locked.filter(|entry| !there(entry)).map(|entry| {
        Error::new(ErrorKind::Missing, format!("the file of patch `{}` is gone", entry.version))
            .at(Place::file(source.path(LOCK_FILE)))
            .note(format!("it was `{}`", entry.file))
            .help("restore it with git: a patch that was applied somewhere must stay")
    });
    missing.collect()
}
