use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

use deadpool_postgres::Pool;
use embed_migrate_cluster::{SharedServer, Throwaway};
use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::Settings;
use tokio_postgres::{Client, Config, NoTls};

use super::contents::Contents;
use super::server::{background_runtime, installation, profile, shared};
use super::test_info::TestInfo;

/// How many connections a pool has at most: a server takes 200, for all tests that run at the same time.
const CONNECTIONS: usize = 8;

/// A database for one test, migrated and its own: what [`crate::test`] hands in.
///
/// A clone is the same database. The database is dropped some time after its last clone. If the test fails, it is kept
/// for 10 minutes or until the next run, and its URL is printed.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    inner: Arc<DatabaseState>,
}

#[derive(Debug)]
struct DatabaseState {
    name: String,
    url: String,
    config: Config,
    info: TestInfo,
    failed: AtomicBool,
    server: DatabaseServer,
}

/// A database that is being made. The box keeps the size of the future out of the test's own.
type DatabaseFuture<'a> = Pin<Box<dyn Future<Output = Result<TestDatabase>> + Send + 'a>>;

/// The server that a database is on.
#[derive(Debug)]
enum DatabaseServer {
    Shared(&'static SharedServer),
    /// A server of its own, which ends with the database; `None` once it is stopped.
    Own(Option<Box<Throwaway>>),
}

impl TestDatabase {
    /// A database on the server that all tests of a run share; it must be dropped before the program ends.
    ///
    /// # Errors
    ///
    /// The errors of the bundles, facts or scripts; `NotInstalled` or `Instance` if there is no server.
    pub async fn new(contents: &Contents<'_>) -> Result<TestDatabase> {
        TestDatabase::for_test(contents, TestInfo::unnamed()).await
    }

    pub(super) async fn for_test(contents: &Contents<'_>, info: TestInfo) -> Result<TestDatabase> {
        let created: DatabaseFuture<'_> = Box::pin(async move {
            let server = shared(contents).await?;
            let name = server.database(contents).await?;
            let (url, config) = (server.url(&name), server.config(&name));
            Ok(TestDatabase::at(DatabaseServer::Shared(server), name, url, config, info))
        });
        created.await
    }

    /// A database on a server of its own, for tests that crash the server, change its settings, or make roles. The server
    /// ends with the database, whether the test fails or not.
    ///
    /// # Errors
    ///
    /// Those of [`TestDatabase::new`].
    pub async fn alone(contents: &Contents<'_>) -> Result<TestDatabase> {
        let created: DatabaseFuture<'_> = Box::pin(async move {
            let (server, name) = Throwaway::start_filled_with(&installation()?, profile(), contents).await?;
            let (url, config) = (server.url(&name), server.config());
            let server = DatabaseServer::Own(Some(Box::new(server)));
            Ok(TestDatabase::at(server, name, url, config, TestInfo::unnamed()))
        });
        created.await
    }

    fn at(server: DatabaseServer, name: String, url: String, config: Config, info: TestInfo) -> TestDatabase {
        let inner = DatabaseState { name, url, config, info, failed: AtomicBool::new(false), server };
        TestDatabase { inner: Arc::new(inner) }
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Its URL, which psql and tokio-postgres accept: on a Unix socket, as the superuser `postgres`.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// The same address for tokio-postgres.
    pub fn config(&self) -> Config {
        self.inner.config.clone()
    }

    /// The same address for a [`Migrator`](crate::Migrator).
    pub fn settings(&self) -> Settings {
        Settings::from(self.config())
    }

    /// Connects. The connection ends when the client is dropped, or the runtime ends.
    ///
    /// # Errors
    ///
    /// `Connect` if the server is gone.
    pub async fn client(&self) -> Result<Client> {
        let (client, connection) = self.inner.config.connect(NoTls).await.map_err(|error| {
            Error::new(ErrorKind::Connect, format!("can't connect to database `{}`", self.inner.name))
                .caused_by(error)
        })?;
        // If the connection breaks, the next call of the client says so.
        tokio::spawn(async move { drop(connection.await) });
        Ok(client)
    }

    /// A pool of up to 8 connections; none is opened yet.
    ///
    /// # Errors
    ///
    /// Those of [`Settings::pool`].
    pub fn pool(&self) -> Result<Pool> {
        self.settings().pool(CONNECTIONS)
    }

    /// The database's own server, if it has one.
    pub fn server(&self) -> Option<&Throwaway> {
        match &self.inner.server {
            DatabaseServer::Shared(_) => None,
            DatabaseServer::Own(server) => server.as_deref(),
        }
    }

    /// Stops the database's own server, and waits until its directory is gone. Does nothing to a shared server, or while
    /// there are other clones.
    ///
    /// # Errors
    ///
    /// `Instance` if the server does not stop.
    pub async fn stop(self) -> Result<()> {
        match Arc::into_inner(self.inner).as_mut().map(|inner| &mut inner.server) {
            Some(DatabaseServer::Own(server)) => match server.take() {
                Some(server) => server.stop().await,
                None => Ok(()),
            },
            Some(DatabaseServer::Shared(_)) | None => Ok(()),
        }
    }

    /// Records that the test failed without a panic.
    pub(super) fn fail(&self) {
        self.inner.failed.store(true, Ordering::SeqCst);
    }
}

impl DatabaseState {
    fn has_failed(&self) -> bool {
        let panics = std::thread::panicking();
        self.failed.load(Ordering::SeqCst) || panics != self.info.should_panic
    }
}

impl Drop for DatabaseState {
    fn drop(&mut self) {
        let DatabaseServer::Shared(server) = self.server else { return };
        let name = std::mem::take(&mut self.name);
        match self.has_failed() {
            false => server.finish(name),
            true => say(&self.info, &self.url, keep(server, name, self.info.name)),
        }
    }
}

/// Keeps a database, on the background runtime: this thread may belong to a runtime that ends.
fn keep(server: &'static SharedServer, name: String, test: &'static str) -> Result<bool> {
    let (send, receive) = channel();
    background_runtime()?.spawn(async move {
        // The receiver waits.
        let _ = send.send(server.keep(name, test).await);
    });
    receive.recv().map_err(|_| Error::new(ErrorKind::Instance, "the tests' own thread has ended"))?
}

#[expect(clippy::print_stderr, reason = "printed beside the test's own failure")]
fn say(info: &TestInfo, url: &str, kept: Result<bool>) {
    let test = info.name;
    match kept {
        Ok(true) => eprintln!(
            "the database of `{test}` is kept for 10 minutes after this run, or until the next one:\n  psql '{url}'"
        ),
        Ok(false) => eprintln!("the database of `{test}` is not kept: too many are already"),
        Err(error) => eprintln!("the database of `{test}` can't be kept: {error}"),
    }
}
