//! What leads to no database is told with what does.

use embed_migrate::Migrator;

async fn boot(migrator: Migrator<'_>, url: String) {
    drop(migrator.run("postgresql://db.example/demo").await);
    drop(migrator.status(url).await);
}

fn main() {}
