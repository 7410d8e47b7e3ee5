use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;

use deadpool_postgres::{Connect, Manager, ManagerConfig, Pool, PoolError, Runtime};
use embed_migrate_core::{Error, ErrorKind};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config};

use super::connector::Connector;
use super::failure::innermost;
use super::notice_stream::Notices;
use super::refusal;
use crate::settings::settings::Settings;

impl Settings {
    /// A pool of up to `max_size` connections, each opened as [`Settings::connect`] does; none is opened yet.
    ///
    /// Certificates are read once, here. If `sslmode=prefer` has to do without TLS, a pool can't report it: ask for
    /// `require` if that matters. [`pool_error`] turns what the pool reports into our error.
    ///
    /// # Errors
    ///
    /// `Settings` for a certificate or key that can't be used.
    pub fn pool(&self, max_size: usize) -> embed_migrate_core::Result<Pool> {
        let manager =
            Manager::from_connect(self.base.clone(), Connector::new(self)?, ManagerConfig::default());
        Pool::builder(manager).max_size(max_size).runtime(Runtime::Tokio1).build().map_err(|error| {
            Error::new(ErrorKind::Settings, "the connection pool can't be built").caused_by(error)
        })
    }
}

tokio::task_local! {
    /// The messages of the server on the connection that a pool opened last, for a run that waits for one. The pool itself has no
    /// place for it.
    static OPENED: Cell<Option<Notices>>;
}

/// A connection of a pool, with its notices if the pool is ours and has just opened it.
pub(crate) async fn opened<T>(get: impl Future<Output = T>) -> (T, Option<Notices>) {
    let got = async {
        let got = get.await;
        (got, OPENED.try_with(Cell::take).ok().flatten())
    };
    OPENED.scope(Cell::default(), got).await
}

impl Connect for Connector {
    fn connect(
        &self,
        _: &Config,
    ) -> Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), tokio_postgres::Error>> + Send + '_>>
    {
        Box::pin(async {
            match self.open().await {
                Ok(opened) => {
                    let notices = opened.notices;
                    // Nobody waits for it, unless a run has the pool open it.
                    let _ = OPENED.try_with(|last| last.set(Some(notices)));
                    Ok((opened.client, opened.driver))
                }
                Err(failures) => refusal::wrap(failures.into()).await,
            }
        })
    }
}

/// The error of a pool as ours; a pool made by [`Settings::pool`] has as much as that of [`Settings::connect`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), embed_migrate_core::Error> {
/// use embed_migrate_runtime::{Settings, pool_error};
///
/// // Nothing listens on port 1.
/// let pool = Settings::parse("postgresql://ann@127.0.0.1:1/demo", &|_| None)?.pool(2)?;
/// let error = pool.get().await.map_err(pool_error).unwrap_err();
/// assert_eq!(error.message(), "cannot connect to `127.0.0.1:1`: connection refused");
/// # Ok(()) }
/// ```
pub fn pool_error(error: PoolError) -> Error {
    match error {
        PoolError::Backend(error) => refusal::unwrap(error).unwrap_or_else(|error| {
            let message = format!("cannot connect to the database: {}", innermost(&error));
            Error::new(ErrorKind::Connect, message).caused_by(error)
        }),
        PoolError::Timeout(_) => Error::new(ErrorKind::Connect, "the pool had no connection in time")
            .help("is the pool large enough, and is every connection given back?"),
        error => Error::new(ErrorKind::Connect, "the pool gives no connections").caused_by(error),
    }
}
