//! Rows that a patch selects are not kept in memory.

use std::fs;

use embed_migrate::Migrator;
use tests::{database, locked};

/// The most memory that this process had, in kB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

// The only test of its program: memory is all tests' together.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_a_patch_selects_are_let_go_of() {
    let config = database().await;
    let text = "SELECT repeat('x', 10000) FROM generate_series(1, 20000);";
    let bundle = locked("app", &[("patch-1-0-0-std.sql", text)]);
    let before = peak();
    Migrator::new([&bundle]).run(&config).await.unwrap();
    assert!(peak() < before + 100_000, "200 MB of rows took {} kB", peak() - before);
}
