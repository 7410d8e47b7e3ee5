use std::fmt;
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Result, escape_controls};
use embed_migrate_runtime::{DirectConnection, Settings};
use tokio_postgres::SimpleQueryMessage;

use crate::server::server_address::MAINTENANCE_DATABASES;
use crate::server::server_error::{is_closed, server_error};

/// The databases and users behind one server.
///
/// It holds no connection. Each verb opens a connection to a database that the verb does not change, and closes it.
/// The URL must lead to the server itself, not to a pooler.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> embed_migrate_cluster::Result<()> {
/// # let installation = embed_migrate_cluster::Installation::find(&|name| std::env::var(name).ok())?;
/// # let server = embed_migrate_cluster::Throwaway::start(&installation).await?;
/// # let url = server.url("demo");
/// use embed_migrate_cluster::{Cluster, Settings};
///
/// let cluster = Cluster::connect(Settings::parse(&url, &|name| std::env::var(name).ok())?).await?;
/// let demo = cluster.database("demo");
/// demo.create().await?;
/// let copy = cluster.database("demo_clone");
/// copy.clone_from(&demo).await?;
/// let renamed = copy.rename("demo_renamed").await?;
/// assert!(!copy.exists().await? && renamed.exists().await?);
/// renamed.drop().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Cluster {
    settings: Settings,
    answer_timeout: Duration,
}

/// How long a synchronous standby may take to confirm what was done.
pub(crate) const CONFIRMS: Duration = Duration::from_secs(10);

/// Commits on this connection do not wait for a standby: a server process that waits does not notice that its client
/// is gone. [`Cluster::wait_for_standby`] waits afterwards.
const LOCAL: &str = "SELECT pg_catalog.set_config('synchronous_commit', 'local', false) WHERE \
    pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.<>) ALL ('{off,local}');";

/// An empty commit after all others. It waits for a standby as they would have.
const COMMIT: &str = "SET synchronous_commit TO DEFAULT; SELECT pg_catalog.pg_logical_emit_message(true, 'migrate', '') WHERE \
    pg_catalog.current_setting('synchronous_standby_names') OPERATOR(pg_catalog.<>) '' AND \
    pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.<>) ALL ('{off,local}')";

impl Cluster {
    /// Connects to the cluster of a URL, with the role and the password of the URL. The database in the URL need not
    /// exist.
    ///
    /// # Errors
    ///
    /// `Connect` if no server answers there, `Login` if it refuses the login, `Settings` for a certificate that can't
    /// be used.
    pub async fn connect(settings: impl Into<Settings>) -> Result<Cluster> {
        let cluster = Cluster::new(settings.into());
        cluster.connect_outside(&[]).await?;
        Ok(cluster)
    }

    pub(crate) fn new(settings: Settings) -> Cluster {
        Cluster { settings, answer_timeout: CONFIRMS }
    }

    /// How long each verb waits at its end for a synchronous standby to confirm; 10 s by default, 0 means no limit.
    /// If no standby confirms in time, the change is committed on this server, and the error (`Node`) says so.
    pub fn answer_timeout(mut self, timeout: Duration) -> Cluster {
        self.answer_timeout = timeout;
        self
    }

    /// The settings of the URL, with its database.
    #[doc(hidden)]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Connects to another database than these: a session in one of them would block the work.
    pub(crate) async fn connect_outside(&self, names: &[&str]) -> Result<DirectConnection> {
        self.connect_outside_with(names, None, "").await.map(|(link, _)| link)
    }

