//! On a standby nothing can be written: a boot verifies.

use std::time::{Duration, Instant};

use embed_migrate::{ErrorKind, Migrator};
use embed_migrate_cluster::{Installation, Profile, Throwaway};
use embed_migrate_runtime::{Scope, fingerprint};
use tests::catalog::catalog;
use tests::{connect, locked};

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_verified_and_never_written() {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let profile = Profile::throwaway().setting("wal_level", "replica").setting("max_wal_senders", "4");
    let primary = Throwaway::start_with(&installation, profile).await.unwrap();
    let standby = Throwaway::standby_of(&primary).await.unwrap();
    let (on_primary, on_standby) = (primary.config(), standby.config());
    let old = locked("app", &[("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);")]);
    let new = locked(
        "app",
        &[("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);"), ("patch-1-1-0-std.sql", "SELECT 1;")],
    );
    let error = Migrator::new([&old])
        .with(|options| options.connect_wait = Some(Duration::ZERO))
        .run(&on_standby)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Standby);
    Migrator::new([&old]).run(&on_primary).await.unwrap();
    replayed(&primary, &standby).await;
    assert!(Migrator::new([&old]).run(&on_standby).await.unwrap().applied.is_empty());
    Migrator::new([&old]).verify(&on_standby).await.unwrap();
    let error = Migrator::new([&new])
        .with(|options| options.connect_wait = Some(Duration::ZERO))
        .run(&on_standby)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "this server is a standby, and 1 patch is pending\n  \
           help: run against the primary; or wait until the standby has replayed the patches",
    );
    Migrator::new([&new]).run(&on_primary).await.unwrap();
    replayed(&primary, &standby).await;
    Migrator::new([&new]).run(&on_standby).await.unwrap();
    assert!(Migrator::new([&old]).run(&on_standby).await.unwrap().bundles[0].ahead);
    let error = Migrator::new([&old]).dry_run(&on_standby).await;
    assert!(error.is_ok(), "nothing is pending, so nothing is tried");
    let facts = locked("facts", &[("deploy.yaml", "table: visit\nwith:\n- column: note\n  type: text\n")]);
    Migrator::new([&facts]).run(&on_primary).await.unwrap();
    replayed(&primary, &standby).await;
    let drift = Migrator::new([&facts]).drift(&on_standby).await.unwrap();
    assert!(drift.is_empty() && drift.unknown.is_none(), "{drift}");
    connect(&on_primary).await.batch_execute("ALTER TABLE visit DROP COLUMN note").await.unwrap();
    replayed(&primary, &standby).await;
    let drift = Migrator::new([&facts]).drift(&on_standby).await.unwrap();
    assert_eq!((drift.facts.len(), drift.catalog.len()), (1, 1), "{drift}");
    let (there, here) = (connect(&on_primary).await, connect(&on_standby).await);
    assert_eq!(catalog(&here).await, catalog(&there).await);
    let scope = Scope::default();
    assert_eq!(fingerprint(&here, &scope).await.unwrap(), fingerprint(&there, &scope).await.unwrap());
    standby.stop().await.unwrap();
    primary.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_waits_until_standbys_have_replayed_it_and_names_those_that_are_behind() {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let profile = Profile::throwaway().setting("wal_level", "replica").setting("max_wal_senders", "4");
    let primary = Throwaway::start_with(&installation, profile).await.unwrap();
    let standby = Throwaway::standby_of(&primary).await.unwrap();
    let (on_primary, on_standby) = (primary.config(), standby.config());
    let first = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);");
    let second = ("patch-1-1-0-std.sql", "ALTER TABLE study ADD code text;");
    let (old, new) = (locked("app", &[first]), locked("app", &[first, second]));
    let waits =
        |bundle| Migrator::new([bundle]).with(|options| options.standby_wait = Some(Duration::from_secs(60)));
    waits(&old).run(&on_primary).await.unwrap();
    // No wait of ours: what was applied is there.
    let reader = connect(&on_standby).await;
    reader.batch_execute("BEGIN; SELECT id FROM study").await.unwrap();

    let error = waits(&new)
        .with(|options| options.standby_wait = Some(Duration::from_millis(300)))
        .run(&on_primary)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Locked, "1 standbys are behind"));
    assert_eq!(error.already_applied(), ["app 1.1.0"]);
    assert!(error.notes().iter().any(|note| note.starts_with("`walreceiver` has replayed up to")), "{error}");
    reader.batch_execute("COMMIT").await.unwrap();
    assert!(waits(&new).run(&on_primary).await.unwrap().applied.is_empty());
    reader.batch_execute("SELECT code FROM study").await.unwrap();
    assert!(
        waits(&new).run(&on_standby).await.unwrap().applied.is_empty(),
        "a standby has nobody to wait for"
    );

    let client = connect(&on_primary).await;
    client.batch_execute("CREATE ROLE plain LOGIN; GRANT ALL ON DATABASE postgres TO plain; GRANT USAGE ON SCHEMA migrate TO plain; \
                          GRANT SELECT ON ALL TABLES IN SCHEMA migrate TO plain").await.unwrap();
    let mut plain = on_primary.clone();
    plain.user("plain");
    let error = waits(&new).run(&plain).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
    assert!(error.advice().unwrap().contains("GRANT pg_monitor"), "{error}");

    // One that is not connected shows by its slot.
    client.batch_execute("SELECT pg_create_physical_replication_slot('away', true)").await.unwrap();
    let error = waits(&new)
        .with(|options| options.standby_wait = Some(Duration::from_millis(300)))
        .run(&on_primary)
        .await
        .unwrap_err();
    assert!(error.notes().contains(&"the standby of the slot `away` is not connected".to_owned()), "{error}");
    standby.stop().await.unwrap();
    primary.stop().await.unwrap();
}

/// Waits until the standby has what the primary has written so far.
async fn replayed(primary: &Throwaway, standby: &Throwaway) {
    let lsn: String = connect(&primary.config())
        .await
        .query_one("SELECT pg_current_wal_insert_lsn()::text", &[])
        .await
        .unwrap()
        .get(0);
    let (client, started) = (connect(&standby.config()).await, Instant::now());
    let sql = format!("SELECT pg_last_wal_replay_lsn() >= '{lsn}'::pg_lsn");
    while !client.query_one(&sql, &[]).await.unwrap().get::<_, bool>(0) {
        assert!(started.elapsed() < Duration::from_secs(30), "the standby does not follow");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
