use std::fs;
use std::path::Path;

use harness::{Result, context};

use crate::case::Case;
use crate::outcome::{Direction, Finding, Outcome, What};
use crate::rows;
use crate::trial::{Schema, Trial};

/// Tries a pair: forth, and back from where that led.
///
/// # Errors
///
/// What prevents a judgement.
pub(crate) fn run(trial: &Trial<'_>, case: &Case) -> Result<Vec<Finding>> {
    let Case::Pair { suite, directory } = case else { return Ok(Vec::new()) };
    let what = what(trial, directory)?;
    for name in ["old", "new"] {
        trial.databases.drop(&trial.database(name))?;
    }
    Ok(vec![Finding { suite: suite.clone(), case: case.to_string(), what }])
}

fn what(trial: &Trial<'_>, directory: &Path) -> Result<What> {
    let mut schemas = Vec::new();
    for name in ["old", "new"] {
        if let Err(error) = make(trial, directory, name)? {
            return Ok(What::SetAside(format!("{name}: {error}")));
        }
        schemas.push(trial.read(&trial.database(name))?);
    }
    let [old, new] = schemas.as_slice() else { return Err("two schemas are needed".into()) };
    let (forth, statements) = lead(trial, directory, "old", (old, new))?;
    let mut ways = vec![(Direction::Forth, forth, statements)];
    let (back, statements) = match ways.iter().all(|(_, outcome, _)| outcome.is_reached()) {
        true => trial.lead(&trial.database("old"), new, old)?,
        false => (Outcome::Reached, Vec::new()),
    };
    let (back, statements) =
        match back.is_reached() && ways.iter().all(|(_, outcome, _)| outcome.is_reached()) {
            true => (back, statements),
            // From the schema as it should be, and without what the way there may have left in the rows.
            false => lead(trial, directory, "new", (new, old))?,
        };
    ways.push((Direction::Back, back, statements));
    Ok(What::Tried { equal: old.dump == new.dump, ways })
}

/// Makes `old` or `new` of a case.
fn make(trial: &Trial<'_>, directory: &Path, name: &str) -> Result<std::result::Result<(), String>> {
    let database = trial.database(name);
    trial.databases.create(&database)?;
    let file = directory.join(format!("{name}.sql"));
    let sql = fs::read_to_string(&file).map_err(context(file.display()))?;
    trial.databases.load(&database, &sql, false)
}

/// Leads with rows, and without them if it was because of them that a statement failed.
fn lead(
    trial: &Trial<'_>,
    directory: &Path,
    name: &str,
    (from, to): (&Schema, &Schema),
) -> Result<(Outcome, Vec<String>)> {
    let database = trial.database(name);
    if trial.rows {
        own_rows(trial, directory, name)?;
        rows::fill(trial.databases.server, &database)?;
    }
    let (outcome, statements) = trial.lead(&database, from, to)?;
    match outcome {
        Outcome::SqlFailed { error, .. } if trial.rows && is_about_rows(&error) => {
            make(trial, directory, name)?.map_err(context(name))?;
            let (outcome, statements) = trial.lead(&database, from, to)?;
            Ok((outcome.without_rows(error), statements))
        }
        outcome => Ok((outcome, statements)),
    }
}

/// The rows that the suite itself has for a case, if it has some.
fn own_rows(trial: &Trial<'_>, directory: &Path, name: &str) -> Result<()> {
    let Ok(sql) = fs::read_to_string(directory.join(format!("{name}.rows.sql"))) else { return Ok(()) };
    trial.databases.load(&trial.database(name), &sql, true)?.map_err(context("its rows"))
}

/// Whether the server refused a value that was there: data exceptions, and constraints that rows violate.
pub(crate) fn is_about_rows(error: &str) -> bool {
    ["22", "23"].iter().any(|class| error.starts_with(class))
}
