use embed_migrate_core::{Error, ErrorKind, Result, quote};
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use crate::connection::rows::rows;
use crate::options::options::Options;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::query::query_error::QueryError;
use crate::trust::trusted_roles::is_trusted;

const MEMBERS: &str = include_str!("members.sql");
const UNTRUSTED_OWNERS: &str = include_str!("untrusted_owners.sql");
const CLUSTERS: &str = "SELECT n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
     WHERE c.relname = 'sl_local_node_id' ORDER BY 1";

/// A Slony cluster, by its name.
#[derive(Debug, Clone)]
pub(crate) struct SlonyCluster {
    name: String,
}

/// An active node, as its cluster knows it.
#[derive(Debug, Clone)]
pub(crate) struct ClusterNode {
    pub(crate) id: i32,
    pub(crate) comment: String,
    /// Whether it is the one that we asked.
    pub(crate) local: bool,
    /// Whether a set has its origin there.
    pub(crate) origin: bool,
    /// How its neighbours' daemons connect to it.
    pub(crate) conninfo: Option<String>,
}

impl ClusterNode {
    /// What messages call it: its number, and what its administrator calls it.
    pub(crate) fn name(&self) -> String {
        match self.comment.trim() {
            "" => self.id.to_string(),
            comment => format!("{} ({comment})", self.id),
        }
    }
}

impl SlonyCluster {
    /// The cluster that this database is a node of, and its nodes.
    ///
    /// # Errors
    ///
    /// `Permission` if the schema that looks like Slony's belongs to an untrusted role, or may
    /// not be used by us; `Unsupported` if the database is a node of several clusters.
    pub(crate) async fn look(client: &Client, options: &Options) -> Result<(SlonyCluster, Vec<ClusterNode>)> {
        let messages = asked(client, options, CLUSTERS).await?;
        let schemas: Vec<&str> = rows(&messages).filter_map(|row| row.get(0)).collect();
        let [schema] = schemas.as_slice() else {
            let message = format!("the database is a node of several Slony clusters: {}", schemas.join(", "));
            return Err(Error::new(ErrorKind::Unsupported, message).help(SINGLE));
        };
        // Its functions run with our rights.
        let untrusted = UNTRUSTED_OWNERS.replace("{trusted}", &is_trusted(options, "o.owner"));
        let messages = asked(client, options, &untrusted).await?;
        if let Some(row) = rows(&messages).next() {
            return Err(untrusted_owner(row));
        }
        let cluster = SlonyCluster { name: schema.strip_prefix('_').unwrap_or(schema).to_owned() };
        let messages = cluster.ask(client, options, MEMBERS).await?;
        let members = rows(&messages).filter_map(known).collect();
        Ok((cluster, members))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its schema's name in quotes.
    pub(crate) fn schema(&self) -> String {
        quote::identifier(&format!("_{}", self.name))
    }

    /// SQL with the cluster's names in it.
    pub(crate) fn fill(&self, sql: &str) -> String {
        let name = quote::literal(&format!("_{}", self.name));
        sql.replace("{slony}", &self.schema()).replace("{cluster}", &name)
    }

    /// Asks something of Slony's tables.
    pub(crate) async fn ask(
        &self,
        client: &Client,
        options: &Options,
        sql: &str,
    ) -> Result<Vec<SimpleQueryMessage>> {
        asked(client, options, &self.fill(sql)).await
    }
}

/// What to do if Slony's cluster is not ours to use.
pub(crate) const SINGLE: &str = "`Migrator::topology(Topology::Single)` (`--topology single`) treats the database as a single server, and replicates nothing";

async fn asked(client: &Client, options: &Options, sql: &str) -> Result<Vec<SimpleQueryMessage>> {
    let sql = format!("SET LOCAL search_path = pg_catalog, pg_temp; {sql}");
    with_timeout(options, client.simple_query(&sql)).await.map_err(|error| refused("asking Slony", error))
}

/// An error of Slony's, or on the way to it.
pub(crate) fn refused(doing: &str, error: impl Into<QueryError>) -> Error {
    let error = failure::own(doing, error);
    match error.kind() {
        ErrorKind::Permission => error.help(
            "the role needs rights on the cluster's schema, or to be a superuser: docs/operations.md, `Slony`, has the grants",
        ),
        _ => error,
    }
}

fn known(row: &SimpleQueryRow) -> Option<ClusterNode> {
    Some(ClusterNode {
        id: row.get(0)?.parse().ok()?,
        comment: row.get(1).unwrap_or_default().to_owned(),
        local: row.get(2) == Some("t"),
        origin: row.get(3) == Some("t"),
        conninfo: row.get(4).map(str::to_owned),
    })
}

fn untrusted_owner(row: &SimpleQueryRow) -> Error {
    let cell = |column| row.get(column).unwrap_or_default();
    let message = format!(
        "the schema `{}` looks like a Slony cluster's, and something in it belongs to `{}`, which is not a trusted role",
        cell(0),
        cell(1)
    );
    Error::new(ErrorKind::Permission, message)
        .note("it was not used: its functions would run with the rights of this boot")
        .help(SINGLE)
}
