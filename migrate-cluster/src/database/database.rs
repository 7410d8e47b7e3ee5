use std::fmt;

use embed_migrate_core::{Error, ErrorKind, Result, quote};
#[cfg(feature = "facts")]
use embed_migrate_runtime::Driver;
use embed_migrate_runtime::{DirectConnection, Settings};
use tokio_postgres::error::SqlState;

use super::entry::{DatabaseEntry, find};
use super::make::{make, opening};
use super::options::DatabaseOptions;
use crate::cluster::cluster::Cluster;
use crate::cluster::name;
use crate::cluster::sessions::in_use;
use crate::server::server_error::{absent, code, server_error};

/// A database of a cluster, by name. It need not exist.
///
/// `drop`, `rename`, `overwrite` and cloning need a database without other sessions. PostgreSQL waits 5 s for them to
/// end. Then the error lists them, unless [`Database::ending_sessions`] ends them.
#[derive(Debug, Clone)]
pub struct Database {
    cluster: Cluster,
    name: String,
    ends_sessions: bool,
}

impl Database {
    pub(crate) fn new(cluster: Cluster, name: String) -> Database {
        Database { cluster, name, ends_sessions: false }
    }

    /// The same database, whose sessions are ended if they block the work, and can't connect again until it is done.
    pub fn ending_sessions(mut self) -> Database {
        self.ends_sessions = true;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cluster that it belongs to.
    #[doc(hidden)]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The connection settings, for a [`Migrator`](embed_migrate_runtime::Migrator) or a pool.
    pub fn settings(&self) -> Settings {
        self.cluster.settings().with_database(&self.name)
    }

    /// Whether it exists.
    ///
    /// # Errors
    ///
    /// The errors of [`Cluster::connect`]; `Name` for a name that no database can have.
    pub async fn exists(&self) -> Result<bool> {
        let link = self.connect_outside().await?;
        Ok(find(&link.client, &self.name).await?.is_some())
    }

    /// Its entry in the cluster's list.
    ///
    /// # Errors
    ///
    /// `NotFound`, or the errors of [`Database::exists`].
    #[doc(hidden)]
    pub async fn entry(&self) -> Result<DatabaseEntry> {
        let link = self.connect_outside().await?;
        find(&link.client, &self.name).await?.ok_or_else(|| absent("database", &self.name))
    }

    /// Creates it with the content of `template1`.
    ///
    /// # Errors
    ///
    /// `Exists` if it exists; `Permission` if the role may not create databases; `Busy` while a backup of the server
    /// is taken; the errors of [`Database::exists`].
    pub async fn create(&self) -> Result<()> {
        self.create_with(&DatabaseOptions::new()).await
    }

    /// Creates it with an owner, a template, an encoding or a locale.
    ///
    /// # Errors
    ///
    /// The errors of [`Database::create`]; `InUse`, with the sessions, if somebody is connected to the template;
    /// `NotFound` if the template or the owner does not exist; `Sql` for an encoding or a locale that the server does
    /// not have.
    pub async fn create_with(&self, options: &DatabaseOptions) -> Result<()> {
        let template = options.template.as_deref().unwrap_or("template1");
        let link = self.connect_to_create(template).await?;
        let then = match options.restricted {
            true => vec![self.restriction(), opening(&self.name)],
            false => Vec::new(),
        };
        match make(&link.client, &self.name, &options.sql(), &then).await {
            Err(error) if code(&error) == Some(&SqlState::OBJECT_IN_USE) => {
                let error = in_use(&link.client, &self.cannot("create"), template, error).await;
                Err(error.help("wait for them, or take another template"))
            }
            result => result,
        }?;
        self.cluster.wait_for_standby(&link, &format!("database `{}` was created", self.name)).await
    }

    /// Drops it with its content.
    ///
    /// # Errors
    ///
    /// `NotFound` if it does not exist; `InUse`, with the sessions, if somebody is connected to it; `Permission` if
    /// the role may not act for its owner; `Busy` while a backup of the server is taken; the errors of
    /// [`Database::exists`].
    pub async fn drop(&self) -> Result<()> {
        let link = self.connect_to_change("drop", &self.name).await?;
        let force = if self.ends_sessions { " WITH (FORCE)" } else { "" };
        let sql = format!("DROP DATABASE {}{force}", self.quoted());
        let dropped = link.client.batch_execute(&sql).await.map_err(server_error(self.cannot("drop")));
        self.explained(&link, "drop", dropped).await?;
        self.cluster.wait_for_standby(&link, &format!("database `{}` was dropped", self.name)).await
    }

    /// Revokes the right to connect, which PostgreSQL grants to everybody for each new database. The owner,
    /// superusers and users with [granted](crate::User::grant) access can still connect.
    ///
    /// # Errors
    ///
    /// `NotFound` if it does not exist; `Permission` if the role may not act for its owner; the errors of
    /// [`Database::exists`].
    pub async fn restrict(&self) -> Result<()> {
        let link = self.connect_outside().await?;
        let done = link.client.batch_execute(&self.restriction()).await;
        let done = done.map_err(server_error(self.cannot("restrict")));
        self.explained(&link, "restrict", done).await?;
        self.cluster.wait_for_standby(&link, &format!("database `{}` was restricted", self.name)).await
    }

    /// Connects to it.
    ///
    /// # Errors
    ///
    /// `NotFound` if it does not exist; the errors of [`Database::exists`].
    pub async fn connect(&self) -> Result<DirectConnection> {
        name::check("database", &self.name)?;
        self.settings().connect().await
    }

    /// A driver for its facts.
    ///
    /// # Errors
    ///
    /// The errors of [`Database::connect`].
    #[cfg(feature = "facts")]
    pub async fn drive(&self) -> Result<Driver> {
        name::check("database", &self.name)?;
        Driver::connect(&self.settings()).await
    }

    pub(super) fn ends_sessions(&self) -> bool {
        self.ends_sessions
    }

    pub(super) fn renamed(&self, name: &str) -> Database {
        Database { name: name.to_owned(), ..self.clone() }
    }

    pub(super) fn quoted(&self) -> String {
        quote::identifier(&self.name)
    }

    /// The beginning of an error message.
    pub(super) fn cannot(&self, verb: &str) -> String {
        format!("can't {verb} database `{}`", self.name)
    }

    async fn connect_outside(&self) -> Result<DirectConnection> {
        name::check("database", &self.name)?;
        self.cluster.connect_outside(&[&self.name]).await
    }

    /// Connects to a database other than this one and another one.
    pub(super) async fn connect_outside_both(&self, other: &str) -> Result<DirectConnection> {
        name::check("database", &self.name)?;
        name::check("database", other)?;
        self.cluster.connect_outside(&[&self.name, other]).await
    }

    /// Connects in order to create or drop it. Refused while a backup of the server is taken.
    pub(super) async fn connect_to_change(&self, verb: &str, other: &str) -> Result<DirectConnection> {
        name::check("database", &self.name)?;
        name::check("database", other)?;
        self.cluster.connect_to_change(&[&self.name, other], None, &self.cannot(verb)).await
    }

    /// The same to create it from a template. If there is no other database, it connects to the template.
    async fn connect_to_create(&self, template: &str) -> Result<DirectConnection> {
        name::check("database", &self.name)?;
        name::check("database", template)?;
        let doing = self.cannot("create");
        self.cluster.connect_to_change(&[&self.name, template], Some(template), &doing).await
    }

    fn restriction(&self) -> String {
        format!("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC", self.quoted())
    }

    async fn explained(&self, link: &DirectConnection, verb: &str, done: Result<()>) -> Result<()> {
        match done {
            Ok(()) => Ok(()),
            Err(error) => Err(self.explain(link, verb, error).await),
        }
    }

    /// Adds to an error about this database.
    pub(super) async fn explain(&self, link: &DirectConnection, verb: &str, error: Error) -> Error {
        match error.kind() {
            ErrorKind::NotFound => absent("database", &self.name),
            ErrorKind::InUse => in_use(&link.client, &self.cannot(verb), &self.name, error).await,
            _ => error,
        }
    }
}

impl Cluster {
    /// A database of this cluster. It need not exist.
    pub fn database(&self, name: impl Into<String>) -> Database {
        Database::new(self.clone(), name.into())
    }

    /// The database that the URL names. It need not exist.
    pub fn default_database(&self) -> Database {
        self.database(self.settings().database())
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
