use std::fmt;

use embed_migrate_core::{Error, ErrorKind, Result, RewriteProbe};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::system::disk::megabytes;

/// The disk space that a rewrite of a table takes until the commit: a copy of the table with its indexes, and
/// write-ahead log.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableRewrite {
    /// The name of the table, as given.
    pub table: String,
    /// The size with indexes and TOAST in bytes; for a partitioned table, the sum of all partitions.
    pub size: u64,
    /// The write-ahead log of the copy in bytes, up to `max_wal_size`; 0 for an UNLOGGED table.
    pub log: u64,
}

const QUERY: &str = "
SELECT COALESCE(sum(pg_catalog.pg_total_relation_size(part.oid)), 0)::bigint,
       LEAST(
           COALESCE(sum(pg_catalog.pg_total_relation_size(part.oid))
               FILTER (WHERE part.relpersistence OPERATOR(pg_catalog.=) 'p'), 0),
           pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_wal_size'))
       )::bigint
  FROM pg_catalog.pg_class AS part
 WHERE part.oid OPERATOR(pg_catalog.=) $1
    OR part.oid OPERATOR(pg_catalog.=) ANY (
           SELECT relid FROM pg_catalog.pg_partition_tree($1))";

impl TableRewrite {
    /// The disk space that a rewrite of this table takes. The name is quoted as in SQL: `study`, `app.study`.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such table; `Sql` if the server does not answer.
    pub async fn of(client: &Client, table: &str) -> Result<TableRewrite> {
        let failed = |error: tokio_postgres::Error| {
            Error::new(ErrorKind::Sql, format!("can't measure table `{table}`")).caused_by(error)
        };
        let row =
            client.query_one("SELECT pg_catalog.to_regclass($1)::oid", &[&table]).await.map_err(failed)?;
        let Some(oid) = row.get::<_, Option<u32>>(0) else {
            return Err(Error::new(ErrorKind::NotFound, format!("there is no table `{table}`")));
        };
        let row = client.query_one(QUERY, &[&oid]).await.map_err(failed)?;
        let bytes = |column: usize| u64::try_from(row.get::<_, i64>(column)).unwrap_or_default();
        Ok(TableRewrite { table: table.to_owned(), size: bytes(0), log: bytes(1) })
    }

    /// Whether other types rewrite the table. This is tried inside the caller's transaction. If the server refuses to
    /// try, the answer is yes.
    ///
    /// # Errors
    ///
    /// `Sql` if the server does not answer.
    pub async fn tried(client: &Client, trial: &RewriteProbe) -> Result<bool> {
        let failed = |error: tokio_postgres::Error| {
            Error::new(ErrorKind::Sql, "can't try other types for columns").caused_by(error)
        };
        client.batch_execute("SAVEPOINT migrate_trial").await.map_err(failed)?;
        let sql = format!("{};\n{}", trial.setup.join(";\n"), trial.query);
        let asked = client.simple_query(&sql).await;
        let end = "ROLLBACK TO SAVEPOINT migrate_trial; RELEASE SAVEPOINT migrate_trial";
        client.batch_execute(end).await.map_err(failed)?;
        match asked {
            Ok(messages) => Ok(messages.iter().any(|message| match message {
                SimpleQueryMessage::Row(row) => row.get(0) == Some("true"),
                _ => false,
            })),
            Err(error) if error.as_db_error().is_some() => Ok(true),
            Err(error) => Err(failed(error)),
        }
    }

    /// The bytes of free space that it needs.
    pub fn needed(&self) -> u64 {
        self.size.saturating_add(self.log)
    }
}

/// `study: 12 MB, and 12 MB of write-ahead log`.
impl fmt::Display for TableRewrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, and {} of write-ahead log", self.table, megabytes(self.size), megabytes(self.log))
    }
}
