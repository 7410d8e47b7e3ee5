//! A concurrent patch is interrupted at random moments: the next boot converges without a person.

use std::time::Duration;

use embed_migrate::{Bundle, Migrator, Report};
use tests::{Files, Moments, boot, connect, database, files, lasting_server, undisturbed};
use tokio::process::Child;
use tokio_postgres::Config;

const BOOT: &str = env!("CARGO_BIN_EXE_boot");
const ROUNDS: usize = 100;

/// What the patches find: a table of some size with an index, and one with partitions.
const BEFORE: &str = "CREATE TABLE study (id bigint PRIMARY KEY, code text NOT NULL, score integer);
CREATE INDEX study_old ON study (code);
INSERT INTO study SELECT n, 'study ' || n, n % 10 FROM generate_series(1, 20000) AS n;
CREATE TABLE visit (day integer NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (0) TO (10);
CREATE TABLE visit_2 PARTITION OF visit FOR VALUES FROM (10) TO (20);
CREATE TABLE ran (patch bigint NOT NULL);
";

/// Six sorts of statement: each kind of index work, one in a transaction, one that leaves a partition half detached,
/// one that does no harm twice.
const SORTS: &str = "CREATE UNIQUE INDEX CONCURRENTLY study_code ON study (code);
INSERT INTO ran VALUES (1);
REINDEX TABLE CONCURRENTLY study;
DROP INDEX CONCURRENTLY study_old;
ALTER TABLE visit DETACH PARTITION visit_1 CONCURRENTLY;
VACUUM ANALYZE study;
";

fn patches() -> (Files, Bundle) {
    let created = files("app", &[("patch-1-0-0-std.sql", BEFORE), ("patch-1-1-0-concurrent.sql", SORTS)]);
    let bundle = created.lock();
    (created, bundle)
}

/// The database as it is before the concurrent patch.
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

fn start(config: &Config, directory: &Files) -> Child {
    boot(BOOT, config, &[directory.path().to_owned()])
}

/// Boots, and looks that everything was done, once, and nothing is left half done; whether it had begun before.
async fn converges(config: &Config, bundle: &Bundle, context: &str) -> bool {
    let client = connect(config).await;
    let begun = client.query_one("SELECT count(*) FROM migrate.statement", &[]).await;
    let begun = begun.map_or(0, |row| row.get::<_, i64>(0));
    let report: Report = Migrator::new([bundle])
        .with(|options| options.lock_wait = Duration::from_secs(20))
        .run(config)
        .await
        .unwrap_or_else(|error| panic!("{context}: {error}"));
    let count = async |sql: &str| client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
    for (sql, expected) in [
        ("SELECT count(*) FROM pg_index WHERE NOT indisvalid", 0),
        ("SELECT count(*) FROM pg_index WHERE indrelid = 'study'::regclass", 2),
        ("SELECT count(*) FROM pg_class WHERE relname ~ '_cc(new|old)'", 0),
        ("SELECT count(*) FROM pg_class WHERE relname = 'study_code'", 1),
        ("SELECT count(*) FROM pg_class WHERE relname = 'study_old'", 0),
        ("SELECT count(*) FROM pg_inherits WHERE inhparent = 'visit'::regclass", 1),
        ("SELECT count(*) FROM ran", 1),
        ("SELECT count(*) FROM migrate.patch WHERE ended_at IS NULL", 0),
        ("SELECT count(*) FROM migrate.statement WHERE ended_at IS NOT NULL", 6),
        ("SELECT count(*) FROM migrate.bundle WHERE patches LIKE 'interrupted %'", 0),
    ] {
        assert_eq!(count(sql).await, expected, "{context}: {sql}");
    }
    begun > 0 && !report.applied.is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_is_gone_on_for() {
    let (directory, bundle) = patches();
    let config = database().await;
    prepare(&config, &bundle).await;
    let whole = undisturbed(BOOT, &config, &directory).await;
    let (mut moments, mut halves) = (Moments(5), 0);
    for round in 0..ROUNDS {
        let config = database().await;
        prepare(&config, &bundle).await;
        let mut child = start(&config, &directory);
        tokio::time::sleep(moments.below(whole)).await;
        child.kill().await.unwrap();
        halves += usize::from(converges(&config, &bundle, &format!("round {round}")).await);
    }
    assert!(halves > 20, "only {halves} of {ROUNDS} were killed half-way: the moments miss the work");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_connection_is_gone_on_for() {
    let (directory, bundle) = patches();
    let config = database().await;
    prepare(&config, &bundle).await;
    let whole = undisturbed(BOOT, &config, &directory).await;
    let (mut moments, mut halves) = (Moments(6), 0);
    for round in 0..ROUNDS {
        let config = database().await;
        prepare(&config, &bundle).await;
        let admin = connect(&config).await;
        let child = start(&config, &directory);
        tokio::time::sleep(moments.below(whole)).await;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        admin.query(end, &[]).await.unwrap();
        child.wait_with_output().await.unwrap();
        halves += usize::from(converges(&config, &bundle, &format!("round {round}")).await);
    }
    assert!(halves > 20, "only {halves} of {ROUNDS} were ended half-way: the moments miss the work");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crashed_server_is_gone_on_for() {
    let (directory, bundle) = patches();
    let mut server = lasting_server().await;
    let config = server.database().await.unwrap();
    prepare(&config, &bundle).await;
    let whole = undisturbed(BOOT, &config, &directory).await;
    let (mut moments, mut halves) = (Moments(7), 0);
    for round in 0..ROUNDS {
        let config = server.database().await.unwrap();
        prepare(&config, &bundle).await;
        let child = start(&config, &directory);
        tokio::time::sleep(moments.below(whole)).await;
        server.crash().await.unwrap();
        child.wait_with_output().await.unwrap();
        server.restart().await.unwrap();
        halves += usize::from(converges(&config, &bundle, &format!("round {round}")).await);
    }
    assert!(halves > 20, "only {halves} of {ROUNDS} crashed half-way: the moments miss the work");
    server.stop().await.unwrap();
}
