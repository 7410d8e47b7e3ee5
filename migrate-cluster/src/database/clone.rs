use embed_migrate_core::{Result, quote};
use tokio_postgres::error::SqlState;

use super::database::Database;
use super::make::{make, opening};
use super::properties::DatabaseProperties;
use crate::cluster::cluster::Cluster;
use crate::cluster::sessions::{in_use, while_ending_sessions};
use crate::server::server_error::{absent, code, exists};

impl Database {
    /// Creates it as a copy of another database of the same cluster. Unlike `createdb --template`, this copies the
    /// comment too, and, if the role may act for the owner, the owner, rights, settings and connection limit.
    ///
    /// The other database must have no other sessions. After a crash, an incomplete copy accepts no connections, and
    /// can be dropped like any database.
    ///
    /// # Errors
    ///
    /// `Exists` if this database exists; `NotFound` if the other does not; `InUse`, with the sessions, if somebody is
    /// connected to the other; `Unsupported` if the other belongs to another cluster; the errors of
    /// [`Database::create`].
    pub async fn clone_from(&self, other: &Database) -> Result<()> {
        Cluster::check_same(self.cluster(), other.cluster()).await?;
        let link = self.connect_to_change("create", other.name()).await?;
        let client = &link.client;
        if DatabaseProperties::read(client, self.name()).await?.is_some() {
            return Err(exists("database", self.name()));
        }
        let properties = DatabaseProperties::read(client, other.name()).await?;
        let properties = properties.ok_or_else(|| absent("database", other.name()))?;
        let mut options = copying(other, &properties);
        if properties.is_owner {
            options += &format!(" OWNER {}", quote::identifier(&properties.owner));
        }
        let mut then = if properties.is_owner { properties.statements(self.name()) } else { Vec::new() };
        if let Some(comment) = &properties.comment {
            then.push(format!("COMMENT ON DATABASE {} IS {}", self.quoted(), quote::literal(comment)));
        }
        if !then.is_empty() {
            then.push(opening(self.name()));
        }
        let making = make(client, self.name(), &options, &then);
        let created = match other.ends_sessions() {
            true => while_ending_sessions(self.cluster(), &[other.name()], making).await,
            false => making.await,
        };
        match created {
            Err(error) if code(&error) == Some(&SqlState::OBJECT_IN_USE) => {
                Err(in_use(client, &other.cannot("clone"), other.name(), error).await)
            }
            created => created,
        }?;
        self.cluster().wait_for_standby(&link, &format!("database `{}` was created", self.name())).await
    }
}

/// The options of `CREATE DATABASE` that copy another one.
pub(super) fn copying(other: &Database, properties: &DatabaseProperties) -> String {
    format!(" TEMPLATE {}{}", other.quoted(), properties.strategy)
}
