use embed_migrate_core::Error;
#[cfg(feature = "facts")]
use futures_util::future::join;
use futures_util::future::join3;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::lock::{Lock, key};
use super::reset::renew;
use super::server::Server;
use super::session::Session;
use crate::connection::connection::Connection;
use crate::connection::pooler::AnnouncedProcess;
use crate::history::schema::HistorySchema;
use crate::options::options::Options;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::query::query_error::QueryError;

/// A connection that was taken for good, and is about to become a session of ours.
pub(crate) struct SessionOpening {
    connection: Connection,
    /// Whether it is from a pool: it may have been used before.
    used: bool,
    announced: AnnouncedProcess,
}

/// The server's answer.
pub(crate) struct SessionAnswer {
    server: Server,
    /// Whether we have the migration lock, if it was asked for.
    pub(crate) got: bool,
    /// Whether the server checks, while it works, that we are still there.
    watched: bool,
}

pub(crate) type Answer = Result<Vec<SimpleQueryMessage>, QueryError>;

impl SessionOpening {
    pub(crate) async fn of(connection: Connection) -> SessionOpening {
        let used = connection.is_pooled();
        let connection = connection.take();
        let announced = AnnouncedProcess::of(&connection.cancel_token()).await;
        SessionOpening { connection, used, announced }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.connection
    }

    /// An SQL expression that is true if no pooler is in between.
    pub(crate) fn direct(&self) -> String {
        self.announced.is_direct_sql()
    }

    /// Makes the session one of ours, with a text that [`Server::look`] wrote. This takes one round trip, and more if
    /// a pool's session has prepared statements or a failed transaction.
    ///
    /// # Errors
    ///
    /// The connection is lost, or no answer comes in time.
    pub(crate) async fn ask(
        &self,
        options: &Options,
        look: &str,
        doing: &str,
    ) -> Result<SessionAnswer, Error> {
        let own = |error| failure::own(doing, error);
        let (renewed, answers) = match self.ask_once(options, look).await {
            (Err(error), _) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => {
                with_timeout(options, self.client().simple_query("ROLLBACK")).await.map_err(own)?;
                self.ask_once(options, look).await
            }
            asked => asked,
        };
        renewed.map_err(|error| match error.is_late() {
            true => own(error),
            false => failure::own("taking over a pool's connection", error),
        })?;
        let (watched, looked) = answers;
        let (server, got) = Server::parse(&looked.map_err(own)?)?;
        // If the server's operating system can't watch clients, the server refuses that setting.
        Ok(SessionAnswer { server, got, watched: watched.is_ok() })
    }

    async fn ask_once(&self, options: &Options, look: &str) -> (Result<(), QueryError>, (Answer, Answer)) {
        let watch = Server::watch(&self.direct());
        let watch = with_timeout(options, self.client().simple_query(&watch));
        let look = with_timeout(options, self.client().simple_query(look));
        let (renewed, watched, looked) = join3(self.renewed(options), watch, look).await;
        (renewed, (watched, looked))
    }

    async fn renewed(&self, options: &Options) -> Result<(), QueryError> {
        match self.used {
            true => renew(self.client(), options).await,
            false => Ok(()),
        }
    }

    /// The session. A lock with this key keeps others out, if the session can hold a lock.
    pub(crate) fn session(self, opened: SessionAnswer, options: &Options, key: i64) -> Session {
        let SessionAnswer { server, watched, .. } = opened;
        let direct = self.announced.is_direct(server.worker.pid);
        let lock = match (server.standby, direct) {
            (true, _) => Lock::None,
            (false, true) => Lock::Session,
            (false, false) => Lock::Transaction(key),
        };
        Session::new(self.connection, server, lock, direct, watched, options)
    }

    async fn look(&self, options: &Options, doing: &str) -> Result<SessionAnswer, Error> {
        let schema = HistorySchema::new(&options.history_schema);
        let look = Server::look(options, &[], &schema, None, &self.direct(), false);
        self.ask(options, &look, doing).await
    }

    fn unlocked(self, opened: SessionAnswer, options: &Options) -> Session {
        let key = key(&options.history_schema);
        let mut session = self.session(opened, options, key);
        if session.lock == Lock::Session {
            session.lock = Lock::Transaction(key);
        }
        session
    }
}

impl Session {
    /// A session of ours that holds no lock for longer than a transaction.
    ///
    /// # Errors
    ///
    /// The connection is lost, or no answer comes in time.
    pub(crate) async fn unlocked(
        connection: Connection,
        options: &Options,
        doing: &str,
    ) -> Result<Session, Error> {
        let opening = SessionOpening::of(connection).await;
        let opened = opening.look(options, doing).await?;
        Ok(opening.unlocked(opened, options))
    }

    /// The same, with the answer to a first question in the same round trip. The question is written with the
    /// expression of `SessionOpening::direct`, because it is sent before we know whether a pooler is in between.
    ///
    /// # Errors
    ///
    /// As [`Session::unlocked`].
    #[cfg(feature = "facts")]
    pub(crate) async fn unlocked_with(
        connection: Connection,
        options: &Options,
        doing: &str,
        question: impl FnOnce(&str) -> String,
    ) -> Result<(Session, Answer), Error> {
        let opening = SessionOpening::of(connection).await;
        let question = question(&opening.direct());
        let answer = with_timeout(options, opening.client().simple_query(&question));
        // The future that is polled first sends first.
        let (opened, answer) = join(opening.look(options, doing), answer).await;
        Ok((opening.unlocked(opened?, options), answer))
    }

    /// Refuses a pooler that gives each statement to another session.
    ///
    /// # Errors
    ///
    /// `Unsupported` if the pooler does that; or the connection is lost.
    pub(crate) async fn takes_transactions(&self, options: &Options) -> Result<(), Error> {
        let send = |sql| with_timeout(options, self.simple_query(sql));
        // One after the other: if the pooler closes the connection on BEGIN, a message sent behind it could take the
        // answer away.
        let begun = match send("BEGIN").await {
            Ok(_) => send("COMMIT").await,
            refused => refused,
        };
        begun.map(drop).map_err(|error| failure::own("looking how the pooler pools", error))
    }
}
