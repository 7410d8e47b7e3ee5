use migrate_core::{Result, quote};

use super::database::Database;
use super::make::taken;
use crate::cluster::sessions::ending;
use crate::server::refusal::refused;

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
        let link = self.beside_it_and(to).await?;
        let sql = format!("ALTER DATABASE {} RENAME TO {}", self.quoted(), quote::identifier(to));
        let renaming = async {
            let done = link.client.batch_execute(&sql).await.map_err(refused(self.cannot("rename")));
            done.map_err(|error| taken(to, error))
        };
        let renamed = match self.ends_sessions() {
            true => ending(self.cluster(), &[self.name()], renaming).await,
            false => renaming.await,
        };
        if let Err(error) = renamed {
            return Err(self.explain(&link, "rename", error).await);
        }
        let what = format!("database `{}` was renamed to `{to}`", self.name());
        self.cluster().confirmed(&link, &what).await?;
        Ok(self.renamed(to))
    }
}
