//! A throwaway server leaves nothing behind, however its owner ends.

mod support;

use std::path::PathBuf;

use embed_migrate_cluster::{Profile, Throwaway};
use support::{Holder, Scratch, ask, children, directory_of, eventually, installation, kill, lives, spawn};

#[test]
fn it_is_gone_with_its_directory_after_its_owner_was_killed() {
    let mut holder = Holder::of(spawn(None));
    assert!(lives(holder.server) && holder.directory.is_dir());
    holder.kill();
    eventually("the directory is gone", || !holder.directory.exists());
    assert!(!lives(holder.server));
}

#[test]
fn it_is_gone_after_its_owner_was_killed_while_the_cluster_was_made() {
    let mut process = spawn(None);
    let mut guards = Vec::new();
    eventually("the guard runs", || {
        guards = children(process.id());
        guards.iter().any(|guard| !children(*guard).is_empty())
    });
    // Programs that are asked for their version are children for a moment too.
    let guard = guards.iter().find(|guard| !children(**guard).is_empty()).unwrap();
    let directory = directory_of(*guard);
    assert!(directory.is_dir());
    process.kill().unwrap();
    process.wait().unwrap();
    eventually("the guard is gone", || !guards.iter().any(|guard| lives(*guard)));
    assert!(!directory.exists());
}

#[test]
fn what_a_killed_guard_left_is_removed_by_the_next_run() {
    let mut holder = Holder::of(spawn(None));
    // From here on nobody looks after it; another test's start may already be the next run.
    holder.kill_with_guard();
    Holder::of(spawn(None)).finish();
    // The reaper works beside the start: another run finishes what one that ended early did not.
    eventually("the next runs have removed it", || {
        Holder::of(spawn(None)).finish();
        !holder.directory.exists()
    });
    assert!(!lives(holder.server));
}

