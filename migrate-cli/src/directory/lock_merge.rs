//! A lock file after a git merge.

use embed_migrate_core::{Error, ErrorKind, LockEntry, LockFile, Place, Result};

/// Reads the lines of both sides of a merge: they may repeat each other, and the digest may be out of date.
pub(crate) fn read(file: &str, text: &str) -> Result<LockFile> {
    LockFile::resolved(file, text)?;
    let LockFile { name, entries, accepts, facts, create, schema } = LockFile::parse_merged(file, text)?;
    let mut merged = LockFile { name, ..LockFile::default() };
    let mut problems = Vec::new();
    for entry in entries {
        if let Err(error) = add(&mut merged.entries, entry) {
            problems.push(error.at(Place::file(file)));
        }
    }
    for accept in accepts {
        if !merged.accepts.contains(&accept) {
            merged.accepts.push(accept);
        }
    }
    for digest in facts {
        if !merged.facts.contains(&digest) {
            merged.facts.push(digest);
        }
    }
    // If both sides have a create tree, neither is that of the merged patches: it is locked again.
    merged.create = create;
    // The same: `cargo migrate diff` compares the merged declaration with the merged patches.
    merged.schema = schema;
    merged.entries.sort_by_key(|entry| (!entry.baseline, entry.version));
    Error::all(problems).map_or(Ok(merged), Err)
}

fn add(entries: &mut Vec<LockEntry>, entry: LockEntry) -> Result<()> {
    let same = |other: &&mut LockEntry| other.version == entry.version && other.baseline == entry.baseline;
    match entries.iter_mut().find(same) {
        None => entries.push(entry),
        Some(other) if entry.locked.is_none() || other.locked == entry.locked => {}
        Some(other) if other.locked.is_none() => *other = entry,
        Some(other) => {
            let message = format!("version `{}` is locked twice, with different content", entry.version);
            return Err(Error::new(ErrorKind::Duplicate, message)
                .note(format!("as `{}` and as `{}`", other.file, entry.file))
                .help(
                    "both sides of a merge added it: give the one that is released nowhere the next free version, \
                     by renaming its file, and remove its line",
                ));
        }
    }
    Ok(())
}
