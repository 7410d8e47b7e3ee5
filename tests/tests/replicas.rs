//! Many processes boot at the same moment.

use tests::{boot, connect, database, files};
use tokio_postgres::Config;

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
    let ran: Vec<i32> = client
        .query("SELECT patch FROM ran ORDER BY patch", &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(ran, (1..PATCHES as i32).collect::<Vec<_>>());
    let applied = boot_all(&config, directory.path()).await;
    assert_eq!(applied.iter().sum::<usize>(), 0, "on an up-to-date one");
}
