use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use embed_migrate_core::{Step, quote};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::keepalive::Keepalive;
use super::lock::Lock;
use super::server::{IDLE, SOCKET, Server, TRANSACTION_TIMEOUT, idle_limit, limit_of};
use super::server_process::ServerProcess;
use super::watch::Watch;
use crate::connection::connection::Connection;
use crate::connection::notice_stream::Notices;
use crate::connection::source::Source;
use crate::options::options::Options;

/// A connection of our own that holds the migration lock, or knows why it needs none. The server notices soon when the
/// connection is gone. Its commits wait for no standby.
///
/// Nothing is written without a session. Dropping it closes the socket, which releases the lock, and cancels a
/// statement that still runs.
pub(crate) struct Session {
    connection: Arc<Connection>,
    /// Sends empty queries while we wait for something else.
    keepalive: Option<Keepalive>,
    pub(crate) server: Server,
    pub(crate) lock: Lock,
    /// Whether the server process is always the same, with our settings: no pooler is in between.
    pub(crate) direct: bool,
    /// Whether the server checks, while it works, that we are still there.
    pub(crate) watched: bool,
    /// Set while a pipeline is running: a session that is dropped then has something to cancel.
    pub(crate) busy: bool,
    /// Notes from before the run began.
    pub(crate) notes: Vec<String>,
}

impl Session {
    pub(crate) fn new(
        connection: Connection,
        server: Server,
        lock: Lock,
        direct: bool,
        watched: bool,
        options: &Options,
    ) -> Session {
        let connection = Arc::new(connection);
        let keepalive = Keepalive::start(&connection, options);
        Session { connection, keepalive, server, lock, direct, watched, busy: false, notes: Vec::new() }
    }

    /// The process that works for the session, in a transaction that was opened. Behind a pooler each transaction may
    /// have another process, and the answer to its opening names it.
    pub(crate) fn worker(&self, opening: &[SimpleQueryMessage]) -> ServerProcess {
        let parsed = if self.direct { None } else { ServerProcess::parse(opening).ok() };
        parsed.unwrap_or_else(|| self.server.worker.clone())
    }

    /// Observes whether the server works for the session, in a transaction that was opened.
    pub(crate) fn watch<'a>(
        &self,
        source: &'a Source<'a>,
        options: &'a Options,
        step: Option<&'a Step<'a>>,
        opening: &[SimpleQueryMessage],
    ) -> Watch<'a> {
        let name = step.map_or("deploy.yaml", |step| step.patch.file());
        Watch { source, options, worker: self.worker(opening), step, name }
    }

    /// The server's notices, if we read the connection ourselves.
    pub(crate) fn notices(&self) -> Option<&Notices> {
        self.connection.notices()
    }

    /// Ends the connection in order, so that the lock is free even if another process holds the socket: a child that a
    /// callback forked.
    pub(crate) async fn end(mut self) {
        if let Some(keepalive) = self.keepalive.take() {
            keepalive.stop().await;
        }
        let (connection, lock) = (self.connection.clone(), self.lock);
        drop(self);
        match Arc::try_unwrap(connection) {
            Ok(Connection::Own(link)) => link.close().await,
            #[cfg(feature = "deadpool")]
            Ok(connection) => unlock(&connection, lock).await,
            Err(connection) => unlock(&connection, lock).await,
        }
    }

    /// Makes the same settings again, because a patch may have changed them. It uses commands, which are not planned.
    pub(crate) fn keep_again(&self, options: &Options) -> String {
        if !self.direct {
            return String::new();
        }
        let name = options.application.as_deref().map(quote::literal);
        let name = name.map(|name| format!("SET application_name = {name};\n")).unwrap_or_default();
        let watch = if self.watched { "SET client_connection_check_interval = 500;\n" } else { "" };
        let limit = |name: &&str| format!("SET {name} = {};\n", limit_of(name, options));
        let timeouts: String = self.server.timeouts.iter().map(limit).collect();
        let idle = idle_limit(options);
        let set = |(name, value)| format!("SET {name} = {value};\n");
        let socket = if self.server.tcp { SOCKET.map(set).concat() } else { String::new() };
        let local = if self.server.synchronous { "SET synchronous_commit = local;\n" } else { "" };
        format!(
            "SET standard_conforming_strings = on;\nSET {IDLE} = {idle};\n{name}{watch}{timeouts}{socket}{local}"
        )
    }

    /// The settings that each transaction makes for itself behind a pooler.
    pub(crate) fn keep_each(&self, options: &Options) -> String {
        if self.direct {
            return String::new();
        }
        let watch = if self.watched { "SET LOCAL client_connection_check_interval = 500;\n" } else { "" };
        let timeout = match self.server.timeouts.contains(&TRANSACTION_TIMEOUT) {
            true => format!("SET LOCAL {TRANSACTION_TIMEOUT} = 0;\n"),
            false => String::new(),
        };
        format!("SET LOCAL {IDLE} = {};\n{watch}{timeout}", idle_limit(options))
    }
}

async fn unlock(connection: &Connection, lock: Lock) {
    if lock == Lock::Session {
        // If the server can't be asked, the lock ends with the connection.
        let all = connection.simple_query("SELECT pg_catalog.pg_advisory_unlock_all()");
        drop(tokio::time::timeout(GOODBYE, all).await);
    }
}

/// How long the end of a connection may take.
pub(crate) const GOODBYE: Duration = Duration::from_secs(1);

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.connection
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Closing the socket is enough for the lock; the cancellation only makes it quicker. Not through a pooler:
        // pgbouncer 1.18 ends itself if a cancellation comes together with the end of its client.
        let cancels = self.busy && self.direct;
        if let (true, Ok(runtime)) = (cancels, tokio::runtime::Handle::try_current()) {
            drop(runtime.spawn(self.connection.cancel()));
        }
    }
}
