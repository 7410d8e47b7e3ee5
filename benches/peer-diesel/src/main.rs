//! Boots with diesel_migrations. Prints the nanoseconds that it took.

use std::error::Error;
use std::time::Instant;

use diesel::{Connection as _, PgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: peer-diesel URL")?;
    let start = Instant::now();
    let mut connection = PgConnection::establish(&url)?;
    connection.run_pending_migrations(MIGRATIONS).map_err(|error| error.to_string())?;
    println!("{}", start.elapsed().as_nanos());
    Ok(())
}
