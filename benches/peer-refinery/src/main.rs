//! Boots with refinery. Prints the nanoseconds that it took.

use std::error::Error;
use std::time::Instant;

use tokio_postgres::NoTls;

mod embedded {
    #![allow(unreachable_pub, missing_docs)]
    refinery::embed_migrations!("migrations");
}

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: peer-refinery URL")?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(boot(&url))
}

async fn boot(url: &str) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let (mut client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    embedded::migrations::runner().run_async(&mut client).await?;
    println!("{}", start.elapsed().as_nanos());
    drop(client);
    Ok(connection.await??)
}
