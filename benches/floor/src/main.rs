//! Sends N patches and their history rows pipelined, in one transaction: what no runner with a history can undercut.
//! Prints the nanoseconds that it took. Nothing is embedded: the text is made before the clock starts.

use std::error::Error;
use std::time::Instant;

use futures_util::stream::{FuturesOrdered, StreamExt as _};
use tokio_postgres::NoTls;

const HISTORY: &str = "
CREATE TABLE history (
    version  bigint PRIMARY KEY,
    name     text NOT NULL,
    checksum text NOT NULL,
    applied  timestamptz NOT NULL DEFAULT clock_timestamp()
)";

fn main() -> Result<(), Box<dyn Error>> {
    let usage = "usage: floor URL N";
    let url = std::env::args().nth(1).ok_or(usage)?;
    let patches = std::env::args().nth(2).ok_or(usage)?.parse()?;
    let statements = statements(patches);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(boot(&url, &statements))
}

/// The query strings, in order.
fn statements(patches: usize) -> Vec<String> {
    let mut statements = vec!["BEGIN".to_owned(), HISTORY.to_owned()];
    statements.extend((1..=patches).map(|i| {
        let sql = harness::patches::sql(i);
        let checksum = format!("{i:064x}");
        format!(
            "{sql}INSERT INTO history (version, name, checksum) VALUES ({i}, 't_{i}', 'sha256:{checksum}')"
        )
    }));
    statements.push("COMMIT".to_owned());
    statements
}

async fn boot(url: &str, statements: &[String]) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    let mut replies: FuturesOrdered<_> = statements.iter().map(|query| client.batch_execute(query)).collect();
    while let Some(reply) = replies.next().await {
        reply?;
    }
    drop(replies);
    println!("{}", start.elapsed().as_nanos());
    drop(client);
    Ok(connection.await??)
}
