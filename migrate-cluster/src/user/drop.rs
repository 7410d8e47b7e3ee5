use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::{DirectConnection, LockHolder};
use tokio_postgres::types::Type;

use super::owned_objects;
use super::user::User;
use crate::cluster::host_rules::HostRules;
use crate::cluster::sessions::Sessions;
use crate::server::server_error::{absent, server_error};

impl User {
    /// Drops the user and its rights.
    ///
    /// # Errors
    ///
    /// `NotFound`; `InUse`, with the objects or sessions, if the user owns something or is connected, and for the
    /// user of this connection; `Busy` while a backup of the server is taken; the errors of [`User::exists`].
    pub async fn drop(&self) -> Result<()> {
        self.remove(None, None).await
    }

    /// The same, after all objects of the user, in all databases, were given to another role. Each database is a
    /// transaction: after a failure, the remaining databases are unchanged.
    ///
    /// # Errors
    ///
    /// `NotFound` if one of the two does not exist; the errors of [`User::drop`].
    pub async fn drop_reassigning(&self, heir: &str) -> Result<()> {
        self.remove(Some(heir), None).await
    }

    /// Drops the user if it still has this oid.
    pub(super) async fn drop_created(&self, number: u32) -> Result<()> {
        self.remove(None, Some(number)).await
    }

    async fn remove(&self, heir: Option<&str>, created: Option<u32>) -> Result<()> {
        let link = self.connect_to_change("drop").await?;
        self.check_exists(&link).await?;
        if self.cluster.settings().user() == self.name {
            let message = format!("{}: it is the user of this connection", self.cannot("drop"));
            return Err(Error::new(ErrorKind::InUse, message));
        }
        let sessions = Sessions::Of(&self.name);
        if !self.ends_sessions {
            self.check_idle(sessions.list(&link.client).await?)?;
        }
        owned_objects::release(&self.cluster, &link, &self.name, heir).await?;
        if self.ends_sessions {
            sessions.end(&link.client).await?;
        }
        let mut rules_lock = match HostRules::find(&link.client).await? {
            Some(rules) => Some(rules.lock().await?),
            None => None,
        };
        if let Some(created) = created {
            self.check_same(&link, created).await?;
        }
        if let Some(rules_lock) = &rules_lock {
            rules_lock.check(&link.client, &self.name).await?;
        }
        let sql = format!("DROP ROLE {}", self.quoted());
        link.client.batch_execute(&sql).await.map_err(server_error(self.cannot("drop")))?;
        if let Some(rules_lock) = &mut rules_lock {
            let taken_away = rules_lock.set(&self.cluster, &self.name, &[]).await;
            taken_away.map_err(|error| error.note(format!("user `{}` is dropped", self.name)))?;
        }
        self.cluster.wait_for_standby(&link, &format!("user `{}` was dropped", self.name)).await
    }

    async fn check_same(&self, link: &DirectConnection, created: u32) -> Result<()> {
        let query = "SELECT FROM pg_catalog.pg_roles WHERE rolname = $1 AND oid = $2";
        let rows = link.client.query_typed(query, &[(&self.name, Type::NAME), (&created, Type::OID)]).await;
        match rows.map_err(server_error(self.cannot("drop")))?.is_empty() {
            true => Err(absent("user", &self.name).note("another role has the name now")),
            false => Ok(()),
        }
    }

    fn check_idle(&self, sessions: Vec<LockHolder>) -> Result<()> {
        if sessions.is_empty() {
            return Ok(());
        }
        let error = Error::new(ErrorKind::InUse, format!("{}: the user is connected", self.cannot("drop")));
        let error = sessions.iter().fold(error, |error, session| error.note(session.to_string()));
        Err(error.help("wait for them, or end them: `ending_sessions()` (`--end-sessions`)"))
    }
}
