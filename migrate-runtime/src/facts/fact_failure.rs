//! Explains why the server refused the SQL of a fact.

#[cfg(feature = "facts")]
use std::sync::atomic::Ordering;

#[cfg(feature = "facts")]
use embed_migrate_core::facts::SourceText;
use embed_migrate_core::{Error, Place};
use embed_migrate_core::{redact_excerpt, redact_statement};
#[cfg(feature = "facts")]
use tokio_postgres::error::DbError;

use crate::pipeline::script::Script;
use crate::pipeline::stop::{SentText, StopPosition};
use crate::query::failure::{MOST, caused, kind, limit, lost, noted};

/// SQL of a fact that the server refused.
#[cfg(feature = "facts")]
pub(crate) fn fact(sql: &str, error: tokio_postgres::Error) -> Error {
    let Some(db) = error.as_db_error() else { return lost(error) };
    let mut described = noted(kind(db.code()), db.message().to_owned(), db);
    if let Some(help) = limit(db) {
        described = described.help(help);
    }
    caused(
        described.context(format!("while executing: {}", redact_excerpt(sql.trim(), MOST, redact_statement))),
        error,
        sql,
    )
}

/// SQL that a fact holds as a text of its own, which the server refused after so many statements.
#[cfg(feature = "facts")]
pub(crate) fn in_text(text: &SourceText, script: &Script, error: tokio_postgres::Error) -> Error {
    let place = error.as_db_error().map(|db| place(text, script, db));
    fact(&text.text, error).at(place.unwrap_or_else(|| text.place.clone()))
}

/// The place in the SQL of a fact that a message of the server is about.
#[cfg(feature = "facts")]
pub(crate) fn place(text: &SourceText, script: &Script, said: &DbError) -> Place {
    match SentText::whole(&text.text, script.done.load(Ordering::Relaxed)).stop(said) {
        StopPosition::At(offset) => text.place_at(offset),
        StopPosition::Before | StopPosition::Behind(_) | StopPosition::Unknown => text.place.clone(),
    }
}

/// SQL of a file that the server refused after so many statements.
#[cfg(feature = "facts")]
pub(crate) fn in_file(file: &str, script: &Script, error: tokio_postgres::Error) -> Error {
    let place = error.as_db_error().map(|db| file_place(file, script, db));
    fact(&script.sql, error).at(place.unwrap_or_else(|| Place::file(file)))
}

/// The place in the SQL of a file that a message of the server is about.
#[cfg(feature = "facts")]
pub(crate) fn file_place(file: &str, script: &Script, said: &DbError) -> Place {
    match SentText::from(script).stop(said) {
        StopPosition::At(offset) => Place::offset(file, &script.sql, offset),
        StopPosition::Before | StopPosition::Behind(_) | StopPosition::Unknown => Place::file(file),
    }
}
