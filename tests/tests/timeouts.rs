//! The timeouts of a role or a database do not apply to patches.

use std::time::Duration;

use embed_migrate::Migrator;
use tests::{PgBouncer, connect, database, locked, server};
use tokio_postgres::Config;

const STUDY: (&str, &str) = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);");
const SLOW: (&str, &str) = ("patch-1-1-0-std.sql", "SELECT pg_sleep(0.3); INSERT INTO study VALUES (1);");

/// Gives each that the server knows to a database.
async fn impatient(config: &Config) {
    let client = connect(config).await;
    let names = "SELECT name FROM pg_settings WHERE name IN ('statement_timeout', 'idle_session_timeout', \
                 'idle_in_transaction_session_timeout', 'transaction_timeout')";
    let database = config.get_dbname().unwrap();
    for row in client.query(names, &[]).await.unwrap() {
        let name: &str = row.get(0);
        client.batch_execute(&format!("ALTER DATABASE {database} SET {name} = '100ms'")).await.unwrap();
    }
}

#[tokio::test]
async fn they_end_neither_a_patch_nor_what_a_run_waits_for() {
    let config = database().await;
    impatient(&config).await;
    let bundle = locked("app", &[STUDY, SLOW]);
    let backup = || async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok("taken".to_owned())
    };
    let report = Migrator::new([&bundle]).backup(backup).run(&config).await.unwrap();
    assert_eq!(report.applied.len(), 2);
    let mut next = vec![STUDY, SLOW];
    next.push(("patch-1-2-0-std.sql", "SELECT pg_sleep(0.3);"));
    let bundle = locked("app", &next);
    Migrator::new([&bundle]).backup(backup).run(&config).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn they_end_no_patch_behind_a_pooler() {
    let config = database().await;
    impatient(&config).await;
    let bouncer = PgBouncer::start(&server().config(), "transaction", 2).await;
    let bundle = locked("app", &[STUDY, SLOW]);
    let report = Migrator::new([&bundle]).run(&bouncer.config(&config)).await.unwrap();
    assert_eq!(report.applied.len(), 2);
}

#[tokio::test]
async fn a_dry_run_may_wait_within_its_transaction() {
    let config = database().await;
    let database = config.get_dbname().unwrap();
    let sql = format!("ALTER DATABASE {database} SET idle_in_transaction_session_timeout = '1ms'");
    connect(&config).await.batch_execute(&sql).await.unwrap();
    let bundle = locked("app", &[STUDY, SLOW, ("patch-1-2-0-std.sql", "SELECT 1;")]);
    for _ in 0..5 {
        let tried = Migrator::new([&bundle]).dry_run(&config).await.unwrap();
        assert_eq!(tried.tried.len(), 3);
    }
}

#[tokio::test]
async fn they_end_nothing_that_leaves_a_clean_session() {
    let config = database().await;
    impatient(&config).await;
    let many = "DO $$ BEGIN FOR n IN 1 .. 2000 LOOP EXECUTE format('CREATE TEMP TABLE t_%s (id int)', n); END LOOP; END $$;";
    let bundle = locked("app", &[STUDY, ("patch-1-1-0-std.sql", many), ("patch-1-2-0-std.sql", "SELECT 1;")]);
    assert_eq!(Migrator::new([&bundle]).run(&config).await.unwrap().applied.len(), 3);
}

#[tokio::test]
async fn a_patchs_own_limit_holds_in_a_transaction_and_outside_one() {
    let config = database().await;
    let slow = "CREATE TABLE study (id int); INSERT INTO study VALUES (1);
        CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 FROM pg_sleep(60)';";
    for (file, text) in [
        ("patch-1-1-0-std.sql", "-- migrate: statement-timeout 200ms\nSELECT pg_sleep(60);"),
        (
            "patch-1-1-0-concurrent.sql",
            "-- migrate: statement-timeout 200ms\nCREATE INDEX CONCURRENTLY i ON study (slow(id));",
        ),
    ] {
        let bundle = locked("app", &[("patch-1-0-0-std.sql", slow), (file, text)]);
        let error = Migrator::new([&bundle]).run(&config).await.unwrap_err();
        let message = "patch `1.1.0` of `app` failed: canceling statement due to statement timeout";
        assert_eq!(error.message(), message, "{file}");
    }
}
