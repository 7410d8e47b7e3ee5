use embed_migrate_core::{Result, quote};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

use super::parameter::setting;
use super::strategy::strategy;
use crate::server::server_error::server_error;

/// The properties of a database that `CREATE DATABASE ... TEMPLATE` does not copy.
///
/// Security labels are not included. In a copy, all rights are granted by the owner.
#[derive(Debug, Clone)]
pub(super) struct DatabaseProperties {
    pub(super) owner: String,
    /// Whether the role may act for the owner.
    pub(super) is_owner: bool,
    pub(super) comment: Option<String>,
    pub(super) allows_connections: bool,
    pub(super) is_template: bool,
    pub(super) tablespace: String,
    /// The `STRATEGY` option for copying it.
    pub(super) strategy: &'static str,
    limit: i32,
    /// `None` means the rights of a new database.
    grants: Option<Vec<Grant>>,
    /// The role (`None` for all roles), and the setting.
    settings: Vec<(Option<String>, String)>,
}

#[derive(Debug, Clone)]
struct Grant {
    /// `None` means everybody.
    role: Option<String>,
    right: String,
    passed_on: bool,
}

const DATABASE: &str = "SELECT pg_catalog.pg_get_userbyid(d.datdba)::pg_catalog.text, \
    pg_catalog.pg_has_role(d.datdba, 'USAGE'), pg_catalog.shobj_description(d.oid, 'pg_database'), \
    d.datallowconn, d.datconnlimit, d.datacl IS NULL, \
    pg_catalog.current_setting('server_version_num')::pg_catalog.int4, \
    CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid) END, \
    pg_catalog.current_setting('fsync')::pg_catalog.bool, d.datistemplate, t.spcname::pg_catalog.text \
    FROM pg_catalog.pg_database AS d JOIN pg_catalog.pg_tablespace AS t ON t.oid = d.dattablespace WHERE d.datname = $1";

const GRANTS: &str = "SELECT r.rolname::pg_catalog.text, a.privilege_type, a.is_grantable \
    FROM pg_catalog.pg_database AS d, pg_catalog.aclexplode(d.datacl) AS a \
    LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee \
    WHERE d.datname = $1 AND (a.grantee = 0 OR r.oid IS NOT NULL) ORDER BY 1, 2";

const SETTINGS: &str = "SELECT r.rolname::pg_catalog.text, c.entry \
    FROM pg_catalog.pg_database AS d JOIN pg_catalog.pg_db_role_setting AS s ON s.setdatabase = d.oid \
    LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole, \
    pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS c (entry, position) \
    WHERE d.datname = $1 AND (s.setrole = 0 OR r.oid IS NOT NULL) ORDER BY 1 NULLS FIRST, c.position";

impl DatabaseProperties {
    /// Reads the properties of a database; `None` if it does not exist.
    pub(super) async fn read(client: &Client, name: &str) -> Result<Option<DatabaseProperties>> {
        let doing = format!("can't read the properties of database `{name}`");
        DatabaseProperties::ask(client, name).await.map_err(server_error(doing))
    }

    async fn ask(
        client: &Client,
        name: &str,
    ) -> std::result::Result<Option<DatabaseProperties>, tokio_postgres::Error> {
        let Some(row) = client.query_typed_opt(DATABASE, &[(&name, Type::NAME)]).await? else {
            return Ok(None);
        };
        let grants = match row.try_get(5)? {
            true => None,
            false => {
                let rows = client.query_typed(GRANTS, &[(&name, Type::NAME)]).await?;
                Some(rows.iter().map(grant).collect::<std::result::Result<_, _>>()?)
            }
        };
        let rows = client.query_typed(SETTINGS, &[(&name, Type::NAME)]).await?;
        let settings = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let (server, size, fsync) = (row.try_get(6)?, row.try_get::<_, Option<i64>>(7)?, row.try_get(8)?);
        Ok(Some(DatabaseProperties {
            owner: row.try_get(0)?,
            is_owner: row.try_get(1)?,
            comment: row.try_get(2)?,
            allows_connections: row.try_get(3)?,
            limit: row.try_get(4)?,
            is_template: row.try_get(9)?,
            tablespace: row.try_get(10)?,
            strategy: strategy(server, size.unwrap_or_default(), fsync),
            grants,
            settings: settings.collect::<std::result::Result<_, tokio_postgres::Error>>()?,
        }))
    }

    /// The statements that set them on a new database, without owner and comment.
    pub(super) fn statements(&self, name: &str) -> Vec<String> {
        let database = quote::identifier(name);
        let mut sql = Vec::new();
        if self.limit >= 0 {
            sql.push(format!("ALTER DATABASE {database} CONNECTION LIMIT {}", self.limit));
        }
        if let Some(grants) = &self.grants {
            let owner = quote::identifier(&self.owner);
            sql.push(format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC, {owner}"));
            sql.extend(grants.iter().map(|grant| grant.sql(&database)));
        }
        let settings = self.settings.iter().filter_map(|(role, entry)| {
            let set = setting(entry)?;
            Some(match role {
                Some(role) => format!("ALTER ROLE {} IN DATABASE {database} {set}", quote::identifier(role)),
                None => format!("ALTER DATABASE {database} {set}"),
            })
        });
        sql.extend(settings);
        sql
    }
}

fn grant(row: &Row) -> std::result::Result<Grant, tokio_postgres::Error> {
    Ok(Grant { role: row.try_get(0)?, right: row.try_get(1)?, passed_on: row.try_get(2)? })
}

impl Grant {
    fn sql(&self, database: &str) -> String {
        let role = self.role.as_deref().map_or("PUBLIC".to_owned(), quote::identifier);
        let option = if self.passed_on { " WITH GRANT OPTION" } else { "" };
        // The catalog's name of the right, such as CONNECT.
        format!("GRANT {} ON DATABASE {database} TO {role}{option}", self.right)
    }
}
