use std::fmt;

use migrate_core::{Error, ErrorKind, Result, quote};
use migrate_runtime::Link;
use tokio_postgres::types::Type;

use super::entry::find;
use super::password::verifier;
use super::{UserEntry, UserOptions, owned};
use crate::hosts::Rules;
use crate::refusal::{absent, exists, refused};
use crate::sessions::Sessions;
use crate::{Cluster, Host, name};

/// A user of a cluster, a role that can log in, by its name; need not exist.
///
/// Names are what they are: `john.doe` is not `john`, and quotes, blanks and all of Unicode are characters like others.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> migrate_cluster::Result<()> {
/// # let installation = migrate_cluster::Installation::find(&|name| std::env::var(name).ok())?;
/// # let server = migrate_cluster::Throwaway::start(&installation).await?;
/// # let cluster = server.instance().cluster();
/// use migrate_cluster::UserOptions;
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
    cluster: Cluster,
    name: String,
    ends_sessions: bool,
}

impl User {
    pub(crate) fn new(cluster: Cluster, name: String) -> User {
        User { cluster, name, ends_sessions: false }
    }

    /// The same, whose sessions are ended when the user is dropped.
    pub fn ending_sessions(mut self) -> User {
        self.ends_sessions = true;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether there is such a user.
    ///
    /// # Errors
    ///
    /// Those of [`Cluster::connect`]; `Name` for a name that no user can have.
    pub async fn exists(&self) -> Result<bool> {
        Ok(find(&self.link().await?, &self.name).await?.is_some())
    }

    /// What the cluster says of the user.
    ///
    /// # Errors
    ///
    /// `NotFound`, or those of [`User::exists`].
    pub async fn entry(&self) -> Result<UserEntry> {
        let link = self.link().await?;
        match find(&link, &self.name).await? {
            Some(entry) => Ok(entry),
            None => Err(self.absent(&link).await),
        }
    }

    /// Creates the user, all of it or nothing.
    ///
    /// Neither the server nor its log sees the password: it is made a SCRAM-SHA-256 verifier here.
    ///
    /// # Errors
    ///
    /// `Exists` if there is a role of that name; `NotFound` if there is no such database; `Name` for a name that is
    /// PostgreSQL's own; `Unsupported` for hosts where the server is no instance of ours; `Busy` while a backup of the
    /// server is taken; those of [`User::exists`].
    pub async fn create(&self, options: &UserOptions) -> Result<()> {
        let link = self.link_for("create").await?;
        let sql = self.creation(options)?;
        for database in &options.databases {
            // Before anything is made.
            self.cluster.database(database).entry().await?;
        }
        if role(&link, &self.name).await?.is_some() {
            return Err(exists("user", &self.name));
        }
        let rules = self.rules(&link, &options.hosts).await?;
        if let Some(rules) = &rules {
            rules.set(&self.cluster, &self.name, &options.hosts).await?;
        }
        if let Err(error) = link.client.batch_execute(&sql).await {
            let error = refused(self.cannot("create"))(error);
            if let Some(rules) = rules {
                rules.set(&self.cluster, &self.name, &[]).await?;
            }
            return Err(self.explained(error));
        }
        for database in &options.databases {
            if let Err(error) = self.grant(database).await {
                return Err(match self.drop().await {
                    Ok(()) => error,
                    Err(left) => error.note(format!("user `{}` is there now: {}", self.name, left.message())),
                });
            }
        }
        Ok(())
    }

    /// Gives the user another password. Sessions go on.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Unsupported` for a password that is empty; `Permission`; those of [`User::exists`].
    pub async fn set_password(&self, password: &str) -> Result<()> {
        self.alter("change the password of", &format!("PASSWORD {}", verifier(password)?)).await
    }

    /// Lets the user do everything, or no longer.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Permission` for whoever is no superuser; those of [`User::exists`].
    pub async fn set_superuser(&self, superuser: bool) -> Result<()> {
        self.alter("change", if superuser { "SUPERUSER" } else { "NOSUPERUSER" }).await
    }

    /// Gives the user another name; the password stays, since a SCRAM verifier does not depend on it.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Exists` if there is a role of the new name; `Unsupported` for whoever we are connected as, and for
    /// a password kept as MD5, which holds the name; those of [`User::exists`].
    pub async fn rename(&self, to: &str) -> Result<User> {
        name::check("user", to)?;
        let link = self.found().await?;
        self.check_md5(&link).await?;
        if role(&link, to).await?.is_some() {
            return Err(exists("user", to));
        }
        let rules = Rules::find(&link.client).await?;
        let hosts = rules.as_ref().map(|rules| rules.hosts(&self.name)).transpose()?.unwrap_or_default();
        // Rules for both names first: there is no moment without. What a role dropped by hand left goes.
        if let Some(rules) = &rules {
            rules.set(&self.cluster, to, &hosts).await?;
        }
        let sql = format!("ALTER ROLE {} RENAME TO {}", self.quoted(), quote::identifier(to));
        let done = link.client.batch_execute(&sql).await.map_err(refused(self.cannot("rename")));
        let gone = if done.is_ok() { &self.name } else { to };
        if let Some(rules) = rules {
            rules.set(&self.cluster, gone, &[]).await?;
        }
        done.map(|()| User { name: to.to_owned(), ..self.clone() })
    }

    /// Sets the hosts that the user may connect from by TCP; none: from wherever `pg_hba.conf` says.
    ///
    /// They are kept in a block of their own at the head of `pg_hba.conf`, which only an instance of ours, on this
    /// machine, lets us write, and are in force when this is done. Sessions go on, and so does the instance's Unix
    /// socket. What the server does not understand is taken back.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Unsupported` where the server is no instance of ours; `File`; those of [`User::exists`].
    pub async fn set_hosts(&self, hosts: &[Host]) -> Result<()> {
        let link = self.found().await?;
        Rules::of(&link.client).await?.set(&self.cluster, &self.name, hosts).await
    }

    /// Drops the user, and the rights that were given to it.
    ///
    /// # Errors
    ///
    /// `NotFound`; `InUse` if the user owns something or is connected, with what and who, and for whoever we are
    /// connected as; `Busy` while a backup of the server is taken; those of [`User::exists`].
    pub async fn drop(&self) -> Result<()> {
        self.remove(None).await
    }

    /// The same, after all that the user owns, in any database, was given to another role. That is a transaction for
    /// each database: what comes after a failure keeps its owner.
    ///
    /// # Errors
    ///
    /// `NotFound` if one of the two is not there; those of [`User::drop`] else.
    pub async fn drop_reassigning(&self, heir: &str) -> Result<()> {
        self.remove(Some(heir)).await
    }

    async fn remove(&self, heir: Option<&str>) -> Result<()> {
        let link = self.link_for("drop").await?;
        self.check_found(&link).await?;
        if self.cluster.settings().user() == self.name {
            let message = format!("{}: it is whom we are connected as", self.cannot("drop"));
            return Err(Error::new(ErrorKind::InUse, message));
        }
        let sessions = Sessions::Of(&self.name);
        if !self.ends_sessions {
            self.check_idle(sessions.list(&link.client).await?)?;
        }
        owned::settle(&self.cluster, &link, &self.name, heir).await?;
        if self.ends_sessions {
            sessions.end(&link.client).await?;
        }
        let sql = format!("DROP ROLE {}", self.quoted());
        link.client.batch_execute(&sql).await.map_err(refused(self.cannot("drop")))?;
        match Rules::find(&link.client).await? {
            Some(rules) => rules.set(&self.cluster, &self.name, &[]).await,
            None => Ok(()),
        }
    }

    fn check_idle(&self, sessions: Vec<migrate_runtime::Holder>) -> Result<()> {
        if sessions.is_empty() {
            return Ok(());
        }
        let error = Error::new(ErrorKind::InUse, format!("{}: the user is connected", self.cannot("drop")));
        let error = sessions.iter().fold(error, |error, session| error.note(session.to_string()));
        Err(error.help("wait for them, or end them: `ending_sessions()` (`--end-sessions`)"))
    }

    fn creation(&self, options: &UserOptions) -> Result<String> {
        let mut sql = format!("CREATE ROLE {} LOGIN", self.quoted());
        if options.superuser {
            sql += " SUPERUSER";
        }
        if let Some(password) = &options.password {
            sql += &format!(" PASSWORD {}", verifier(password)?);
        }
        Ok(sql)
    }

    /// The rules, where there are some to be written, or left to be taken away.
    async fn rules(&self, link: &Link, hosts: &[Host]) -> Result<Option<Rules>> {
        if !hosts.is_empty() {
            return Rules::of(&link.client).await.map(Some);
        }
        let rules = Rules::find(&link.client).await?;
        let left = rules.as_ref().map(|rules| rules.hosts(&self.name)).transpose()?;
        Ok(rules.filter(|_| left.is_some_and(|left| !left.is_empty())))
    }

    async fn alter(&self, verb: &str, what: &str) -> Result<()> {
        let link = self.found().await?;
        let sql = format!("ALTER ROLE {} {what}", self.quoted());
        link.client.batch_execute(&sql).await.map_err(refused(self.cannot(verb)))
    }

    async fn check_md5(&self, link: &Link) -> Result<()> {
        let query = "SELECT FROM pg_catalog.pg_authid WHERE rolname = $1 AND rolpassword LIKE 'md5%'";
        let rows = match link.client.query_typed(query, &[(&self.name, Type::NAME)]).await {
            // Only a superuser may look.
            Err(error) if error.code() == Some(&tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE) => {
                return Ok(());
            }
            rows => rows.map_err(refused(self.cannot("rename")))?,
        };
        match rows.is_empty() {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "{}: PostgreSQL would delete its password, which is kept as MD5",
                    self.cannot("rename")
                ),
            )
            .help("set the password anew first, which is then kept as SCRAM-SHA-256")),
        }
    }

    async fn link(&self) -> Result<Link> {
        name::check("user", &self.name)?;
        self.cluster.beside(&[]).await
    }

    /// The same to create or drop the user, which has to wait while a backup of the server is taken.
    async fn link_for(&self, verb: &str) -> Result<Link> {
        name::check("user", &self.name)?;
        self.cluster.beside_to_change(&[], &self.cannot(verb)).await
    }

    /// A connection, if there is such a user.
    async fn found(&self) -> Result<Link> {
        let link = self.link().await?;
        match role(&link, &self.name).await? {
            Some(true) => Ok(link),
            Some(false) | None => Err(self.absent(&link).await),
        }
    }

    pub(super) async fn check_found(&self, link: &Link) -> Result<()> {
        match role(link, &self.name).await? {
            Some(true) => Ok(()),
            Some(false) | None => Err(self.absent(link).await),
        }
    }

    async fn absent(&self, link: &Link) -> Error {
        let error = absent("user", &self.name);
        match role(link, &self.name).await {
            Ok(Some(_)) => error.note("there is a role of that name, and it can't log in"),
            Ok(None) | Err(_) => error,
        }
    }

    fn explained(&self, error: Error) -> Error {
        match error.kind() {
            // Another process was faster.
            ErrorKind::Exists => exists("user", &self.name),
            _ => error,
        }
    }

    pub(super) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    pub(super) fn quoted(&self) -> String {
        quote::identifier(&self.name)
    }

    pub(super) fn cannot(&self, verb: &str) -> String {
        format!("can't {verb} user `{}`", self.name)
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Whether a role can log in; `None` if there is none of that name.
pub(super) async fn role(link: &Link, name: &str) -> Result<Option<bool>> {
    let query = "SELECT rolcanlogin FROM pg_catalog.pg_roles WHERE rolname = $1";
    let row = link.client.query_typed_opt(query, &[(&name, Type::NAME)]).await;
    let row = row.and_then(|row| row.map(|row| row.try_get(0)).transpose());
    row.map_err(refused("can't look up a role"))
}
