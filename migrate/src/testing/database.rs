use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

use deadpool_postgres::Pool;
use migrate_cluster::{Shared, Throwaway};
use migrate_core::{Error, ErrorKind, Result};
use migrate_runtime::Settings;
use tokio_postgres::{Client, Config, NoTls};

use super::server::{installation, keeper, profile, shared};
use super::{About, Contents};

/// How many connections a pool has at most: a server takes 200, for all tests that run at the same time.
const CONNECTIONS: usize = 8;

/// A database for one test, migrated and its own: what [`crate::test`] hands in.
///
/// A clone is the same database. With the last one it goes, some time later; but where the thread panics, or the test
/// fails otherwise, it stays for 10 minutes or until the next run, and its URL is printed.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    url: String,
    config: Config,
    about: About,
    failed: AtomicBool,
    home: Home,
}

/// A database being made, of no type that a test would have to lay out.
type Made<'a> = Pin<Box<dyn Future<Output = Result<TestDatabase>> + Send + 'a>>;

/// Where a database is.
#[derive(Debug)]
enum Home {
    Shared(&'static Shared),
    /// A server that goes with it; taken when it is stopped.
    Own(Option<Box<Throwaway>>),
}

impl TestDatabase {
    /// A database on the server that all tests of a run share; it must be dropped before the program ends.
    ///
    /// # Errors
    ///
    /// What the bundles, facts or scripts fail with; `NotInstalled` or `Instance` where there is no server.
    pub async fn new(contents: &Contents<'_>) -> Result<TestDatabase> {
        TestDatabase::for_test(contents, About::unnamed()).await
    }

    pub(super) async fn for_test(contents: &Contents<'_>, about: About) -> Result<TestDatabase> {
        let made: Made<'_> = Box::pin(async move {
            let server = shared(contents).await?;
            let name = server.database(contents).await?;
            let (url, config) = (server.url(&name), server.config(&name));
            Ok(TestDatabase::at(Home::Shared(server), name, url, config, about))
        });
        made.await
    }

    /// A database on a server of its own, for tests that crash it, change its settings, or make roles. It goes with the
    /// database, whether the test fails or not.
    ///
    /// # Errors
    ///
    /// Those of [`TestDatabase::new`].
    pub async fn alone(contents: &Contents<'_>) -> Result<TestDatabase> {
        let made: Made<'_> = Box::pin(async move {
            let (server, name) = Throwaway::start_filled_with(&installation()?, profile(), contents).await?;
            let (url, config) = (server.url(&name), server.config());
            let home = Home::Own(Some(Box::new(server)));
            Ok(TestDatabase::at(home, name, url, config, About::unnamed()))
        });
        made.await
    }

    fn at(home: Home, name: String, url: String, config: Config, about: About) -> TestDatabase {
        let inner = Inner { name, url, config, about, failed: AtomicBool::new(false), home };
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

    /// The same for tokio-postgres.
    pub fn config(&self) -> Config {
        self.inner.config.clone()
    }

    /// The same for a [`Migrator`](crate::Migrator).
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
        // What breaks it is the error of whatever the client does next.
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

    /// The server that the database has for its own, if it has one.
    pub fn server(&self) -> Option<&Throwaway> {
        match &self.inner.home {
            Home::Shared(_) => None,
            Home::Own(server) => server.as_deref(),
        }
    }

    /// Stops the server that the database has for its own, and waits until its directory is gone; of a clone that is
    /// not the last one, and of a shared server, nothing.
    ///
    /// # Errors
    ///
    /// `Instance` if the server does not end.
    pub async fn stop(self) -> Result<()> {
        match Arc::into_inner(self.inner).as_mut().map(|inner| &mut inner.home) {
            Some(Home::Own(server)) => match server.take() {
                Some(server) => server.stop().await,
                None => Ok(()),
            },
            Some(Home::Shared(_)) | None => Ok(()),
        }
    }

    /// Says that the test failed, though it does not panic.
    pub(super) fn fail(&self) {
        self.inner.failed.store(true, Ordering::SeqCst);
    }
}

impl Inner {
    fn has_failed(&self) -> bool {
        let panics = std::thread::panicking();
        self.failed.load(Ordering::SeqCst) || panics != self.about.should_panic
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let Home::Shared(server) = self.home else { return };
        let name = std::mem::take(&mut self.name);
        match self.has_failed() {
            false => server.finish(name),
            true => say(&self.about, &self.url, keep(server, name, self.about.name)),
        }
    }
}

/// Has the keeper keep a database, and waits for it: this thread may be a runtime's own.
fn keep(server: &'static Shared, name: String, test: &'static str) -> Result<bool> {
    let (send, receive) = channel();
    keeper()?.spawn(async move {
        // The receiver waits.
        let _ = send.send(server.keep(name, test).await);
    });
    receive.recv().map_err(|_| Error::new(ErrorKind::Instance, "the tests' own thread has ended"))?
}

#[expect(clippy::print_stderr, reason = "what is printed here stands beside the test's own failure")]
fn say(about: &About, url: &str, kept: Result<bool>) {
    let test = about.name;
    match kept {
        Ok(true) => eprintln!(
            "the database of `{test}` is kept for 10 minutes after this run, or until the next one:\n  psql '{url}'"
        ),
        Ok(false) => eprintln!("the database of `{test}` is not kept: too many are already"),
        Err(error) => eprintln!("the database of `{test}` can't be kept: {error}"),
    }
}
