//! SQL that makes a session as good as new, except for the migration lock and our own settings.

use embed_migrate_core::quote;
use tokio_postgres::Client;
use tokio_postgres::error::DbError;

use super::lock::{Lock, key};
use super::session::Session;
use crate::connection::rows::rows;
use crate::history::schema::HistorySchema;
use crate::options::options::Options;
use crate::query::ask::with_timeout;
use crate::query::query_error::QueryError;

/// Runs deferred checks before the commit, with the patch's own settings. A temporary table can't be dropped while a
/// check of it is pending (55006).
pub(crate) const DEFERRED: &str = "SET CONSTRAINTS ALL IMMEDIATE;\n";

/// Resets the role and the settings. The statement timeout of a role or a database is no limit for our own statements,
/// which follow. Never DISCARD ALL: it fails among other statements, and would release the lock.
pub(crate) const RESET: &str =
    "RESET SESSION AUTHORIZATION;\nRESET ROLE;\nRESET ALL;\nSET LOCAL statement_timeout = 0;\n";

/// Drops the session's own objects. Cursors come first: an open cursor keeps its temporary table from being dropped,
/// and the commit would fill a cursor WITH HOLD.
pub(crate) const DISCARD: &str = "CLOSE ALL;\nUNLISTEN *;\nDISCARD TEMP;\nDISCARD SEQUENCES;\n";

const UNLOCK: &str = "SELECT pg_catalog.pg_advisory_unlock_all()";

/// The statements that SQL prepared. Statements that the protocol prepared are the client's, and DEALLOCATE ALL would
/// drop them too.
pub(crate) const PREPARED: &str = "pg_catalog.pg_prepared_statement() AS p WHERE p.from_sql";

pub(crate) const DEALLOCATE: &str = "DO $clean$ DECLARE prepared pg_catalog.text; BEGIN \
    FOR prepared IN SELECT p.name FROM pg_catalog.pg_prepared_statement() AS p WHERE p.from_sql \
    LOOP EXECUTE pg_catalog.format('DEALLOCATE %I', prepared); END LOOP; END $clean$;\n";

/// A setting that does not exist: the server's error about it shows that a patch left prepared statements.
pub(crate) const LEFT: &str = "migrate.left_prepared";

/// What happens to statements that SQL prepared, if the text does not say PREPARE.
///
/// Dropping them takes PL/pgSQL. Its first use in a session costs a millisecond, and not every database has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PreparedStatements {
    /// The transaction fails, and can be run again with [`PreparedStatements::Dropped`].
    Refused,
    /// They are dropped.
    Dropped,
    /// The caller drops them later: [`drop_prepared`].
    Later,
}

impl Session {
    /// Rolls back, and discards what a rollback keeps: the session's locks, values of sequences, statements that SQL
    /// prepared.
    ///
    /// # Errors
    ///
    /// The server's.
    pub(crate) async fn roll_back(
        &self,
        options: &Options,
        schema: &HistorySchema,
    ) -> Result<(), QueryError> {
        match self.lock {
            Lock::Session => {
                let sql = format!("ROLLBACK;\nDISCARD SEQUENCES;\n{}", unlock(false, schema));
                with_timeout(options, self.simple_query(&sql)).await?;
                drop_prepared(self, options).await
            }
            // Behind a pooler the next message may go to another session.
            Lock::Transaction(_) => with_timeout(options, self.simple_query(&rolled_back())).await.map(drop),
            Lock::None => with_timeout(options, self.simple_query("ROLLBACK")).await.map(drop),
        }
    }
}

/// The start of a transaction behind a pooler: anybody may have used its session before.
pub(crate) fn clean_before() -> String {
    // Our next text is in this encoding, and the session may be set to another one.
    format!("{RESET}SET LOCAL client_encoding = 'UTF8';\n{DISCARD}{DEALLOCATE}")
}

/// The end of such a transaction, if no frame is around it.
#[cfg(feature = "facts")]
pub(crate) fn clean_after() -> String {
    format!("{DEFERRED}{RESET}{DISCARD}{UNLOCK};\n{DEALLOCATE}")
}

/// The rollback of such a transaction.
pub(crate) fn rolled_back() -> String {
    format!("ROLLBACK;\nDISCARD SEQUENCES;\n{UNLOCK};\n{DEALLOCATE}")
}

/// Releases the session's advisory locks except ours. Meanwhile the transaction holds the lock, so that nobody else
/// gets it. A lock that was released before is not taken again: another process may have had it in between.
pub(crate) fn unlock(pooled: bool, schema: &HistorySchema) -> String {
    if pooled {
        return format!("{UNLOCK};\n");
    }
    let key = key(&schema.name);
    format!(
        "{UNLOCK}, pg_catalog.pg_advisory_lock({key}) WHERE CASE WHEN pg_catalog.pg_try_advisory_xact_lock({key}) \
         THEN pg_catalog.pg_advisory_unlock({key}) END;\n"
    )
}

/// Resets a session that was used before. A transaction that is open in it is nobody's, and is rolled
/// back.
///
/// # Errors
///
/// The server's; also if such a transaction failed.
pub(crate) async fn renew(client: &Client, options: &Options) -> Result<(), QueryError> {
    deallocate(client, options, &format!("{TAKEN_BACK}{RESET}{DISCARD}{UNLOCK};\n")).await
}

/// Rolls back a transaction that may be open. If none is open, ROLLBACK alone would make the server write a warning.
const TAKEN_BACK: &str = "BEGIN;\nROLLBACK;\n";

/// Drops the statements that SQL prepared in a session of our own.
///
/// # Errors
///
/// The server's.
pub(crate) async fn drop_prepared(client: &Client, options: &Options) -> Result<(), QueryError> {
    deallocate(client, options, "").await
}

pub(crate) async fn deallocate(client: &Client, options: &Options, before: &str) -> Result<(), QueryError> {
    let sql = format!("{before}SELECT p.name FROM {PREPARED}");
    let messages = with_timeout(options, client.simple_query(&sql)).await?;
    // The statement that releases locks answers with an empty text, and no name is empty.
    let names = rows(&messages).filter_map(|row| row.get(0)).filter(|name| !name.is_empty());
    let names = names.map(quote::identifier);
    let sql: String = names.map(|name| format!("DEALLOCATE {name};\n")).collect();
    if !sql.is_empty() {
        with_timeout(options, client.simple_query(&sql)).await?;
    }
    Ok(())
}

/// Whether a transaction failed because SQL in it prepared statements, though that was not expected.
pub(crate) fn left_prepared(error: Option<&DbError>) -> bool {
    error.is_some_and(|error| error.message().contains(LEFT))
}

pub(crate) fn mentions_prepare(text: &str) -> bool {
    const WORD: &[u8] = b"prepare";
    text.as_bytes().windows(WORD.len()).any(|window| window.eq_ignore_ascii_case(WORD))
}
