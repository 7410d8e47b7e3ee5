//! Boots with sqlx. Prints the nanoseconds that it took.

use std::error::Error;
use std::time::Instant;

use sqlx::PgPool;
use sqlx::migrate::Migrator;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: peer-sqlx URL")?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(boot(&url))
}

async fn boot(url: &str) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let pool = PgPool::connect(url).await?;
    MIGRATIONS.run(&pool).await?;
    println!("{}", start.elapsed().as_nanos());
    pool.close().await;
    Ok(())
}
