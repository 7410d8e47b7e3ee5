use embed_migrate_core::{Result, quote};

use super::database::Database;
use super::make::explain_duplicate;
use crate::cluster::sessions::while_ending_sessions;
use crate::server::server_error::server_error;

impl Database {
    /// Renames it. Nobody may be connected to it.
    ///
    /// With [`Database::ending_sessions`], sessions are ended while the server locks the database for the rename. So
    /// nobody can reconnect in between, and after a crash it has either the old or the new name.
    ///
    /// # Errors
    ///
    /// `NotFound` if it does not exist; `Exists` if a database has the new name; `InUse`, with the sessions, if
    /// somebody is connected to it; `Permission` if the role may not act for its owner; the errors of
    /// [`Database::exists`].
    pub async fn rename(&self, to: &str) -> Result<Database> {
        let link = self.connect_outside_both(to).await?;
        let sql = format!("ALTER DATABASE {} RENAME TO {}", self.quoted(), quote::identifier(to));
        let renaming = async {
            let done = link.client.batch_execute(&sql).await.map_err(server_error(self.cannot("rename")));
            done.map_err(|error| explain_duplicate(to, error))
        };
        let renamed = match self.ends_sessions() {
            true => while_ending_sessions(self.cluster(), &[self.name()], renaming).await,
            false => renaming.await,
        };
        if let Err(error) = renamed {
            return Err(self.explain(&link, "rename", error).await);
        }
        let what = format!("database `{}` was renamed to `{to}`", self.name());
        self.cluster().wait_for_standby(&link, &what).await?;
        Ok(self.renamed(to))
    }
}
