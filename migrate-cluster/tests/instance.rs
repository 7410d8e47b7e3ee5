//! A persistent instance keeps its data and has one server, whichever process starts it and however it ended.

mod support;

use embed_migrate_cluster::{ErrorKind, Instance, Profile};
use support::{Holder, Scratch, ask, eventually, installation, kill, lives, spawn};
use tokio_postgres::config::Host;

const COUNT: &str = "SELECT count(*)::text FROM study";

#[tokio::test]
async fn it_keeps_its_data_over_stop_and_start() {
    let directory = Scratch::new("keeps");
    let instance = Instance::start(&installation(), &directory).await.unwrap();
    let process = instance.process_id().unwrap();
    assert_eq!(ask(&instance.config(), "SELECT current_setting('fsync')").await, "on");
    let client = instance.connect("postgres").await.unwrap();
    client.batch_execute("CREATE TABLE study AS SELECT 1").await.unwrap();
    instance.stop().await.unwrap();
    assert!(!lives(process));

    let instance = Instance::start(&installation(), &directory).await.unwrap();
    assert_eq!(ask(&instance.config(), COUNT).await, "1");
    drop(instance);
    let instance = Instance::start(&installation(), &directory).await.unwrap();
    assert!(instance.is_owned());
    assert_eq!(ask(&instance.config(), COUNT).await, "1");
    instance.stop().await.unwrap();
}

#[tokio::test]
async fn two_processes_that_start_one_directory_both_get_the_server() {
    let directory = Scratch::new("two");
    let (one, two) = (spawn(Some(&directory)), spawn(Some(&directory)));
    let (one, two) = (Holder::of(one), Holder::of(two));
    assert_eq!(one.server, two.server);
    assert!(one.ours != two.ours);
    for holder in [&one, &two] {
        assert_eq!(ask(&holder.url.parse().unwrap(), "SELECT 'yes'").await, "yes");
    }
    let (mut owner, mut guest) = if one.ours { (one, two) } else { (two, one) };
    guest.finish();
    assert_eq!(ask(&owner.url.parse().unwrap(), "SELECT 'still'").await, "still");
    owner.finish();
    assert!(!lives(owner.server));
}

#[tokio::test]
async fn its_server_ends_with_a_killed_owner_and_the_next_start_has_the_data() {
    let directory = Scratch::new("killed");
    let mut holder = Holder::of(spawn(Some(&directory)));
    ask(&holder.url.parse().unwrap(), "SELECT 'up'").await;
    holder.kill();
    // At once: while the old server is still stopping.
    let instance = Instance::start(&installation(), &directory).await.unwrap();
    eventually("the server is gone", || !lives(holder.server));
    let next = Instance::start(&installation(), &directory).await.unwrap();
    assert_eq!(ask(&next.config(), "SELECT 'up'").await, "up");
    drop(next);
    drop(instance);
}

#[tokio::test]
async fn a_server_that_lost_its_guard_is_replaced() {
    let directory = Scratch::new("orphan");
    let mut holder = Holder::of(spawn(Some(&directory)));
    holder.kill_with_guard();
    assert!(lives(holder.server));
    let instance = Instance::start(&installation(), &directory).await.unwrap();
    assert!(instance.is_owned() && !lives(holder.server));
    assert_eq!(ask(&instance.config(), "SELECT 'new'").await, "new");
    instance.stop().await.unwrap();
}

#[tokio::test]
async fn a_stale_process_file_does_not_matter() {
    let directory = Scratch::new("stale");
    let instance = Instance::start(&installation(), &directory).await.unwrap();
    let client = instance.connect("postgres").await.unwrap();
    client.batch_execute("CREATE TABLE study AS SELECT 1").await.unwrap();
    kill(instance.process_id().unwrap());
    drop(instance);
    let file = directory.join("data/postmaster.pid");
    assert!(file.exists());
    let instance = Instance::start(&installation(), &directory).await.unwrap();
    assert_eq!(ask(&instance.config(), COUNT).await, "1");
    kill(instance.process_id().unwrap());
    drop(instance);

    // The number became another process's, of the same user: PostgreSQL alone would refuse.
    let elsewhere = Scratch::new("other");
    let other = Instance::start(&installation(), &elsewhere).await.unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    std::fs::write(&file, format!("{}\n{rest}", other.process_id().unwrap())).unwrap();
    let instance = Instance::start(&installation(), &directory).await.unwrap();
    assert_eq!(ask(&instance.config(), COUNT).await, "1");
    instance.stop().await.unwrap();
    assert_eq!(ask(&other.config(), "SELECT 'unharmed'").await, "unharmed");
    other.stop().await.unwrap();
}

#[tokio::test]
async fn a_incomplete_note_cluster_does_not_matter() {
    let directory = Scratch::new("half");
    std::fs::create_dir_all(directory.join("data.unfinished/base")).unwrap();
    std::fs::write(directory.join("data.unfinished/PG_VERSION"), "15\n").unwrap();
    let instance = Instance::start(&installation(), &directory).await.unwrap();
    assert_eq!(ask(&instance.config(), "SELECT 'whole'").await, "whole");
    instance.stop().await.unwrap();
    assert!(!directory.join("data.unfinished").exists());
}

#[tokio::test]
async fn a_long_path_is_no_trouble_for_the_socket() {
    let directory = Scratch::new("long");
    let instance = Instance::start(&installation(), &directory.join("x".repeat(120))).await.unwrap();
    assert_eq!(ask(&instance.url("postgres").parse().unwrap(), "SELECT 'yes'").await, "yes");
    let config = instance.config();
    let [Host::Unix(socket)] = config.get_hosts() else { panic!("no socket: {config:?}") };
    assert!(socket.is_dir() && !socket.starts_with(&*directory));
    instance.stop().await.unwrap();
    assert!(!socket.exists());
}

#[tokio::test]
async fn tcp_asks_for_a_password() {
    let directory = Scratch::new("tcp");
    let profile = Profile::durable().port(0);
    let instance = Instance::start_with(&installation(), &directory, profile).await.unwrap();
    let url = format!("postgresql://postgres@127.0.0.1:{}/postgres", instance.port().unwrap());
    let mut config: tokio_postgres::Config = url.parse().unwrap();
    assert!(config.connect(tokio_postgres::NoTls).await.is_err());
    let client = instance.connect("postgres").await.unwrap();
    client.batch_execute("ALTER ROLE postgres PASSWORD 'secret'").await.unwrap();
    config.password("secret");
    assert_eq!(ask(&config, "SELECT 'in'").await, "in");
    instance.stop().await.unwrap();
}

#[tokio::test]
async fn as_root_a_directory_out_of_the_users_reach_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    if !rustix::process::geteuid().is_root() {
        return;
    }
    let closed = Scratch::new("closed");
    std::fs::create_dir(&*closed).unwrap();
    std::fs::set_permissions(&*closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    let error = Instance::start(&installation(), &closed.join("state")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
    assert!(!closed.join("state").exists());
}
