use embed_migrate_core::{Error, ErrorKind, Result, quote};
use embed_migrate_runtime::DirectConnection;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::clone::copying;
use super::database::Database;
use super::entry::{DatabaseEntry, find};
use super::make::make;
use super::properties::DatabaseProperties;
use crate::cluster::cluster::Cluster;
use crate::cluster::name::marked;
use crate::cluster::sessions::{in_use, while_ending_sessions};
use crate::server::server_error::{absent, server_error};

impl Database {
    /// Replaces its content with a copy of another database of the same cluster. It keeps its owner, rights,
    /// settings, tablespace and comment.
    ///
    /// The copy is created as `NAME (new)`, while this database stays in use. Then the two swap names in one
    /// transaction, for which nobody may be connected to it, and the old database, now `NAME (old)`, is dropped.
    /// After a crash, the database has either the old or the new content, and at most one of these two may remain.
    /// The next `overwrite` drops it.
    ///
    /// # Errors
    ///
    /// `NotFound` if one of the two does not exist; `InUse`, with the sessions, if somebody is connected to one of
    /// them; `Locked` if another process is overwriting it; `Busy` while a backup of the server is taken;
    /// `Permission` if the role may not act for its owner; `Unsupported` if the other belongs to another cluster.
    pub async fn overwrite(&self, other: &Database) -> Result<()> {
        Cluster::check_same(self.cluster(), other.cluster()).await?;
        if self.name() == other.name() {
            let message = format!("database `{}` can't be overwritten with itself", self.name());
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let names = Names { new: marked(self.name(), "new"), old: marked(self.name(), "old") };
        let link = self.connect_to_change("overwrite", other.name()).await?;
        let client = &link.client;
        let absent = |name: &str| absent("database", name);
        let before =
            DatabaseProperties::read(client, self.name()).await?.ok_or_else(|| absent(self.name()))?;
        let source =
            DatabaseProperties::read(client, other.name()).await?.ok_or_else(|| absent(other.name()))?;
        if !before.is_owner {
            let message = format!("database `{}` belongs to `{}`", self.name(), before.owner);
            return Err(Error::new(ErrorKind::Permission, message)
                .help("overwrite it as a member of that role, or as a superuser"));
        }
        self.lock(client).await?;
        for name in [&names.new, &names.old] {
            self.clear(client, name).await?;
        }
        self.copy(&link, other, &before, &source, &names.new).await?;
        self.swap(&link, &before, &names).await?;
        let dropped = drop_database(client, &names.old).await;
        dropped.map_err(|error| {
            error
                .note(format!("database `{}` is overwritten", self.name()))
                .help(format!("its old content is in `{}`, which the next `overwrite` drops", names.old))
        })?;
        self.cluster().wait_for_standby(&link, &format!("database `{}` was overwritten", self.name())).await
    }

    /// Two processes would each take the other's copy for one that a crash left.
    async fn lock(&self, client: &Client) -> Result<()> {
        let query = "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtext('migrate overwrite'), \
                     pg_catalog.hashtext($1))";
        let row = client.query_typed_one(query, &[(&self.name(), Type::TEXT)]).await;
        let locked = row.and_then(|row| row.try_get(0)).map_err(server_error(self.cannot("overwrite")))?;
        match locked {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::Locked,
                format!("another process is overwriting database `{}`", self.name()),
            )),
        }
    }

    /// Drops the database of this name if an interrupted `overwrite` left it.
    async fn clear(&self, client: &Client, name: &str) -> Result<()> {
        match find(client, name).await? {
            None => Ok(()),
            Some(entry) if entry.comment.as_deref() == Some(&self.mark()) || is_incomplete(&entry) => {
                drop_database(client, name).await
            }
            Some(_) => Err(Error::new(ErrorKind::Exists, format!("database `{name}` is in the way"))
                .note(format!(
                    "overwriting `{}` needs this name, and this database was not created for that",
                    self.name()
                ))
                .help("rename or drop it")),
        }
    }

    /// Creates the copy, which accepts no connections.
    async fn copy(
        &self,
        link: &DirectConnection,
        other: &Database,
        before: &DatabaseProperties,
        source: &DatabaseProperties,
        new: &str,
    ) -> Result<()> {
        let mut options = copying(other, source) + &format!(" OWNER {}", quote::identifier(&before.owner));
        if before.tablespace != source.tablespace {
            options += &format!(" TABLESPACE {}", quote::identifier(&before.tablespace));
        }
        let mut then = before.statements(new);
        then.push(self.marking(new));
        let making = make(&link.client, new, &options, &then);
        let created = match other.ends_sessions() {
            true => while_ending_sessions(self.cluster(), &[other.name()], making).await,
            false => making.await,
        };
        match created {
            Err(error) if error.kind() == ErrorKind::InUse => {
                Err(in_use(&link.client, &self.cannot("overwrite"), other.name(), error).await)
            }
            created => created,
        }
    }

    /// Swaps the names of the copy and the database. If that fails, drops the copy.
    async fn swap(&self, link: &DirectConnection, before: &DatabaseProperties, names: &Names) -> Result<()> {
        let client = &link.client;
        let (own, new, old) = (self.quoted(), quote::identifier(&names.new), quote::identifier(&names.old));
        // One message is one transaction.
        let sql = [
            format!("ALTER DATABASE {own} RENAME TO {old}"),
            format!("ALTER DATABASE {new} RENAME TO {own}"),
            format!("ALTER DATABASE {old} ALLOW_CONNECTIONS false IS_TEMPLATE false"),
            format!(
                "ALTER DATABASE {own} ALLOW_CONNECTIONS {} IS_TEMPLATE {}",
                before.allows_connections, before.is_template
            ),
            self.marking(&names.old),
            format!("COMMENT ON DATABASE {own} IS {}", quote::optional(before.comment.as_deref())),
        ]
        .join(";\n");
        let swapping =
            async { client.batch_execute(&sql).await.map_err(server_error(self.cannot("overwrite"))) };
        let swapped = match self.ends_sessions() {
            true => while_ending_sessions(self.cluster(), &[self.name()], swapping).await,
            false => swapping.await,
        };
        let Err(error) = swapped else { return Ok(()) };
        let error = self.explain(link, "overwrite", error).await;
        Err(match drop_database(client, &names.new).await {
            Ok(()) => error.note(format!("`{}` is unchanged", self.name())),
            Err(_) => error.note(format!("`{}` is unchanged; the copy is in `{}`", self.name(), names.new)),
        })
    }

    fn marking(&self, name: &str) -> String {
        format!("COMMENT ON DATABASE {} IS {}", quote::identifier(name), quote::literal(&self.mark()))
    }

    /// The comment that marks the copy and the old database.
    fn mark(&self) -> String {
        format!("migrate: made to overwrite {}, and to be dropped", self.quoted())
    }
}

struct Names {
    new: String,
    old: String,
}

/// Whether a crash left it between `CREATE DATABASE` and the comment that marks it.
fn is_incomplete(entry: &DatabaseEntry) -> bool {
    !entry.allows_connections && entry.comment.is_none()
}

async fn drop_database(client: &Client, name: &str) -> Result<()> {
    let sql = format!("DROP DATABASE {} WITH (FORCE)", quote::identifier(name));
    client.batch_execute(&sql).await.map_err(server_error(format!("can't drop database `{name}`")))
}
