use migrate_core::Result;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

use crate::cluster::cluster::Cluster;
use crate::server::server_error::server_error;

/// A database as its cluster lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseEntry {
    /// Its name.
    pub name: String,
    /// The role that it belongs to.
    pub owner: String,
    /// Its character set, as PostgreSQL writes it: `UTF8`.
    pub encoding: String,
    /// The order of its texts: `C`, `de_DE.utf8`, or that of ICU.
    pub collation: String,
    /// What its letters are.
    pub character_type: String,
    /// Its size in bytes; `None` where the role may not know.
    pub size: Option<u64>,
    /// How many are connected to it.
    pub sessions: u64,
    /// Whether anybody who may create databases may clone it.
    pub is_template: bool,
    /// Whether anybody may connect at all: not to `template0`, and not to what is half made.
    pub allows_connections: bool,
    /// Its comment.
    pub comment: Option<String>,
}

// Where a collation is ICU's or PostgreSQL's own, its column has changed its name twice.
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
    /// All databases, templates too, by name.
    ///
    /// # Errors
    ///
    /// Those of [`Cluster::connect`].
    pub async fn databases(&self) -> Result<Vec<DatabaseEntry>> {
        read(&self.connect_outside(&[]).await?.client, None).await
    }
}

/// One database, if it is there.
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
