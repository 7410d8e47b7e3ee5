use embed_migrate_core::{Error, ErrorKind, Result, quote};
use embed_migrate_runtime::DirectConnection;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use super::user::{User, role};
use crate::cluster::host_rules::HostRules;
use crate::cluster::name;
use crate::server::server_error::{exists, server_error};

impl User {
    /// Renames the user. The password stays, since a SCRAM verifier does not depend on the name.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Exists` if a role has the new name; `Unsupported` for the user of this connection, and for a
    /// password stored as MD5, which depends on the name; the errors of [`User::exists`].
    pub async fn rename(&self, to: &str) -> Result<User> {
        name::check("user", to)?;
        let link = self.connect_existing().await?;
        self.check_manager(&link, "rename").await?;
        self.check_md5(&link).await?;
        let mut rules_lock = match HostRules::find(&link.client).await? {
            Some(rules) => Some(rules.lock().await?),
            None => None,
        };
        // Another process may have renamed this role, or created the other, before we had the lock.
        self.check_exists(&link).await?;
        if role(&link, to).await?.is_some() {
            return Err(exists("user", to));
        }
        // First rules for both names, so that there are rules at any moment. This replaces rules that a role dropped
        // by hand has left.
        if let Some(rules_lock) = &mut rules_lock {
            let hosts = rules_lock.hosts(&self.name)?;
            rules_lock.set(&self.cluster, to, &hosts).await?;
        }
        let sql = format!("ALTER ROLE {} RENAME TO {}", self.quoted(), quote::identifier(to));
        let done = link.client.batch_execute(&sql).await.map_err(server_error(self.cannot("rename")));
        match (rules_lock, done) {
            (Some(mut rules_lock), Ok(())) => {
                let taken_away = rules_lock.set(&self.cluster, &self.name, &[]).await;
                taken_away.map_err(|error| error.note(format!("user `{}` is `{to}` now", self.name)))?;
            }
            (Some(rules_lock), Err(error)) => return Err(rules_lock.take_back(&self.cluster, error).await),
            (None, done) => done?,
        }
        self.cluster.wait_for_standby(&link, &format!("user `{}` was renamed to `{to}`", self.name)).await?;
        Ok(User { name: to.to_owned(), ..self.clone() })
    }

    async fn check_md5(&self, link: &DirectConnection) -> Result<()> {
        let query = "SELECT FROM pg_catalog.pg_authid WHERE rolname = $1 AND rolpassword LIKE 'md5%'";
        let rows = match link.client.query_typed(query, &[(&self.name, Type::NAME)]).await {
            // Only a superuser may read it.
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                return Ok(());
            }
            rows => rows.map_err(server_error(self.cannot("rename")))?,
        };
        match rows.is_empty() {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "{}: PostgreSQL would delete its password, which is stored as MD5",
                    self.cannot("rename")
                ),
            )
            .help("set the password again first: it is then stored as SCRAM-SHA-256")),
        }
    }
}
