//! Behind a pooler that gives each transaction to any free server process.

use std::time::{Duration, Instant};

use embed_migrate::{Driver, ErrorKind, Migrator};
use tests::{PgBouncer, Relay, connect, database, locked, server, until, values};
use tokio_postgres::Client;

const PATCHES: [(&str, &str); 3] = [
    ("patch-1-0-0-std.sql", "CREATE TABLE ran (patch integer);"),
    ("patch-1-1-0-std.sql", "SET search_path = pg_catalog; INSERT INTO public.ran VALUES (1);"),
    ("patch-1-2-0-std.sql", "INSERT INTO ran VALUES (2); SET statement_timeout = '1ms';"),
];

const HELD: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// A session of our own that has just been closed may take the server a moment; one in the pool would keep it.
async fn no_lock_stays(client: &Client) {
    let started = Instant::now();
    while client.query_one(HELD, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "a lock stays with a pooled session");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn std_patches_work_and_leave_neither_lock_nor_setting() {
    let direct = database().await;
    let bouncer = PgBouncer::start(&server().config(), "transaction", 3).await;
    let pooled = bouncer.config(&direct);
    let bundle = locked("app", &PATCHES);
    let migrator = Migrator::new([&bundle]);
    assert_eq!(migrator.run(&pooled).await.unwrap().applied.len(), 3);
    assert!(migrator.run(&pooled).await.unwrap().applied.is_empty());
    let client = connect(&direct).await;
    no_lock_stays(&client).await;
    // The next user of the pooled sessions finds them unchanged.
    for _ in 0..6 {
        let next = connect(&pooled).await;
        for (name, expect) in [
            ("search_path", "\"$user\", public"),
            ("statement_timeout", "0"),
            ("lock_timeout", "0"),
            ("client_connection_check_interval", "0"),
            ("standard_conforming_strings", "on"),
        ] {
            let messages = next.simple_query(&format!("SHOW {name}")).await.unwrap();
            let seen = messages.iter().find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            });
            assert_eq!(seen.as_deref(), Some(expect), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_boots_through_one_pooler_apply_each_patch_once() {
    let direct = database().await;
    let bouncer = PgBouncer::start(&server().config(), "transaction", 4).await;
    let bundle = locked("app", &PATCHES);
    let runs: Vec<_> = (0..12)
        .map(|number| {
            // Some come by another way: their session lock and our transactions' locks exclude each other.
            let config = if number % 4 == 0 { direct.clone() } else { bouncer.config(&direct) };
            let bundle = bundle.clone();
            tokio::spawn(async move {
                Migrator::new([&bundle]).with(|options| options.lock_retries = 100).run(&config).await
            })
        })
        .collect();
    let mut applied = 0;
    for run in runs {
        applied += run.await.unwrap().unwrap().applied.len();
    }
    assert_eq!(applied, 3);
    let client = connect(&direct).await;
    let ran: Vec<i32> = values(&client, "SELECT patch FROM ran ORDER BY patch").await;
    assert_eq!(ran, [1, 2]);
    no_lock_stays(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_keeps_sessions_is_no_hindrance() {
    let direct = database().await;
    let bouncer = PgBouncer::start(&server().config(), "session", 4).await;
    let bundle = locked("app", &PATCHES);
    assert_eq!(Migrator::new([&bundle]).run(&bouncer.config(&direct)).await.unwrap().applied.len(), 3);
    let client = connect(&direct).await;
    no_lock_stays(&client).await;
    let index = ("patch-1-3-0-concurrent.sql", "CREATE INDEX CONCURRENTLY ran_patch ON ran (patch);");
    let bundle = locked("app", &[PATCHES[0], PATCHES[1], PATCHES[2], index]);
    let error = Migrator::new([&bundle]).run(&bouncer.config(&direct)).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Unsupported,
        "it can't be told from one that keeps transactions: {error}"
    );
    assert_eq!(Migrator::new([&bundle]).run(&direct).await.unwrap().applied.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_that_is_overtaken_goes_on_however_seldom_it_may_retry() {
    let direct = database().await;
    let bouncer = PgBouncer::start(&server().config(), "transaction", 4).await;
    Migrator::new([&locked("app", &PATCHES[..1])]).run(&direct).await.unwrap();
    let bundle = locked("app", &PATCHES);
    let patch = bundle.patches()[1].clone();
    let (other, client) = (connect(&direct).await, connect(&direct).await);
    // Another boot's row, as if its transaction were about to end.
    let row = format!(
        "BEGIN; INSERT INTO migrate.patch (position, previous, bundle, version, kind, file, checksum, tokens, draft, baseline, started_at, \
         ended_at, applied_by) \
         VALUES (3, 2, 'app', '{{1,1,0}}', 'std', '{}', '{}', '{}', false, false, now(), now(), 'other')",
        patch.file(),
        patch.checksum(),
        patch.tokens(),
    );
    other.batch_execute(&row).await.unwrap();
    let pooled = bouncer.config(&direct);
    let run = tokio::spawn(async move {
        Migrator::new([&bundle]).with(|options| options.lock_retries = 0).run(&pooled).await
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while client.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(!run.is_finished());
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(run.await.unwrap().unwrap().applied.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn strings_mean_the_same_there_too_whatever_the_server_takes_for_granted() {
    let direct = database().await;
    let name = direct.get_dbname().unwrap();
    let old = format!("ALTER DATABASE \"{name}\" SET standard_conforming_strings = off");
    connect(&direct).await.batch_execute(&old).await.unwrap();
    let bouncer = PgBouncer::start(&server().config(), "transaction", 3).await;
    let pooled = bouncer.config(&direct);
    let backslash = "SELECT 1 / (length('a\\b') - 2); SELECT '\\';";
    let patches = [("patch-1-0-0-std.sql", backslash), ("patch-1-1-0-std.sql", backslash)];
    let bundle = locked("app", &patches);
    let migrator = Migrator::new([&bundle]).with(|options| options.application = Some(r"a\b".into()));
    migrator.dry_run(&pooled).await.unwrap();
    assert_eq!(migrator.run(&pooled).await.unwrap().applied.len(), 2);
    let sql = "SELECT application FROM migrate.patch WHERE bundle = 'app'";
    let seen: String = connect(&direct).await.query(sql, &[]).await.unwrap()[0].get(0);
    assert_eq!(seen, r"a\b");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_never_goes_back_behind_that_of_a_faster_boot() {
    let direct = database().await;
    let bouncer = PgBouncer::start(&server().config(), "transaction", 4).await;
    let pooled = bouncer.config(&direct);
    let newer = ("patch-1-1-0-std.sql", "-- migrate: min-app 1.1.0\nDROP TABLE ran;");
    let (old, new) = (locked("app", &PATCHES[..1]), locked("app", &[PATCHES[0], newer]));
    let mut relay =
        Relay::start(&pooled, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\nSET LOCAL search_path")
            .await;
    let (slow, settings) = (old.clone(), relay.settings.clone());
    let run = tokio::spawn(async move { Migrator::new([&slow]).run(&settings).await });

    relay.holds().await;

    let client = connect(&direct).await;
    while client.query("SELECT FROM ran", &[]).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(Migrator::new([&new]).run(&pooled).await.unwrap().applied.len(), 1);
    relay.release();
    assert_eq!(run.await.unwrap().unwrap().applied.len(), 1);
    let head = "SELECT split_part(patches, ' ', 2) FROM migrate.bundle WHERE name = 'app'";
    assert_eq!(client.query_one(head, &[]).await.unwrap().get::<_, String>(0), "1.1.0");
    assert_eq!(Migrator::new([&old]).run(&pooled).await.unwrap_err().kind(), ErrorKind::TooNew);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concurrent_patch_asks_for_the_direct_url_before_anything_is_applied() {
    let direct = database().await;
    let bouncer = PgBouncer::start(&server().config(), "transaction", 3).await;
    let pooled = bouncer.config(&direct);
    let index = ("patch-1-3-0-concurrent.sql", "CREATE INDEX CONCURRENTLY ran_patch ON ran (patch);");
    let bundle = locked("app", &[PATCHES[0], PATCHES[1], PATCHES[2], index]);
    let migrator = Migrator::new([&bundle]);
    let error = migrator.run(&pooled).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.message(),
        "patch `1.3.0` of `app` is concurrent, and the connection goes through a pooler"
    );
    assert!(error.advice().unwrap().contains("the URL of the server itself"), "{error}");
    let client = connect(&direct).await;
    let nothing = "SELECT to_regnamespace('migrate') IS NULL AND to_regclass('ran') IS NULL";
    assert!(client.query_one(nothing, &[]).await.unwrap().get::<_, bool>(0), "nothing was applied");
    // What comes before it works through the pooler, and the rest by the direct way.
    assert_eq!(Migrator::new([&locked("app", &PATCHES)]).run(&pooled).await.unwrap().applied.len(), 3);
    assert_eq!(migrator.run(&pooled).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(migrator.run(&direct).await.unwrap().applied.len(), 1);
    assert!(migrator.run(&pooled).await.unwrap().applied.is_empty(), "an up-to-date boot minds no pooler");
    no_lock_stays(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_boot_frees_the_lock_there_too() {
    let config = database().await;
    let client = connect(&config).await;
    let bouncer = PgBouncer::start(&server().config(), "transaction", 2).await;
    let through = bouncer.config(&config);
    let [first, ..] = PATCHES;
    let later = ("patch-1-2-0-std.sql", "INSERT INTO ran VALUES (2);");
    let bundle = locked("app", &[first, ("patch-1-1-0-std.sql", "SELECT pg_sleep(60);"), later]);
    let run = tokio::spawn(async move { Migrator::new([&bundle]).run(&through).await });
    let sleeps =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    let count = async |sql| client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
    until("the patch runs", Duration::from_secs(10), async || count(sleeps).await == 1).await;
    assert_eq!(count(HELD).await, 1);
    run.abort();
    until("the lock is free", Duration::from_secs(10), async || count(HELD).await == 0).await;
    assert_eq!(count("SELECT count(*) FROM migrate.patch WHERE bundle = 'app'").await, 1);
    assert_eq!(count("SELECT count(*) FROM ran").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_begins_whatever_another_client_left_in_the_session() {
    let direct = database().await;
    let bouncer = PgBouncer::start(&server().config(), "transaction", 1).await;
    let pooled = bouncer.config(&direct);
    let other = connect(&pooled).await;
    other.batch_execute("SET SESSION AUTHORIZATION pg_monitor").await.unwrap();
    // The role that nobody but a superuser may take.
    let mut driver =
        Driver::connect(&pooled).await.unwrap().with(|options| options.role = Some("postgres".into()));
    driver.deploy("table: study").await.unwrap();
    driver.commit().await.unwrap();
    no_lock_stays(&connect(&direct).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_pools_by_statement_is_refused_by_name() {
    let direct = database().await;
    let bouncer = PgBouncer::start(&server().config(), "statement", 3).await;
    let pooled = bouncer.config(&direct);
    let bundle = locked("app", &PATCHES);
    let migrator = Migrator::new([&bundle]);
    let expect = |doing: &str| {
        format!(
            "the connection goes through pgbouncer, which allows no transactions here: `pool_mode = statement`\n  \
             note: while {doing}\n  \
             help: connect to the server itself; or set `pool_mode = transaction` for this database in pgbouncer.ini, and RELOAD"
        )
    };
    let error = migrator.run(&pooled).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::Unsupported, expect("looking how the pooler pools"))
    );
    for looked in [
        migrator.dry_run(&pooled).await.map(drop),
        migrator.status(&pooled).await.map(drop),
        migrator.plan(&pooled).await.map(drop),
        migrator.drift(&pooled).await.map(drop),
        migrator.verify(&pooled).await,
    ] {
        let error = looked.unwrap_err();
        assert_eq!(error.to_string(), expect("looking how the pooler pools"));
    }
    let mut driver = Driver::connect(&pooled).await.unwrap();
    let error = driver.deploy("table: study").await.map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), expect("beginning a deployment"));
    let created = "SELECT count(*)::int FROM pg_namespace WHERE nspname = 'migrate'";
    assert_eq!(connect(&direct).await.query_one(created, &[]).await.unwrap().get::<_, i32>(0), 0);
    migrator.run(&direct).await.unwrap();
    // What is up to date takes no transaction.
    assert!(migrator.run(&pooled).await.unwrap().applied.is_empty());
}
