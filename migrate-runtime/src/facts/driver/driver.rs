use embed_migrate_core::{Error, ErrorKind, Result, RunOptions};
use tokio_postgres::error::DbError;

use super::open_transaction::{DEPLOYMENT, OpenTransaction, taking_back};
use crate::connection::connection::Connection;
use crate::connection::rows::rows;
use crate::connection::source::{IntoSource, Source};
use crate::facts::deploy_report::DeployReport;
use crate::facts::deployment::deployment::Deployment;
use crate::facts::fact_failure;
use crate::facts::into_facts::IntoFacts;
use crate::migrator::Migrator;
use crate::options::options::Options;
use crate::pipeline::execute::execute;
use crate::pipeline::notice_log::NoticeLog;
use crate::pipeline::script::Script;
use crate::report::event::Event;
use crate::session::session::{GOODBYE, Session};

/// Deploys facts and SQL in one transaction on a connection of its own, as far as its caller says `commit`.
///
/// The transaction begins with the first thing that is deployed, and holds the migration lock: two drivers wait for
/// each other, and both for a boot.
///
/// ```no_run
/// # async fn example(settings: &embed_migrate_runtime::Settings) -> embed_migrate_core::Result<()> {
/// use embed_migrate_runtime::Driver;
///
/// let mut driver = Driver::connect(settings).await?;
/// driver.deploy("{ table: study, with: [{ column: code, type: text }, { identity: [code] }] }").await?;
/// driver.submit("CREATE INDEX ON study (lower(code))").await?;
/// driver.commit().await?;
/// driver.close().await;
/// # Ok(())
/// # }
/// ```
pub struct Driver {
    pub(crate) source: Source<'static>,
    /// Until it is used first.
    pub(crate) connection: Option<Connection>,
    /// `None` before that, and once it was lost.
    pub(crate) session: Option<Session>,
    pub(crate) options: Options,
    apart: bool,
    pub(crate) open: Option<OpenTransaction>,
}

