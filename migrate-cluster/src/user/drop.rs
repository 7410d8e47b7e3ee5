use migrate_core::{Error, ErrorKind, Result};
use migrate_runtime::Holder;

use super::{User, owned};
use crate::hosts::Rules;
use crate::refusal::refused;
use crate::sessions::Sessions;

impl User {
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

    fn check_idle(&self, sessions: Vec<Holder>) -> Result<()> {
        if sessions.is_empty() {
            return Ok(());
        }
        let error = Error::new(ErrorKind::InUse, format!("{}: the user is connected", self.cannot("drop")));
        let error = sessions.iter().fold(error, |error, session| error.note(session.to_string()));
        Err(error.help("wait for them, or end them: `ending_sessions()` (`--end-sessions`)"))
    }
}
