//! A boot reads a history with any content, or returns an error: it neither panics nor waits. If it says that the database
//! is up to date, that is true.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::time::Duration;

use embed_migrate_core::Bundle;
use embed_migrate_runtime::Migrator;
use fuzz::run;
use proptest::prelude::*;
use proptest::sample::select;
use tests::{connect, locked, server};
use tokio::runtime::Builder;
use tokio::time::timeout;
use tokio_postgres::{Client, Config};

/// What stands in a column afterwards: SQL.
const CELLS: &[(&str, &[&str])] = &[
    ("patch.bundle", &["''", "'other'", "E'a\\nb'", "repeat('x', 70000)", "'migrate'"]),
    (
        "patch.version",
        &[
            "'{}'",
            "'{1}'",
            "'{1,1}'",
            "'{1,1,1,1}'",
            "'{-1,0,0}'",
            "'{NULL,NULL,NULL}'",
            "'{2147483647,0,0}'",
            "'{{1,0},{0,1}}'",
            "'[5:7]={1,0,0}'",
        ],
    ),
    ("patch.kind", &["''", "'direct'", "'concurrent'", "'undone'", "'STD'"]),
    ("patch.file", &["''", "'../../x'", "repeat('x', 70000)", "E'\\u202E'"]),
    ("patch.checksum", &["''", "'sha256:'", "'sha256:' || repeat('0', 64)", "'md5:0'", "repeat('x', 70000)"]),
    ("patch.tokens", &["''", "'sha256:'", "'sha256:' || repeat('0', 64)", "'sha256:' || repeat('é', 64)"]),
    ("patch.min_app", &["NULL", "'{}'", "'{9,9,9}'", "'{-1,NULL}'", "'{{1,0,0}}'"]),
    ("patch.draft", &["true", "false"]),
    ("patch.baseline", &["true", "false"]),
    ("patch.ended_at", &["NULL", "'infinity'", "'-infinity'"]),
    ("patch.position", &["position + 1", "-position", "9223372036854775807 - position", "0"]),
    ("bundle.name", &["''", "'other'", "'migrate'"]),
    (
        "bundle.patches",
        &[
            "''",
            "'none'",
            "'interrupted'",
            "'interrupted ' || patches",
            "upper(patches)",
            "patches || ' '",
            "repeat('x', 160)",
            "left(patches, 70)",
        ],
    ),
    ("bundle.position", &["0", "-1", "9223372036854775807", "1"]),
    ("bundle.facts", &["NULL", "''", "'1'", "'1 x y'", "'-1 ' || repeat('0', 64)", "repeat(' ', 96)"]),
];

async fn boot(bundle: &Bundle, config: &Config) {
    let migrator = Migrator::new([bundle]).with(|options| options.lock_wait = Duration::from_secs(5));
    let within = Duration::from_secs(30);
    let _ = timeout(within, migrator.status(config)).await.expect("status ends");
    if let Ok(report) = timeout(within, migrator.run(config)).await.expect("a boot ends") {
        // Whatever it read: what it says is applied is there.
        assert!(report.applied.len() <= bundle.patches().len());
    }
}

async fn tables(client: &Client) -> i64 {
    let count = "SELECT count(*) FROM pg_class WHERE relname IN ('study', 'visit') AND relnamespace = 'public'::regnamespace";
    client.query_one(count, &[]).await.unwrap().get(0)
}

#[test]
fn a_history_in_which_anything_stands_is_an_answer_or_an_error() {
    let bundle = locked(
        "app",
        &[
            ("patch-1-0-0-std.sql", "CREATE TABLE study (code text);"),
            ("patch-1-1-0-std.sql", "CREATE TABLE visit (day int);"),
        ],
    );
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (config, client) = runtime.block_on(async {
        let config = server().database().await.unwrap();
        Migrator::new([&bundle]).run(&config).await.unwrap();
        let client = connect(&config).await;
        let keep = "CREATE SCHEMA kept; CREATE TABLE kept.patch AS TABLE migrate.patch; CREATE TABLE kept.bundle AS TABLE migrate.bundle";
        client.batch_execute(keep).await.unwrap();
        (config, client)
    });
    let cell = select(CELLS).prop_flat_map(|(column, values)| (Just(column), select(values)));
    let edits = prop::collection::vec((cell, select(&["true", "position = 1", "position = 2"][..])), 1..4);
    run(&edits, |edits| {
        runtime.block_on(async {
            for ((column, value), rows) in edits {
                let (table, column) = column.split_once('.').unwrap();
                // Some of it the table itself refuses.
                let edit = format!("UPDATE migrate.{table} SET {column} = {value} WHERE {rows}");
                let _ = client.batch_execute(&edit).await;
            }
            boot(&bundle, &config).await;
            assert_eq!(tables(&client).await, 2);
            let repair = "TRUNCATE migrate.patch, migrate.bundle;
                        INSERT INTO migrate.patch TABLE kept.patch; INSERT INTO migrate.bundle TABLE kept.bundle";
            client.batch_execute(repair).await.unwrap();
        });
        Ok(())
    });
}
