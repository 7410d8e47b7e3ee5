//! The booting process or the server is killed at random moments; the next boot converges.

use std::time::Duration;

use embed_migrate::Migrator;
use tests::{Files, Moments, boot, connect, database, files, lasting_server, undisturbed, values};
use tokio_postgres::Config;

const BOOT: &str = env!("CARGO_BIN_EXE_boot");
const PATCHES: u64 = 25;

/// Each patch makes a table and writes a row that must be there exactly once.
fn patches() -> Files {
    let first = ("patch-1-0-0-std.sql".to_owned(), "CREATE TABLE ran (patch bigint NOT NULL);\n".to_owned());
    let other = |n| {
        (
            format!("patch-1-{n}-0-std.sql"),
            format!("CREATE TABLE t_{n} (id bigint PRIMARY KEY);\nINSERT INTO ran VALUES ({n});\n"),
        )
    };
    let all: Vec<_> = std::iter::once(first).chain((1..PATCHES).map(other)).collect();
    let all: Vec<_> = all.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
    let created = files("app", &all);
    created.lock();
    created
}

/// That every patch is there, once, with its row, in one unbroken chain.
async fn assert_whole(config: &Config, context: &str) {
    let client = connect(config).await;
    let ran: Vec<i64> = values(&client, "SELECT patch FROM ran ORDER BY patch").await;
    assert_eq!(ran, (1..PATCHES as i64).collect::<Vec<_>>(), "{context}");
    let sql = "SELECT count(*), count(ended_at), max(position) FROM migrate.patch";
    let row = client.query_one(sql, &[]).await.unwrap();
    let all = PATCHES as i64 + 1;
    assert_eq!(
        (row.get::<_, i64>(0), row.get::<_, i64>(1), row.get::<_, i64>(2)),
        (all, all, all),
        "{context}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_at_any_moment_leaves_what_the_next_boot_completes() {
    let directory = patches();
    let bundle = directory.read();
    let whole = undisturbed(BOOT, &database().await, &directory).await;
    let mut moments = Moments(2);
    let mut halves = 0;
    for round in 0..200 {
        let config = database().await;
        let mut child = boot(BOOT, &config, &[directory.path().to_owned()]);
        tokio::time::sleep(moments.below(whole)).await;
        child.kill().await.unwrap();
        let report = Migrator::new([&bundle])
            .with(|options| options.lock_wait = Duration::from_secs(20))
            .run(&config)
            .await
            .unwrap();
        halves += usize::from(!report.applied.is_empty() && report.applied.len() < PATCHES as usize);
        assert_whole(&config, &format!("round {round}")).await;
    }
    assert!(halves > 20, "only {halves} of 200 were killed half-way: the moments miss the work");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashes_at_any_moment_has_whole_patches_or_none() {
    let directory = patches();
    let bundle = directory.read();
    let mut server = lasting_server().await;
    let whole = undisturbed(BOOT, &server.database().await.unwrap(), &directory).await;
    let mut moments = Moments(3);
    for round in 0..25 {
        let config = server.database().await.unwrap();
        let child = boot(BOOT, &config, &[directory.path().to_owned()]);
        tokio::time::sleep(moments.below(whole)).await;
        server.crash().await.unwrap();
        let output = child.wait_with_output().await.unwrap();
        server.restart().await.unwrap();
        let applied = String::from_utf8_lossy(&output.stdout).lines().count();
        let report = Migrator::new([&bundle]).run(&config).await.unwrap();
        if output.status.success() {
            assert_eq!(
                (applied, report.applied.len()),
                (PATCHES as usize, 0),
                "what was reported as applied is there"
            );
        }
        assert_whole(&config, &format!("round {round}")).await;
    }
    server.stop().await.unwrap();
}
