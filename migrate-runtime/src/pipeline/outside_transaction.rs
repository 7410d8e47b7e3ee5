use embed_migrate_core::{Bundle, Timeout, quote};
use tokio_postgres::Client;

use super::transaction_frame::TransactionFrame;
use crate::options::options::Options;
use crate::query::ask::with_timeout;
use crate::query::query_error::QueryError;
use crate::report::lock_holder::LockHolder;
use crate::session::watch::Watch;

/// How long a statement outside a transaction waits for a lock by default. CREATE INDEX CONCURRENTLY waits for all older
/// transactions, blocks nobody meanwhile, and leaves an invalid index when it gives up.
pub(crate) const LOCK_TIMEOUT: Timeout = Timeout::new(10 * 60 * 1_000);

/// How long an index that is built after the commit of facts waits for a lock, and a check that is validated there.
#[cfg(feature = "facts")]
pub(crate) fn build_timeout(options: &Options) -> Timeout {
    options.build_timeout.or(options.lock_timeout).unwrap_or(LOCK_TIMEOUT)
}

/// What runs statements that can't run in a transaction: with settings of the session, which has its own again afterwards.
pub(crate) struct OutsideTransaction<'a> {
    pub(crate) client: &'a Client,
    pub(crate) options: &'a Options,
    /// What is set before a statement.
    pub(crate) settings: String,
    /// What puts the session in order behind it.
    pub(crate) restored: String,
    /// Who looks what is in its way.
    pub(crate) watch: Option<Watch<'a>>,
}

/// Why a statement did not come to its end.
pub(crate) struct StatementFailure {
    pub(crate) error: QueryError,
    pub(crate) blockers: Vec<LockHolder>,
}

impl OutsideTransaction<'_> {
    /// Runs a statement, and puts the session in order whether or not it fails.
    ///
    /// # Errors
    ///
    /// The session can't be set, or not be put in order; of the statement, that of the server is in the value.
    pub(crate) async fn run(&self, sql: &str) -> Result<Result<(), StatementFailure>, QueryError> {
        with_timeout(self.options, self.client.simple_query(&self.settings)).await?;
        let answer = self.client.batch_execute(sql);
        let (answer, blockers) = match &self.watch {
            Some(watch) => watch.answer(answer).await,
            None => (answer.await.map_err(QueryError::Refused), Vec::new()),
        };
        let restored = match &answer {
            // Nobody is there to be asked.
            Err(error) if error.as_db_error().is_none() => Ok(()),
            _ => with_timeout(self.options, self.client.simple_query(&self.restored)).await.map(drop),
        };
        match answer {
            // Why it failed says more than that the session is not what it was.
            Err(error) => Ok(Err(StatementFailure { error, blockers })),
            Ok(()) => restored.map(Ok),
        }
    }
}

/// The settings of the session for statements without a transaction: a statement by itself, and each transaction of a procedure, may
/// write.
pub(crate) const WRITES: &str = "SET default_transaction_read_only = off;\n";

impl TransactionFrame<'_> {
    /// The settings of a session with which a statement runs that has no transaction.
    pub(crate) fn outside(
        &self,
        bundle: &Bundle,
        path: &str,
        lock: Timeout,
        statement: Option<Timeout>,
    ) -> String {
        let lock = format!("SET LOCAL lock_timeout = {};\n", lock.milliseconds());
        let lines = lock + &self.limits(bundle, statement) + path;
        let settings: String =
            lines.lines().map(|line| line.replacen("SET LOCAL ", "SET ", 1) + "\n").collect();
        WRITES.to_owned() + &settings + &role(self.options)
    }

    /// The session's own settings again.
    pub(crate) fn restored(&self) -> String {
        format!("{}{}", crate::session::reset::RESET, self.keep)
    }
}

/// Puts on the role that was asked for, for the session.
pub(crate) fn role(options: &Options) -> String {
    let role = options.role.as_deref();
    role.map(|role| format!("SET ROLE {};\n", quote::identifier(role))).unwrap_or_default()
}
