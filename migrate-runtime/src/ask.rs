use migrate_core::quote;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use crate::options::Options;

/// Asks something of the history: one round trip, no transaction of ours unless a role has to be put on.
///
/// The connection may be a pool's, so the role goes on for a transaction only: the one that a message of several
/// statements is by itself (PostgreSQL manual, 55.2.2.1). It is over with its message, whether that fails or we
/// are dropped meanwhile.
pub(crate) async fn ask(
    client: &Client,
    options: &Options,
    sql: &str,
) -> Result<Vec<SimpleQueryMessage>, Error> {
    let Some(role) = &options.role else { return client.simple_query(sql).await };
    client.simple_query(&format!("SET LOCAL ROLE {}; {sql}", quote::identifier(role))).await
}
