use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use embed_migrate_core::quote::literal;
use embed_migrate_core::{Error, ErrorKind, Result};
use tokio::runtime::Handle;
use tokio_postgres::Client;

use super::database_content::DatabaseContent;
use super::template_database::{TemplateDatabase, copy, disconnect, send, values};
use crate::server::server_address::ServerAddress;

/// How many databases of finished tests may wait to be dropped, at most. Dropping one takes a third of the time of
/// creating one, and the end of the server drops them all.
const MOST: usize = 64;

/// The free space that each of them needs, in bytes: some six times its size.
const EACH: u64 = 64 * 1024 * 1024;

/// The copies of templates on a shared server, as one process creates and leaves them.
///
/// `ready_…` is a copy made in advance. A process takes it by renaming it, which only one process can do.
/// `test_PID_…` is the copy of a test, with the id of the session that shows that its process lives.
#[derive(Debug)]
pub(crate) struct Clones {
    inner: Arc<Inner>,
    runtime: Handle,
}

#[derive(Debug)]
struct Inner {
    address: ServerAddress,
    /// Idle connections. They are never closed: the session id of the first one identifies this process.
    idle: Mutex<Vec<Arc<Client>>>,
    process: String,
    next: AtomicUsize,
    /// How many copies this process is making in advance.
    making: AtomicUsize,
    finished: Mutex<VecDeque<String>>,
    /// How many databases may wait to be dropped, and how many may be kept.
    most: usize,
    kept: AtomicUsize,
    dropping: tokio::sync::Mutex<()>,
}

impl Clones {
    /// Connects, and takes over the databases of processes that have ended.
    pub(crate) async fn open(address: &ServerAddress, directory: &Path, runtime: &Handle) -> Result<Clones> {
        let client = connect(address, runtime).await?;
        let process = values(&client, "SELECT pg_catalog.pg_backend_pid()").await?.concat();
        let free = rustix::fs::statvfs(directory)
            .map_or(0, |file_system| file_system.f_bavail.saturating_mul(file_system.f_frsize));
        let most = usize::try_from(free / EACH).unwrap_or(MOST).clamp(2, MOST);
        let inner = Inner {
            address: address.clone(),
            idle: Mutex::new(vec![Arc::new(client)]),
            process,
            next: AtomicUsize::new(0),
            making: AtomicUsize::new(0),
            finished: Mutex::default(),
            most,
            kept: AtomicUsize::new(0),
            dropping: tokio::sync::Mutex::default(),
        };
        let clones = Clones { inner: Arc::new(inner), runtime: runtime.clone() };
        clones.spawn(|inner| async move { inner.take_over().await });
        Ok(clones)
    }

    /// Takes a copy of the content's database, or creates it. More copies are created in the background.
    pub(crate) async fn take(&self, content: &impl DatabaseContent) -> Result<String> {
        let template = TemplateDatabase::of(content);
        let client = self.client().await?;
        let number = self.inner.number();
        let name = format!("test_{}_{number}", self.inner.process);
        let found = self.inner.found(&client, &template).await?;
        let (ready, templates): (Vec<_>, Vec<_>) = found.into_iter().partition(|name| *name != template.name);
        let mut left = ready.len();
        for ready in ready {
            left -= 1;
            // Another process may have taken it, and renamed it.
            if client.batch_execute(&format!("ALTER DATABASE {ready} RENAME TO {name}")).await.is_ok() {
                self.make_more(template, left, number);
                return Ok(name);
            }
        }
        if templates.is_empty() {
            let config = self.inner.address.config("postgres");
            template.make(connect(&self.inner.address, &self.runtime).await?, config, content).await?;
        }
        send(&client, &copy(&client, &name, &template.name).await?).await?;
        self.make_more(template, 0, number);
        Ok(name)
    }

    /// Creates copies in advance: as many as tests of this process have asked for, and at most one a processor.
    fn make_more(&self, template: TemplateDatabase, ready: usize, number: usize) {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let wanted = processors.min(number + 1);
        if ready + self.inner.making.load(Ordering::SeqCst) < wanted {
            self.inner.making.fetch_add(1, Ordering::SeqCst);
            self.spawn(|inner| async move {
                let created = inner.make_ready(&template).await;
                inner.making.fetch_sub(1, Ordering::SeqCst);
                created
            });
        }
    }

