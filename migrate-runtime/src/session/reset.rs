//! What leaves a session as if it were new, but for the migration lock and our own settings.

use embed_migrate_core::quote;
use tokio_postgres::Client;
use tokio_postgres::error::DbError;

use super::lock::Lock;
use super::lock::key;
use super::session::Session;
use crate::connection::rows::rows;
use crate::history::schema::HistorySchema;
use crate::options::options::Options;
use crate::query::ask::with_timeout;
use crate::query::query_error::QueryError;

/// Has checked what waits for the commit, with the patch's own settings. A temporary table for which something waits
/// can't be dropped (55006).
pub(crate) const DEFERRED: &str = "SET CONSTRAINTS ALL IMMEDIATE;\n";

/// Undoes what was set; what a role or a database allows its statements is no limit for ours, which come behind it. Never
/// DISCARD ALL: it fails among other statements, and would release the lock.
pub(crate) const RESET: &str =
    "RESET SESSION AUTHORIZATION;\nRESET ROLE;\nRESET ALL;\nSET LOCAL statement_timeout = 0;\n";

/// Drops what a session has for itself. Cursors come first: an open one keeps its temporary table from being dropped, and
/// one WITH HOLD would be filled by the commit.
pub(crate) const DISCARD: &str = "CLOSE ALL;\nUNLISTEN *;\nDISCARD TEMP;\nDISCARD SEQUENCES;\n";

const UNLOCK: &str = "SELECT pg_catalog.pg_advisory_unlock_all()";

/// The statements that SQL prepared. Those of the protocol are the client's, and DEALLOCATE ALL would drop them too.
pub(crate) const PREPARED: &str = "pg_catalog.pg_prepared_statement() AS p WHERE p.from_sql";

pub(crate) const DEALLOCATE: &str = "DO $clean$ DECLARE prepared pg_catalog.text; BEGIN \
    FOR prepared IN SELECT p.name FROM pg_catalog.pg_prepared_statement() AS p WHERE p.from_sql \
    LOOP EXECUTE pg_catalog.format('DEALLOCATE %I', prepared); END LOOP; END $clean$;\n";

/// The setting that the server does not know where it says that a patch left prepared statements.
pub(crate) const LEFT: &str = "migrate.left_prepared";

/// What becomes of statements that SQL prepared, where the text does not say PREPARE.
///
/// To drop them takes PL/pgSQL, whose first use in a session costs a millisecond, and which not every database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PreparedStatements {
    /// The transaction fails, and can be run again with [`PreparedStatements::Dropped`].
    Refused,
    /// They are dropped.
    Dropped,
    /// Whoever runs the text drops them later: [`drop_prepared`].
    Later,
}

impl Session {
    /// Takes back what is under way, and what outlasts that: the session's locks, what sequences gave, what SQL prepared.
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

/// What a transaction behind a pooler begins with: its session may have been anybody's.
pub(crate) fn clean_before() -> String {
    // What is sent next is in this encoding, which the session may have as a setting.
    format!("{RESET}SET LOCAL client_encoding = 'UTF8';\n{DISCARD}{DEALLOCATE}")
}

/// What it ends with, where no frame is around it.
#[cfg(feature = "facts")]
pub(crate) fn clean_after() -> String {
    format!("{DEFERRED}{RESET}{DISCARD}{UNLOCK};\n{DEALLOCATE}")
}

/// What takes it back.
pub(crate) fn rolled_back() -> String {
    format!("ROLLBACK;\nDISCARD SEQUENCES;\n{UNLOCK};\n{DEALLOCATE}")
}

/// Releases the session's advisory locks but for ours. The transaction's own lock holds meanwhile, so that nobody else
/// gets it. A lock that was given up before is not taken again: somebody may have had it.
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

/// Makes a session that somebody else had as if it were new. A transaction that is open there is nobody's, and taken back.
///
/// # Errors
///
/// The server's; also where such a transaction failed.
pub(crate) async fn renew(client: &Client, options: &Options) -> Result<(), QueryError> {
    deallocate(client, options, &format!("{TAKEN_BACK}{RESET}{DISCARD}{UNLOCK};\n")).await
}

/// Takes back what may be open. Where nothing is, ROLLBACK by itself would have the server write a warning.
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
    // What releases locks answers with an empty text, and no name is one.
    let names = rows(&messages).filter_map(|row| row.get(0)).filter(|name| !name.is_empty());
    let names = names.map(quote::identifier);
    let sql: String = names.map(|name| format!("DEALLOCATE {name};\n")).collect();
    if !sql.is_empty() {
        with_timeout(options, client.simple_query(&sql)).await?;
    }
    Ok(())
}

/// Whether a transaction failed because SQL in it prepared statements, where that was not expected.
pub(crate) fn left_prepared(error: Option<&DbError>) -> bool {
    error.is_some_and(|error| error.message().contains(LEFT))
}

pub(crate) fn mentions_prepare(text: &str) -> bool {
    const WORD: &[u8] = b"prepare";
    text.as_bytes().windows(WORD.len()).any(|window| window.eq_ignore_ascii_case(WORD))
}
