use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use migrate_core::diff::Change;
use migrate_core::{Error, ErrorKind, Result, Timeout, quote};
use tokio_postgres::SimpleQueryMessage;

use super::after::finish;
use super::deployed::Deployed;
use super::deployment::Deployment;
use super::given::Given;
use crate::ask::within;
use crate::clean::{clean_after, clean_before, rolled_back};
use crate::event::Event;
use crate::history::rows;
use crate::keeper::Keeper;
use crate::options::Options;
use crate::outside::{LOCK_TIMEOUT, Outside, RESTORED, WRITES, role};
use crate::pid::announced_pid;
use crate::session::{SYNCHRONOUS, key};
use crate::source::{Connection, Source};
use crate::topology::confirmed_over;
use crate::watch::Watch;
use crate::worker::{WORKER, Worker};
use crate::{Migrator, failure, pause};

/// Deploys facts and SQL in one transaction on a connection of its own, as far as its caller says `commit`.
///
/// The transaction begins with the first thing that is deployed, and holds the migration lock: two drivers wait for
/// each other, and both for a boot.
///
/// ```no_run
/// # async fn example(settings: &migrate_runtime::Settings) -> migrate_core::Result<()> {
/// use migrate_runtime::Driver;
///
/// let mut driver = Driver::connect(settings).await?;
/// driver.deploy("{ table: study, with: [{ column: code, type: text }, { identity: [code] }] }").await?;
/// driver.submit("CREATE INDEX ON study (lower(code))").await?;
/// driver.commit().await?;
/// driver.close();
/// # Ok(())
/// # }
/// ```
pub struct Driver {
    source: Source<'static>,
    /// `None` once it was lost.
    connection: Option<Arc<Connection>>,
    options: Options,
    apart: bool,
    /// How long what is done after the commit waits for a lock.
    build_timeout: Option<Timeout>,
    server: Option<Server>,
    open: Option<Open>,
}

/// What the server is.
#[derive(Clone, Copy)]
struct Server {
    /// Whether there is a pooler in between, so that each transaction may have another session.
    pooled: bool,
    standby: bool,
}

/// A transaction that was begun.
struct Open {
    worker: Worker,
    schema: String,
    standby: bool,
    /// Whether a commit would wait for a standby: that is waited for when it is made.
    synchronous: bool,
    failed: bool,
    /// What is to be done once it is committed.
    after: Vec<Change>,
}