impl Driver {
    /// A driver on a connection of its own; one that comes from a pool leaves it for good.
    ///
    /// # Errors
    ///
    /// `Connect`: no server; `Login`: a wrong password; `NotFound`: no such database.
    pub async fn connect<'s>(source: impl IntoSource<'s>) -> Result<Driver> {
        let source = source.into_source();
        let connection = Some(source.connect().await?);
        let (source, options) = (source.into_owned(), Options::default());
        Ok(Driver { source, connection, session: None, options, apart: false, open: None })
    }

    /// Changes the options, as [`Migrator::with`](crate::Migrator::with). Facts need those of roles, locks, waits and the
    /// history's schema; the other options are for patches.
    pub fn with(mut self, change: impl FnOnce(&mut RunOptions)) -> Self {
        change(&mut self.options.run);
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

    /// Checks the tables that facts are about to rewrite, as a migrator's runs do
    /// ([`Migrator::check_rewrites`](crate::Migrator::check_rewrites)).
    #[doc(hidden)]
    pub fn rewriting_as(mut self, migrator: &Migrator<'_>) -> Self {
        self.options.rewrite_check = migrator.options.rewrite_check.clone();
        self
    }

    /// Trusts the roles that a migrator trusts.
    #[doc(hidden)]
    pub fn trust_as(mut self, migrator: &Migrator<'_>) -> Self {
        self.options.trust.extend(migrator.options.trust.iter().cloned());
        self
    }

    /// Makes facts true, and verifies them. `facts` is YAML text, a fact, or a list of facts.
    ///
    /// # Errors
    ///
    /// What is wrong with the facts; what the server refuses, with its SQL and the facts that were being deployed;
    /// facts that don't hold afterwards. The transaction can only be rolled back then.
    pub async fn deploy(&mut self, facts: impl IntoFacts) -> Result<DeployReport> {
        let facts = facts.facts()?;
        let mut open = self.begin().await?;
        let deployed = async {
            let said = NoticeLog::facts(&self.options, "", None, DEPLOYMENT);
            self.deployment(&open)?.deploy_heard(self.session()?, said, &facts).await
        };
        let done = self.watched(&open.worker, "deploying facts", deployed).await;
        let left = done.iter().filter(|deployed| !deployed.after.is_empty()).cloned();
        open.after.extend(left);
        self.noted(open, done)
    }

    /// Checks that facts hold, and changes nothing.
    ///
    /// # Errors
    ///
    /// `Drift`: each fact that doesn't hold, with what would fix it.
    pub async fn verify(&mut self, facts: impl IntoFacts) -> Result<()> {
        let facts = facts.facts()?;
        let open = self.begin().await?;
        let verified = async { self.deployment(&open)?.verify(&facts).await };
        let done = self.watched(&open.worker, "verifying facts", verified).await;
        match done {
            // A fact that does not hold leaves the transaction as it was.
            Err(drift) if drift.kind() == ErrorKind::Drift => {
                self.noted(open, Ok(()))?;
                Err(drift)
            }
            done => self.noted(open, done),
        }
    }

    /// Runs one statement or several, and returns the rows of the last one as text.
    ///
    /// # Errors
    ///
    /// What the server refuses. The transaction can only be rolled back then.
    pub async fn submit(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        let open = self.begin().await?;
        self.options.tell(&Event::statement(sql));
        let answer = async {
            let answer = self.session()?.simple_query(sql).await;
            answer.map_err(|error| fact_failure::fact(sql, error))
        };
        let done = self.watched(&open.worker, "running a statement", answer).await;
        let messages = self.noted(open, done)?;
        let values = rows(&messages)
            .map(|row| (0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect());
        Ok(values.collect())
    }

    /// Runs the SQL of a file, and ignores the rows that it returns.
    ///
    /// # Errors
    ///
    /// As [`Driver::submit`], with the line of the statement that failed in the file of that name.
    pub async fn submit_file(&mut self, file: &str, sql: &str) -> Result<()> {
        let open = self.begin().await?;
        self.options.tell(&Event::statement(sql));
        let script = Script::around("", sql, "", 0);
        let answer = async {
            let place = |said: &DbError| Some(fact_failure::file_place(file, &script, said));
            let said = NoticeLog::facts(&self.options, "", None, DEPLOYMENT).located(&place);
            let session = self.session()?;
            let answer = session.hear(Some(said), execute(session, &script)).await;
            answer.map_err(|error| fact_failure::in_file(file, &script, error))
        };
        let done = self.watched(&open.worker, "running a file", answer).await;
        self.noted(open, done).map(drop)
    }

    /// Commits what was deployed since the last commit.
    ///
    /// # Errors
    ///
    /// Something failed since, or a deferred constraint does not hold: everything is rolled back then. `Node` if no
    /// synchronous standby has it in time: it is committed on this server. `Connect` if the connection was lost
    /// meanwhile: it may be committed or not. `Connect` also if the future of a deployment was dropped: it is not committed.
    pub async fn commit(&mut self) -> Result<()> {
        self.refuse_abandoned()?;
        match self.open.take() {
            None => Ok(()),
            Some(OpenTransaction { failed: true, .. }) => {
                self.take_back().await?;
                Err(Error::new(
                    ErrorKind::Sql,
                    "a transaction in which a statement failed can't be committed",
                )
                .help("everything since the last commit was rolled back"))
            }
            Some(open) => self.complete(open).await,
        }
    }

    /// Rolls back what was deployed since the last commit.
    ///
    /// # Errors
    ///
    /// The connection was lost, which rolls it back as well.
    pub async fn rollback(&mut self) -> Result<()> {
        self.refuse_abandoned()?;
        match self.open.take() {
            None => Ok(()),
            Some(_) => {
                self.options.tell(&Event::RollingBack);
                self.take_back().await
            }
        }
    }

    /// Closes the connection, and tells the server so: what was not committed is rolled back, even if another process has
    /// its socket.
    /// If the driver is dropped instead, the server finds out by itself.
    pub async fn close(mut self) {
        if let Some(Connection::Own(link)) = self.connection.take() {
            return link.close().await;
        }
        let Some(session) = self.session.take() else { return };
        if self.open.is_some() {
            // A server that does not answer in time finds out as well.
            drop(tokio::time::timeout(GOODBYE, session.simple_query(&taking_back(&session))).await);
        }
        session.end().await;
    }

    fn deployment<'d>(&'d self, open: &'d OpenTransaction) -> Result<Deployment<'d>> {
        if open.failed {
            return Err(Error::new(ErrorKind::Sql, "something failed in this transaction before")
                .help("roll it back first"));
        }
        let session = self.session()?;
        Ok(Deployment {
            standby: session.server.standby,
            apart: self.apart && session.direct,
            ..Deployment::new(session, &self.options, "", &open.schema)
        })
    }
}
