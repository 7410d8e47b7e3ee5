#[cfg(feature = "deadpool")]
use std::borrow::Cow;
use std::time::Duration;

#[cfg(feature = "deadpool")]
use deadpool_postgres::{Object, Pool, PoolError, TimeoutType};
use embed_migrate_core::Result;
use futures_util::future::BoxFuture;
use tokio_postgres::Config;

use super::connection::Connection;
#[cfg(feature = "deadpool")]
use super::foreign_pool::pool_failure;
#[cfg(feature = "deadpool")]
use super::pool::opened;
use super::server_wait::ServerWait;
use crate::options::options::Options;
use crate::report::event::Event;
use crate::settings::settings::Settings;

/// Where connections come from: a pool, or settings for connections of our own.
#[derive(Clone)]
pub enum Source<'a> {
    /// A pool; the connection that does the work leaves it for good.
    #[cfg(feature = "deadpool")]
    Pool(Cow<'a, Pool>),
    /// Settings.
    Settings(&'a Settings),
    /// Settings made of the client's configuration, with its TLS mode.
    Config(Box<Settings>),
}

/// What leads to a database: a `&Pool`, `&Settings` or `&Config`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not lead to a database",
    label = "this is neither a pool nor settings",
    note = "pass a `&deadpool_postgres::Pool`, or a `&Settings`, which `Settings::parse` makes of a URL, or a \
            `&tokio_postgres::Config`"
)]
pub trait IntoSource<'a> {
    /// Where connections come from.
    #[doc(hidden)]
    fn into_source(self) -> Source<'a>;
}

impl<'a> IntoSource<'a> for Source<'a> {
    fn into_source(self) -> Source<'a> {
        self
    }
}

#[cfg(feature = "deadpool")]
impl<'a> IntoSource<'a> for &'a Pool {
    fn into_source(self) -> Source<'a> {
        Source::Pool(Cow::Borrowed(self))
    }
}

impl<'a> IntoSource<'a> for &'a Settings {
    fn into_source(self) -> Source<'a> {
        Source::Settings(self)
    }
}

impl<'a> IntoSource<'a> for &Config {
    fn into_source(self) -> Source<'a> {
        Source::Config(Box::new(Settings::from(self.clone())))
    }
}

impl Source<'_> {
    /// The same, with its own copy of the pool or the settings.
    pub(crate) fn into_owned(self) -> Source<'static> {
        match self {
            #[cfg(feature = "deadpool")]
            Source::Pool(pool) => Source::Pool(Cow::Owned(pool.into_owned())),
            Source::Settings(settings) => Source::Config(Box::new(settings.clone())),
            Source::Config(settings) => Source::Config(settings),
        }
    }

    /// A connection: one of the pool's, or a new one.
    ///
    /// # Errors
    ///
    /// `Connect`: no server, or the pool has none to give in time; `Login`: a wrong password; `NotFound`: no such
    /// database.
    // Boxed, so that all that connecting takes is compiled once, and not wherever a connection is wanted.
    pub(crate) fn connect(&self) -> BoxFuture<'_, Result<Connection>> {
        let settings = match self {
            #[cfg(feature = "deadpool")]
            Source::Pool(pool) => {
                return Box::pin(async {
                    let (object, notices) = opened(from_pool(pool)).await;
                    let object = object.map_err(|error| pool_failure(pool, error))?;
                    Ok(Connection::Pooled(object, notices))
                });
            }
            Source::Settings(settings) => *settings,
            Source::Config(settings) => settings,
        };
        Box::pin(async { settings.connect().await.map(Connection::Own) })
    }
}

impl Source<'_> {
    /// Each host by itself, if there are several.
    pub(crate) fn hosts(&self) -> Vec<Source<'static>> {
        let settings = match self {
            #[cfg(feature = "deadpool")]
            Source::Pool(_) => return Vec::new(),
            Source::Settings(settings) => *settings,
            Source::Config(settings) => settings,
        };
        settings.hosts().into_iter().map(|host| Source::Config(Box::new(host))).collect()
    }

    /// Whether it is a pool that has no connection left to lend.
    pub(crate) fn has_lent_all(&self) -> bool {
        match self {
            #[cfg(feature = "deadpool")]
            Source::Pool(pool) => {
                let status = pool.status();
                status.available == 0 && status.size >= status.max_size
            }
            Source::Settings(_) | Source::Config(_) => false,
        }
    }

    /// A connection, as soon as the server is there, has one left, and is what was asked for: for so long, unless somebody
    /// said otherwise.
    ///
    /// # Errors
    ///
    /// As [`Source::connect`].
    pub(crate) fn reach<'f>(
        &'f self,
        options: &'f Options,
        usually: Duration,
    ) -> BoxFuture<'f, Result<Connection>> {
        Box::pin(async move {
            let tell = |event: &Event| options.tell(event);
            let mut server_wait = ServerWait::new(options.connect_wait.unwrap_or(usually), &tell);
            loop {
                match self.connect().await {
                    Ok(connection) => {
                        connection.tell(&tell);
                        return Ok(connection);
                    }
                    Err(error) => server_wait.again(error).await?,
                }
            }
        })
    }
}

#[cfg(feature = "deadpool")]
/// How long a pool that sets no limit of its own may take to give a connection, and a server to take a cancellation.
const POOL_WAIT: Duration = Duration::from_secs(30);

/// A connection of the pool's. By itself, a pool waits without end: if all are lent and none comes back, and if a
/// server takes a connection and says nothing.
#[cfg(feature = "deadpool")]
async fn from_pool(pool: &Pool) -> std::result::Result<Object, PoolError> {
    let limits = pool.timeouts();
    if limits.wait.is_some() && limits.create.is_some() && limits.recycle.is_some() {
        return pool.get().await;
    }
    let late = |_| Err(PoolError::Timeout(TimeoutType::Wait));
    tokio::time::timeout(POOL_WAIT, pool.get()).await.unwrap_or_else(late)
}
