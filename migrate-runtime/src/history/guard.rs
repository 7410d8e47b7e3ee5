//! Whose tables we read: a schema that somebody else made before us may hold views, policies and casts, whose
//! functions would run with our rights.

use embed_migrate_core::{Error, ErrorKind, quote};
use tokio_postgres::SimpleQueryRow;
use tokio_postgres::error::SqlState;

use super::schema::HistorySchema;
use crate::options::options::Options;
use crate::query::failure::OTHERS;
use crate::query::query_error::QueryError;
use crate::trust::trusted_roles;

/// Objects in the history's schema that no trusted role owns, or that are no plain tables.
const UNTRUSTED_OWNERS: &str = include_str!("untrusted_owners.sql");

/// The path lasts as long as the message, which is a transaction.
const PATH: &str = "SET LOCAL search_path = pg_catalog, pg_temp";

/// The query, behind a check that ends the message if an untrusted role owns what the query would read. The check
/// gives no row.
pub(crate) fn guarded(options: &Options, schema: &HistorySchema, query: &str) -> String {
    format!(
        "{PATH}; SELECT WHERE 1 / CASE WHEN EXISTS ({}) THEN 0 ELSE 1 END = 0; {query}",
        untrusted_owners(options, schema)
    )
}

/// Whether a guarded query may have ended that way.
pub(crate) fn is_refused(error: &QueryError) -> bool {
    error.code() == Some(&SqlState::DIVISION_BY_ZERO)
}

/// The query for who that is; it reads the catalog only.
pub(crate) fn untrusted_owners_query(options: &Options, schema: &HistorySchema) -> String {
    format!("{PATH}; {}", untrusted_owners(options, schema))
}

fn untrusted_owners(options: &Options, schema: &HistorySchema) -> String {
    UNTRUSTED_OWNERS
        .replace("{name}", &quote::literal(&schema.name))
        .replace("{trusted}", &trusted_roles::is_trusted(options, "o.owner"))
}

/// What to say of one of its rows.
pub(crate) fn refusal(schema: &HistorySchema, row: &SimpleQueryRow) -> Error {
    let cell = |column| row.get(column).unwrap_or_default();
    let (kind, name, owner) = (cell(0), cell(1), cell(2));
    let message = match kind {
        "n" => format!("the history's schema `{name}` belongs to `{owner}`, which is not a trusted role"),
        "r" => {
            format!("`{}.{name}` belongs to `{owner}`, which is not a trusted role", schema.name)
        }
        _ => {
            format!(
                "`{}.{name}`, of `{owner}`, is not a table, and the history is stored in tables",
                schema.name
            )
        }
    };
    Error::new(ErrorKind::Permission, message)
        .note("it was not read: a role that creates this schema first could make functions run with the rights of this boot")
        .help(
            "find out who created it, and drop it if it is not the history; if it is, change its owner to the role that \
             boots, the database's owner or a superuser (`ALTER … OWNER TO …`), or trust its owner (`RunOptions::trust`, `--trust`, `trust` in \
             bundle.yaml)",
        )
}

/// A question about the history's tables that other tables were asked.
pub(crate) fn no_history(schema: &HistorySchema, error: &QueryError) -> Option<Error> {
    let QueryError::Refused(error) = error else { return None };
    let db = error.as_db_error().filter(|db| OTHERS.contains(db.code()))?;
    let message =
        format!("the tables in the schema `{}` are those of another program, and no history", schema.name);
    let error =
        Error::new(ErrorKind::Exists, message).note(format!("a history was asked for: {}", db.message()));
    Some(error.help(
        "store the history in another schema: `--history-schema NAME`, or `RunOptions::history_schema`",
    ))
}
