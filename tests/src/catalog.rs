use migrate_core::catalog::Catalog;
use migrate_runtime::{Scope, inspect};
use tokio_postgres::{Client, Config};

use crate::{connect, database};

/// Every kind of object.
pub const RICH: &str = include_str!("../tests/catalog/rich.sql");
/// Names that no SQL of ours may stumble over.
pub const HOSTILE: &str = include_str!("../tests/catalog/hostile.sql");

const ROLES: [&str; 4] = ["catalog_owner", "catalog_reader", "catalog_other", "catalog \"odd\" =/ röle"];

/// A fresh database in which this was run; the roles that it needs are there.
pub async fn database_of(sql: &str) -> (Config, Client) {
    let config = database().await;
    let client = connect(&config).await;
    for role in ROLES {
        let role = migrate_core::quote::identifier(role);
        // The tests share a server, and roles are the server's.
        let made = format!(
            "DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        client.batch_execute(&made).await.unwrap();
    }
    client.batch_execute(sql).await.unwrap();
    client.batch_execute("RESET ALL").await.unwrap();
    (config, client)
}

/// All that the database contains.
pub async fn catalog(client: &Client) -> Catalog {
    inspect(client, &Scope::default()).await.unwrap()
}