#[tokio::test]
async fn it_is_gone_after_a_stop_and_after_a_drop() {
    let server = Throwaway::start(&installation()).await.unwrap();
    let directory = server.instance().directory().to_owned();
    server.stop().await.unwrap();
    assert!(!directory.exists());

    let server = Throwaway::start(&installation()).await.unwrap();
    let (directory, process) =
        (server.instance().directory().to_owned(), server.instance().process_id().unwrap());
    // A process that is started later must not hold the pipe open.
    let later = Throwaway::start(&installation()).await.unwrap();
    drop(server);
    assert!(!lives(process));
    eventually("the directory is gone", || !directory.exists());
    assert!(later.instance().connect("postgres").await.is_ok());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_killed_server_leaves_no_shared_memory() {
    let server = Throwaway::start(&installation()).await.unwrap();
    let directory = server.instance().directory().to_owned();
    let file = std::fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    let segment = file.lines().nth(6).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    let listed = || {
        let table = std::fs::read_to_string("/proc/sysvipc/shm").unwrap();
        table.lines().any(|line| line.split_whitespace().nth(1) == Some(&segment))
    };
    assert!(listed());
    kill(server.instance().process_id().unwrap());
    drop(server);
    eventually("the directory is gone", || !directory.exists());
    eventually("the segment is gone", || !listed());
}

#[tokio::test]
async fn databases_are_fresh_and_their_own() {
    let server = Throwaway::start(&installation()).await.unwrap();
    let (one, other) = (server.database().await.unwrap(), server.database().await.unwrap());
    let query = "SELECT pg_catalog.current_database()::text";
    assert_eq!(ask(&one, query).await, one.get_dbname().unwrap());
    assert_ne!(one.get_dbname(), other.get_dbname());
    let hostile = "a\"; DROP DATABASE postgres; --";
    server.instance().database(hostile).create().await.unwrap();
    assert_eq!(ask(&server.url(hostile).parse().unwrap(), query).await, hostile);
    assert!(server.instance().database("").create().await.is_err());
    assert!(server.instance().database("x".repeat(64)).create().await.is_err());
}

#[tokio::test]
async fn what_is_committed_survives_a_crash() {
    let mut server = Throwaway::start(&installation()).await.unwrap();
    let client = server.instance().connect("postgres").await.unwrap();
    client.batch_execute("SET synchronous_commit TO on; CREATE TABLE study AS SELECT 7 AS id").await.unwrap();
    server.crash().await.unwrap();
    assert!(client.batch_execute("SELECT").await.is_err());
    server.restart().await.unwrap();
    assert_eq!(ask(&server.config(), "SELECT id::text FROM study").await, "7");
    server.restart().await.unwrap();
    let directory = server.instance().directory().to_owned();
    server.crash().await.unwrap();
    drop(server);
    eventually("the directory is gone", || !directory.exists());
}

#[tokio::test]
async fn it_has_the_settings_it_was_told() {
    let profile = Profile::throwaway().setting("fsync", "on").setting("work_mem", "5MB").port(0);
    let mut server = Throwaway::start_with(&installation(), profile).await.unwrap();
    let port = server.instance().port().unwrap();
    assert_eq!(ask(&server.config(), "SELECT current_setting('fsync')").await, "on");
    assert_eq!(ask(&server.config(), "SELECT current_setting('work_mem')").await, "5MB");
    server.restart().await.unwrap();
    let url = format!("postgresql://postgres@127.0.0.1:{port}/postgres");
    assert_eq!(ask(&url.parse().unwrap(), "SELECT inet_server_port()::text").await, port.to_string());
}

#[tokio::test]
async fn a_server_that_does_not_start_says_why_and_leaves_nothing() {
    let profile = Profile::throwaway().setting("work_mem", "much");
    let error = Throwaway::start_with(&installation(), profile).await.unwrap_err();
    assert!(error.to_string().contains("invalid value for parameter \"work_mem\": \"much\""), "{error}");
    let directory = PathBuf::from(error.iter().next().unwrap().place().unwrap().path());
    eventually("the directory is gone", || !directory.exists());
}

#[tokio::test]
async fn a_standby_follows_its_primary() {
    let profile = Profile::throwaway().setting("wal_level", "replica").setting("max_wal_senders", "2");
    let primary = Throwaway::start_with(&installation(), profile).await.unwrap();
    let standby = Throwaway::standby_of(&primary).await.unwrap();
    assert_eq!(ask(&standby.config(), "SELECT pg_is_in_recovery()::text").await, "true");
    let client = primary.instance().connect("postgres").await.unwrap();
    client.batch_execute("CREATE TABLE study ()").await.unwrap();
    let follower = standby.instance().connect("postgres").await.unwrap();
    let mut found = false;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !found && std::time::Instant::now() < deadline {
        let row = follower.query_one("SELECT to_regclass('study') IS NOT NULL", &[]).await.unwrap();
        found = row.get(0);
    }
    assert!(found);
}

#[tokio::test]
async fn a_primary_that_can_not_be_followed_says_what_it_needs() {
    let primary = Throwaway::start(&installation()).await.unwrap();
    let error = Throwaway::standby_of(&primary).await.unwrap_err();
    assert!(error.to_string().contains("wal_level"), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn as_root_it_runs_as_an_unprivileged_user() {
    use std::os::unix::fs::MetadataExt;

    let server = Throwaway::start(&installation()).await.unwrap();
    let process = server.instance().process_id().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line =
        |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    let user: u32 = line("Uid:").split_whitespace().next().unwrap().parse().unwrap();
    assert_ne!(user, 0);
    assert_eq!(std::fs::metadata(server.instance().directory()).unwrap().uid(), user);
    if rustix::process::geteuid().is_root() {
        assert_eq!(line("Groups:"), "");
    }
}

#[tokio::test]
async fn a_cache_that_can_not_be_used_is_reported_with_the_reason() {
    use std::os::unix::fs::PermissionsExt;

    let directory = Scratch::new("foreign");
    std::fs::create_dir(&*directory).unwrap();
    let messages = |path: &std::path::Path, fault: &str| {
        let why = Profile::throwaway().cache(path).cache_error().unwrap();
        let expected = format!("the cache directory {fault}\n  --> {}", path.display());
        assert_eq!(why.to_string(), expected);
    };
    let own = directory.join("own");
    assert!(Profile::throwaway().cache(&own).cache_error().is_none());
    std::fs::set_permissions(&own, std::fs::Permissions::from_mode(0o770)).unwrap();
    messages(&own, "can be written by others (mode 770)");
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&own, Some(65_534), None).unwrap();
        messages(&own, "belongs to another user, with id 65534");
    }
    std::os::unix::fs::symlink(&own, directory.join("link")).unwrap();
    messages(&directory.join("link"), "is not a directory");
    // A server starts all the same.
    let profile = Profile::throwaway().cache(&own);
    Throwaway::start_with(&installation(), profile).await.unwrap().stop().await.unwrap();
}
