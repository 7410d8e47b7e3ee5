use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::SimpleQueryMessage;

use crate::connection::rows::rows;

/// The server process that works for us.
#[derive(Debug, Clone)]
pub(crate) struct ServerProcess {
    pub(crate) pid: i32,
    /// Whether the server shows how far a COPY is.
    pub(crate) tells_copies: bool,
    /// When the server was started: another server may have a process with the same number.
    pub(crate) server: String,
    /// When the transaction began in which the process works for us: behind a pooler it works for others afterwards.
    pub(crate) transaction: Option<String>,
}

/// A time as text, whatever the session's settings for times are.
macro_rules! instant {
    ($time:literal) => {
        concat!("pg_catalog.to_char(pg_catalog.timezone('UTC', ", $time, "), 'YYYY-MM-DD HH24:MI:SS.US')")
    };
}
pub(crate) use instant;

/// When the server was started.
macro_rules! started {
    () => {
        $crate::session::server_process::instant!("pg_catalog.pg_postmaster_start_time()")
    };
}
pub(crate) use started;

/// The last columns of a row that [`ServerProcess::parse`] reads. A server with `idle_session_timeout` (PostgreSQL 14)
/// also shows how far a COPY is.
pub(crate) const PROCESS_COLUMNS: &str = concat!(
    "pg_catalog.pg_backend_pid(), pg_catalog.current_setting('idle_session_timeout', true) IS NOT NULL, ",
    started!(),
    ", ",
    instant!("pg_catalog.transaction_timestamp()")
);

impl ServerProcess {
    /// Reads the last columns of the last row of an answer, with the transaction in which the question was asked.
    ///
    /// # Errors
    ///
    /// `Unsupported` if the answer does not name the process.
    pub(crate) fn parse(messages: &[SimpleQueryMessage]) -> Result<ServerProcess> {
        let row = rows(messages).last();
        let cell = |back| row.and_then(|row| row.get(row.len().checked_sub(back)?));
        let pid = cell(4)
            .and_then(|pid| pid.parse().ok())
            .ok_or_else(|| Error::new(ErrorKind::Unsupported, "the server does not report its process id"))?;
        let server = cell(2).unwrap_or_default().to_owned();
        Ok(ServerProcess {
            pid,
            tells_copies: cell(3) == Some("t"),
            server,
            transaction: cell(1).map(str::to_owned),
        })
    }
}
