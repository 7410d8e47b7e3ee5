use std::sync::OnceLock;
use std::sync::mpsc::channel;

use embed_migrate_cluster::{Installation, Profile, Throwaway};
use embed_migrate_runtime::Settings;
use tokio_postgres::types::FromSqlOwned;
use tokio_postgres::{Client, Config, NoTls};

/// The server that all tests of one binary share; gone with the process.
pub fn server() -> &'static Throwaway {
    static SERVER: OnceLock<Throwaway> = OnceLock::new();
    SERVER.get_or_init(|| {
        let (send, receive) = channel();
        // A runtime of its own: the tests' runtimes end with them, and would take the server along.
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
            send.send(runtime.block_on(Throwaway::start(&installation)).unwrap()).unwrap();
            runtime.block_on(std::future::pending::<()>());
        });
        receive.recv().unwrap()
    })
}

/// A server of one test, which keeps through a crash what was committed.
pub async fn lasting_server() -> Throwaway {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let profile = ["fsync", "full_page_writes", "synchronous_commit"]
        .into_iter()
        .fold(Profile::throwaway(), |profile, name| profile.setting(name, "on"));
    Throwaway::start_with(&installation, profile).await.unwrap()
}

/// A fresh database.
pub async fn database() -> Config {
    server().database().await.unwrap()
}

/// Settings for that database.
pub fn settings(config: &Config) -> Settings {
    Settings::from(config.clone())
}

/// A client that holds the database's migration lock until it is dropped.
pub async fn lock_holder(config: &Config) -> Client {
    let key = "('x' || left(encode(sha256('migrate lock migrate'), 'hex'), 16))::bit(64)::bigint";
    let holder = connect(config).await;
    holder.batch_execute(&format!("SELECT pg_advisory_lock({key})")).await.unwrap();
    holder
}

/// The first column of what a query finds.
pub async fn values<T: FromSqlOwned>(client: &Client, sql: &str) -> Vec<T> {
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// A client of that database.
pub async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
