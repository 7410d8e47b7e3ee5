use migrate_core::{Error, ErrorKind, Result};

/// The server process that works for us.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worker {
    pub(crate) pid: i32,
    /// Whether the server tells how far a COPY is.
    pub(crate) tells_copies: bool,
    /// Whether it is the same process all the time: through a pooler, the next transaction may have another one.
    pub(crate) stays: bool,
}

/// What the server says of the process that serves us.
///
/// # Errors
///
/// `Unsupported` where it says nothing.
pub(crate) fn pid(said: Option<&str>) -> Result<i32> {
    said.and_then(|pid| pid.parse().ok())
        .ok_or_else(|| Error::new(ErrorKind::Unsupported, "the server does not say which process serves us"))
}

#[cfg(feature = "facts")]
mod asked {
    use super::{Worker, pid};
    use crate::ask::within;
    use crate::failure;
    use crate::history::rows;
    use crate::options::Options;
    use crate::pid::announced_pid;
    use crate::source::Connection;
    use migrate_core::Result;

    /// The columns of which [`Worker::parse`] makes one. PostgreSQL 14 has that setting, and tells how far a COPY is.
    pub(crate) const WORKER: &str =
        "pg_catalog.pg_backend_pid(), pg_catalog.current_setting('idle_session_timeout', true) IS NOT NULL";

    impl Worker {
        /// That of the transaction that the question was asked in.
        pub(crate) fn parse(number: Option<&str>, tells_copies: Option<&str>) -> Result<Worker> {
            Ok(Worker { pid: pid(number)?, tells_copies: tells_copies == Some("t"), stays: true })
        }

        /// That of a connection without a transaction.
        pub(crate) async fn of(connection: &Connection, options: &Options, doing: &str) -> Result<Worker> {
            let asked = within(options, connection.simple_query(&format!("SELECT {WORKER}"))).await;
            let messages = asked.map_err(|error| failure::own(doing, error))?;
            let row = rows(&messages).next();
            let cell = |column| row.and_then(|row| row.get(column));
            let worker = Worker::parse(cell(0), cell(1))?;
            let stays = announced_pid(&connection.cancel_token()).await == Some(worker.pid);
            Ok(Worker { stays, ..worker })
        }
    }
}

#[cfg(feature = "facts")]
pub(crate) use asked::WORKER;
