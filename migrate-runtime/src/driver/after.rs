use migrate_core::Result;
use migrate_core::diff::Change;
use tokio_postgres::Client;

use crate::event::Event;
use crate::failure;
use crate::options::Options;

/// Does what is left for after a transaction: each statement by itself, for CONCURRENTLY needs that.
///
/// One that fails leaves an index that is not valid, or a check that is not validated: the next deployment sees that
/// in the catalog, and makes it again.
pub(crate) async fn finish(client: &Client, changes: &[Change], options: &Options) -> Result<()> {
    for change in changes {
        options.tell(&Event::statement(&change.sql));
        client.simple_query(&change.sql).await.map_err(|error| {
            failure::fact(&change.sql, error)
                .at(change.place.clone())
                .context(format!("while deploying the {} fact, after the transaction", change.fact))
                .note("the transaction is committed; this step alone is open")
                .help("mend what is in its way, and deploy again")
        })?;
    }
    Ok(())
}
