//! All ways to set up a database end alike.

use embed_migrate::{Bundle, embed_migrations};

static MIGRATIONS: Bundle = embed_migrations!("../migrations");

#[tokio::test]
async fn a_fresh_database_works() {
    if let Err(error) = embed_migrate::testing::prove(&[&MIGRATIONS]).await {
        panic!("{error}");
    }
}
