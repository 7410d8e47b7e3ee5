//! Changes of databases and users do not hang if a synchronous standby is away; the error says that no standby has them.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::time::Duration;

use embed_migrate_cluster::{
    Cluster, Dump, Error, ErrorKind, Profile, Restore, Settings, Throwaway, UserOptions,
};
use support::{Scratch, ask, installation};

/// How long a verb waits for a standby.
const WAIT: Duration = Duration::from_millis(200);

/// A server whose commits wait for a standby that is away.
async fn alone() -> Throwaway {
    let profile = Profile::throwaway()
        .setting("wal_level", "replica")
        .setting("max_wal_senders", "4")
        .setting("synchronous_commit", "on")
        .setting("synchronous_standby_names", "away");
    Throwaway::start_with(&installation(), profile).await.unwrap()
}

#[track_caller]
fn unconfirmed<T: std::fmt::Debug>(done: Result<T, Error>, what: &str) {
    let error = done.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Node, "{error}");
    assert_eq!(
        error.to_string(),
        format!(
            "{what} on this server, but no synchronous standby confirmed it within 0.2 s\n  \
               note: `synchronous_standby_names` is `away`\n  \
               help: start the standby, or remove it from `synchronous_standby_names`; nothing has to be repeated"
        )
    );
}

async fn waiting(server: &Throwaway) -> String {
    let query = "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    ask(&server.config(), query).await
}

async fn each_database_verb(cluster: &Cluster) {
    let database = |name: &str| cluster.database(name);
    unconfirmed(database("demo").create().await, "database `demo` was created");
    unconfirmed(database("demo").restrict().await, "database `demo` was restricted");
    unconfirmed(database("copy").clone_from(&database("demo")).await, "database `copy` was created");
    unconfirmed(database("copy").rename("other").await, "database `copy` was renamed to `other`");
    unconfirmed(database("other").overwrite(&database("demo")).await, "database `other` was overwritten");
    unconfirmed(database("other").drop().await, "database `other` was dropped");
    assert!(database("demo").exists().await.unwrap());
    assert!(!database("other").exists().await.unwrap());
}

async fn each_user_verb(cluster: &Cluster) {
    let user = |name: &str| cluster.user(name);
    // One wait for all that a verb does.
    let options =
        UserOptions::new().password("top secret").database("demo").host("10.0.0.0/8".parse().unwrap());
    unconfirmed(user("ann").create(&options).await, "user `ann` was created");
    unconfirmed(user("ann").revoke("demo").await, "user `ann`'s access to `demo` was revoked");
    unconfirmed(user("ann").grant("demo").await, "user `ann` was granted access to `demo`");
    unconfirmed(user("ann").set_password("another").await, "user `ann` was changed");
    unconfirmed(user("ann").set_superuser(true).await, "user `ann` was changed");
    unconfirmed(user("ann").set_superuser(false).await, "user `ann` was changed");
    unconfirmed(user("ann").rename("bob").await, "user `ann` was renamed to `bob`");
    // Not a commit of the server's.
    user("bob").set_hosts(&[]).await.unwrap();
    assert_eq!(user("bob").entry().await.unwrap().databases, ["demo", "postgres"]);
    unconfirmed(user("bob").drop_reassigning("postgres").await, "user `bob` was dropped");
    assert!(!user("bob").exists().await.unwrap());
}

#[tokio::test]
async fn every_verb_ends_where_a_synchronous_standby_is_away_and_says_so() {
    let server = alone().await;
    let cluster = server.instance().cluster().answer_timeout(WAIT);
    each_database_verb(&cluster).await;
    each_user_verb(&cluster).await;
    assert_eq!(waiting(&server).await, "0");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_restore_ends_where_a_synchronous_standby_is_away() {
    let server = alone().await;
    let instance = server.instance();
    let client = instance.client().await.unwrap();
    client.batch_execute("SET synchronous_commit = local; CREATE TABLE study (id int)").await.unwrap();
    let directory = Scratch::new("restore-away");
    std::fs::create_dir(&*directory).unwrap();
    let file = directory.join("one.dump");
    let settings = Settings::from(server.config());
    Dump::new(&installation(), &settings).write(&file).await.unwrap();
    let restore = Restore::new(&installation(), &settings).clean().answer_timeout(WAIT);
    unconfirmed(restore.read(&file).await, "database `postgres` was restored");
    assert_eq!(ask(&server.config(), "SELECT count(*)::text FROM study").await, "0");
    assert_eq!(waiting(&server).await, "0");
    // If the wait fails, the restore did not: `restore --create` must not drop the database.
    let restore = restore.answer_timeout(Duration::ZERO);
    let (restored, ()) = tokio::join!(restore.read(&file), async {
        let end = "SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        while ask(&server.config(), end).await == "0" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let error = restored.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Node, "{error}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_refusal_is_reported_and_not_that_no_standby_has_it() {
    let server = alone().await;
    let cluster = server.instance().cluster().answer_timeout(WAIT);
    support::refused(
        cluster.database("none").drop().await,
        ErrorKind::NotFound,
        "database `none` does not exist",
    );
    support::refused(cluster.user("none").drop().await, ErrorKind::NotFound, "user `none` does not exist");
    let options = UserOptions::new().database("none");
    support::refused(
        cluster.user("ann").create(&options).await,
        ErrorKind::NotFound,
        "database `none` does not exist",
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn what_a_standby_has_is_done() {
    let profile = Profile::throwaway()
        .setting("wal_level", "replica")
        .setting("max_wal_senders", "4")
        .setting("synchronous_commit", "on");
    let primary = Throwaway::start_with(&installation(), profile).await.unwrap();
    let standby = Throwaway::standby_of(&primary).await.unwrap();
    let client = primary.instance().client().await.unwrap();
    client.batch_execute("ALTER SYSTEM SET synchronous_standby_names = '*'").await.unwrap();
    client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let query = "SELECT count(*)::text FROM pg_stat_replication WHERE sync_state = 'sync'";
    while ask(&primary.config(), query).await != "1" {}
    let cluster = primary.instance().cluster();
    cluster.database("demo").create().await.unwrap();
    cluster.user("ann").create(&UserOptions::new().database("demo")).await.unwrap();
    // If a role or the server waits for none, neither do we. The role's commit itself still has its standby.
    for sql in [
        "ALTER ROLE postgres SET synchronous_commit = local",
        "ALTER SYSTEM SET synchronous_standby_names = 'away'",
        "SELECT pg_reload_conf()",
    ] {
        client.batch_execute(sql).await.unwrap();
    }
    cluster.database("demo").drop().await.unwrap();
    standby.stop().await.unwrap();
    primary.stop().await.unwrap();
}
