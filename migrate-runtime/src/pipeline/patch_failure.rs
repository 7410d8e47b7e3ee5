//! Explains why the server refused a patch, and finds the place in its file.

use embed_migrate_core::{Bundle, Error, ErrorKind, Kind, Place, Step, redact_excerpt, redact_statement};
use tokio_postgres::error::{DbError, ErrorPosition, SqlState};

use super::script::Script;
use super::stop::{SentText, StopPosition, is_end};
use super::transaction_frame::UNWRITTEN;
use crate::query::failure::{caused, is_gone, kind, limit, lost, noted, own};
use crate::query::query_error::QueryError;
use crate::report::lock_holder::LockHolder;
use crate::trust::untrusted_search;

/// A patch that the server refused: the place in its file, and the reason.
pub(crate) fn patch(
    step: &Step<'_>,
    script: &Script,
    error: impl Into<QueryError>,
    blockers: &[LockHolder],
) -> Error {
    let version = step.patch.version();
    let error = match error.into() {
        QueryError::Refused(error) => error,
        late => return own(&format!("applying patch `{version}` of `{}`", step.bundle.name()), late),
    };
    let Some(db) = error.as_db_error().filter(|db| !is_gone(db.code())) else {
        return lost(error).note(format!("patch `{version}` of `{}` was running", step.bundle.name()));
    };
    if let Some(refusal) = untrusted_search::found(db.message()) {
        return refusal
            .context(format!("while applying patch `{version}` of `{}`", step.bundle.name()))
            .caused_by(error);
    }
    if *db.code() == UNWRITTEN {
        return unwritten(step).caused_by(error);
    }
    if *db.code() == SqlState::INSUFFICIENT_PRIVILEGE && is_ours(&SentText::from(script).stop(db)) {
        let doing = format!("writing patch `{version}` of `{}` into the history", step.bundle.name());
        return own(&doing, QueryError::Refused(error));
    }
    let failed = format!("patch `{version}` of `{}` failed: {}", step.bundle.name(), db.message());
    let held = blockers.iter().map(|holder| format!("the lock is held by {holder}"));
    let described = held.fold(stopped(noted(kind(db.code()), failed, db), step, script, db), Error::note);
    let described = match help(db, step) {
        Some(help) => described.help(help),
        None => described,
    };
    caused(described, error, step.patch.text())
}

/// A patch whose row did not get into the history, though nothing refused it.
pub(crate) fn unwritten(step: &Step<'_>) -> Error {
    let message = format!(
        "patch `{}` of `{}` left no row in the history, and was rolled back",
        step.patch.version(),
        step.bundle.name()
    );
    Error::new(ErrorKind::Sql, message)
        .at(Place::file(path(step)))
        .note("a trigger, a rule or a policy on the history's table `patch` prevents rows from being written")
        .help("drop it: without its row, the patch would be applied again by each boot")
}

pub(crate) fn help(db: &DbError, step: &Step<'_>) -> Option<&'static str> {
    let code = db.code();
    if let Some(help) = limit(db) {
        Some(help)
    } else if *code == SqlState::ACTIVE_SQL_TRANSACTION && db.routine() == Some("PreventInTransactionBlock") {
        Some("a statement of it can't run in a transaction: put it into a patch of kind `concurrent`")
    } else if *code == SqlState::LOCK_NOT_AVAILABLE {
        Some(
            "end the process that holds the lock, or allow more time: `-- migrate: lock-timeout 10s`, or `RunOptions::lock_timeout`",
        )
    } else if *code == SqlState::INVALID_TRANSACTION_TERMINATION {
        Some("a procedure or DO block in it commits, which a patch may not")
    } else if *code == SqlState::QUERY_CANCELED && step.patch.text().contains("statement-timeout") {
        Some("allow it more time: `-- migrate: statement-timeout 10min`")
    } else {
        None
    }
}

/// Adds the place in the patch's file that failed, or the statement of ours after it.
pub(crate) fn stopped(error: Error, step: &Step<'_>, script: &Script, db: &DbError) -> Error {
    match (SentText::from(script).stop(db), handed_on(step, db)) {
        (StopPosition::At(offset), _) => error.at(place_at(step, script.skipped + offset)),
        (_, Some(offset)) => error.at(place_at(step, offset)),
        (StopPosition::Before | StopPosition::Unknown, None) => error.at(Place::file(path(step))),
        (StopPosition::Behind(statement), None) => match step.patch.kind() {
            // The statement is known.
            Kind::Concurrent => {
                error.note(behind("the statement", statement)).at(place_at(step, script.skipped))
            }
            Kind::Std | Kind::Direct => {
                error.note(behind("all of its statements", statement)).at(Place::file(path(step)))
            }
        },
    }
}

/// Whether it stopped in a statement of ours, and not in a check that the patch deferred.
pub(crate) fn is_ours(stop: &StopPosition<'_>) -> bool {
    match stop {
        StopPosition::Before => true,
        StopPosition::Behind(statement) => !is_end(statement),
        StopPosition::At(_) | StopPosition::Unknown => false,
    }
}

/// The place of a part of the patch that a function runs, as Slony's does.
pub(crate) fn handed_on(step: &Step<'_>, db: &DbError) -> Option<usize> {
    let Some(ErrorPosition::Internal { position, query }) = db.position() else { return None };
    let (within, _) = query.char_indices().nth((*position as usize).checked_sub(1)?)?;
    Some(step.patch.text().find(query)? + within)
}

/// The purpose of our statement that failed after the statements of the patch.
pub(crate) fn behind(ran: &str, statement: &str) -> String {
    let failed = match is_end(statement) {
        true => "a deferred constraint or a deferred trigger failed at the end of the transaction".to_owned(),
        false => {
            format!("a statement after it failed: `{}`", redact_excerpt(statement, 200, redact_statement))
        }
    };
    format!("{ran} ran; {failed}")
}

/// A place in a patch's file.
pub(crate) fn place_at(step: &Step<'_>, offset: usize) -> Place {
    Place::offset(path(step), step.patch.text(), offset)
}

pub(crate) fn path(step: &Step<'_>) -> String {
    within_directory(step.bundle, step.patch.file())
}

/// A file of a bundle, with its directory if that is known.
pub(crate) fn within_directory(bundle: &Bundle, file: &str) -> String {
    match bundle.directory() {
        Some(directory) => format!("{directory}/{file}"),
        None => file.to_owned(),
    }
}
