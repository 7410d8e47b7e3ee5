//! Every wait of a boot is bounded and reported: a server that comes, a primary, a standby that is away, itself.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use embed_migrate::{ErrorKind, Event, Migrator, Settings};
use embed_migrate_cluster::{Installation, Profile, Throwaway};
use embed_migrate_runtime::Driver;
use tests::{
    PgBouncer, Stall, StallDirection, boot, connect, database, durable, files, held, lasting_server, locked,
    settings, synchronous, throwaway, until, waiting,
};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Child;
use tokio_postgres::{Client, Config};

const STUDY: (&str, &str) = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);");

async fn replicated() -> (Throwaway, Throwaway) {
    let primary = throwaway(&[("wal_level", "replica"), ("max_wal_senders", "4")]).await;
    let standby = Throwaway::standby_of(&primary).await.unwrap();
    (primary, standby)
}

/// A migrator that tells what it waits for.
fn telling<'a>(bundle: &'a embed_migrate::Bundle) -> (Migrator<'a>, Receiver<String>) {
    let (send, reported) = channel();
    let migrator = Migrator::new([bundle]).progress(move |event| {
        if let Event::Connecting { .. } = event {
            send.send(event.to_string()).unwrap();
        }
    });
    (migrator, reported)
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_replicas_boot_where_there_are_twenty_two_connections() {
    let server = throwaway(&[("max_connections", "25"), ("superuser_reserved_connections", "3")]).await;
    let mut config = server.database().await.unwrap();
    connect(&config)
        .await
        .batch_execute(
            "CREATE ROLE app LOGIN; DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO app', current_database()); END$$; \
             GRANT CREATE ON SCHEMA public TO app",
        )
        .await
        .unwrap();
    config.user("app");
    let directory = files("app", &[STUDY, ("patch-1-1-0-std.sql", "SELECT pg_sleep(1);")]);
    directory.lock();
    let spawn = || boot(env!("CARGO_BIN_EXE_boot"), &config, &[directory.path().to_owned()]);
    let children: Vec<_> = (0..64).map(|_| spawn()).collect();
    let mut applied = 0;
    for child in children {
        let output = child.wait_with_output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        applied += String::from_utf8_lossy(&output.stdout).lines().count();
    }
    assert_eq!(applied, 2);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_waits_for_a_server_that_is_full_and_says_so() {
    let server = throwaway(&[("max_connections", "10")]).await;
    let config = server.config();
    let mut plain = config.clone();
    connect(&config).await.batch_execute("CREATE ROLE plain LOGIN").await.unwrap();
    plain.user("plain");
    let mut held = Vec::new();
    while let Ok((client, connection)) = plain.connect(tokio_postgres::NoTls).await {
        tokio::spawn(connection);
        held.push(client);
    }
    let bundle = locked("app", &[STUDY]);
    let (migrator, reported) = telling(&bundle);
    let error = migrator
        .clone()
        .with(|options| options.connect_wait = Some(Duration::ZERO))
        .run(&plain)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().contains("too many clients") || error.message().contains("reserved"), "{error}");
    assert!(reported.try_recv().is_err(), "nothing was waited for");
    // What only asks whether all is well is not kept waiting.
    migrator
        .clone()
        .with(|options| options.connect_wait = Some(Duration::from_secs(600)))
        .up_to_date(&plain)
        .await
        .unwrap_err();
    assert!(reported.try_recv().is_err());
    let error = migrator
        .clone()
        .with(|options| options.connect_wait = Some(Duration::from_millis(300)))
        .run(&plain)
        .await
        .unwrap_err();
    assert!(error.notes().contains(&"it was waited for, 0 s in all".to_owned()), "{error}");
    while reported.try_recv().is_ok() {}

    let (bundle, owned) = (bundle.clone(), plain.clone());
    let (send, reported) = channel();
    let booting = tokio::spawn(async move {
        let tell = move |event: &Event| send.send(event.to_string()).unwrap();
        Migrator::new([&bundle])
            .progress(tell)
            .with(|options| options.connect_wait = Some(Duration::from_secs(60)))
            .status(&owned)
            .await
    });
    let first = tokio::task::spawn_blocking(move || reported.recv().unwrap()).await.unwrap();
    assert!(first.starts_with("waiting for the server (0 s): "), "{first}");
    held.clear();
    booting.await.unwrap().unwrap();
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_outlasts_a_restart_of_its_server() {
    let mut server = throwaway(&[]).await;
    let config = server.config();
    let bundle = locked("app", &[STUDY]);
    let holder = tests::lock_holder(&config).await;
    let (send, reported) = channel();
    let (owned, ours) = (config.clone(), bundle.clone());
    let booting = tokio::spawn(async move {
        let tell = move |event: &Event| send.send(event.clone()).unwrap();
        Migrator::new([&ours])
            .progress(tell)
            .with(|options| options.connect_wait = Some(Duration::from_secs(60)))
            .run(&owned)
            .await
    });
    // It waits for the lock when the server goes.
    let (reported, waiting) = tokio::task::spawn_blocking(move || {
        let waiting = reported.recv().unwrap();
        (reported, waiting)
    })
    .await
    .unwrap();
    assert!(matches!(waiting, Event::Waiting { .. }), "{waiting}");
    server.restart().await.unwrap();
    drop(holder);
    let report = booting.await.unwrap().unwrap();
    assert_eq!(report.applied.len(), 1);
    assert!(reported.try_iter().any(|event| matches!(event, Event::Connecting { .. })));
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_waits_until_a_standby_is_the_primary() {
    let (primary, standby) = replicated().await;
    let bundle = locked("app", &[STUDY]);
    let both = |attributes: &str| either(&primary, &standby, attributes);
    let (on_standby, writes) = (standby.config(), both("read-write"));
    let error = Migrator::new([&bundle])
        .with(|options| options.connect_wait = Some(Duration::ZERO))
        .run(&on_standby)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Standby);
    primary.stop().await.unwrap();
    let error = Migrator::new([&bundle])
        .with(|options| options.connect_wait = Some(Duration::ZERO))
        .run(&writes)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(error.to_string().contains("session is read-only"), "{error}");

    let client = connect(&on_standby).await;
    let (send, reported) = channel();
    let run = |source: Settings| {
        let (bundle, send) = (bundle.clone(), send.clone());
        tokio::spawn(async move {
            let tell = move |event: &Event| drop(send.send(event.to_string()));
            Migrator::new([&bundle])
                .progress(tell)
                .with(|options| options.connect_wait = Some(Duration::from_secs(60)))
                .run(&source)
                .await
        })
    };
    let runs = [run(settings(&on_standby)), run(writes)];
    let reported = tokio::task::spawn_blocking(move || [reported.recv().unwrap(), reported.recv().unwrap()]);
    let reported = reported.await.unwrap();
    assert!(
        reported.iter().all(|reported| reported.starts_with("waiting for the server (0 s): ")),
        "{reported:?}"
    );
    client.batch_execute("SELECT pg_promote()").await.unwrap();
    let mut applied = 0;
    for run in runs {
        applied += run.await.unwrap().unwrap().applied.len();
    }
    assert_eq!(applied, 1);
    standby.stop().await.unwrap();
}

/// Both servers in one URL.
fn either(first: &Throwaway, second: &Throwaway, attributes: &str) -> Settings {
    Settings::parse(&url(first, second, attributes), &|_| None).unwrap()
}

fn url(first: &Throwaway, second: &Throwaway, attributes: &str) -> String {
    let host = |config: &Config| match &config.get_hosts()[0] {
        tokio_postgres::config::Host::Unix(path) => path.display().to_string(),
        tokio_postgres::config::Host::Tcp(host) => host.clone(),
    };
    let (first, second) = (first.config(), second.config());
    format!(
        "host='{},{}' port='{},{}' user=postgres dbname=postgres sslmode=disable target_session_attrs={attributes}",
        host(&first),
        host(&second),
        first.get_ports()[0],
        second.get_ports()[0],
    )
}

/// psql is libpq: what it connects to is right.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_hosts_is_searched_as_libpq_searches_it() {
    let (primary, standby) = replicated().await;
    let psql = Installation::find(&|name| std::env::var(name).ok()).unwrap().program("psql").unwrap();
    let read_only = "ALTER SYSTEM SET default_transaction_read_only = on";
    for (round, change) in [None, Some(read_only)].into_iter().enumerate() {
        if let Some(change) = change {
            let client = connect(&primary.config()).await;
            client.batch_execute(change).await.unwrap();
            client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
            tests::until("it is read-only", Duration::from_secs(10), async || {
                let shown: String = connect(&primary.config())
                    .await
                    .query_one("SHOW default_transaction_read_only", &[])
                    .await
                    .unwrap()
                    .get(0);
                shown == "on"
            })
            .await;
        }
        for (order, (first, second)) in [(&primary, &standby), (&standby, &primary)].into_iter().enumerate() {
            for attributes in ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"] {
                let url = url(first, second, attributes);
                let theirs = Command::new(&psql)
                    .args(["-XAtqc", "SELECT pg_is_in_recovery()", "-d", &url])
                    .env_clear()
                    .output()
                    .unwrap();
                let theirs = String::from_utf8(theirs.stdout).unwrap();
                let ours = match Settings::parse(&url, &|_| None).unwrap().connect().await {
                    Ok(link) => {
                        let row =
                            link.client.query_one("SELECT pg_is_in_recovery()::text", &[]).await.unwrap();
                        row.get::<_, String>(0).chars().take(1).chain(['\n']).collect()
                    }
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Connect);
                        let help = format!("`target_session_attrs={attributes}` asks for another server");
                        assert!(error.advice().unwrap().starts_with(&help), "{error}");
                        String::new()
                    }
                };
                assert_eq!(ours, theirs, "{attributes}, order {order}, round {round}");
            }
        }
    }
    // Neither is a standby: the second choice is any.
    standby.stop().await.unwrap();
    let preferred = Settings::parse(
        &format!("{} target_session_attrs=prefer-standby", tests::url(&primary.config())),
        &|_| None,
    );
    preferred.unwrap().connect().await.unwrap();
    primary.stop().await.unwrap();
}

