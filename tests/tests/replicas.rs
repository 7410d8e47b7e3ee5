//! Many processes boot at the same moment.

use std::time::Duration;

use embed_migrate::{Bundle, Migrator};
use tests::{boot, connect, database, files, values};
use tokio_postgres::{Config, IsolationLevel};

const PROCESSES: usize = 64;
const PATCHES: usize = 30;

/// Starts all at once, and gives the number of patches that each applied.
async fn boot_all(config: &Config, directory: &std::path::Path) -> Vec<usize> {
    let spawn = || boot(env!("CARGO_BIN_EXE_boot"), config, &[directory.to_owned()]);
    let children: Vec<_> = (0..PROCESSES).map(|_| spawn()).collect();
    let mut applied = Vec::new();
    for child in children {
        let output = child.wait_with_output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        applied.push(String::from_utf8_lossy(&output.stdout).lines().count());
    }
    applied
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_processes_boot_at_once_and_each_patch_runs_once() {
    let config = database().await;
    let mut patches =
        vec![("patch-1-0-0-std.sql".to_owned(), "CREATE TABLE ran (patch integer);".to_owned())];
    patches.extend(
        (1..PATCHES).map(|n| (format!("patch-1-{n}-0-std.sql"), format!("INSERT INTO ran VALUES ({n});\n"))),
    );
    let patches: Vec<_> = patches.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
    let directory = files("app", &patches);
    directory.lock();
    let applied = boot_all(&config, directory.path()).await;
    assert_eq!(applied.iter().sum::<usize>(), PATCHES, "on an empty database: {applied:?}");
    let client = connect(&config).await;
    let ran: Vec<i32> = values(&client, "SELECT patch FROM ran ORDER BY patch").await;
    assert_eq!(ran, (1..PATCHES as i32).collect::<Vec<_>>());
    let applied = boot_all(&config, directory.path()).await;
    assert_eq!(applied.iter().sum::<usize>(), 0, "on an up-to-date one");
}

/// An index is built CONCURRENTLY behind a transaction that is older, while the other replicas wait for the lock: a
/// waiter that blocked would have a snapshot, for which the build waits.
#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_boot_while_one_builds_an_index_concurrently() {
    let study = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint, code text);");
    let index = ("patch-1-1-0-concurrent.sql", "CREATE INDEX CONCURRENTLY study_code ON study (code);");
    let directory = files("app", &[study, index]);
    let bundle = directory.lock();
    for chunk in 0..25 {
        let rounds = (0..4).map(|round| {
            let stagger =
                if (chunk * 4 + round) % 2 == 0 { Duration::ZERO } else { Duration::from_millis(250) };
            three(&bundle, directory.path(), stagger)
        });
        futures_util::future::join_all(rounds).await;
    }
}

async fn three(bundle: &Bundle, directory: &std::path::Path, stagger: Duration) {
    let config = database().await;
    let first = bundle.patches().first().unwrap().version();
    Migrator::new([bundle])
        .with(|options| {
            options.targets.insert("app".into(), first);
        })
        .run(&config)
        .await
        .unwrap();
    let mut older = connect(&config).await;
    let transaction = older.build_transaction().isolation_level(IsolationLevel::RepeatableRead).start();
    let transaction = transaction.await.unwrap();
    transaction.query("SELECT FROM study", &[]).await.unwrap();
    let mut children = Vec::new();
    for _ in 0..3 {
        children.push(boot(env!("CARGO_BIN_EXE_boot"), &config, &[directory.to_owned()]));
        tokio::time::sleep(stagger).await;
    }
    // The build waits for us; longer than the second after which the server looks for deadlocks.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    transaction.commit().await.unwrap();
    let mut applied = 0;
    for child in children {
        let output = child.wait_with_output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        applied += String::from_utf8_lossy(&output.stdout).lines().count();
    }
    assert_eq!(applied, 1);
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'study_code'::regclass";
    assert!(older.query_one(valid, &[]).await.unwrap().get::<_, bool>(0));
}
