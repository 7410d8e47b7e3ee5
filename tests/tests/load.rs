//! A patch that needs a table for itself, while clients write and somebody reads for long. How long the clients wait is
//! measured in `benches/load`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use embed_migrate::{Bundle, ErrorKind, Event, Migrator};
use tests::{connect, database, locked};
use tokio::sync::mpsc::unbounded_channel;
use tokio_postgres::{Client, Config};

const ACCOUNT: (&str, &str) = (
    "patch-1-0-0-std.sql",
    "CREATE TABLE account (id integer PRIMARY KEY, balance bigint NOT NULL);\n\
     INSERT INTO account SELECT n, 0 FROM generate_series(1, 100) AS n;",
);
const NOTE: (&str, &str) =
    ("patch-1-1-0-std.sql", "-- migrate: lock-timeout 1s\nALTER TABLE account ADD note text;");

/// A transaction that has read the table and goes on.
async fn reader(config: &Config) -> Client {
    let client = connect(config).await;
    client
        .batch_execute("SET application_name = 'report'; BEGIN; SELECT count(*) FROM account")
        .await
        .unwrap();
    client
}

async fn prepared() -> (Config, Bundle) {
    let config = database().await;
    Migrator::new([&locked("app", &[ACCOUNT])]).run(&config).await.unwrap();
    (config, locked("app", &[ACCOUNT, NOTE]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_gives_way_to_clients_names_who_is_in_the_way_and_gets_in_once_they_are_gone() {
    let (config, bundle) = prepared().await;
    let reader = reader(&config).await;
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut clients = Vec::new();
    for id in 1..=8 {
        let (client, stop, written) = (connect(&config).await, stop.clone(), written.clone());
        clients.push(tokio::spawn(async move {
            let sql = format!("UPDATE account SET balance = balance + 1 WHERE id = {id}");
            while !stop.load(Ordering::SeqCst) {
                client.batch_execute(&sql).await.unwrap();
                written.fetch_add(1, Ordering::SeqCst);
            }
        }));
    }
    let (send, mut retried) = unbounded_channel();
    let migrator_bundle = bundle.clone();
    let config_of_run = config.clone();
    let run = tokio::spawn(async move {
        let tell = move |event: &Event| {
            if let Event::Retrying { attempt, blockers, .. } = event {
                send.send((*attempt, blockers.clone())).unwrap();
            }
        };
        Migrator::new([&migrator_bundle]).progress(tell).run(&config_of_run).await
    });

    let (attempt, blockers) = retried.recv().await.unwrap();
    assert_eq!(attempt, 1);
    assert!(blockers.iter().any(|holder| holder.application == "report"), "{blockers:?}");
    // Between two tries everybody else gets in.
    let before = written.load(Ordering::SeqCst);
    while written.load(Ordering::SeqCst) == before {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    reader.batch_execute("COMMIT").await.unwrap();

    assert_eq!(run.await.unwrap().unwrap().applied.len(), 1);
    stop.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    let client = connect(&config).await;
    let sum: i64 = client.query_one("SELECT sum(balance)::bigint FROM account", &[]).await.unwrap().get(0);
    assert_eq!(sum, written.load(Ordering::SeqCst) as i64, "no write is lost");
    client.batch_execute("SELECT note FROM account").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_that_never_gets_in_gives_up_and_names_who_is_in_the_way() {
    let (config, bundle) = prepared().await;
    let reader = reader(&config).await;
    let tries = Arc::new(Mutex::new(Vec::new()));
    let messages = tries.clone();
    let migrator = Migrator::new([&bundle]).with(|options| options.lock_retries = 1).progress(move |event| {
        if let Event::Retrying { attempt, .. } = event {
            messages.lock().unwrap().push(*attempt);
        }
    });
    let error = migrator.run(&config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert!(error.notes().iter().any(|note| note.contains("`report`")), "{error}");
    assert_eq!(*tries.lock().unwrap(), [1]);
    reader.batch_execute("COMMIT").await.unwrap();
    assert_eq!(migrator.run(&config).await.unwrap().applied.len(), 1);
}
