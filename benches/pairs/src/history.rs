use std::fs;
use std::path::Path;

use harness::{Result, context};

use crate::case::{Case, file_name};
use crate::outcome::{Direction, Finding, Outcome, CaseResult};
use crate::pair::is_about_rows;
use crate::rows;
use crate::worker::{Schema, Worker};

/// Tries a history: each step from the schema before a migration to the one after it, on a copy of the database before it, and
/// back.
///
/// # Errors
///
/// What prevents a judgement.
pub(crate) fn run(worker: &Worker<'_>, case: &Case) -> Result<Vec<Finding>> {
    let Case::History { suite, migrations } = case else { return Ok(Vec::new()) };
    let (now, before) = (worker.database("now"), worker.database("before"));
    worker.databases.create(&now)?;
    let (mut findings, mut old) = (Vec::new(), worker.read(&now)?);
    for migration in migrations {
        worker.databases.copy(&now, &before)?;
        let what = match migrate(worker, &now, &before, migration)? {
            Err(error) => CaseResult::SetAside(error),
            Ok(()) => {
                let new = worker.read(&now)?;
                let equal = old.dump == new.dump;
                let directions = directions(worker, (&before, &now), &old, &new)?;
                old = new;
                CaseResult::Tried { equal, directions }
            }
        };
        let case = format!("{case}{}", file_name(migration));
        findings.push(Finding { suite: suite.clone(), case, what });
    }
    [now, before, worker.database("work")].iter().try_for_each(|name| worker.databases.drop(name))?;
    Ok(findings)
}

/// Runs a migration in one transaction, or without one if it can't run in one.
fn migrate(
    worker: &Worker<'_>,
    now: &str,
    before: &str,
    migration: &Path,
) -> Result<std::result::Result<(), String>> {
    let sql = fs::read_to_string(migration).map_err(context(migration.display()))?;
    if worker.databases.load(now, &sql, true)?.is_ok() {
        return Ok(Ok(()));
    }
    worker.databases.copy(before, now)?;
    let alone = worker.databases.load(now, &sql, false)?;
    if alone.is_err() {
        worker.databases.copy(before, now)?;
    }
    Ok(alone)
}

type DirectionResult = (Direction, Outcome, Vec<String>);

fn directions(worker: &Worker<'_>, (before, now): (&str, &str), old: &Schema, new: &Schema) -> Result<Vec<DirectionResult>> {
    let work = worker.database("work");
    let (forth, statements) = lead(worker, before, &work, (old, new))?;
    let mut directions = vec![(Direction::Forth, forth, statements)];
    if directions.iter().all(|(_, outcome, _)| outcome.is_reached()) {
        let (back, statements) = worker.lead(&work, new, old)?;
        if back.is_reached() {
            directions.push((Direction::Back, back, statements));
            return Ok(directions);
        }
    }
    let (back, statements) = lead(worker, now, &work, (new, old))?;
    directions.push((Direction::Back, back, statements));
    Ok(directions)
}

/// Leads a copy with rows, and one without rows if it was because of them that a statement failed.
fn lead(
    worker: &Worker<'_>,
    template: &str,
    work: &str,
    (from, to): (&Schema, &Schema),
) -> Result<(Outcome, Vec<String>)> {
    worker.databases.copy(template, work)?;
    if worker.rows {
        rows::fill(worker.databases.server, work)?;
    }
    let (outcome, statements) = worker.lead(work, from, to)?;
    match outcome {
        Outcome::SqlFailed { error, .. } if worker.rows && is_about_rows(&error) => {
            worker.databases.copy(template, work)?;
            rows::empty(worker.databases.server, work, &from.catalog)?;
            let (outcome, statements) = worker.lead(work, from, to)?;
            Ok((outcome.without_rows(error), statements))
        }
        outcome => Ok((outcome, statements)),
    }
}