impl Driver {
    /// A driver on a connection of its own; one that comes from a pool leaves it for good.
    ///
    /// # Errors
    ///
    /// `Connect`: no server; `Login`: a wrong password; `NotFound`: no such database.
    pub async fn connect<'s>(source: impl Into<Source<'s>>) -> Result<Driver> {
        let source = source.into();
        let connection = Some(Arc::new(source.connect().await?.take()));
        let (source, options) = (source.into_owned(), Options::default());
        Ok(Driver {
            source,
            connection,
            options,
            apart: false,
            build_timeout: None,
            server: None,
            open: None,
        })
    }

    /// How long to wait for the migration lock; 5 minutes unless said otherwise.
    pub fn lock_wait(mut self, wait: Duration) -> Self {
        self.options.lock_wait = wait;
        self
    }

    /// How long the server may take to answer a question of our own, and may have nothing to do for us while we wait,
    /// before the driver gives up the connection; 30 s unless said otherwise, zero means without end. What is deployed
    /// may take as long as the server works on it.
    pub fn answer_timeout(mut self, timeout: Duration) -> Self {
        self.options.answer_timeout = timeout;
        self
    }

    /// How long a statement waits for a table's lock; without end unless said otherwise, but for what
    /// [`Driver::concurrently`] does after the commit.
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.options.lock_timeout = Some(Timeout::from(timeout));
        self
    }

    /// How long each index that is built after the commit, and each check that is validated there, waits for a lock: as
    /// long as other statements where that was said, 10 minutes otherwise. An index waits for all transactions that are
    /// older, and holds up nobody meanwhile.
    pub fn build_timeout(mut self, timeout: Duration) -> Self {
        self.build_timeout = Some(Timeout::from(timeout));
        self
    }

    /// Builds indexes and validates checks on tables that hold rows after the commit, while writers go on; otherwise, and
    /// behind a pooler, they are made within the transaction.
    pub fn concurrently(mut self) -> Self {
        self.apart = true;
        self
    }

    /// What to call while something is deployed: with each statement, and as rows are loaded.
    pub fn progress(mut self, progress: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.options.progress = Some(std::sync::Arc::new(progress));
        self
    }

    /// Has the tables that facts are about to store anew looked at as a migrator's runs do
    /// ([`Migrator::rewriting`](crate::Migrator::rewriting)).
    pub fn rewriting_as(mut self, migrator: &Migrator<'_>) -> Self {
        self.options.rewriting = migrator.options.rewriting.clone();
        self
    }

    /// The schema of the history, whose lock is taken and whose tables are left alone; `migrate` unless said otherwise.
    pub fn history_schema(mut self, schema: impl Into<String>) -> Self {
        self.options.schema = schema.into();
        self
    }

    /// The role that things are made as, and that owns them; the connection's unless said otherwise.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.options.role = Some(role.into());
        self
    }

    /// A role whose objects are trusted, as [`Migrator::trust`](crate::Migrator::trust) says.
    pub fn trust(mut self, role: impl Into<String>) -> Self {
        self.options.trusted.push(role.into());
        self
    }

    /// Trusts the roles that a migrator trusts.
    pub fn trust_as(mut self, migrator: &Migrator<'_>) -> Self {
        self.options.trusted.extend(migrator.options.trusted.iter().cloned());
        self
    }

    /// Makes facts true, and verifies them. `facts` is YAML text, a fact, or a list of facts.
    ///
    /// # Errors
    ///
    /// What is wrong with the facts; what the server refuses, with its SQL and the facts that were being deployed;
    /// facts that don't hold afterwards. The transaction can only be rolled back then.
    pub async fn deploy(&mut self, facts: impl Given) -> Result<Deployed> {
        let facts = facts.facts()?;
        let worker = self.begin().await?;
        let done = self.watched(worker, "deploying facts", self.deployment()?.deploy(&facts)).await;
        let deployed = self.noted(done)?;
        if let Some(open) = &mut self.open {
            open.after.extend(deployed.after.iter().cloned());
        }
        Ok(deployed)
    }

    /// Checks that facts hold, and changes nothing.
    ///
    /// # Errors
    ///
    /// `Drift`: each fact that doesn't hold, with what would mend it.
    pub async fn verify(&mut self, facts: impl Given) -> Result<()> {
        let facts = facts.facts()?;
        let worker = self.begin().await?;
        let done = self.watched(worker, "verifying facts", self.deployment()?.verify(&facts)).await;
        match &done {
            // That a fact doesn't hold leaves the transaction as it was.
            Err(error) if error.kind() == ErrorKind::Drift => done,
            _ => self.noted(done),
        }
    }

    /// Runs SQL, one statement or several, and gives the rows of the last one as text.
    ///
    /// # Errors
    ///
    /// What the server refuses. The transaction can only be rolled back then.
    pub async fn submit(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        let worker = self.begin().await?;
        self.options.tell(&Event::statement(sql));
        let answer = self.connection()?.simple_query(sql);
        let answer = async { answer.await.map_err(|error| failure::fact(sql, error)) };
        let done = self.watched(worker, "running a statement", answer).await;
        let messages = self.noted(done)?;
        let values = rows(&messages)
            .map(|row| (0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect());
        Ok(values.collect())
    }

    /// Commits what was deployed since the last commit.
    ///
    /// # Errors
    ///
    /// Something failed since, or a deferred constraint does not hold: everything is rolled back then. `Node` where no
    /// synchronous standby has it in time: it is committed on this server. `Connect` where the connection was lost
    /// meanwhile: then it may be committed or not.
    pub async fn commit(&mut self) -> Result<()> {
        match self.open.take() {
            None => Ok(()),
            Some(Open { failed: true, .. }) => {
                let ended = self.take_back().await;
                self.noted(ended)?;
                Err(Error::new(ErrorKind::Sql, "what failed can't be committed")
                    .help("everything since the last commit was rolled back"))
            }
            Some(open) => {
                let done = self.complete(&open).await;
                self.noted(done)
            }
        }
    }

    /// Takes back what was deployed since the last commit.
    ///
    /// # Errors
    ///
    /// The connection was lost, which takes it back as well.
    pub async fn rollback(&mut self) -> Result<()> {
        match self.open.take() {
            None => Ok(()),
            Some(_) => {
                self.options.tell(&Event::RollingBack);
                let ended = self.take_back().await;
                self.noted(ended)
            }
        }
    }

    /// Closes the connection; what was not committed is taken back.
    pub fn close(self) {}

    async fn end(&self, sql: &str) -> Result<()> {
        let ended = within(&self.options, self.connection()?.simple_query(sql)).await;
        ended.map_err(|error| failure::own("ending the transaction", error))?;
        Ok(())
    }

    /// Commits, as long as the server checks what is deferred, and does what is left for afterwards.
    async fn complete(&self, open: &Open) -> Result<()> {
        let mut clean = if self.is_pooled() { clean_after() } else { String::new() };
        if open.synchronous {
            clean += "SET LOCAL synchronous_commit = local;\n";
        }
        let (sql, doing) = (format!("{clean}COMMIT"), "committing a deployment");
        let answer = self.connection()?.simple_query(&sql);
        let answer = async { answer.await.map_err(|error| failure::own("ending the transaction", error)) };
        let committed = self.watched(open.worker, doing, answer).await;
        committed.map_err(|error| match is_lost(&error) {
            true => error.note("it may be committed or not"),
            false => error,
        })?;
        self.finish(open).await?;
        match open.synchronous {
            true => confirmed_over(self.connection()?, &self.options).await,
            false => Ok(()),
        }
    }

    /// Waits for something as long as the server works on it.
    async fn watched<T>(
        &self,
        worker: Worker,
        doing: &str,
        done: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let _keeper = Keeper::start(self.connection()?, &self.options);
        self.watch(worker).over(done).await.0.map_err(|error| failure::own(doing, error))?
    }

    fn watch(&self, worker: Worker) -> Watch<'_> {
        let Driver { source, options, .. } = self;
        Watch { source, options, worker, step: None, name: "the deployment" }
    }

    fn connection(&self) -> Result<&Arc<Connection>> {
        self.connection.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Connect, "the connection to the server was lost before")
                .help("connect again; what was not committed is taken back")
        })
    }

    /// Takes the transaction back, and behind a pooler what outlasts it.
    async fn take_back(&self) -> Result<()> {
        match self.is_pooled() {
            true => self.end(&rolled_back()).await,
            false => self.end("ROLLBACK").await,
        }
    }

    fn is_pooled(&self) -> bool {
        self.server.is_some_and(|server| server.pooled)
    }

    /// Does what was left for after the transaction, each statement by itself, under the lock again.
    async fn finish(&self, Open { after, worker, .. }: &Open) -> Result<()> {
        if after.is_empty() {
            return Ok(());
        }
        let lock = key(&self.options.schema);
        let unlock = format!("SELECT pg_catalog.pg_advisory_unlock({lock})");
        self.wait(&format!("SELECT pg_catalog.pg_try_advisory_lock({lock})"), "SELECT").await?;
        let lock_timeout = self.build_timeout.or(self.options.lock_timeout).unwrap_or(LOCK_TIMEOUT);
        let lock_timeout = format!("SET lock_timeout = {};\n", lock_timeout.milliseconds());
        // What else the session is set to is its owner's.
        let outside = Outside {
            client: self.connection()?,
            options: &self.options,
            settings: format!("{WRITES}SET statement_timeout = 0;\n{lock_timeout}{}", role(&self.options)),
            restored: RESTORED.to_owned(),
            watch: Some(self.watch(Worker { stays: !self.is_pooled(), ..*worker })),
        };
        let done = finish(&outside, after).await;
        // A connection that was lost takes its lock along.
        if !done.as_ref().is_err_and(is_lost) {
            self.end(&unlock).await?;
        }
        done
    }

    /// Remembers that something failed. A connection that was lost is closed, so that its lock is free.
    fn noted<T>(&mut self, done: Result<T>) -> Result<T> {
        if done.as_ref().is_err_and(is_lost) {
            self.connection = None;
        }
        if let (Err(_), Some(open)) = (&done, &mut self.open) {
            open.failed = true;
        }
        done
    }

    fn deployment(&self) -> Result<Deployment<'_>> {
        match &self.open {
            Some(Open { failed: true, .. }) | None => {
                Err(Error::new(ErrorKind::Sql, "something failed in this transaction before")
                    .help("roll it back first"))
            }
            Some(open) => Ok(Deployment {
                client: self.connection()?,
                options: &self.options,
                schema: &open.schema,
                standby: open.standby,
                apart: self.apart && !self.is_pooled(),
            }),
        }
    }

    /// Begins a transaction with the migration lock, which is polled for: a waiter that blocks holds a snapshot, and
    /// CREATE INDEX CONCURRENTLY waits for snapshots.
    async fn begin(&mut self) -> Result<Worker> {
        if let Some(open) = &self.open {
            return Ok(open.worker);
        }
        let server = match self.server {
            Some(server) => server,
            None => {
                let looked = self.look().await;
                self.noted(looked)?
            }
        };
        self.server = Some(server);
        let begun = self.wait(&self.beginning(key(&self.options.schema), server), "ROLLBACK").await;
        let messages = self.noted(begun)?;
        let row = rows(&messages).last();
        let cell = |column| row.and_then(|row| row.get(column));
        let worker = Worker::parse(cell(3), cell(4))?;
        let schema = cell(1).unwrap_or("public").to_owned();
        let (standby, synchronous) = (server.standby, cell(2).is_some());
        self.open = Some(Open { worker, schema, standby, synchronous, failed: false, after: Vec::new() });
        Ok(worker)
    }

    /// Asks until the first value of the answer is no longer false.
    async fn wait(&self, ask: &str, otherwise: &str) -> Result<Vec<SimpleQueryMessage>> {
        let (started, mut attempt) = (Instant::now(), 0);
        loop {
            let messages = within(&self.options, self.connection()?.simple_query(ask)).await;
            let messages = messages.map_err(|error| failure::own("beginning a deployment", error))?;
            if rows(&messages).last().and_then(|row| row.get(0)) != Some("f") {
                return Ok(messages);
            }
            self.end(otherwise).await?;
            let waited = started.elapsed();
            if waited >= self.options.lock_wait {
                let message = format!(
                    "another process holds the migration lock, and kept it for {} s",
                    waited.as_secs()
                );
                return Err(Error::new(ErrorKind::Locked, message).help("wait for it, and deploy again"));
            }
            if attempt == 1 {
                self.options.tell(&Event::Waiting { waited, holder: None });
            }
            pause::jittered(Duration::from_millis(20), attempt, Duration::from_millis(500)).await;
            attempt += 1;
        }
    }

    /// Asks which session this is, and whether it may write at all.
    async fn look(&self) -> Result<Server> {
        let announced = announced_pid(&self.connection()?.cancel_token()).await;
        const LOOK: &str = "SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery()";
        let messages = within(&self.options, self.connection()?.simple_query(LOOK)).await;
        let messages = messages.map_err(|error| failure::own("beginning a deployment", error))?;
        let row = rows(&messages).next();
        let cell = |column| row.and_then(|row| row.get(column)).unwrap_or_default();
        Ok(Server { pooled: announced != cell(0).parse().ok(), standby: cell(1) == "t" })
    }

    fn beginning(&self, lock: i64, server: Server) -> String {
        // A role or a database may have it otherwise, and a standby has no choice.
        let mode = if server.standby { "READ ONLY" } else { "READ WRITE" };
        let clean = if server.pooled { clean_before() } else { String::new() };
        let mut sql = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED {mode}; {clean}SET LOCAL standard_conforming_strings = on; "
        );
        if let Some(timeout) = self.options.lock_timeout {
            sql += &format!("SET LOCAL lock_timeout = {}; ", timeout.milliseconds());
        }
        if let Some(role) = &self.options.role {
            sql += &format!("SET LOCAL ROLE {}; ", quote::identifier(role));
        }
        sql += NO_ROLES_SCHEMA;
        sql + &format!(
            "SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_try_advisory_xact_lock({lock}) END, \
             pg_catalog.current_schema(), \
             CASE WHEN {SYNCHRONOUS} THEN pg_catalog.set_config('synchronous_commit', 'local', true) END, {WORKER}"
        )
    }
}

fn is_lost(error: &Error) -> bool {
    error.kind() == ErrorKind::Connect
}

/// Facts that name no schema are not for one that has the role's name.
const NO_ROLES_SCHEMA: &str = r#"SELECT pg_catalog.set_config('search_path', CASE WHEN s.path OPERATOR(pg_catalog.=) '' THEN 'public' ELSE s.path END, true)
     FROM pg_catalog.regexp_replace(pg_catalog.regexp_replace(
     pg_catalog.current_setting('search_path'), '"[$]user" *, *', ''), '(, *)?"[$]user"', '') AS s (path); "#;
