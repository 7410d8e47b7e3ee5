use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::Client;

/// When a server was started. It tells whether two connections lead to the same server: two servers never start in the same
/// microsecond.
pub(crate) async fn server_start_time(client: &Client) -> Result<String> {
    let query = "SELECT pg_catalog.pg_postmaster_start_time()::text";
    let row = client.query_one(query, &[]).await.map_err(|error| {
        Error::new(ErrorKind::Sql, "the server does not say when it was started").caused_by(error)
    })?;
    Ok(row.get(0))
}
