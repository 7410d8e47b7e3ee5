use embed_migrate_core::{Error, ErrorKind};
use tokio_postgres::error::{DbError, SqlState};

/// Turns an error of the server into ours. `doing` is a clause such as "can't create database `demo`".
pub(crate) fn server_error(doing: impl Into<String>) -> impl FnOnce(tokio_postgres::Error) -> Error {
    let doing = doing.into();
    move |error| {
        let Some(db) = error.as_db_error() else {
            let message = format!("{doing}: the connection to the server was lost");
            return Error::new(ErrorKind::Connect, message).caused_by(error);
        };
        notes(db).into_iter().fold(arguments(&doing, db), Error::note).caused_by(error)
    }
}

/// The server's message, or a clearer one if two processes did the same at once.
fn arguments(doing: &str, db: &DbError) -> Error {
    match (db.code(), db.message()) {
        // A catalog's unique index: the name was free when it was looked up.
        (code, _) if *code == SqlState::UNIQUE_VIOLATION => {
            Error::new(ErrorKind::Exists, format!("{doing}: another process just took the name"))
        }
        (_, "tuple concurrently deleted") => {
            Error::new(ErrorKind::NotFound, format!("{doing}: another process just dropped it"))
        }
        (_, "tuple concurrently updated") => {
            Error::new(ErrorKind::Busy, format!("{doing}: another process is changing it")).help("try again")
        }
        (code, message) => Error::new(kind(code), format!("{doing}: {message}")),
    }
}

/// The kind of an error, by its SQLSTATE.
fn kind(code: &SqlState) -> ErrorKind {
    let codes = [
        (SqlState::DUPLICATE_DATABASE, ErrorKind::Exists),
        (SqlState::DUPLICATE_OBJECT, ErrorKind::Exists),
        (SqlState::INVALID_CATALOG_NAME, ErrorKind::NotFound),
        (SqlState::UNDEFINED_OBJECT, ErrorKind::NotFound),
        (SqlState::OBJECT_IN_USE, ErrorKind::InUse),
        (SqlState::DEPENDENT_OBJECTS_STILL_EXIST, ErrorKind::InUse),
        (SqlState::INSUFFICIENT_PRIVILEGE, ErrorKind::Permission),
        (SqlState::RESERVED_NAME, ErrorKind::Name),
        (SqlState::INVALID_NAME, ErrorKind::Name),
        (SqlState::READ_ONLY_SQL_TRANSACTION, ErrorKind::Standby),
        (SqlState::FEATURE_NOT_SUPPORTED, ErrorKind::Unsupported),
        (SqlState::LOCK_NOT_AVAILABLE, ErrorKind::Locked),
    ];
    codes.into_iter().find(|(known, _)| known == code).map_or(ErrorKind::Sql, |(_, kind)| kind)
}

fn notes(db: &DbError) -> Vec<String> {
    let detail = db.detail().map(|detail| format!("detail: {detail}"));
    let hint = db.hint().map(|hint| format!("hint: {hint}"));
    [detail, hint, Some(format!("SQLSTATE {}", db.code().code()))].into_iter().flatten().collect()
}

/// The error for an object that exists already.
pub(crate) fn exists(noun: &str, name: &str) -> Error {
    Error::new(ErrorKind::Exists, format!("{noun} `{name}` exists already"))
}

/// The error for an object that does not exist.
pub(crate) fn absent(noun: &str, name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("{noun} `{name}` does not exist"))
}

/// The SQLSTATE of an error, if it comes from the server.
pub(crate) fn code(error: &Error) -> Option<&SqlState> {
    let cause = std::error::Error::source(error)?.downcast_ref::<tokio_postgres::Error>()?;
    cause.code()
}

/// Whether the error is about this database only, so that another one may work.
pub(crate) fn is_closed(error: &Error) -> bool {
    let codes = [
        SqlState::INVALID_CATALOG_NAME,
        SqlState::INSUFFICIENT_PRIVILEGE,
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
        SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
    ];
    code(error).is_some_and(|code| codes.contains(code))
}
