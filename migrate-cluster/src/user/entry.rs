use std::collections::BTreeMap;

use embed_migrate_core::Result;
use embed_migrate_runtime::DirectConnection;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::cluster::cluster::Cluster;
use crate::cluster::host_rules::HostRules;
use crate::pg_hba::host::Host;
use crate::server::server_error::server_error;

/// A user in the cluster's list.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserEntry {
    /// The name.
    pub name: String,
    /// Whether the user is a superuser.
    pub superuser: bool,
    /// The databases that the user can connect to, including those that everybody can connect to, without templates.
    pub databases: Vec<String>,
    /// The hosts that the user may connect from; empty if none were set, or if we can't read the `pg_hba.conf` of the
    /// server.
    pub hosts: Vec<Host>,
}

const QUERY: &str = "SELECT r.rolname::pg_catalog.text, r.rolsuper, \
    ARRAY(SELECT d.datname::pg_catalog.text FROM pg_catalog.pg_database AS d \
    WHERE d.datallowconn AND NOT d.datistemplate \
    AND pg_catalog.has_database_privilege(r.oid, d.oid, 'CONNECT') ORDER BY d.datname) \
    FROM pg_catalog.pg_roles AS r \
    WHERE r.rolcanlogin AND ($1::pg_catalog.text IS NULL OR r.rolname = $1) ORDER BY r.rolname";

impl Cluster {
    /// All roles that can log in, by name.
    ///
    /// # Errors
    ///
    /// The errors of [`Cluster::connect`].
    #[doc(hidden)]
    pub async fn users(&self) -> Result<Vec<UserEntry>> {
        read(&self.connect_outside(&[]).await?, None).await
    }
}

/// One user, if there is a role of that name that can log in.
pub(super) async fn find(link: &DirectConnection, name: &str) -> Result<Option<UserEntry>> {
    Ok(read(link, Some(name)).await?.pop())
}

async fn read(link: &DirectConnection, name: Option<&str>) -> Result<Vec<UserEntry>> {
    let rows = link.client.query_typed(QUERY, &[(&name, Type::TEXT)]).await;
    let rows = rows.map_err(server_error("can't list users"))?;
    let hosts = match HostRules::find(&link.client).await? {
        Some(rules) => rules.read()?,
        None => BTreeMap::new(),
    };
    let entries = rows.iter().map(|row| entry(row, &hosts));
    entries.collect::<std::result::Result<_, _>>().map_err(server_error("can't list users"))
}

fn entry(
    row: &Row,
    hosts: &BTreeMap<String, Vec<Host>>,
) -> std::result::Result<UserEntry, tokio_postgres::Error> {
    let name: String = row.try_get(0)?;
    let hosts = hosts.get(&name).cloned().unwrap_or_default();
    Ok(UserEntry { superuser: row.try_get(1)?, databases: row.try_get(2)?, hosts, name })
}
