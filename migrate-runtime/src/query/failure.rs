//! Explains the server's errors to the person who has to act on them.

use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, redact_excerpt, redact_from, redact_statement};
use tokio_postgres::error::{DbError, ErrorPosition, SqlState};

use super::query_error::QueryError;
use crate::trust::untrusted_search;

/// The error, caused by what the server said of this SQL, and without the passwords in it. What the server said is kept
/// as the source only if it has none, and is not megabytes.
pub(crate) fn caused(described: Error, error: tokio_postgres::Error, sql: &str) -> Error {
    let tells =
        |text: &str| redact_excerpt(text, MOST, redact_statement) != text || redact_from(sql, text) != text;
    let known = error.as_db_error().is_some_and(|db| {
        let texts = [db.detail(), db.hint(), db.where_(), db.position().and_then(internal)];
        texts.into_iter().flatten().chain([db.message()]).any(tells)
    });
    let described = described.without_passwords_of(sql);
    if known { described } else { described.caused_by(error) }
}

/// What helps if the server refuses one of our own statements because a right is missing. The cause may be a policy, or what an event
/// trigger does, that is in the way: then a function's context comes with it.
fn missing_right(db: &DbError) -> &'static str {
    let message = db.message();
    if db.routine() == Some("ExecWithCheckOptions") {
        "a policy hides the rows of the history, for example one that an event trigger adds to new tables: exclude the history's \
         schema from it (`ALTER TABLE … NO FORCE ROW LEVEL SECURITY`)"
    } else if db.where_().is_some_and(|context| !context.contains("inline_code_block")) {
        "the object in the context needs the right, such as the function of an event trigger (`\\dy` in psql lists them); the \
         history does not need it: grant it to the role that boots, or make the function SECURITY DEFINER"
    } else if message.contains("for schema") {
        "the schema exists: grant its rights to the role that boots (`GRANT USAGE, CREATE ON SCHEMA … TO …`, and those on the \
         tables in it);\n\
         if another role owns it, name that role with `RunOptions::role`, or `--role`"
    } else if message.contains("for database") {
        "the role that boots needs the right to create the history's schema once (`GRANT CREATE ON DATABASE … TO …`), \
         or a schema of its own (`CREATE SCHEMA migrate AUTHORIZATION …`);\n\
         if another role owns it, name that role with `RunOptions::role`, or `--role`"
    } else {
        "give the role that boots that right"
    }
}

/// The server's errors for our own statements if a table of the history belongs to another program.
pub(crate) const OTHERS: [SqlState; 3] =
    [SqlState::UNDEFINED_COLUMN, SqlState::UNDEFINED_FUNCTION, SqlState::DATATYPE_MISMATCH];

/// An error of one of our own statements.
pub(crate) fn own(doing: &str, error: impl Into<QueryError>) -> Error {
    let error = match error.into() {
        QueryError::Refused(error) => error,
        QueryError::Late(limit) => return late(doing, limit),
        QueryError::Unconfirmed(limit) => return unconfirmed(limit).note(format!("while {doing}")),
    };
    let Some(db) = error.as_db_error().filter(|db| !is_gone(db.code())) else {
        return lost(error).note(format!("while {doing}"));
    };
    if let Some(refusal) = untrusted_search::found(db.message()) {
        return refusal;
    }
    if is_about_role(db) {
        return role(db).caused_by(error);
    }
    if is_pooled_by_statement(db) {
        return pooled_by_statement(doing).caused_by(error);
    }
    let mut described = noted(kind(db.code()), format!("{doing} failed: {}", db.message()), db);
    if let Some(help) = limit(db) {
        described = described.help(help);
    } else if *db.code() == SqlState::INSUFFICIENT_PRIVILEGE {
        described = described.help(missing_right(db));
    } else if *db.code() == SqlState::DUPLICATE_TABLE || OTHERS.contains(db.code()) {
        described = described.help(
            "another program has tables in that schema: store the history in another one, `--history-schema NAME`, or \
             `RunOptions::history_schema`",
        );
    }
    described.caused_by(error)
}

/// The SQL that a function ran, if the error is in it.
fn internal(position: &ErrorPosition) -> Option<&str> {
    match position {
        ErrorPosition::Internal { query, .. } => Some(query),
        ErrorPosition::Original(_) => None,
    }
}

/// The help if the server's limits are too low for a transaction.
pub(crate) fn limit(db: &DbError) -> Option<&'static str> {
    if *db.code() == SqlState::OUT_OF_MEMORY && db.message().contains("shared memory") {
        Some(
            "a transaction holds a lock on each table, index and sequence that it creates or changes, to its end: \
             raise `max_locks_per_transaction` in the server's configuration and restart the server, or use several patches, whose bodies may also be facts",
        )
    } else if *db.code() == SqlState::UNSAFE_NEW_ENUM_VALUE_USAGE {
        Some(
            "the server lets a label be used once the transaction is committed that added it: commit in between \
             (`Driver::commit`), give all of it to one `deploy`, or make two patches of it",
        )
    } else {
        None
    }
}

