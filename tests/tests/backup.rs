//! A backup is taken before a run, once, under its lock, and the history has its name.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use embed_migrate::{Error, ErrorKind, Migrator, Settings};
use tests::{connect, database, locked, values};
use tokio_postgres::Config;

const ONE: (&str, &str) = ("patch-1-0-0-std.sql", "CREATE TABLE one (id bigint);");
const TWO: (&str, &str) = ("patch-1-1-0-concurrent.sql", "CREATE INDEX CONCURRENTLY one_id ON one (id);");
const ODD: (&str, &str) = ("patch-1-1-0-std.sql", "CREATE TABLE one (id bigint);");

/// Gives names that are numbers, and counts.
fn counted<'a>(migrator: Migrator<'a>, count: &Arc<AtomicUsize>) -> Migrator<'a> {
    let count = count.clone();
    migrator.backup(move || {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok(number.to_string()) }
    })
}

async fn noted(config: &Config) -> Vec<String> {
    let query = "SELECT detail FROM migrate.event WHERE what = 'backup' ORDER BY happened_at";
    values(&connect(config).await, query).await
}

#[tokio::test]
async fn it_is_taken_where_something_is_to_be_done_and_its_name_kept() {
    let config = database().await;
    let count = Arc::new(AtomicUsize::new(0));
    let (first, second) = (locked("app", &[ONE]), locked("app", &[ONE, TWO]));
    for (bundle, expected) in [(&first, 1), (&first, 1), (&second, 2), (&second, 2)] {
        counted(Migrator::new([bundle]), &count).run(&config).await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), expected);
    }
    assert_eq!(noted(&config).await, ["1", "2"]);

    // A run that fails has its name too.
    let config = database().await;
    let failing = locked("app", &[ONE, ODD]);
    Migrator::new([&first]).run(&config).await.unwrap();
    counted(Migrator::new([&failing]), &count).run(&config).await.unwrap_err();
    assert_eq!(noted(&config).await, ["3"]);
    let report = counted(Migrator::new([&second]), &count).run(&config).await.unwrap();
    assert_eq!(report.notes, ["backup `4` was taken before this run"]);
}

#[tokio::test]
async fn without_it_nothing_is_applied() {
    let config = database().await;
    let bundle = locked("app", &[ONE]);
    let migrator = Migrator::new([&bundle])
        .backup(|| async { Err(Error::new(ErrorKind::Full, "there is no space for it")) });
    let error = migrator.run(&config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Full);
    assert_eq!(error.contexts(), ["while taking a backup before the run"]);
    let client = connect(&config).await;
    let found =
        client.query_one("SELECT to_regclass('one') IS NULL AND to_regnamespace('migrate') IS NULL", &[]);
    assert!(found.await.unwrap().get::<_, bool>(0));
    Migrator::new([&bundle]).run(&config).await.unwrap();
}

#[tokio::test]
async fn eight_replicas_and_several_nodes_take_one() {
    let config = database().await;
    let count = Arc::new(AtomicUsize::new(0));
    let bundle = locked("app", &[ONE, TWO]);
    let migrators: Vec<_> = (0..8).map(|_| counted(Migrator::new([&bundle]), &count)).collect();
    let runs = migrators.iter().map(|migrator| migrator.run(&config));
    for run in futures_util::future::join_all(runs).await {
        run.unwrap();
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(noted(&config).await, ["1"]);

    let (origin, node) = (database().await, database().await);
    let migrator = counted(Migrator::new([&bundle]).node("b", Settings::from(node.clone())), &count);
    migrator.run(&origin).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
    assert_eq!(noted(&origin).await, ["2"]);
}
