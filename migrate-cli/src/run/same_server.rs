use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::Client;

/// Whether two connections lead to the same server. Two servers never start in the same microsecond.
pub(crate) async fn is_same_server(one: &Client, other: &Client) -> Result<bool> {
    Ok(started_at(one).await? == started_at(other).await?)
}

async fn started_at(client: &Client) -> Result<String> {
    let query = "SELECT pg_catalog.pg_postmaster_start_time()::text";
    let row = client.query_one(query, &[]).await.map_err(|error| {
        Error::new(ErrorKind::Sql, "the server does not say when it was started").caused_by(error)
    })?;
    Ok(row.get(0))
}
