//! Boots with this project. Prints the nanoseconds that it took.

use std::error::Error;
use std::time::Instant;

static MIGRATIONS: embed_migrate::Bundle = embed_migrate::embed_migrations!();

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: ours URL")?;
    let config = url.parse()?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(boot(&config))
}

async fn boot(config: &tokio_postgres::Config) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    embed_migrate::Migrator::new([&MIGRATIONS]).run(config).await?;
    println!("{}", start.elapsed().as_nanos());
    Ok(())
}
