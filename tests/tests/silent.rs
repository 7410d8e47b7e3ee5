//! A server that takes the connection and then says nothing: a boot must not hang.

use std::time::Duration;

use embed_migrate::{ErrorKind, Migrator, Settings};
use tests::{Relay, connect, database, locked, settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const STUDY: (&str, &str) = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);");
const LIMIT: Duration = Duration::from_millis(200);
/// The same if there is a server that answers until then, if slowly.
const LONG: Duration = Duration::from_secs(2);

/// A server that lets everybody in and answers nothing.
async fn mute() -> Settings {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut taken = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await.unwrap();
            // You are in; your process and its secret; ready for a query.
            let welcome = b"R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x01\0\0\0\x02Z\0\0\0\x05I";
            stream.write_all(welcome).await.unwrap();
            taken.push(stream);
        }
    });
    let url = format!("postgresql://ann@127.0.0.1:{port}/demo?sslmode=disable");
    Settings::parse(&url, &|_| None).unwrap()
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_on() {
    let settings = mute().await;
    let bundle = locked("app", &[STUDY]);
    let migrator = Migrator::new([&bundle]).with(|options| options.answer_timeout = LIMIT);
    let said = "the server did not answer within 0.2 s\n  note: while reading the history\n  \
                help: is the server overloaded or stopped, or does another session lock the history's tables? \
                `RunOptions::answer_timeout` allows more time";
    let pool = settings.pool(1).unwrap();
    for error in [
        migrator.run(&settings).await.unwrap_err(),
        migrator
            .clone()
            .with(|options| options.role = Some("owner".into()))
            .run(&settings)
            .await
            .unwrap_err(),
        migrator.status(&settings).await.unwrap_err(),
        migrator.verify(&settings).await.unwrap_err(),
        migrator.run(&pool).await.unwrap_err(),
        migrator.status(&pool).await.unwrap_err(),
        migrator.dry_run(&settings).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Connect, said));
    }
    assert_eq!(pool.status().size, 0, "what did not answer is nothing for a pool");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_silent_later_is_reported_with_what_was_applied() {
    let config = database().await;
    let bundle = locked("app", &[STUDY]);
    let slow = locked("app", &[STUDY, ("patch-1-1-0-std.sql", "SELECT pg_sleep(2.6);")]);
    let hush = async |text| {
        let relay = Relay::start(&config, text).await;
        Migrator::new([&bundle])
            .with(|options| options.answer_timeout = LONG)
            .run(&relay.settings)
            .await
            .unwrap_err()
    };
    assert_eq!(hush("pg_try_advisory_lock").await.notes(), ["while taking the migration lock"]);
    let error = hush("INSERT INTO \"migrate\".bundle").await;
    assert_eq!(error.notes(), ["while recording the applied patches"]);
    assert_eq!(error.already_applied(), ["app 1.0.0"]);
    // A patch may take longer, and the next run continues.
    let report =
        Migrator::new([&slow]).with(|options| options.answer_timeout = LONG).run(&config).await.unwrap();
    assert_eq!(report.applied.len(), 1);
}

#[tokio::test]
async fn a_history_that_somebody_locks_is_not_waited_for_without_end() {
    let config = database().await;
    let bundle = locked("app", &[STUDY]);
    let migrator = Migrator::new([&bundle]);
    migrator.run(&config).await.unwrap();
    let mut holder = connect(&config).await;
    let locking = holder.transaction().await.unwrap();
    locking.batch_execute("LOCK TABLE migrate.bundle").await.unwrap();
    let pool = settings(&config).pool(1).unwrap();
    let error = migrator.clone().with(|options| options.answer_timeout = LIMIT).run(&pool).await.unwrap_err();
    assert_eq!(error.notes(), ["while reading the history"]);
    locking.rollback().await.unwrap();
    migrator.run(&pool).await.unwrap();
}

#[tokio::test]
async fn a_pool_that_gives_no_connection_is_given_up_on() {
    let config = database().await;
    let pool = settings(&config).pool(1).unwrap();
    let bundle = locked("app", &[STUDY]);
    let migrator = Migrator::new([&bundle]);
    let lent = pool.get().await.unwrap();
    // What would take long, takes no time.
    tokio::time::pause();
    for error in [migrator.run(&pool).await.unwrap_err(), migrator.status(&pool).await.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert_eq!(error.message(), "the pool had no connection in time");
    }
    tokio::time::resume();
    drop(lent);
    migrator.run(&pool).await.unwrap();
}
