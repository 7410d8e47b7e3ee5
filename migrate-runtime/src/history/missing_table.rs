use embed_migrate_core::{Error, ErrorKind};
use tokio_postgres::error::SqlState;

use super::schema::HistorySchema;
use crate::query::query_error::QueryError;

/// Whether the error says that the history's tables are not there yet.
pub(crate) fn missing_table(error: &QueryError) -> bool {
    error.code().is_some_and(is_missing)
}

/// Whether the code says so.
pub(crate) fn is_missing(code: &SqlState) -> bool {
    [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME].contains(code)
}

/// A history that lacks a table, because somebody dropped it.
pub(crate) fn in_part(schema: &HistorySchema, gone: &str) -> Error {
    let schema = &schema.name;
    let message = format!(
        "the history is there in part: the table `{schema}.{gone}` is missing, was emptied, or a policy hides its rows"
    );
    Error::new(ErrorKind::Missing, message)
        .note("a run creates all of these tables at once, and this program never drops one")
        .help(format!(
            "restore the schema `{schema}` from a backup, all of its tables as of one time;\n\
             end a policy, if that is it (`ALTER TABLE {schema}.{gone} DISABLE ROW LEVEL SECURITY`)"
        ))
}
