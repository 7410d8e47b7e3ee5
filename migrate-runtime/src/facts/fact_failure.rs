//! What it means where the server refuses the SQL of a fact.

use crate::pipeline::script::Script;
use crate::pipeline::stop::SentText;
use crate::pipeline::stop::StopPosition;
use crate::query::failure::MOST;
use crate::query::failure::caused;
use crate::query::failure::kind;
use crate::query::failure::limit;
use crate::query::failure::lost;
use crate::query::failure::noted;
use migrate_core::Error;
use migrate_core::Place;
use migrate_core::excerpt;
#[cfg(feature = "facts")]
use migrate_core::facts::SourceText;
use migrate_core::redact_statement;
#[cfg(feature = "facts")]
use std::sync::atomic::Ordering;

/// SQL of a fact that the server refused.
#[cfg(feature = "facts")]
pub(crate) fn fact(sql: &str, error: tokio_postgres::Error) -> Error {
    let Some(db) = error.as_db_error() else { return lost(error) };
    let mut described = noted(kind(db.code()), db.message().to_owned(), db);
    if let Some(help) = limit(db) {
        described = described.help(help);
    }
    caused(
        described.context(format!("while executing: {}", excerpt(sql.trim(), MOST, redact_statement))),
        error,
        sql,
    )
}

/// SQL that a fact holds as a text of its own, which the server refused after so many statements.
#[cfg(feature = "facts")]
pub(crate) fn in_text(text: &SourceText, script: &Script, error: tokio_postgres::Error) -> Error {
    let done = script.done.load(Ordering::Relaxed);
    let stop = error.as_db_error().map(|db| SentText::whole(&text.text, done).stop(db));
    let error = fact(&text.text, error);
    match stop {
        Some(StopPosition::At(offset)) => error.at(text.place_at(offset)),
        _ => error.at(text.place.clone()),
    }
}

/// SQL of a file that the server refused after so many statements.
#[cfg(feature = "facts")]
pub(crate) fn in_file(file: &str, script: &Script, error: tokio_postgres::Error) -> Error {
    let stop = error.as_db_error().map(|db| SentText::from(script).stop(db));
    let error = fact(&script.sql, error);
    match stop {
        Some(StopPosition::At(offset)) => error.at(Place::offset(file, &script.sql, offset)),
        _ => error.at(Place::file(file)),
    }
}
