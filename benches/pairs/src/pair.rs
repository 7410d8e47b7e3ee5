use std::fs;
use std::path::Path;

use harness::{Result, context};

use crate::case::Case;
use crate::outcome::{Direction, Finding, Outcome, CaseResult};
use crate::rows;
use crate::worker::{Schema, Worker};

/// Tries a pair: forth, and back from where that led.
///
/// # Errors
///
/// What prevents a judgement.
pub(crate) fn run(worker: &Worker<'_>, case: &Case) -> Result<Vec<Finding>> {
    let Case::Pair { suite, directory } = case else { return Ok(Vec::new()) };
    let what = what(worker, directory)?;
    for name in ["old", "new"] {
        worker.databases.drop(&worker.database(name))?;
    }
    Ok(vec![Finding { suite: suite.clone(), case: case.to_string(), what }])
}

fn what(worker: &Worker<'_>, directory: &Path) -> Result<CaseResult> {
    let mut schemas = Vec::new();
    for name in ["old", "new"] {
        if let Err(error) = make(worker, directory, name)? {
            return Ok(CaseResult::SetAside(format!("{name}: {error}")));
        }
        schemas.push(worker.read(&worker.database(name))?);
    }
    let [old, new] = schemas.as_slice() else { return Err("two schemas are needed".into()) };
    let (forth, statements) = lead(worker, directory, "old", (old, new))?;
    let mut directions = vec![(Direction::Forth, forth, statements)];
    let (back, statements) = match directions.iter().all(|(_, outcome, _)| outcome.is_reached()) {
        true => worker.lead(&worker.database("old"), new, old)?,
        false => (Outcome::Reached, Vec::new()),
    };
    let (back, statements) =
        match back.is_reached() && directions.iter().all(|(_, outcome, _)| outcome.is_reached()) {
            true => (back, statements),
            // From the schema as it should be, and without what the way there may have left in the rows.
            false => lead(worker, directory, "new", (new, old))?,
        };
    directions.push((Direction::Back, back, statements));
    Ok(CaseResult::Tried { equal: old.dump == new.dump, directions })
}

/// Makes `old` or `new` of a case.
fn make(worker: &Worker<'_>, directory: &Path, name: &str) -> Result<std::result::Result<(), String>> {
    let database = worker.database(name);
    worker.databases.create(&database)?;
    let file = directory.join(format!("{name}.sql"));
    let sql = fs::read_to_string(&file).map_err(context(file.display()))?;
    worker.databases.load(&database, &sql, false)
}

/// Leads with rows, and without them if it was because of them that a statement failed.
fn lead(
    worker: &Worker<'_>,
    directory: &Path,
    name: &str,
    (from, to): (&Schema, &Schema),
) -> Result<(Outcome, Vec<String>)> {
    let database = worker.database(name);
    if worker.rows {
        own_rows(worker, directory, name)?;
        rows::fill(worker.databases.server, &database)?;
    }
    let (outcome, statements) = worker.lead(&database, from, to)?;
    match outcome {
        Outcome::SqlFailed { error, .. } if worker.rows && is_about_rows(&error) => {
            make(worker, directory, name)?.map_err(context(name))?;
            let (outcome, statements) = worker.lead(&database, from, to)?;
            Ok((outcome.without_rows(error), statements))
        }
        outcome => Ok((outcome, statements)),
    }
}

/// The rows that the suite itself has for a case, if it has some.
fn own_rows(worker: &Worker<'_>, directory: &Path, name: &str) -> Result<()> {
    let Ok(sql) = fs::read_to_string(directory.join(format!("{name}.rows.sql"))) else { return Ok(()) };
    worker.databases.load(&worker.database(name), &sql, true)?.map_err(context("its rows"))
}

/// Whether the server refused a value that was there: data exceptions, and constraints that rows violate.
pub(crate) fn is_about_rows(error: &str) -> bool {
    ["22", "23"].iter().any(|class| error.starts_with(class))
}
