//! Bundles that require each other: in which order they run, and what is missing.

use super::history::History;
use super::plan::Step;
use super::refusal::place;
use crate::bundle::Bundle;
use crate::error::{Error, ErrorKind, Result};
use crate::patch::{Requirement, Version};

/// The bundles in an order in which each comes after those that it requires; otherwise as they were given.
pub(crate) fn order<'a>(bundles: &[&'a Bundle], history: &History) -> Result<Vec<&'a Bundle>> {
    let needs: Vec<Vec<String>> = bundles.iter().map(|bundle| needs(bundle)).collect::<Result<_>>()?;
    let mut problems = twice(bundles);
    for (bundle, names) in bundles.iter().zip(&needs) {
        let applied = |name: &str| history.of(name).any(|row| row.ended);
        let met = |name: &String| bundles.iter().any(|other| other.name() == *name) || applied(name);
        problems.extend(names.iter().filter(|name| !met(name)).map(|name| absent(bundle, name)));
    }
    if let Some(error) = Error::all(problems) {
        return Err(error);
    }
    let mut ordered: Vec<&Bundle> = Vec::new();
    let mut waiting: Vec<_> = bundles.iter().copied().zip(needs).collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        let blocked = |names: &[String], waiting: &[(&Bundle, Vec<String>)]| {
            names.iter().any(|name| waiting.iter().any(|(other, _)| other.name() == *name))
        };
        let free = waiting.iter().position(|(_, names)| !blocked(names, &waiting));
        ordered.extend(free.map(|index| waiting.remove(index).0));
        if waiting.len() == before {
            return Err(cycle(&waiting));
        }
    }
    Ok(ordered)
}

fn needs(bundle: &Bundle) -> Result<Vec<String>> {
    let mut names: Vec<String> = bundle.requires().iter().map(|name| name.to_string()).collect();
    // A patch may require a version of a bundle that the bundle as a whole doesn't name.
    for patch in bundle.patches().iter().filter(|patch| patch.text().contains("requires")) {
        names.extend(patch.directives()?.requires.iter().map(|requirement| requirement.bundle.clone()));
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn twice(bundles: &[&Bundle]) -> Vec<Error> {
    let mut names: Vec<_> = bundles.iter().map(|bundle| bundle.name()).collect();
    names.sort_unstable();
    let pairs = names.iter().zip(names.iter().skip(1)).filter(|(one, two)| one == two);
    pairs
        .map(|(name, _)| {
            Error::new(ErrorKind::Duplicate, format!("two bundles are called `{name}`"))
                .help(
                    "give one of them another name: `name: …` in its bundle.yaml; if it is locked: `cargo migrate lock --rename …`",
                )
        })
        .collect()
}

fn absent(bundle: &Bundle, name: &str) -> Error {
    Error::new(
        ErrorKind::Requires,
        format!("bundle `{}` requires `{name}`, which is neither given nor applied", bundle.name()),
    )
    .help(format!(
        "pass it too: its directory with another `--dir`, in a program `Migrator::new([&{}, …])`",
        name.to_uppercase().replace(|c: char| !c.is_alphanumeric(), "_")
    ))
}

/// How a bundle is passed.
const PASS: &str = "its directory with another `--dir`, in a program by `Migrator::new`";

fn cycle(waiting: &[(&Bundle, Vec<String>)]) -> Error {
    let names: Vec<_> = waiting.iter().map(|(bundle, _)| format!("`{}`", bundle.name())).collect();
    Error::new(ErrorKind::Requires, format!("the bundles {} require each other", names.join(", ")))
        .help("let one of them go without the other")
}

/// Requirements of single patches that neither the history nor an earlier step meets.
pub(crate) fn unmet(steps: &[Step<'_>], history: &History) -> Vec<Error> {
    let mut problems = Vec::new();
    for (index, step) in steps.iter().enumerate().filter(|(_, step)| step.patch.text().contains("requires")) {
        let directives = match step.patch.directives() {
            Ok(directives) => directives,
            Err(error) => {
                problems.push(error);
                continue;
            }
        };
        for Requirement { bundle, version } in &directives.requires {
            let mut earlier = steps.iter().take(index).filter(|earlier| earlier.bundle.name() == bundle);
            let earlier = earlier.any(|step| meets(*version, step.patch.version(), step.baseline));
            // What was started and has no end is not in.
            let mut applied = history.of(bundle).filter(|row| row.ended);
            if !earlier && !applied.any(|row| meets(*version, row.version, row.baseline)) {
                problems.push(
                    Error::new(
                        ErrorKind::Requires,
                        format!("patch `{}` requires `{bundle}` at `{version}`", step.patch.version()),
                    )
                    .at(place(step.bundle, step.patch.file()))
                    .help(match version.is_hotfix() {
                        true => format!("pass a `{bundle}` that has this hotfix, or apply it first: {PASS}"),
                        false => format!("pass a `{bundle}` that goes as far, or apply it first: {PASS}"),
                    }),
                );
            }
        }
    }
    problems
}

/// Whether what was applied means that `version` is in: a hotfix may be left out by all that is above it, and only a
/// baseline replaces it.
fn meets(version: Version, applied: Version, baseline: bool) -> bool {
    applied == version || applied > version && (baseline || !version.is_hotfix())
}
