//! Connects and selects 1: what no boot can undercut. Prints the nanoseconds that it took.

use std::error::Error;
use std::time::Instant;

use tokio_postgres::NoTls;

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: bare URL")?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(boot(&url))
}

async fn boot(url: &str) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    client.simple_query("SELECT 1").await?;
    println!("{}", start.elapsed().as_nanos());
    drop(client);
    Ok(connection.await??)
}
