use migrate_core::{Result, quote};

use super::database::Database;
use super::make::explain_duplicate;
use crate::cluster::sessions::while_ending_sessions;
use crate::server::server_error::server_error;

impl Database {
    /// Gives it another name. Nobody may be connected to it.
    ///
    /// Sessions that are to be ended are ended while the server holds the database's lock for the new name: nobody
    /// comes back in between, and a crash leaves it under one of the names.
    ///
    /// # Errors
    ///
    /// `NotFound` if it is not there; `Exists` if there is one of the new name; `InUse`, with who it is, if somebody is
    /// connected to it; `Permission` if it belongs to somebody else; those of [`Database::exists`].
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