    pub(crate) async fn connect_outside_with(
        &self,
        names: &[&str],
        last: Option<&str>,
        question: &str,
    ) -> Result<(DirectConnection, Vec<SimpleQueryMessage>)> {
        let own = [self.settings.database()];
        let mut refusal = None;
        let candidates =
            MAINTENANCE_DATABASES.into_iter().chain(own).filter(|candidate| !names.contains(candidate));
        for candidate in candidates.chain(last) {
            match self.connect_with(candidate, question).await {
                Ok(link) => return Ok(link),
                Err(error) if is_closed(&error) => refusal = refusal.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        Err(refusal.unwrap_or_else(no_database))
    }

    /// Connects to a database, with a search path of PostgreSQL's own names only, and without a statement timeout.
    pub(crate) async fn connect_to(&self, database: &str) -> Result<DirectConnection> {
        self.connect_with(database, "").await.map(|(link, _)| link)
    }

    async fn connect_with(
        &self,
        database: &str,
        question: &str,
    ) -> Result<(DirectConnection, Vec<SimpleQueryMessage>)> {
        let link = self.settings.with_database(database).connect().await?;
        let set = format!(
            "SET search_path = pg_catalog, pg_temp; SET statement_timeout = 0; \
             SET standard_conforming_strings = on; {LOCAL} {question}"
        );
        let messages =
            link.client.simple_query(&set).await.map_err(server_error("can't prepare the connection"))?;
        Ok((link, messages))
    }

    /// Waits until a synchronous standby has the changes of a connection. `what` says what was done, such as "user
    /// `ann` was created". If there are no such standbys, it costs a round trip.
    ///
    /// # Errors
    ///
    /// `Node` if no standby confirms in time: the change is committed on this server only.
    pub(crate) async fn wait_for_standby(&self, link: &DirectConnection, what: &str) -> Result<()> {
        let unclear =
            || server_error(format!("{what}, but the server does not tell whether a standby has it"));
        let commit = link.client.simple_query(COMMIT);
        if self.answer_timeout.is_zero() {
            return commit.await.map(drop).map_err(unclear());
        }
        if let Ok(done) = tokio::time::timeout(self.answer_timeout, commit).await {
            return done.map(drop).map_err(unclear());
        }
        // Otherwise the server would keep waiting. An error here does not change the message.
        let _ = link.canceller().cancel().await;
        let shown = self
            .connect_outside(&[])
            .await?
            .client
            .query_typed_one("SHOW synchronous_standby_names", &[])
            .await;
        let names: String = shown.and_then(|row| row.try_get(0)).map_err(unclear())?;
        let seconds = self.answer_timeout.as_secs_f32();
        let clause =
            format!("{what} on this server, but no synchronous standby confirmed it within {seconds} s");
        Err(Error::new(ErrorKind::Node, clause)
            .note(format!("`synchronous_standby_names` is `{}`", escape_controls(&names)))
            .help("start the standby, or remove it from `synchronous_standby_names`; nothing has to be repeated"))
    }

    /// Refuses databases of two different clusters.
    pub(crate) async fn check_same(one: &Cluster, other: &Cluster) -> Result<()> {
        let (here, there) = (one.to_string(), other.to_string());
        if here == there || one.started_at().await? == other.started_at().await? {
            return Ok(());
        }
        let message = format!("the databases are of two clusters, at `{here}` and at `{there}`");
        Err(Error::new(ErrorKind::Unsupported, message)
            .help("dump the database, and restore it in the other cluster"))
    }

    /// When the server was started, in microseconds. It shows whether two URLs lead to the same server.
    async fn started_at(&self) -> Result<String> {
        let query = "SELECT extract(epoch FROM pg_catalog.pg_postmaster_start_time())::pg_catalog.text";
        let link = self.connect_outside(&[]).await?;
        let row = link.client.query_typed_one(query, &[]).await;
        row.and_then(|row| row.try_get(0)).map_err(server_error("can't compare the clusters"))
    }
}

fn no_database() -> Error {
    Error::new(ErrorKind::Connect, "there is no other database to connect to")
        .help("name a database in the URL that is not being changed")
}

/// `user@host:port`, without the database.
impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.settings.to_string();
        let database = self.settings.database();
        let place = text.strip_suffix(database).and_then(|text| text.strip_suffix('/'));
        f.write_str(place.unwrap_or(&text))
    }
}
