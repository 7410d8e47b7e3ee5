use migrate_core::quote;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use crate::options::Options;

/// Asks something of the history: one round trip, no transaction of ours unless a role has to be put on.
///
/// The connection may be a pool's, so the role goes on for a transaction only, which a failure must not leave
/// open.
pub(crate) async fn ask(
    client: &Client,
    options: &Options,
    sql: &str,
) -> Result<Vec<SimpleQueryMessage>, Error> {
    let Some(role) = &options.role else { return client.simple_query(sql).await };
    let role = quote::identifier(role);
    let answer = client.simple_query(&format!("BEGIN READ ONLY; SET LOCAL ROLE {role}; {sql}; COMMIT")).await;
    if answer.is_err() {
        client.simple_query("ROLLBACK").await?;
    }
    answer
}