    /// Leaves a database. It is dropped when too many of them wait.
    pub(crate) fn finish(&self, name: String) {
        let waiting = {
            let mut finished = self.inner.finished();
            finished.push_back(name);
            finished.len()
        };
        if waiting > self.inner.most {
            self.spawn(|inner| async move { inner.drop_oldest().await });
        }
    }

    /// Keeps a database, if not too many are kept.
    pub(crate) async fn keep(&self, name: &str, test: &str) -> Result<bool> {
        if self.inner.kept.fetch_add(1, Ordering::SeqCst) >= self.inner.most {
            return Ok(false);
        }
        let client = self.client().await?;
        send(&client, &format!("COMMENT ON DATABASE {name} IS {}", literal(test))).await?;
        Ok(true)
    }

    async fn client(&self) -> Result<Lease<'_>> {
        let client = match self.inner.idle() {
            Some(client) => client,
            None => Arc::new(connect(&self.inner.address, &self.runtime).await?),
        };
        Ok(Lease { client, inner: &self.inner })
    }

    /// Works in the background. An error here is harmless: a missing copy is created when it is needed, and a
    /// database that was not dropped ends with the server.
    fn spawn<F>(&self, work: impl FnOnce(Arc<Inner>) -> F)
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let work = work(self.inner.clone());
        drop(self.runtime.spawn(async move { drop(work.await) }));
    }
}

impl Inner {
    fn number(&self) -> usize {
        self.next.fetch_add(1, Ordering::SeqCst)
    }

    fn idle(&self) -> Option<Arc<Client>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop().filter(|client| !client.is_closed())
    }

    fn finished(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The template if it exists, and its copies that nobody has taken.
    async fn found(&self, client: &Client, template: &TemplateDatabase) -> Result<Vec<String>> {
        let TemplateDatabase { name, digest } = template;
        let query = format!(
            "SELECT datname FROM pg_catalog.pg_database WHERE datname = '{name}' OR datname LIKE 'ready\\_{digest}\\_%'"
        );
        values(client, &query).await
    }

    async fn make_ready(&self, template: &TemplateDatabase) -> Result<()> {
        let client = self.connection().await?;
        let name = format!("ready_{}_{}_{}", template.digest, self.process, self.number());
        send(&client, &copy(&client, &name, &template.name).await?).await?;
        Ok(())
    }

    /// Takes over databases of ended processes that nobody keeps.
    async fn take_over(&self) -> Result<()> {
        let client = self.connection().await?;
        let left = values(
            &client,
            "SELECT datname FROM pg_catalog.pg_database
             WHERE datname LIKE 'test\\_%' AND pg_catalog.shobj_description(oid, 'pg_database') IS NULL
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity
                               WHERE pid::text = pg_catalog.split_part(datname, '_', 2))
             ORDER BY oid",
        )
        .await?;
        drop(client);
        self.finished().extend(left);
        self.drop_oldest().await
    }

    /// Drops databases until few enough are left.
    async fn drop_oldest(&self) -> Result<()> {
        let _one = self.dropping.lock().await;
        let client = self.connection().await?;
        loop {
            let oldest = {
                let mut finished = self.finished();
                if finished.len() > self.most { finished.pop_front() } else { None }
            };
            let Some(oldest) = oldest else { break };
            disconnect(&client, &oldest).await?;
            send(&client, &format!("DROP DATABASE IF EXISTS {oldest}")).await?;
        }
        Ok(())
    }

    /// A connection that lives on the background runtime.
    async fn connection(&self) -> Result<Lease<'_>> {
        let client = match self.idle() {
            Some(client) => client,
            None => Arc::new(self.address.connect("postgres").await?),
        };
        Ok(Lease { client, inner: self })
    }
}

/// A borrowed connection, which is returned even after an error of the server.
struct Lease<'a> {
    client: Arc<Client>,
    inner: &'a Inner,
}

impl std::ops::Deref for Lease<'_> {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).push(self.client.clone());
    }
}

/// Connects on the background runtime, which outlives the runtime of the test.
async fn connect(address: &ServerAddress, runtime: &Handle) -> Result<Client> {
    let address = address.clone();
    let connected = runtime.spawn(async move { address.connect("postgres").await }).await;
    connected
        .map_err(|error| Error::new(ErrorKind::Connect, "the tests' runtime has ended").caused_by(error))?
}
