use embed_migrate_core::catalog::Catalog;
use embed_migrate_core::{Error, ErrorKind, Result, quote};
use embed_migrate_runtime::{Scope, Settings, inspect};

use crate::program::installation::Installation;
use crate::throwaway::throwaway::Throwaway;

/// A throwaway server with databases in which patches and schemas are tried. All belong to one role, so that owners are
/// equal in all of them.
#[doc(hidden)]
#[derive(Debug)]
pub struct ProofServer {
    server: Throwaway,
    role: String,
    databases: usize,
}

/// How many roles are made because a script names them.
const MOST_ROLES: usize = 1_000;

impl ProofServer {
    /// Starts a server; `role` is who owns all databases and what is made in them.
    ///
    /// # Errors
    ///
    /// As [`Throwaway::start`].
    pub async fn start(installation: &Installation, role: &str) -> Result<ProofServer> {
        let server = Throwaway::start(installation).await?;
        let server = ProofServer { server, role: role.to_owned(), databases: 0 };
        server.create_role(role).await?;
        Ok(server)
    }

    /// Creates a role if there is none. It is a superuser, so that it may own whatever it is to own.
    ///
    /// # Errors
    ///
    /// `Sql` if the server refuses.
    pub async fn create_role(&self, role: &str) -> Result<()> {
        let (text, name) = (quote::literal(role), quote::identifier(role));
        self.execute(&format!(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {text}) THEN \
             CREATE ROLE {name} LOGIN SUPERUSER; END IF; END $$"
        ))
        .await
    }

    /// The role that owns everything.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// An empty database.
    ///
    /// # Errors
    ///
    /// `Sql` if the server refuses.
    pub async fn empty(&mut self) -> Result<Settings> {
        self.make("").await
    }

    /// A copy of a database, to which nobody is connected.
    ///
    /// # Errors
    ///
    /// `Sql` if the server refuses.
    pub async fn copy(&mut self, of: &Settings) -> Result<Settings> {
        self.make(&format!(" TEMPLATE {}", quote::identifier(of.database()))).await
    }

    /// An empty database, or a copy, in which `fill` ran. If a role is missing, it is created, and `fill` runs again in
    /// another database.
    ///
    /// # Errors
    ///
    /// Those of `fill`.
    pub async fn filled(
        &mut self,
        of: Option<&Settings>,
        fill: impl AsyncFn(&Settings) -> Result<()>,
    ) -> Result<Settings> {
        for _ in 0..MOST_ROLES {
            let settings = match of {
                Some(of) => self.copy(of).await?,
                None => self.empty().await?,
            };
            match fill(&settings).await {
                Ok(()) => return Ok(settings),
                Err(error) => match missing_role(&error) {
                    Some(role) => self.create_role(&role).await?,
                    None => return Err(error),
                },
            }
        }
        Err(Error::new(ErrorKind::Sql, format!("more than {MOST_ROLES} roles are missing")))
    }

    /// The catalog of a database, without the history's schema.
    ///
    /// # Errors
    ///
    /// As [`inspect`].
    pub async fn catalog(&self, settings: &Settings, history: &str) -> Result<Catalog> {
        let scope = Scope { leave_out: &[history], ..Scope::default() };
        inspect(&settings.connect().await?.client, &scope).await
    }

    /// Stops the server, and waits until its directory is gone.
    ///
    /// # Errors
    ///
    /// `Instance` if the server does not end.
    pub async fn stop(self) -> Result<()> {
        self.server.stop().await
    }

    async fn make(&mut self, template: &str) -> Result<Settings> {
        self.databases += 1;
        let name = format!("proof_{}", self.databases);
        let owner = quote::identifier(&self.role);
        self.execute(&format!("CREATE DATABASE {name} OWNER {owner}{template}")).await?;
        let mut config = self.server.config();
        config.user(&self.role).dbname(&name);
        Ok(Settings::from(config))
    }

    async fn execute(&self, sql: &str) -> Result<()> {
        let client = self.server.instance().connect("postgres").await?;
        client.batch_execute(sql).await.map_err(|error| {
            let why = error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned());
            Error::new(ErrorKind::Sql, format!("the throwaway server refused what a proof needs: {why}"))
                .caused_by(error)
        })
    }
}

/// The role that the server misses.
fn missing_role(error: &Error) -> Option<String> {
    let text = error.to_string();
    text.lines().find_map(|line| {
        let (_, rest) = line.split_once("role \"")?;
        let (role, _) = rest.split_once("\" does not exist")?;
        Some(role.to_owned())
    })
}