async fn asleep(client: &Client) -> bool {
    let sql =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) > 0
}

fn program(config: &Config, options: &[&str], directory: &Path) -> Child {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_boot"));
    command.arg(tests::url(config)).args(options).arg(directory).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command.spawn().unwrap()
}

const SEEN: &str = "INSERT INTO seen SELECT name || ' ' || setting FROM pg_settings WHERE name LIKE 'tcp\\_%' OR name LIKE 'idle\\_%session%'";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_notices_within_a_minute_that_a_host_vanished() {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let server = Throwaway::start_with(&installation, Profile::throwaway().port(0)).await.unwrap();
    let mut config = Config::new();
    config.host("127.0.0.1").port(server.config().get_ports()[0]).user("postgres").dbname("postgres");
    let table = format!("CREATE TABLE seen (line text); {SEEN};");
    let patches = [
        ("patch-1-0-0-std.sql", table.as_str()),
        ("patch-1-1-0-std.sql", SEEN),
        ("patch-1-2-0-concurrent.sql", SEEN),
    ];
    // The first patch of a second run has what its session was opened with: nothing comes before it.
    let first = locked("app", &patches[..1]);
    Migrator::new([&first])
        .with(|options| options.idle_limit = Duration::from_secs(120))
        .run(&config)
        .await
        .unwrap();
    let bundle = locked("app", &patches);
    Migrator::new([&bundle])
        .with(|options| options.idle_limit = Duration::from_secs(120))
        .run(&config)
        .await
        .unwrap();
    let client = connect(&config).await;
    let seen: Vec<String> =
        tests::values(&client, "SELECT line || ', ' || count(*) FROM seen GROUP BY line ORDER BY line").await;
    let expected = [
        "idle_in_transaction_session_timeout 120000, 3",
        "idle_session_timeout 120000, 3",
        "tcp_keepalives_count 3, 3",
        "tcp_keepalives_idle 30, 3",
        "tcp_keepalives_interval 10, 3",
        "tcp_user_timeout 60000, 3",
    ];
    assert_eq!(seen, expected);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn through_a_pooler_each_transaction_has_the_limit_and_the_session_has_none() {
    let config = database().await;
    let pooler = tests::PgBouncer::start(&config, "transaction", 1).await;
    let table = format!("CREATE TABLE seen (line text); {SEEN};");
    let bundle = locked("app", &[("patch-1-0-0-std.sql", table.as_str()), FACTS]);
    Migrator::new([&bundle])
        .with(|options| options.idle_limit = Duration::from_secs(120))
        .run(&pooler.config(&config))
        .await
        .unwrap();
    let pooled = connect(&pooler.config(&config)).await;
    let ours = "SELECT line FROM seen WHERE line LIKE 'idle%' ORDER BY line";
    let theirs =
        "SELECT name || ' ' || setting FROM pg_settings WHERE name LIKE 'idle\\_%session%' ORDER BY name";
    let lines = async |sql: &str| -> Vec<String> {
        let messages = pooled.simple_query(sql).await.unwrap();
        let row = |message: &tokio_postgres::SimpleQueryMessage| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        };
        messages.iter().filter_map(row).collect()
    };
    let [transaction, session] = ["idle_in_transaction_session_timeout", "idle_session_timeout"];
    assert_eq!(lines(ours).await, [format!("{transaction} 120000"), format!("{session} 0")]);
    assert_eq!(lines(theirs).await, [format!("{transaction} 0"), format!("{session} 0")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_stopped_loses_its_locks_after_the_idle_limit() {
    let config = database().await;
    let directory = files("app", &[("patch-1-0-0-std.sql", "SELECT pg_sleep(1);")]);
    directory.lock();
    let child = program(&config, &["--idle-limit=1000"], directory.path());
    let client = connect(&config).await;
    until("the patch runs", Duration::from_secs(20), async || asleep(&client).await).await;
    let number = child.id().unwrap().to_string();
    let signal = |name: &str| assert!(Command::new("kill").args([name, &number]).status().unwrap().success());
    signal("-STOP");
    assert!(held(&client).await);
    until("the lock is free", Duration::from_secs(10), async || !held(&client).await).await;
    signal("-CONT");
    child.wait_with_output().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_may_take_longer_than_the_idle_limit() {
    let (a, b) = (database().await, database().await);
    let bundle = locked("app", &[STUDY, ("patch-1-1-0-std.sql", "SELECT pg_sleep(1.5);")]);
    let long = async || tokio::time::sleep(Duration::from_millis(1500)).await;
    // While one node works, the others have nothing to do.
    let migrator = Migrator::new([&bundle])
        .with(|options| options.idle_limit = Duration::from_millis(500))
        .node("b", settings(&b));
    let migrator = migrator.check_patches(move |_, _| {
        Box::pin(async move {
            long().await;
            Ok(())
        })
    });
    let migrator = migrator.backup(move || async move {
        long().await;
        Ok("nightly".to_owned())
    });
    assert_eq!(migrator.run(&a).await.unwrap().applied.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_is_free_after_a_run_whoever_else_has_its_socket() {
    let config = database().await;
    let directory = files("app", &[STUDY]);
    directory.lock();
    let mut child = program(&config, &["--hold"], directory.path());
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).await.unwrap();
    assert_eq!(line, "app 1.0.0\n");
    let client = connect(&config).await;
    until("the lock is free", Duration::from_secs(5), async || !held(&client).await).await;
    drop(child.stdin.take());
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_under_two_names_is_refused_and_does_not_wait_for_itself() {
    let (a, b) = (database().await, database().await);
    let bundle = locked("app", &[STUDY]);
    let relay = |config: Config| async move {
        Stall::start(&config, StallDirection::Answers, i64::MAX, false).await.settings.clone()
    };
    let refused = async |migrator: Migrator<'_>, nodes: [&str; 2]| {
        let run = tokio::time::timeout(Duration::from_secs(20), migrator.run(&a)).await;
        let error = run.expect("it waits for itself").unwrap_err();
        let [name, other] = nodes;
        assert_eq!(
            (error.kind(), error.message()),
            (
                ErrorKind::Node,
                format!("node `{name}` is the same database of the same server as `{other}`").as_str()
            )
        );
    };
    let migrator = || Migrator::new([&bundle]);
    refused(migrator().node("a", relay(a.clone()).await), ["a", "origin"]).await;
    refused(migrator().node("b", settings(&b)).node("c", relay(b.clone()).await), ["c", "b"]).await;
    // Another database of that server is another one.
    assert_eq!(migrator().node("b", settings(&b)).run(&a).await.unwrap().applied.len(), 1);
}

const FACTS: (&str, &str) = ("deploy.yaml", "table: visit\nwith:\n- column: note\n  type: text\n");
const INDEX: (&str, &str) =
    ("patch-1-1-0-concurrent.sql", "CREATE INDEX CONCURRENTLY study_id ON study (id);");

#[tokio::test(flavor = "multi_thread")]
async fn what_no_synchronous_standby_has_is_never_taken_for_done() {
    let server = durable().await;
    let config = server.config();
    let client = connect(&config).await;
    let said = "no synchronous standby answered within 1 s: the applied patches are committed here, but on no standby";
    let mut patches = Vec::new();
    // Patches, then a statement by itself, then facts: each alone is what is pending.
    for (count, added) in [(1, STUDY), (1, INDEX), (0, FACTS)] {
        patches.push(added);
        synchronous(&client, "away").await;
        let bundle = locked("app", &patches);
        let migrator =
            Migrator::new([&bundle]).with(|options| options.answer_timeout = Duration::from_secs(1));
        let error = migrator.run(&config).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Node, said), "{error}");
        assert_eq!(error.notes(), ["`synchronous_standby_names` is `away`"]);
        assert_eq!(error.already_applied().len(), count, "{error}");
        until("nothing is left of it", Duration::from_secs(5), async || {
            waiting(&client).await == 0 && !held(&client).await
        })
        .await;
        assert!(migrator.up_to_date(&config).await.unwrap().is_none());
        let error = migrator.run(&config).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Node, said), "{error}");
        synchronous(&client, "").await;
        assert!(migrator.run(&config).await.unwrap().applied.is_empty());
        assert!(migrator.up_to_date(&config).await.unwrap().is_some());
    }
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_that_is_killed_while_a_standby_is_away_leaves_no_lock() {
    let server = durable().await;
    let (config, directory) = (server.config(), files("app", &[STUDY]));
    directory.lock();
    let client = connect(&config).await;
    synchronous(&client, "away").await;
    let mut child = program(&config, &[], directory.path());
    until("it waits for the standby", Duration::from_secs(20), async || waiting(&client).await == 1).await;
    assert!(held(&client).await);
    child.kill().await.unwrap();
    until("the lock is free", Duration::from_secs(5), async || !held(&client).await).await;
    let bundle = locked("app", &[STUDY]);
    assert!(Migrator::new([&bundle]).up_to_date(&config).await.unwrap().is_none());
    server.stop().await.unwrap();
}

/// What is asked of a server.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Request {
    Boot,
    Deploy,
    Verify,
    Drift,
}

impl Request {
    async fn of(self, settings: &Settings, bundle: &embed_migrate::Bundle) -> embed_migrate::Result<()> {
        let limit = Duration::from_secs(1);
        let migrator = Migrator::new([bundle]).with(|options| {
            options.answer_timeout = limit;
            options.connect_wait = Some(Duration::ZERO);
        });
        match self {
            Request::Boot => migrator.run(settings).await.map(drop),
            // Of a pool, so that one connection answers all of it.
            Request::Verify => migrator.verify(&settings.pool(1)?).await,
            Request::Drift => migrator.drift(&settings.pool(1)?).await.map(drop),
            Request::Deploy => {
                let mut driver = Driver::connect(settings)
                    .await?
                    .with(|options| options.answer_timeout = limit)
                    .concurrently();
                driver.submit("CREATE TABLE old AS SELECT 1 AS id").await?;
                driver.commit().await?;
                driver.deploy(DATA).await?;
                driver.deploy("{index: old_id, of: old, on: [id]}").await?;
                driver.verify(DATA).await?;
                driver.commit().await
            }
        }
    }
}

const DATA: &str = "- table: visit\n  with:\n  - column: note\n    type: text\n  - identity: [note]\n- of: visit\n  data:\n  - note: a\n- sql: CREATE TABLE IF NOT EXISTS more ()\n";

/// A connection falls silent at each question and at each answer: nothing waits without end.
async fn ends_where_it_falls_silent(asked: Request, pooled: bool, least: usize) {
    let later = |version| (version, "SELECT 1;");
    let patches = match pooled {
        true => vec![STUDY, later("patch-1-1-0-std.sql"), ("deploy.yaml", DATA)],
        false => vec![STUDY, INDEX, later("patch-1-2-0-std.sql"), ("deploy.yaml", DATA)],
    };
    let bundle = &locked("app", &patches);
    let ways = [
        (StallDirection::Questions, false),
        (StallDirection::Answers, false),
        (StallDirection::Answers, true),
    ];
    // The last one takes ten times as long, and is the same behind a pooler.
    for (way, all) in ways.into_iter().filter(|(_, all)| !(pooled && *all)) {
        let mut counts = Vec::new();
        for first in (1..).step_by(8) {
            let attempts = (first..first + 8).map(|after| async move {
                let config = database().await;
                if matches!(asked, Request::Verify | Request::Drift) {
                    Migrator::new([bundle]).run(&config).await.unwrap();
                }
                // One of its own: it keeps its connections.
                let pooler = match pooled {
                    true => Some(PgBouncer::start(&config, "transaction", 2).await),
                    false => None,
                };
                let way_there = pooler.as_ref().map_or(config.clone(), |pooler| pooler.config(&config));
                let stall = Stall::start(&way_there, way, after, all).await;
                let done =
                    tokio::time::timeout(Duration::from_secs(60), asked.of(&stall.settings, bundle)).await;
                let done = done.unwrap_or_else(|_| panic!("{asked:?} {way:?} {after} {all}: it hangs"));
                if let Err(error) = &done {
                    assert_eq!(error.kind(), ErrorKind::Connect, "{asked:?} {way:?} {after} {all}: {error}");
                    assert!(
                        error.message().contains("answer") && !error.notes().is_empty(),
                        "{asked:?} {way:?} {after}: {error}"
                    );
                    assert!(stall.stalled(), "{error}");
                }
                stall.stalled()
            });
            counts.extend(futures_util::future::join_all(attempts).await);
            if counts.contains(&false) {
                break;
            }
        }
        let stalled = counts.iter().filter(|stalled| **stalled).count();
        assert!(stalled > least, "{asked:?} {way:?}: {stalled}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_falls_silent_ends_a_boot_wherever_that_is() {
    ends_where_it_falls_silent(Request::Boot, false, 15).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_falls_silent_ends_a_drivers_deployment_wherever_that_is() {
    ends_where_it_falls_silent(Request::Deploy, false, 15).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_falls_silent_ends_a_verification_wherever_that_is() {
    ends_where_it_falls_silent(Request::Verify, false, 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_falls_silent_ends_a_look_for_drift_wherever_that_is() {
    ends_where_it_falls_silent(Request::Drift, false, 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_a_connection_that_falls_silent_ends_a_boot_wherever_that_is() {
    ends_where_it_falls_silent(Request::Boot, true, 9).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_a_connection_that_falls_silent_ends_all_else_wherever_that_is() {
    ends_where_it_falls_silent(Request::Deploy, true, 9).await;
    ends_where_it_falls_silent(Request::Verify, true, 4).await;
    ends_where_it_falls_silent(Request::Drift, true, 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_what_is_worked_on_may_take_longer_than_an_answer() {
    let config = database().await;
    let pooler = PgBouncer::start(&config, "transaction", 3).await;
    let sleep = "SELECT pg_catalog.pg_sleep(1.5);";
    let facts =
        format!("- sql: CREATE TABLE more (); {sleep}\n  unless: SELECT to_regclass('more') IS NOT NULL\n");
    let patches = [("patch-1-0-0-std.sql", sleep), ("patch-1-1-0-std.sql", sleep), ("deploy.yaml", &facts)];
    let bundle = locked("app", &patches);
    let migrator =
        Migrator::new([&bundle]).with(|options| options.answer_timeout = Duration::from_millis(400));
    migrator.dry_run(&pooler.config(&config)).await.unwrap();
    assert_eq!(migrator.run(&pooler.config(&config)).await.unwrap().applied.len(), 2);
}

/// Its only connection to the server works for us, so that nobody can look; and of this one the server tells nothing.
#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_what_nobody_can_look_at_may_take_longer_than_an_answer() {
    for (size, reported) in [(3, "off"), (1, "on")] {
        let config = database().await;
        let tells = format!(
            "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET track_activities = {reported}', current_database()); END$$"
        );
        connect(&config).await.batch_execute(&tells).await.unwrap();
        let pooler = PgBouncer::start(&config, "transaction", size).await;
        let bundle = locked("app", &[("patch-1-0-0-std.sql", "SELECT pg_catalog.pg_sleep(6);")]);
        let migrator =
            Migrator::new([&bundle]).with(|options| options.answer_timeout = Duration::from_millis(100));
        let done = migrator.run(&pooler.config(&config)).await;
        assert_eq!(done.unwrap().applied.len(), 1, "{size} connections, activities {reported}");
    }
}

/// The first host of a list was down when the run began, and comes back as another server.
#[tokio::test(flavor = "multi_thread")]
async fn a_patch_goes_on_where_another_host_of_its_list_comes_back() {
    let (other, config) = (lasting_server().await, database().await);
    let client = connect(&config).await;
    let host = |config: &Config| match &config.get_hosts()[0] {
        tokio_postgres::config::Host::Unix(path) => path.clone(),
        tokio_postgres::config::Host::Tcp(_) => panic!("the test servers have sockets"),
    };
    let away = tempfile::tempdir().unwrap();
    let (away, there) = (away.path().join("back"), host(&other.config()));
    let name = config.get_dbname().unwrap();
    connect(&other.config()).await.batch_execute(&format!("CREATE DATABASE \"{name}\"")).await.unwrap();
    let list = format!(
        "host='{},{}' port='{},{}' user=postgres dbname='{name}'",
        away.display(),
        host(&config).display(),
        other.config().get_ports()[0],
        config.get_ports()[0],
    );
    let list = Settings::parse(&list, &|_| None).unwrap();
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "SELECT pg_catalog.pg_sleep(4);")]);
    let comes_back = async {
        until("the patch runs", Duration::from_secs(20), async || asleep(&client).await).await;
        std::os::unix::fs::symlink(&there, &away).unwrap();
    };
    let migrator =
        Migrator::new([&bundle]).with(|options| options.answer_timeout = Duration::from_millis(100));
    let (report, ()) = tokio::join!(migrator.run(&list), comes_back);
    assert_eq!(report.unwrap().applied.len(), 1);
    other.stop().await.unwrap();
}

/// All connections of the application's pool are lent, to what waits for the patch's locks.
#[tokio::test(flavor = "multi_thread")]
async fn a_patch_goes_on_where_its_pool_has_no_second_connection() {
    let config = database().await;
    let manager = deadpool_postgres::Manager::new(config.clone(), tokio_postgres::NoTls);
    let pool =
        deadpool_postgres::Pool::builder(manager).max_size(1).runtime(deadpool_postgres::Runtime::Tokio1);
    let pool = pool.wait_timeout(Some(Duration::from_millis(200))).build().unwrap();
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "SELECT pg_catalog.pg_sleep(4);")]);
    let client = connect(&config).await;
    let others = async {
        until("the patch runs", Duration::from_secs(20), async || asleep(&client).await).await;
        let lent = pool.get().await.unwrap();
        until("the patch is done", Duration::from_secs(20), async || !asleep(&client).await).await;
        drop(lent);
    };
    let migrator =
        Migrator::new([&bundle]).with(|options| options.answer_timeout = Duration::from_millis(100));
    let (report, ()) = tokio::join!(migrator.run(&pool), others);
    assert_eq!(report.unwrap().applied.len(), 1);
}

/// Its locks are free before the driver is dropped, and it works no more; a statement takes longer than that.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_lost_its_connection_holds_nothing() {
    let config = database().await;
    let client = connect(&config).await;
    let stall = Stall::start(&config, StallDirection::Answers, 5, false).await;
    let mut driver = Driver::connect(&stall.settings)
        .await
        .unwrap()
        .with(|options| options.answer_timeout = Duration::from_secs(1));
    driver.submit("SELECT pg_catalog.pg_sleep(2.5)").await.unwrap();
    let lost = tokio::time::timeout(Duration::from_secs(60), driver.submit("CREATE TABLE more ()")).await;
    let error = lost.expect("it hangs").unwrap_err();
    assert_eq!(error.message(), "the server did not answer within 1 s", "{error}");
    assert_eq!(error.notes(), ["while running a statement"]);
    until("its lock is free", Duration::from_secs(5), async || !held(&client).await).await;
    let error = driver.rollback().await.unwrap_err();
    assert_eq!(error.message(), "the connection to the server was lost before", "{error}");
    assert_eq!(error.advice(), Some("connect again; changes that were not committed are rolled back"));
    driver.commit().await.unwrap();
    let error = driver.deploy("{table: more}").await.unwrap_err();
    assert_eq!(error.message(), "the connection to the server was lost before", "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_says_that_no_synchronous_standby_has_what_it_committed() {
    let server = durable().await;
    let config = server.config();
    let client = connect(&config).await;
    synchronous(&client, "away").await;
    let mut driver = Driver::connect(&config).await.unwrap();
    driver.deploy("{table: visit, with: [{column: note, type: text}]}").await.unwrap();
    let error = driver.commit().await.unwrap_err();
    let said = "no synchronous standby answered within 30 s: the applied patches are committed here, but on no standby";
    assert_eq!((error.kind(), error.message()), (ErrorKind::Node, said), "{error}");
    client.batch_execute("SELECT note FROM visit").await.unwrap();
    until("nobody waits", Duration::from_secs(5), async || waiting(&client).await == 0).await;
    server.stop().await.unwrap();
}

/// A way to a server that takes no more than a megabyte in a quarter of a second.
async fn narrow(config: &Config) -> Settings {
    let tokio_postgres::config::Host::Unix(directory) = &config.get_hosts()[0] else {
        panic!("the test servers have sockets")
    };
    let socket = directory.join(format!(".s.PGSQL.{}", config.get_ports()[0]));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = tokio::net::UnixStream::connect(&socket).await.unwrap();
            let ((from, mut to), (mut answers, mut questions)) = (near.into_split(), far.into_split());
            tokio::spawn(async move { tokio::io::copy(&mut answers, &mut to).await });
            tokio::spawn(async move {
                let mut from = BufReader::with_capacity(1 << 20, from);
                while let Ok(read @ 1..) = from.fill_buf().await.map(<[u8]>::len) {
                    let pause = Duration::from_millis(250) * u32::try_from(read).unwrap() / (1 << 20);
                    tokio::time::sleep(pause).await;
                    questions.write_all(from.buffer()).await.unwrap();
                    from.consume(read);
                }
            });
        }
    });
    let (user, name) = (config.get_user().unwrap(), config.get_dbname().unwrap());
    let url = format!("postgresql://{user}@127.0.0.1:{port}/{name}?sslmode=disable");
    Settings::parse(&url, &|_| None).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_patch_takes_its_time_on_the_way_to_the_server() {
    let config = database().await;
    let rows =
        format!("CREATE TABLE seed (line text);\nINSERT INTO seed VALUES ('{}');", "x".repeat(16 << 20));
    let bundle = locked("app", &[STUDY, ("patch-1-1-0-std.sql", &rows)]);
    let migrator =
        Migrator::new([&bundle]).with(|options| options.answer_timeout = Duration::from_millis(500));
    assert_eq!(migrator.run(&narrow(&config).await).await.unwrap().applied.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_lives_on_where_no_synchronous_standby_has_what_was_committed() {
    let server = durable().await;
    let config = server.config();
    let pooler = PgBouncer::start(&config, "transaction", 6).await;
    let client = connect(&config).await;
    synchronous(&client, "away").await;
    let bundle = locked("app", &[STUDY]);
    let migrator = Migrator::new([&bundle]).with(|options| options.answer_timeout = Duration::from_secs(1));
    for _ in 0..3 {
        let error = migrator.run(&pooler.config(&config)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Node, "{error}");
        assert_eq!(waiting(&client).await, 0);
    }
    server.stop().await.unwrap();
}

/// Directly, from a pool, and behind a pooler.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_dropped_while_it_waits_for_a_synchronous_standby_leaves_no_connection_waiting() {
    let server = durable().await;
    let config = server.config();
    let client = connect(&config).await;
    synchronous(&client, "away").await;
    let pooler = PgBouncer::start(&config, "transaction", 3).await;
    let bundle = locked("app", &[STUDY]);
    let migrator = Migrator::new([&bundle]).with(|options| options.answer_timeout = Duration::from_secs(60));
    let pool = Settings::from(config.clone()).pool(2).unwrap();
    let pooled = pooler.config(&config);
    let ways = ["directly", "from a pool", "behind a pooler"];
    for way in ways {
        let ran = async {
            match way {
                "directly" => migrator.run(&config).await,
                "from a pool" => migrator.run(&pool).await,
                _ => migrator.run(&pooled).await,
            }
        };
        let waits = until("it waits", Duration::from_secs(30), async || waiting(&client).await == 1);
        tokio::select! {
            ran = ran => panic!("{way}: {ran:?}"),
            _ = waits => {}
        }
        until("nobody waits", Duration::from_secs(10), async || waiting(&client).await == 0).await;
    }
    // The pool and the pooler lend all that they have.
    let _lent = [pool.get().await.unwrap(), pool.get().await.unwrap()];
    for _ in 0..3 {
        connect(&pooled).await.batch_execute("SELECT 1").await.unwrap();
    }
    server.stop().await.unwrap();
}
