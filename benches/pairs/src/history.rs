use std::fs;
use std::path::Path;

use harness::{Result, context};

use crate::case::{Case, file_name};
use crate::outcome::{Direction, Finding, Outcome, What};
use crate::pair::is_about_rows;
use crate::rows;
use crate::trial::{Schema, Trial};

/// Tries a history: each step from the schema before a migration to the one after it, on a copy of the database before it, and
/// back.
///
/// # Errors
///
/// What prevents a judgement.
pub(crate) fn run(trial: &Trial<'_>, case: &Case) -> Result<Vec<Finding>> {
    let Case::History { suite, migrations } = case else { return Ok(Vec::new()) };
    let (now, before) = (trial.database("now"), trial.database("before"));
    trial.databases.create(&now)?;
    let (mut findings, mut old) = (Vec::new(), trial.read(&now)?);
    for migration in migrations {
        trial.databases.copy(&now, &before)?;
        let what = match migrate(trial, &now, &before, migration)? {
            Err(error) => What::SetAside(error),
            Ok(()) => {
                let new = trial.read(&now)?;
                let equal = old.dump == new.dump;
                let ways = ways(trial, (&before, &now), &old, &new)?;
                old = new;
                What::Tried { equal, ways }
            }
        };
        let case = format!("{case}{}", file_name(migration));
        findings.push(Finding { suite: suite.clone(), case, what });
    }
    [now, before, trial.database("work")].iter().try_for_each(|name| trial.databases.drop(name))?;
    Ok(findings)
}

/// Runs a migration in one transaction, or without one if it can't run in one.
fn migrate(
    trial: &Trial<'_>,
    now: &str,
    before: &str,
    migration: &Path,
) -> Result<std::result::Result<(), String>> {
    let sql = fs::read_to_string(migration).map_err(context(migration.display()))?;
    if trial.databases.load(now, &sql, true)?.is_ok() {
        return Ok(Ok(()));
    }
    trial.databases.copy(before, now)?;
    let alone = trial.databases.load(now, &sql, false)?;
    if alone.is_err() {
        trial.databases.copy(before, now)?;
    }
    Ok(alone)
}

type Way = (Direction, Outcome, Vec<String>);

fn ways(trial: &Trial<'_>, (before, now): (&str, &str), old: &Schema, new: &Schema) -> Result<Vec<Way>> {
    let work = trial.database("work");
    let (forth, statements) = lead(trial, before, &work, (old, new))?;
    let mut ways = vec![(Direction::Forth, forth, statements)];
    if ways.iter().all(|(_, outcome, _)| outcome.is_reached()) {
        let (back, statements) = trial.lead(&work, new, old)?;
        if back.is_reached() {
            ways.push((Direction::Back, back, statements));
            return Ok(ways);
        }
    }
    let (back, statements) = lead(trial, now, &work, (new, old))?;
    ways.push((Direction::Back, back, statements));
    Ok(ways)
}

/// Leads a copy with rows, and one without rows if it was because of them that a statement failed.
fn lead(
    trial: &Trial<'_>,
    template: &str,
    work: &str,
    (from, to): (&Schema, &Schema),
) -> Result<(Outcome, Vec<String>)> {
    trial.databases.copy(template, work)?;
    if trial.rows {
        rows::fill(trial.databases.server, work)?;
    }
    let (outcome, statements) = trial.lead(work, from, to)?;
    match outcome {
        Outcome::SqlFailed { error, .. } if trial.rows && is_about_rows(&error) => {
            trial.databases.copy(template, work)?;
            rows::empty(trial.databases.server, work, &from.catalog)?;
            let (outcome, statements) = trial.lead(work, from, to)?;
            Ok((outcome.without_rows(error), statements))
        }
        outcome => Ok((outcome, statements)),
    }
}
