use embed_migrate_core::Result;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

use crate::cluster::cluster::Cluster;
use crate::server::server_error::server_error;

/// A database in the cluster's list.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DatabaseEntry {
    /// Its name.
    pub name: String,
    /// The role that owns it.
    pub owner: String,
    /// Its character set, as PostgreSQL writes it: `UTF8`.
    pub encoding: String,
    /// Its collation: `C`, `de_DE.utf8`, or ICU's name.
    pub collation: String,
    /// Its character classification (`LC_CTYPE`).
    pub character_type: String,
    /// Its size in bytes; `None` if the role may not see it.
    pub size: Option<u64>,
    /// How many sessions it has.
    pub sessions: u64,
    /// Whether every role that may create databases may clone it.
    pub is_template: bool,
    /// Whether it accepts connections. `template0` and incomplete copies do not.
    pub allows_connections: bool,
    /// Its comment.
    pub comment: Option<String>,
}

// The column of a collation of ICU or of PostgreSQL itself has changed its name twice.
const QUERY: &str = "SELECT d.datname, r.rolname, pg_catalog.pg_encoding_to_char(d.encoding), \
    coalesce(j->>'datlocale', j->>'daticulocale', d.datcollate), d.datctype, \
    CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') \
    OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') THEN pg_catalog.pg_database_size(d.oid) END, \
    (SELECT count(*) FROM pg_catalog.pg_stat_activity AS a \
    WHERE a.datid = d.oid AND a.pid <> pg_catalog.pg_backend_pid()), \
    d.datistemplate, d.datallowconn AND d.datconnlimit <> -2, \
    pg_catalog.shobj_description(d.oid, 'pg_database') \
    FROM pg_catalog.pg_database AS d JOIN pg_catalog.pg_roles AS r ON r.oid = d.datdba, \
    pg_catalog.to_jsonb(d) AS j WHERE $1::pg_catalog.text IS NULL OR d.datname = $1 ORDER BY d.datname";

impl Cluster {
    /// All databases, including templates, by name.
    ///
    /// # Errors
    ///
    /// The errors of [`Cluster::connect`].
    #[doc(hidden)]
    pub async fn databases(&self) -> Result<Vec<DatabaseEntry>> {
        read(&self.connect_outside(&[]).await?.client, None).await
    }
}

/// One database, if it exists.
pub(crate) async fn find(client: &Client, name: &str) -> Result<Option<DatabaseEntry>> {
    Ok(read(client, Some(name)).await?.pop())
}

async fn read(client: &Client, name: Option<&str>) -> Result<Vec<DatabaseEntry>> {
    let rows = client.query_typed(QUERY, &[(&name, Type::TEXT)]).await;
    let rows = rows.map_err(server_error("can't list databases"))?;
    rows.iter()
        .map(entry)
        .collect::<std::result::Result<_, _>>()
        .map_err(server_error("can't list databases"))
}

fn entry(row: &Row) -> std::result::Result<DatabaseEntry, tokio_postgres::Error> {
    Ok(DatabaseEntry {
        name: row.try_get(0)?,
        owner: row.try_get(1)?,
        encoding: row.try_get(2)?,
        collation: row.try_get(3)?,
        character_type: row.try_get(4)?,
        size: row.try_get::<_, Option<i64>>(5)?.and_then(|size| size.try_into().ok()),
        sessions: row.try_get::<_, i64>(6)?.try_into().unwrap_or_default(),
        is_template: row.try_get(7)?,
        allows_connections: row.try_get(8)?,
        comment: row.try_get(9)?,
    })
}
