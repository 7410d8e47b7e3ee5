//! The reasons for which a plan is refused, each with its place and what to do.

use super::history::Applied;
use super::plan::Step;
use crate::bundle::Bundle;
use crate::error::{Error, ErrorKind, Place};
use crate::patch::{MinApp, Patch, Version};

/// What the history knows of a bundle as a whole.
pub(crate) struct AppliedVersions {
    pub(crate) head: Option<Version>,
    pub(crate) baseline: Option<Version>,
}

/// The place of a bundle's file.
pub(crate) fn place(bundle: &Bundle, file: &str) -> Place {
    // The directory is known in debug builds; elsewhere the bundle's name has to do.
    Place::file(match bundle.directory() {
        Some(directory) => format!("{directory}/{file}"),
        None => format!("{}: {file}", bundle.name()),
    })
}

/// A row without an end time.
pub(crate) fn interrupted(row: &Applied) -> Error {
    let Applied { bundle, version, kind, .. } = row;
    Error::new(ErrorKind::Interrupted, format!("patch `{version}` of `{bundle}` was started and has no end"))
        .help(format!("a {kind} patch can be continued only by the release of the program that started it"))
}

/// The note on a started patch that a target leaves as it is.
pub(crate) fn beyond(step: &Step<'_>) -> String {
    let (version, bundle) = (step.patch.version(), step.bundle.name());
    format!(
        "patch `{version}` of `{bundle}` was started and has no end; it is beyond the version to stop at, and stays as it is"
    )
}

/// The same if other patches are pending: each row of the history must follow a completed one.
pub(crate) fn past(step: &Step<'_>) -> Error {
    let (version, bundle) = (step.patch.version(), step.bundle.name());
    let clause = format!(
        "patch `{version}` of `{bundle}` was started and has no end, is beyond the version to stop at, and others are pending"
    );
    Error::new(ErrorKind::Interrupted, clause)
        .at(place(step.bundle, step.patch.file()))
        .note("nothing is applied past an unfinished patch")
        .help(format!(
            "continue it: set `{version}` or later as the version to stop at, or none; then apply the others"
        ))
}

/// A patch that was applied with other tokens; `Ok` has a note if the change was cosmetic.
pub(crate) fn changed(bundle: &Bundle, row: &Applied, patch: &Patch) -> Result<Option<String>, Error> {
    let version = row.version;
    let cosmetic = || {
        format!("patch `{version}` of `{}` was edited since, in comments or white space only", bundle.name())
    };
    if row.kind != patch.kind() {
        let message = format!("patch `{version}` was applied as {}, and is {} now", row.kind, patch.kind());
        return Err(edited(bundle, patch, message));
    }
    if row.tokens == patch.tokens() {
        return Ok((row.checksum != patch.checksum()).then(cosmetic));
    }
    if bundle.accepts(version, row.tokens, patch.tokens()) {
        return Ok(Some(format!(
            "patch `{version}` of `{}` was edited since, as the lock file accepts",
            bundle.name()
        )));
    }
    match row.draft {
        // What is not done yet may still change; what is done is compared statement by statement.
        true if !row.ended => {
            Ok(Some(format!("draft `{version}` of `{}` was edited before it was finished", bundle.name())))
        }
        true => Err(draft(bundle, patch)),
        false => Err(edited(bundle, patch, format!("patch `{version}` was edited after it was applied"))),
    }
}

fn edited(bundle: &Bundle, patch: &Patch, message: String) -> Error {
    let version = patch.version();
    Error::new(ErrorKind::Edited, message).at(place(bundle, patch.file())).help(format!(
        "restore the file with git, and put the change into a new patch (`cargo migrate new`)\n\
         or, if the edit changes nothing in effect: `cargo migrate lock --accept {version} --reason \"…\"`"
    ))
}

fn draft(bundle: &Bundle, patch: &Patch) -> Error {
    let message = format!("draft `{}` was edited after it was applied here", patch.version());
    Error::new(ErrorKind::Edited, message)
        .at(place(bundle, patch.file()))
        .help("undo it and apply it again, or create the development database again: the history of drafts is not needed")
}

/// A patch that the binary does not know and does not admit it; `there` says what the database has.
pub(crate) fn too_new(bundle: &Bundle, row: &Applied, there: impl Fn(Version) -> bool) -> Option<Error> {
    let head = bundle.head().unwrap_or(Version::new(0, 0, 0));
    let Applied { version, min_app, .. } = row;
    let note = match min_app {
        _ if !min_app.admits(head) => {
            format!(
                "it asks for binaries whose bundle ends at `{min_app}` or later, and this one ends at `{head}`"
            )
        }
        // A binary may end above a hotfix and not have it.
        MinApp::Version(oldest) if oldest.is_hotfix() && there(*oldest) && !bundle.has(*oldest) => {
            format!(
                "it asks for binaries that have hotfix `{oldest}`, and this one, which ends at `{head}`, has not"
            )
        }
        _ => return None,
    };
    let message = format!("the database is too new for this binary: patch `{version}` of `{}`", row.bundle);
    Some(Error::new(ErrorKind::TooNew, message).note(note).help("run a newer release of the program"))
}

/// A patch in the history, and not in the binary that should have it.
pub(crate) fn missing(bundle: &Bundle, row: &Applied) -> Error {
    let Applied { version, file, .. } = row;
    Error::new(ErrorKind::Missing, format!("patch `{version}` was applied, and is missing from this binary"))
        .at(place(bundle, file))
        .help("restore the file with git: applied patches must stay in the bundle")
}

/// What speaks against applying these patches now.
pub(crate) fn pending(bundle: &Bundle, pending: &[(&Patch, bool)], known: &AppliedVersions) -> Vec<Error> {
    let mut problems = Vec::new();
    for (patch, _) in pending {
        if let Some(head) = known.head.filter(|head| patch.version() < *head && !patch.version().is_hotfix())
        {
            problems.push(late(bundle, patch, head));
        }
    }
    problems.extend(below_baseline(bundle, pending, known));
    problems
}

fn late(bundle: &Bundle, patch: &Patch, head: Version) -> Error {
    Error::new(
        ErrorKind::Late,
        format!("patch `{}` comes late: `{head}` was applied already", patch.version()),
    )
    .at(place(bundle, patch.file()))
    .help("give it the next free version (`cargo migrate new` shows it): only a hotfix may be applied late")
}

fn below_baseline(bundle: &Bundle, pending: &[(&Patch, bool)], known: &AppliedVersions) -> Option<Error> {
    let baseline = bundle.baseline()?.version();
    let head = known.head.filter(|head| *head < baseline)?;
    // The files before the baseline are there only if the bundle has the baseline's own patch.
    let first = bundle.patch(baseline).and_then(|_| bundle.patches().first());
    let reaches = first.is_some_and(|first| first.version() <= head || first.version().follows(head));
    let file = pending.first().map_or(bundle.baseline()?.file(), |(patch, _)| patch.file());
    (!reaches).then(|| {
        Error::new(
            ErrorKind::Gap,
            format!("the database is at `{head}`, and this binary begins after `{baseline}`"),
        )
        .at(place(bundle, file))
        .help(format!("run a release that still has the patches up to `{baseline}` first"))
    })
}
