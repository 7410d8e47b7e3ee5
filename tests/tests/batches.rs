//! Batched backfills: each row is changed once, whatever the key is and whenever the backfill is interrupted.

use std::time::{Duration, Instant};

use embed_migrate::{Bundle, Migrator};
use tests::{Moments, boot, connect, database, files, locked};
use tokio_postgres::{Client, Config};

const ROUNDS: usize = 100;

async fn count(client: &Client, query: &str) -> i64 {
    client.query_one(query, &[]).await.unwrap().get(0)
}

/// Makes the database as it is before the backfill.
async fn prepare(config: &Config, bundle: &Bundle) {
    let first = bundle.patches().first().unwrap().version();
    Migrator::new([bundle])
        .with(|options| {
            options.targets.insert("app".into(), first);
        })
        .run(config)
        .await
        .unwrap();
}

/// Fills a table of a hundred rows by seven, and looks that each was changed once.
async fn check(table: &str, statement: &str) {
    let config = database().await;
    let statement = format!("-- migrate: batch 7 by {statement}");
    let bundle = locked("app", &[("patch-1-0-0-std.sql", table), ("patch-1-1-0-concurrent.sql", &statement)]);
    prepare(&config, &bundle).await;
    Migrator::new([&bundle]).run(&config).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    let client = connect(&config).await;
    let query = "SELECT count(*) FILTER (WHERE s = 1) * 1000 + count(*) FROM k";
    assert_eq!(count(&client, query).await, 100_100, "{table}\n{statement}");
}

/// A table of a hundred rows, with keys of this type that this expression makes of 1 to 100.
fn table(type_: &str, key: &str) -> String {
    format!(
        "CREATE TABLE k (id {type_} PRIMARY KEY, s integer DEFAULT 0);\n\
         INSERT INTO k SELECT {key} FROM generate_series(1, 100) AS n;"
    )
}

#[tokio::test]
async fn a_key_may_be_of_any_type_that_has_an_order() {
    let plain = "id\nUPDATE k SET s = s + 1 WHERE s = 0 OR s > 0;";
    for (type_, key) in [
        ("uuid", "gen_random_uuid()"),
        ("text COLLATE \"C\"", "E'it''s \\\\ ' || chr(n + 32)"),
        ("text COLLATE \"en-x-icu\"", "chr(n + 32)"),
        ("char(5)", "n"),
        ("timestamptz", "now() + n * interval '1 us'"),
        ("bytea", "decode(lpad(to_hex(n), 4, '0'), 'hex')"),
        ("numeric", "CASE n WHEN 100 THEN 'NaN' ELSE n / 3.0 END"),
    ] {
        check(&table(type_, key), plain).await;
    }
    let set = |setting: &str| {
        format!("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET {setting}', current_database()); END $$;")
    };
    let close = table("float8", "1 + n * 1e-15") + &set("extra_float_digits = -3");
    check(&close, plain).await;
    let odd = table("date", "date '2024-01-01' + n") + &set("datestyle = ''SQL, DMY''");
    check(&odd, plain).await;
}

#[tokio::test]
async fn a_table_may_be_written_in_any_way() {
    let partitioned = "CREATE TABLE k (id integer PRIMARY KEY, s integer DEFAULT 0) PARTITION BY HASH (id);\n\
                       CREATE TABLE k1 PARTITION OF k FOR VALUES WITH (MODULUS 2, REMAINDER 0);\n\
                       CREATE TABLE k2 PARTITION OF k FOR VALUES WITH (MODULUS 2, REMAINDER 1);\n\
                       INSERT INTO k SELECT n FROM generate_series(1, 100) AS n;";
    let quoted = "CREATE TABLE k (\"We\"\"ird id\" integer PRIMARY KEY, s integer DEFAULT 0);\n\
                  INSERT INTO k SELECT n FROM generate_series(1, 100) AS n;";
    check(
        partitioned,
        "id\nUPDATE k AS \"K x\" SET s = \"K x\".s + v.n FROM (VALUES (1)) AS v (n) WHERE v.n = 1 OR false",
    )
    .await;
    check(quoted, "\"We\"\"ird id\"\nUPDATE K * SET s = s + 1 WHERE /* odd */ s < 9 -- the last line\n;")
        .await;
    let plain = table("integer", "n");
    check(&plain, "ID\nUPDATE ONLY (public /* a */ . k) SET s = s + 1 WHERE s < 9;").await;
    check(&plain, "id\nUPDATE U&\"\\006b\" SET s = s + 1 WHERE s < 9;").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_that_is_killed_changes_each_row_once() {
    let directory = files(
        "app",
        &[
            (
                "patch-1-0-0-std.sql",
                "CREATE TABLE k (id integer PRIMARY KEY, s integer NOT NULL DEFAULT 0);\n\
                 INSERT INTO k SELECT n FROM generate_series(1, 2000) AS n;",
            ),
            (
                "patch-1-1-0-concurrent.sql",
                "-- migrate: batch 100 by id\nUPDATE k SET s = s + 1 WHERE id > 0;",
            ),
        ],
    );
    let bundle = directory.lock();
    let start = |config: &Config| boot(env!("CARGO_BIN_EXE_boot"), config, &[directory.path().to_owned()]);
    let config = database().await;
    prepare(&config, &bundle).await;
    let started = Instant::now();
    assert!(start(&config).wait_with_output().await.unwrap().status.success());
    let whole = started.elapsed();
    let (mut moments, mut halves) = (Moments(8), 0);
    for round in 0..ROUNDS {
        let config = database().await;
        prepare(&config, &bundle).await;
        let mut child = start(&config);
        tokio::time::sleep(moments.below(whole)).await;
        child.kill().await.unwrap();
        let client = connect(&config).await;
        let begun =
            client.query_one("SELECT count(*) FROM migrate.statement WHERE reached IS NOT NULL", &[]).await;
        halves += begun.map_or(0, |row| row.get::<_, i64>(0));
        Migrator::new([&bundle])
            .with(|options| options.lock_wait = Duration::from_secs(20))
            .run(&config)
            .await
            .unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(count(&client, "SELECT count(*) FROM k WHERE s <> 1").await, 0, "round {round}");
    }
    assert!(halves > 20, "only {halves} of {ROUNDS} were killed half-way: the moments miss the work");
}