pub(crate) fn late(doing: &str, limit: Duration) -> Error {
    let message = format!("the server did not answer within {} s", limit.as_secs_f32());
    Error::new(ErrorKind::Connect, message).note(format!("while {doing}")).help(
        "is the server overloaded or stopped, or does another session lock the history's tables? `RunOptions::answer_timeout` \
         allows more time",
    )
}

/// A commit that no synchronous standby has.
pub(crate) fn unconfirmed(limit: Duration) -> Error {
    let message = format!(
        "no synchronous standby answered within {} s: the applied patches are committed here, but on no standby",
        limit.as_secs_f32()
    );
    Error::new(ErrorKind::Node, message).help(
        "start the standby, or take it out of `synchronous_standby_names`, and run again: the database is not up to date \
         before a standby has it all; `RunOptions::answer_timeout` allows more time",
    )
}

/// Whether the server ended or refused the connection: for an administrator, a crash, or a shutdown.
pub(crate) fn is_gone(code: &SqlState) -> bool {
    [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW].contains(code)
}

/// Whether it is pgbouncer's answer to BEGIN where it gives each statement to another session. It has no code of its own for
/// that.
fn is_pooled_by_statement(db: &DbError) -> bool {
    *db.code() == SqlState::PROTOCOL_VIOLATION && db.message().contains("statement pooling mode")
}

fn pooled_by_statement(doing: &str) -> Error {
    let message =
        "the connection goes through pgbouncer, which allows no transactions here: `pool_mode = statement`";
    Error::new(ErrorKind::Unsupported, message).note(format!("while {doing}")).help(
        "connect to the server itself; or set `pool_mode = transaction` for this database in pgbouncer.ini, and RELOAD",
    )
}

/// Whether it is the role that was asked for. Two codes that mean many other things too come from the check of a setting's
/// value only here: no other setting of ours can be refused.
fn is_about_role(db: &DbError) -> bool {
    let codes = [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::INVALID_PARAMETER_VALUE];
    codes.contains(db.code()) && db.routine() == Some("call_string_check_hook")
}

fn role(db: &DbError) -> Error {
    let message = format!("can't switch to the role for the patches: {}", db.message());
    noted(ErrorKind::Permission, message, db).help(
        "the role that `RunOptions::role` names (`--role`) must exist, and the one that connects must be a member of it: \
         `GRANT … TO …`",
    )
}

/// The connection broke.
pub(crate) fn lost(error: tokio_postgres::Error) -> Error {
    let why = error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
    Error::new(ErrorKind::Connect, format!("the connection to the server was lost: {why}"))
        .help("boot again: changes that were not committed are gone, and those that were committed are in the history")
        .caused_by(error)
}

pub(crate) fn kind(code: &SqlState) -> ErrorKind {
    if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        ErrorKind::Permission
    } else if *code == SqlState::LOCK_NOT_AVAILABLE {
        ErrorKind::Locked
    } else if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        ErrorKind::Standby
    } else {
        ErrorKind::Sql
    }
}

/// How many characters are shown of each thing that the server says.
pub(crate) const MOST: usize = 4_000;

/// An error with what else the server says of it.
pub(crate) fn noted(kind: ErrorKind, message: String, db: &DbError) -> Error {
    let said = |what: &str, text: &str| format!("{what}: {}", redact_excerpt(text, MOST, redact_statement));
    let detail = db.detail().map(|text| said("detail", text));
    let hint = db.hint().map(|text| said("hint", text));
    let context = db.where_().map(|text| said("context", text));
    let message = redact_excerpt(&message, MOST, redact_statement).into_owned();
    let state = Some(format!("SQLSTATE {}", db.code().code()));
    let constraint = constraint(db);
    [constraint, detail, hint, context, state]
        .into_iter()
        .flatten()
        .fold(Error::new(kind, message), Error::note)
}

/// The constraint that does not hold, with its table, if the server's message lacks one of the two.
pub(crate) fn constraint(db: &DbError) -> Option<String> {
    let (constraint, table) = (db.constraint()?, db.table()?);
    if db.message().contains(&format!("\"{constraint}\"")) && db.message().contains(&format!("\"{table}\"")) {
        return None;
    }
    Some(format!("the constraint `{constraint}` of the table `{}.{table}`", db.schema().unwrap_or_default()))
}

/// Whether it may be that an object was dropped meanwhile, which the server looks up while it prints what a query found.
pub(crate) fn vanished(error: &QueryError) -> bool {
    let gone = [SqlState::INTERNAL_ERROR, SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_OBJECT];
    error.code().is_some_and(|code| gone.contains(code))
}

/// Why the server refuses a transaction that may succeed when it is tried again: a lock was not to be had in time or only
/// by a deadlock, or another transaction was faster than one that is isolated from it.
pub(crate) fn may_pass(code: &SqlState) -> bool {
    const PASSING: [SqlState; 3] =
        [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE];
    PASSING.contains(code)
}
