use embed_migrate_core::catalog::Catalog;
use embed_migrate_runtime::{Scope, inspect};
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
        let role = embed_migrate_core::quote::identifier(role);
        // The tests share a server, and roles are the server's.
        let created = format!(
            "DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        client.batch_execute(&created).await.unwrap();
    }
    client.batch_execute(&fit(sql, major(&client).await)).await.unwrap();
    client.batch_execute("RESET ALL").await.unwrap();
    (config, client)
}

/// The server's major version.
pub async fn major(client: &Client) -> u32 {
    let sql = "SELECT current_setting('server_version_num')::integer / 10000";
    client.query_one(sql, &[]).await.unwrap().get::<_, i32>(0).unsigned_abs()
}

/// A text without the lines that end in `-- from 15` or the like, if the server is older.
pub fn fit(text: &str, major: u32) -> String {
    let fits = |line: &&str| {
        let from = line.rsplit_once("-- from ").and_then(|(_, from)| from.parse().ok());
        from.is_none_or(|from: u32| from <= major)
    };
    text.lines().filter(fits).map(|line| format!("{line}\n")).collect()
}

/// All that the database contains.
pub async fn catalog(client: &Client) -> Catalog {
    inspect(client, &Scope::default()).await.unwrap()
}
