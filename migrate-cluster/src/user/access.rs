use embed_migrate_core::{Error, ErrorKind, Result, quote};
use embed_migrate_runtime::DirectConnection;
use tokio_postgres::types::Type;

use super::user::User;
use crate::cluster::name;
use crate::server::server_error::server_error;

/// Why a user can still connect to a database; null if the user can't.
const WHY: &str = "SELECT CASE \
    WHEN r.rolsuper THEN 'a superuser can always' \
    WHEN pg_catalog.pg_has_role(r.oid, d.datdba, 'USAGE') THEN 'it belongs to `' || pg_catalog.pg_get_userbyid(d.datdba) || '`' \
    WHEN NOT pg_catalog.has_database_privilege(r.oid, d.oid, 'CONNECT') THEN NULL \
    WHEN EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) AS a \
    WHERE a.grantee = 0 AND a.privilege_type = 'CONNECT') THEN 'everybody can' \
    ELSE 'another role gave the right, or has it' END \
    FROM pg_catalog.pg_roles AS r, pg_catalog.pg_database AS d \
    WHERE r.rolname = $1 AND d.datname = pg_catalog.current_database()";

/// Whether the schema `public` exists, and whether the user may create objects in it.
const PUBLIC: &str = "SELECT n.oid IS NOT NULL, coalesce(pg_catalog.has_schema_privilege($1, n.oid, 'CREATE'), false) \
    FROM (VALUES (1)) AS one LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'public'";

impl User {
    /// The databases that the user can connect to, including those that everybody can connect to, without templates.
    ///
    /// # Errors
    ///
    /// The errors of [`User::entry`].
    pub async fn databases(&self) -> Result<Vec<String>> {
        Ok(self.entry().await?.databases)
    }

    /// Grants access to a database: to connect, to create schemas, and to create tables in the schema `public`, as a
    /// service needs. Objects of other roles stay theirs.
    ///
    /// # Errors
    ///
    /// `NotFound` if the user or the database does not exist; `Permission` if the role may not act for the database's
    /// owner; the errors of [`User::exists`].
    pub async fn grant(&self, database: &str) -> Result<()> {
        let link = self.give(database).await?;
        let what = format!("user `{}` was granted access to `{database}`", self.name());
        self.cluster.wait_for_standby(&link, &what).await
    }

    /// Grants access without waiting for standbys.
    pub(super) async fn give(&self, database: &str) -> Result<DirectConnection> {
        let link = self.link_to(database).await?;
        let doing = format!("can't grant user `{}` access to `{database}`", self.name());
        let (there, already) = self.public(&link).await.map_err(server_error(&doing))?;
        let mut sql = format!("GRANT ALL ON DATABASE {} TO {}", quote::identifier(database), self.quoted());
        // Up to PostgreSQL 14 everybody may create objects there, and only a superuser may grant that.
        if there && !already {
            sql += &format!("; GRANT ALL ON SCHEMA public TO {}", self.quoted());
        }
        link.client.batch_execute(&sql).await.map_err(server_error(doing))?;
        Ok(link)
    }

    /// Revokes the access that [`User::grant`] granted. Objects of the user remain, and its sessions continue.
    ///
    /// # Errors
    ///
    /// `Unsupported`, with the reason, if the user could still connect, for example because everybody can. Then
    /// nothing is revoked; see [`Database::restrict`](crate::Database::restrict). `NotFound`, `Permission` and others
    /// as for [`User::grant`].
    pub async fn revoke(&self, database: &str) -> Result<()> {
        let link = self.link_to(database).await?;
        let doing = format!("can't revoke user `{}`'s access to `{database}`", self.name());
        match self.revoked(&link, database).await.map_err(server_error(&doing))? {
            None => {
                link.client.batch_execute("COMMIT").await.map_err(server_error(doing))?;
                let what = format!("user `{}`'s access to `{database}` was revoked", self.name());
                self.cluster.wait_for_standby(&link, &what).await
            }
            // Dropping the connection rolls it back.
            Some(why) => Err(Error::new(
                ErrorKind::Unsupported,
                format!("user `{}` could still connect to `{database}`: {why}", self.name()),
            )
            .help("after `restrict()` (`database restrict`), only users with granted access can connect")),
        }
    }

    /// Revokes in a transaction that it leaves open, and returns the reason why that is not enough.
    async fn revoked(
        &self,
        link: &DirectConnection,
        database: &str,
    ) -> std::result::Result<Option<String>, tokio_postgres::Error> {
        let (there, _) = self.public(link).await?;
        let user = self.quoted();
        let mut sql = format!("BEGIN; REVOKE ALL ON DATABASE {} FROM {user}", quote::identifier(database));
        if there {
            sql += &format!("; REVOKE ALL ON SCHEMA public FROM {user}");
        }
        link.client.batch_execute(&sql).await?;
        let row = link.client.query_typed_opt(WHY, &[(&self.name(), Type::NAME)]).await?;
        row.map_or(Ok(None), |row| row.try_get(0))
    }

    async fn public(
        &self,
        link: &DirectConnection,
    ) -> std::result::Result<(bool, bool), tokio_postgres::Error> {
        let row = link.client.query_typed_one(PUBLIC, &[(&self.name(), Type::NAME)]).await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    /// Connects to the database, if the user exists. Rights on its content can be changed only there.
    async fn link_to(&self, database: &str) -> Result<DirectConnection> {
        name::check("user", self.name())?;
        name::check("database", database)?;
        let link = self.cluster.connect_to(database).await?;
        self.check_exists(&link).await?;
        Ok(link)
    }
}
