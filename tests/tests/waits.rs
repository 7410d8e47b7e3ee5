//! What a boot waits for is bounded and told: a server that comes, a primary, a standby that is away, itself.

use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use migrate::{ErrorKind, Event, Migrator, Settings};
use migrate_cluster::{Installation, Profile, Throwaway};
use tests::{boot, connect, files, locked, settings};
use tokio_postgres::Config;

const STUDY: (&str, &str) = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);");

async fn server(settings: &[(&str, &str)]) -> Throwaway {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let with = |profile: Profile, (name, value): &(&str, &str)| profile.setting(*name, *value);
    let profile = settings.iter().fold(Profile::throwaway(), with);
    Throwaway::start_with(&installation, profile).await.unwrap()
}

async fn replicated() -> (Throwaway, Throwaway) {
    let primary = server(&[("wal_level", "replica"), ("max_wal_senders", "4")]).await;
    let standby = Throwaway::standby_of(&primary).await.unwrap();
    (primary, standby)
}

/// A migrator that tells what it waits for.
fn telling<'a>(bundle: &'a migrate::Bundle) -> (Migrator<'a>, Receiver<String>) {
    let (send, told) = channel();
    let migrator = Migrator::new([bundle]).progress(move |event| {
        if let Event::Connecting { .. } = event {
            send.send(event.to_string()).unwrap();
        }
    });
    (migrator, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_replicas_boot_where_there_are_twenty_two_connections() {
    let server = server(&[("max_connections", "25"), ("superuser_reserved_connections", "3")]).await;
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
    let server = server(&[("max_connections", "10")]).await;
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
    let (migrator, told) = telling(&bundle);
    let error = migrator.clone().connect_wait(Duration::ZERO).run(&plain).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().contains("too many clients") || error.message().contains("reserved"), "{error}");
    assert!(told.try_recv().is_err(), "nothing was waited for");
    // What only asks whether all is well is not kept waiting.
    migrator.clone().connect_wait(Duration::from_secs(600)).stands(&plain).await.unwrap_err();
    assert!(told.try_recv().is_err());
    let error = migrator.clone().connect_wait(Duration::from_millis(300)).run(&plain).await.unwrap_err();
    assert!(error.notes().contains(&"it was waited for, 0 s in all".to_owned()), "{error}");
    while told.try_recv().is_ok() {}

    let (bundle, owned) = (bundle.clone(), plain.clone());
    let (send, told) = channel();
    let booting = tokio::spawn(async move {
        let tell = move |event: &Event| send.send(event.to_string()).unwrap();
        Migrator::new([&bundle]).progress(tell).connect_wait(Duration::from_secs(60)).status(&owned).await
    });
    let first = tokio::task::spawn_blocking(move || told.recv().unwrap()).await.unwrap();
    assert!(first.starts_with("waiting for the server (0 s): "), "{first}");
    held.clear();
    booting.await.unwrap().unwrap();
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_outlasts_a_restart_of_its_server() {
    let mut server = server(&[]).await;
    let config = server.config();
    let bundle = locked("app", &[STUDY]);
    let holder = tests::lock_holder(&config).await;
    let (send, told) = channel();
    let (owned, ours) = (config.clone(), bundle.clone());
    let booting = tokio::spawn(async move {
        let tell = move |event: &Event| send.send(event.clone()).unwrap();
        Migrator::new([&ours]).progress(tell).connect_wait(Duration::from_secs(60)).run(&owned).await
    });
    // It waits for the lock when the server goes.
    let (told, waiting) = tokio::task::spawn_blocking(move || {
        let waiting = told.recv().unwrap();
        (told, waiting)
    })
    .await
    .unwrap();
    assert!(matches!(waiting, Event::Waiting { .. }), "{waiting}");
    server.restart().await.unwrap();
    drop(holder);
    let report = booting.await.unwrap().unwrap();
    assert_eq!(report.applied.len(), 1);
    assert!(told.try_iter().any(|event| matches!(event, Event::Connecting { .. })));
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_waits_until_a_standby_is_the_primary() {
    let (primary, standby) = replicated().await;
    let bundle = locked("app", &[STUDY]);
    let both = |attributes: &str| either(&primary, &standby, attributes);
    let (on_standby, writes) = (standby.config(), both("read-write"));
    let error = Migrator::new([&bundle]).connect_wait(Duration::ZERO).run(&on_standby).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Standby);
    primary.stop().await.unwrap();
    let error = Migrator::new([&bundle]).connect_wait(Duration::ZERO).run(&writes).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(error.to_string().contains("session is read-only"), "{error}");

    let client = connect(&on_standby).await;
    let (send, told) = channel();
    let run = |source: Settings| {
        let (bundle, send) = (bundle.clone(), send.clone());
        tokio::spawn(async move {
            let tell = move |event: &Event| drop(send.send(event.to_string()));
            Migrator::new([&bundle]).progress(tell).connect_wait(Duration::from_secs(60)).run(&source).await
        })
    };
    let runs = [run(settings(&on_standby)), run(writes)];
    let told = tokio::task::spawn_blocking(move || [told.recv().unwrap(), told.recv().unwrap()]);
    let told = told.await.unwrap();
    assert!(told.iter().all(|told| told.starts_with("waiting for the server (0 s): ")), "{told:?}");
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
