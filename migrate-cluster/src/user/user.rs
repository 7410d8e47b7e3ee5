use std::fmt;

use embed_migrate_core::{Error, Result, quote};
use embed_migrate_runtime::DirectConnection;
use tokio_postgres::types::Type;

use super::entry::{UserEntry, find};
use super::password::verifier;
use crate::cluster::cluster::Cluster;
use crate::cluster::host_rules::HostRules;
use crate::cluster::name;
use crate::pg_hba::host::Host;
use crate::server::server_error::{absent, server_error};

/// A user of a cluster, which is a role that can log in, by name. It need not exist.
///
/// Names are used unchanged: `john.doe` is not `john`, and quotes, spaces and all of Unicode are ordinary characters.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> embed_migrate_cluster::Result<()> {
/// # let installation = embed_migrate_cluster::Installation::find(&|name| std::env::var(name).ok())?;
/// # let server = embed_migrate_cluster::Throwaway::start(&installation).await?;
/// # let cluster = server.instance().cluster();
/// use embed_migrate_cluster::UserOptions;
///
/// cluster.database("demo").create().await?;
/// let groucho = cluster.user("groucho");
/// groucho.create(&UserOptions::new().password("top secret").database("demo")).await?;
/// assert!(groucho.entry().await?.databases.contains(&"demo".to_owned()));
/// groucho.drop().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct User {
    pub(super) cluster: Cluster,
    pub(super) name: String,
    pub(super) ends_sessions: bool,
}

impl User {
    pub(crate) fn new(cluster: Cluster, name: String) -> User {
        User { cluster, name, ends_sessions: false }
    }

    /// The same user, whose sessions are ended when it is dropped.
    pub fn ending_sessions(mut self) -> User {
        self.ends_sessions = true;
        self
    }

    /// The name.
    #[doc(hidden)]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the user exists.
    ///
    /// # Errors
    ///
    /// The errors of [`Cluster::connect`]; `Name` for a name that no user can have.
    pub async fn exists(&self) -> Result<bool> {
        Ok(find(&self.connect().await?, &self.name).await?.is_some())
    }

    /// The user's entry in the cluster's list.
    ///
    /// # Errors
    ///
    /// `NotFound`, or the errors of [`User::exists`].
    #[doc(hidden)]
    pub async fn entry(&self) -> Result<UserEntry> {
        let link = self.connect().await?;
        match find(&link, &self.name).await? {
            Some(entry) => Ok(entry),
            None => Err(self.absent(&link).await),
        }
    }

    /// Changes the password. Sessions continue.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Unsupported` for an empty password; `Permission`; the errors of [`User::exists`].
    pub async fn set_password(&self, password: &str) -> Result<()> {
        self.alter("change the password of", &format!("PASSWORD {}", verifier(password)?)).await
    }

    /// Makes the user a superuser, or an ordinary user.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Permission` if our role is no superuser; `InUse` if no superuser would be left; `Unsupported` for
    /// the superuser of an instance that `migrate` made; the errors of [`User::exists`].
    pub async fn set_superuser(&self, superuser: bool) -> Result<()> {
        match superuser {
            true => self.alter("change", "SUPERUSER").await,
            false => self.demote().await,
        }
    }

    /// Sets the hosts that the user may connect from by TCP, including replication. With an empty list, the other
    /// lines of `pg_hba.conf` decide. [`Cluster::listen_addresses`] shows whether the server can be reached from
    /// them.
    ///
    /// They are in a block at the beginning of `pg_hba.conf`. We can write that file only for an instance that
    /// `migrate` made, on this machine. When this returns, they are in force for new connections. Sessions continue,
    /// and the Unix socket is not affected. If the server does not accept the file, it is restored.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Unsupported` if the server is no instance that `migrate` made; `File`; the errors of
    /// [`User::exists`].
    pub async fn set_hosts(&self, hosts: &[Host]) -> Result<()> {
        let link = self.connect_existing().await?;
        let mut rules_lock = HostRules::of(&link.client).await?.lock().await?;
        // Another process may have dropped or renamed it before we had the lock.
        self.check_exists(&link).await?;
        rules_lock.set(&self.cluster, &self.name, hosts).await
    }

    async fn alter(&self, verb: &str, what: &str) -> Result<()> {
        let link = self.connect_existing().await?;
        let sql = format!("ALTER ROLE {} {what}", self.quoted());
        link.client.batch_execute(&sql).await.map_err(server_error(self.cannot(verb)))?;
        self.cluster.wait_for_standby(&link, &format!("user `{}` was changed", self.name)).await
    }

    pub(super) async fn connect(&self) -> Result<DirectConnection> {
        name::check("user", &self.name)?;
        self.cluster.connect_outside(&[]).await
    }

    /// The same to create or drop the user, which has to wait while a backup of the server is taken.
    pub(super) async fn connect_to_change(&self, verb: &str) -> Result<DirectConnection> {
        name::check("user", &self.name)?;
        self.cluster.connect_to_change(&[], None, &self.cannot(verb)).await
    }

    /// Connects, if the user exists.
    pub(super) async fn connect_existing(&self) -> Result<DirectConnection> {
        let link = self.connect().await?;
        match role(&link, &self.name).await? {
            Some(true) => Ok(link),
            Some(false) | None => Err(self.absent(&link).await),
        }
    }

    pub(super) async fn check_exists(&self, link: &DirectConnection) -> Result<()> {
        match role(link, &self.name).await? {
            Some(true) => Ok(()),
            Some(false) | None => Err(self.absent(link).await),
        }
    }

    async fn absent(&self, link: &DirectConnection) -> Error {
        let error = absent("user", &self.name);
        match role(link, &self.name).await {
            Ok(Some(_)) => error.note("there is a role of that name, but it can't log in"),
            Ok(None) | Err(_) => error,
        }
    }

    pub(super) fn quoted(&self) -> String {
        quote::identifier(&self.name)
    }

    pub(super) fn cannot(&self, verb: &str) -> String {
        format!("can't {verb} user `{}`", self.name)
    }
}

impl Cluster {
    /// A user of it, which need not exist.
    pub fn user(&self, name: impl Into<String>) -> User {
        User::new(self.clone(), name.into())
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Whether a role can log in; `None` if it does not exist.
pub(super) async fn role(link: &DirectConnection, name: &str) -> Result<Option<bool>> {
    let query = "SELECT rolcanlogin FROM pg_catalog.pg_roles WHERE rolname = $1";
    let row = link.client.query_typed_opt(query, &[(&name, Type::NAME)]).await;
    let row = row.and_then(|row| row.map(|row| row.try_get(0)).transpose());
    row.map_err(server_error("can't look up a role"))
}
