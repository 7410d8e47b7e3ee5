//! A named instance runs until it is stopped, has what its flavor and volume say, and is never half made.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::net::TcpListener;

use embed_migrate_cluster::{
    ErrorKind, Flavor, InstanceLimits, InstanceStatus, Instances, NamedInstance, NewBackup, NewInstance,
    TableRewrite, UserOptions,
};
use support::{Scratch, ask, children, eventually, installation, kill, lives, port, run};

fn instances(directory: &Scratch) -> Instances {
    Instances::open(&installation(), directory).unwrap()
}

fn small(name: &str) -> NewInstance {
    NewInstance::new(name, Flavor::smallest(), 1)
}

async fn setting(named: &NamedInstance, name: &str) -> String {
    let config = named.attach().await.unwrap().config();
    ask(&config, &format!("SELECT current_setting('{name}')")).await
}

/// Gives a stopped instance the first free port and starts it. Nobody holds the port in between: another test's
/// server may take it, and then the next one is free.
async fn start_on_a_free_port(named: &NamedInstance) {
    let mut refused = Vec::new();
    named.set_port(None).await.unwrap();
    while let Err(error) = named.start().await {
        refused.push(error.to_string());
        assert!(error.kind() == ErrorKind::Exists && refused.len() < 20, "{refused:#?}");
        named.set_port(None).await.unwrap();
    }
}

fn server(named: &NamedInstance) -> u32 {
    let text = std::fs::read_to_string(named.directory().join("data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

/// What is in the directory of instances, hidden or not.
fn entries(directory: &Scratch) -> Vec<String> {
    let entries = std::fs::read_dir(directory.join("instances")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn it_is_created_listed_resized_restarted_and_deleted() {
    let directory = Scratch::new("named");
    let instances = instances(&directory);
    assert!(instances.list().unwrap().is_empty());
    let demo = instances.create(&small("demo").port(port())).await.unwrap();
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    assert_eq!(setting(&demo, "shared_buffers").await, "128MB");
    assert_eq!(setting(&demo, "max_connections").await, "50");
    assert_eq!(setting(&demo, "port").await, demo.port().to_string());
    let other = instances.create(&small("an.other").stopped()).await.unwrap();
    assert_eq!(other.status().await.unwrap(), InstanceStatus::Stopped);
    assert_ne!(other.port(), demo.port());
    let names: Vec<String> = instances.list().unwrap().iter().map(|named| named.name().to_owned()).collect();
    assert_eq!(names, ["an.other", "demo"]);

    let client = demo.attach().await.unwrap().connect("postgres").await.unwrap();
    client.batch_execute("CREATE TABLE study AS SELECT 1 AS id").await.unwrap();
    for text in ["1GB", "2", "1024"] {
        demo.resize(text.parse().unwrap()).await.unwrap();
        assert_eq!(instances.get("demo").unwrap().flavor().name(), "1GB");
    }
    assert_eq!(setting(&demo, "shared_buffers").await, "256MB");
    demo.restart().await.unwrap();
    let config = demo.attach().await.unwrap().config();
    assert_eq!(ask(&config, "SELECT count(*)::text FROM study").await, "1");

    let process = server(&demo);
    assert!(demo.stop().await.unwrap());
    assert!(!lives(process));
    assert!(!demo.stop().await.unwrap());
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Stopped);
    assert_eq!(demo.attach().await.unwrap_err().kind(), ErrorKind::Instance);
    demo.resize("512MB".parse().unwrap()).await.unwrap();
    demo.start().await.unwrap();
    demo.start().await.unwrap();
    assert_eq!(setting(&demo, "shared_buffers").await, "128MB");

    let process = server(&demo);
    demo.clone().delete().await.unwrap();
    other.delete().await.unwrap();
    assert!(!lives(process));
    assert!(entries(&directory).is_empty());
    for gone in [demo.start().await, demo.restart().await, demo.resize_volume(2).await, demo.delete().await] {
        assert_eq!(gone.unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn what_can_not_be_is_refused_and_leaves_nothing() {
    let directory = Scratch::new("refused");
    let instances = instances(&directory).with_limits(InstanceLimits { volume: 8, instances: 2 });
    let kind = async |new: &NewInstance| instances.create(new).await.unwrap_err().kind();
    for volume in [0, 9, u64::MAX] {
        let new = NewInstance::new("demo", Flavor::smallest(), volume);
        assert_eq!(kind(&new).await, ErrorKind::Value);
    }
    for name in ["", "..", "a/b", "-f", "ä"] {
        assert_eq!(kind(&small(name)).await, ErrorKind::Name, "{name}");
    }
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    assert_eq!(kind(&small("demo").port(port)).await, ErrorKind::Exists);
    assert!(entries(&directory).is_empty());
    let file = directory.join("instances/demo/letter");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "another's").unwrap();
    assert_eq!(kind(&small("demo")).await, ErrorKind::Exists);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "another's");
    assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();

    let demo = instances.create(&small("demo").stopped()).await.unwrap();
    assert_eq!(kind(&small("demo")).await, ErrorKind::Exists);
    let error = instances.create(&small("next").port(demo.port())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists);
    assert!(error.message().contains("by instance `demo`"), "{error}");
    let error = instances.get("demos").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("there are `demo`"), "{error}");
    instances.create(&small("next").stopped()).await.unwrap();
    assert_eq!(kind(&small("third")).await, ErrorKind::Full);
    assert_eq!(entries(&directory).len(), 2);

    demo.resize_volume(4).await.unwrap();
    let demo = instances.get("demo").unwrap();
    assert_eq!(demo.volume(), 4);
    for volume in [3, 0, 9] {
        assert_eq!(demo.resize_volume(volume).await.unwrap_err().kind(), ErrorKind::Value);
    }
    demo.resize_volume(4).await.unwrap();
    let unknown = "3GB".parse::<Flavor>().unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    assert!(unknown.to_string().contains("512MB, 1GB, 2GB"), "{unknown}");
}

#[tokio::test]
async fn a_taken_port_is_refused_at_the_start_too() {
    let directory = Scratch::new("port");
    let port = port();
    let demo = instances(&directory).create(&small("demo").port(port).stopped()).await.unwrap();
    let other = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let error = demo.start().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists, "{error}");
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Stopped);
    drop(other);
    demo.start().await.unwrap();
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn a_look_at_an_instance_does_not_refuse_its_deletion() {
    let directory = Scratch::new("look");
    let demo = instances(&directory).create(&small("demo").port(port()).stopped()).await.unwrap();
    let looking = std::fs::File::open(demo.directory().join("lock")).unwrap();
    looking.try_lock_shared().unwrap();
    let look = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        drop(looking);
    });
    demo.delete().await.unwrap();
    look.join().unwrap();
    assert!(entries(&directory).is_empty());
}

#[tokio::test]
async fn a_flavor_that_does_not_start_is_taken_back() {
    let directory = Scratch::new("flavor");
    let demo = instances(&directory).create(&small("demo").port(port())).await.unwrap();
    // Memory that cannot be had stands for memory that the machine lacks.
    let file = demo.directory().join("data/postgresql.conf");
    let settings = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        format!("{settings}\nmax_connections = 200\nsuperuser_reserved_connections = 60\n"),
    )
    .unwrap();
    let error = demo.resize("2GB".parse().unwrap()).await;
    error.unwrap();
    let error = demo.resize("512MB".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Instance);
    assert!(error.to_string().contains("it is 2GB again, and runs"), "{error}");
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    assert_eq!(setting(&demo, "max_connections").await, "200");
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn two_processes_that_create_one_name_make_one_instance() {
    let directory = Scratch::new("race");
    let instances = instances(&directory);
    let new = small("demo");
    let arguments = ["create", directory.to_str().unwrap(), "demo"];
    let (one, two, three) =
        tokio::join!(instances.create(&new), instances.create(&new), run("instances", &arguments));
    let created = [one.is_ok(), two.is_ok(), three.is_ok()];
    assert_eq!(created.iter().filter(|created| **created).count(), 1, "{one:?} {two:?} {three:?}");
    for error in [one.err(), two.err()].into_iter().flatten() {
        assert_eq!(error.kind(), ErrorKind::Exists, "{error}");
    }
    if let Err(said) = three {
        assert!(said.contains("`demo`"), "{said}");
    }
    let demo = instances.get("demo").unwrap();
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    demo.delete().await.unwrap();
    assert!(entries(&directory).is_empty());
}

#[tokio::test]
async fn it_outlives_the_process_that_made_it_even_after_sigkill() {
    let directory = Scratch::new("outlives");
    let state = directory.to_str().unwrap();
    run("instances", &["create", state, "demo"]).await.unwrap();
    let instances = instances(&directory);
    let demo = instances.get("demo").unwrap();
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    let mut held = support::start("instances", &["linger", state, "demo"]);
    held.line();
    held.kill();
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn one_that_a_program_holds_ends_with_it() {
    let directory = Scratch::new("holds");
    let instances = instances(&directory);
    let demo = instances.create(&small("demo").port(port()).stopped()).await.unwrap();
    let mut holder = support::start("instances", &["hold", directory.to_str().unwrap(), "demo"]);
    holder.line();
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    let process = server(&demo);
    for refused in [demo.stop().await.map(drop), demo.restart().await, demo.clone().delete().await] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
    }
    // Another may work on it, and does not end it.
    let guest = demo.hold().await.unwrap();
    assert!(!guest.is_owned());
    drop(guest);
    demo.start().await.unwrap();
    assert!(lives(process));
    holder.kill();
    eventually("the server is gone", || !lives(process));
    demo.start().await.unwrap();
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn creation_that_is_killed_leaves_nothing_to_the_next_one() {
    let directory = Scratch::new("killed-create");
    let instances = instances(&directory);
    for (round, delay) in [1, 40, 150, 300, 450, 600, 800].into_iter().enumerate() {
        let mut process = support::start("instances", &["create", directory.to_str().unwrap(), "demo"]);
        std::thread::sleep(std::time::Duration::from_millis(delay));
        process.kill();
        // It may have been done by then.
        let server = match instances.get("demo") {
            Ok(demo) if demo.status().await.is_ok_and(|status| status == InstanceStatus::Running) => {
                demo.delete().await.unwrap();
                continue;
            }
            _ => instances.create(&small("demo")).await,
        };
        let demo = match server {
            Ok(demo) => demo,
            // The killed one's guard still ends its program.
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Exists, "round {round}: {error}");
                let mut created = None;
                for _ in 0..500 {
                    created = instances.create(&small("demo")).await.ok();
                    if created.is_some() {
                        break;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
                created.unwrap()
            }
        };
        assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
        demo.delete().await.unwrap();
        assert!(entries(&directory).is_empty(), "round {round}: {:?}", entries(&directory));
    }
}

#[tokio::test]
async fn a_crashed_server_is_shown_and_started_again() {
    let directory = Scratch::new("crashed");
    let demo = instances(&directory).create(&small("demo").port(port())).await.unwrap();
    let client = demo.attach().await.unwrap().connect("postgres").await.unwrap();
    client.batch_execute("CREATE TABLE study AS SELECT 1 AS id").await.unwrap();
    let process = server(&demo);
    kill(process);
    let mut status = demo.status().await.unwrap();
    while status == InstanceStatus::Changing || status == InstanceStatus::Running {
        status = demo.status().await.unwrap();
    }
    assert_eq!(status, InstanceStatus::Crashed);
    demo.start().await.unwrap();
    let config = demo.attach().await.unwrap().config();
    assert_eq!(ask(&config, "SELECT count(*)::text FROM study").await, "1");

    // Without its guard the server runs on, and can be stopped.
    let process = server(&demo);
    let guards: Vec<u32> = support::parent(process).into_iter().collect();
    assert_eq!(guards.len(), 1);
    kill(guards[0]);
    eventually("the guard is gone", || !lives(guards[0]));
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    assert!(children(guards[0]).is_empty());
    assert!(demo.stop().await.unwrap());
    // Its last act is to take its files away, and nobody is left who waits for its end.
    eventually("the server is gone", || !lives(process));
    demo.delete().await.unwrap();
}

/// Ends a server as a crash does, and waits until its guard is gone too.
async fn crash(named: &NamedInstance) {
    kill(server(named));
    while named.status().await.unwrap() != InstanceStatus::Crashed {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// A process of the user that an instance's server runs as, which works in a directory until it is dropped.
struct OtherProcess(std::process::Child);

impl OtherProcess {
    fn new(named: &NamedInstance, directory: &std::path::Path) -> OtherProcess {
        use std::os::unix::fs::MetadataExt;
        use std::os::unix::process::CommandExt;

        let user = std::fs::metadata(named.directory().join("data")).unwrap().uid();
        let mut command = std::process::Command::new("sleep");
        OtherProcess(command.arg("600").current_dir(directory).uid(user).spawn().unwrap())
    }
}

impl Drop for OtherProcess {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Writes another number into the first line of a file.
fn renumber(file: &std::path::Path, number: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    std::fs::write(file, format!("{number}\n{rest}")).unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn lock_files_whose_number_lives_again_keep_no_server_from_starting() {
    let directory = Scratch::new("stale-locks");
    let demo = instances(&directory).create(&small("demo").port(port())).await.unwrap();
    let (process, socket) = (
        demo.directory().join("data/postmaster.pid"),
        demo.directory().join(format!("socket/.s.PGSQL.{}.lock", demo.port())),
    );
    for place in ["/", "data"] {
        crash(&demo).await;
        let other = OtherProcess::new(&demo, &demo.directory().join(place));
        for file in [&process, &socket] {
            renumber(file, &other.0.id().to_string());
        }
        assert_eq!(demo.status().await.unwrap(), InstanceStatus::Crashed);
        demo.start().await.unwrap();
        assert!(lives(other.0.id()));
        assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    }
    // What a full disk, or a crash of the machine, left of them.
    for text in ["", "\n", "1\n", "what?\n/\n"] {
        crash(&demo).await;
        for file in [&process, &socket] {
            std::fs::write(file, text).unwrap();
        }
        demo.start().await.unwrap();
    }
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn a_start_lets_a_server_be_whose_guard_was_killed() {
    let directory = Scratch::new("guardless");
    let demo = instances(&directory).create(&small("demo").port(port())).await.unwrap();
    let client = demo.attach().await.unwrap().client().await.unwrap();
    client.batch_execute("CREATE TEMPORARY TABLE held AS SELECT 1 AS id").await.unwrap();
    let process = server(&demo);
    let guard = support::parent(process).unwrap();
    kill(guard);
    eventually("the guard is gone", || !lives(guard));
    demo.start().await.unwrap();
    drop(demo.hold().await.unwrap());
    assert_eq!(server(&demo), process);
    // The session goes on.
    client.batch_execute("SELECT id FROM held").await.unwrap();
    // A restart gives it a guard again.
    demo.restart().await.unwrap();
    assert_ne!(server(&demo), process);
    assert!(children(support::parent(server(&demo)).unwrap()).contains(&server(&demo)));
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn one_without_its_usual_database_is_managed_like_any_other() {
    let directory = Scratch::new("homeless");
    let demo = instances(&directory).create(&small("demo").port(port())).await.unwrap();
    demo.attach().await.unwrap().database("postgres").drop().await.unwrap();
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    demo.restart().await.unwrap();
    demo.stop().await.unwrap();
    demo.start().await.unwrap();
    let instance = demo.attach().await.unwrap();
    assert_eq!(instance.maintenance_database(), "template1");
    instance.database("registry").create().await.unwrap();
    instance.user("ann").create(&UserOptions::new().password("secret").database("registry")).await.unwrap();
    let backup = demo.create_backup(&NewBackup::new("homeless")).await.unwrap();
    backup.wait_for(|_| {}).await.unwrap();
    let names: Vec<String> =
        instance.cluster().databases().await.unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["registry", "template0", "template1"]);
    instance.database("registry").rename("postgres").await.unwrap();
    assert_eq!(demo.attach().await.unwrap().maintenance_database(), "postgres");
    // Nobody may connect to it.
    let client = instance.connect("template1").await.unwrap();
    client.batch_execute("ALTER DATABASE postgres ALLOW_CONNECTIONS false").await.unwrap();
    assert_eq!(demo.attach().await.unwrap().maintenance_database(), "template1");
    drop(client);
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn one_whose_connections_are_all_in_use_is_managed() {
    let directory = Scratch::new("crowded");
    let demo = instances(&directory).create(&small("demo").port(port())).await.unwrap();
    let instance = demo.attach().await.unwrap();
    let fill = async || {
        let (mut held, started) = (Vec::new(), std::time::Instant::now());
        let refusal = loop {
            match instance.client().await {
                Ok(client) => held.push(client),
                // Whoever closed a connection a moment ago did not wait until the server had.
                Err(_) if held.len() < 49 && started.elapsed().as_secs() < 30 => {}
                Err(error) => break error,
            }
        };
        assert!(held.len() >= 49, "{}", held.len());
        (held, refusal)
    };
    let (held, refusal) = fill().await;
    assert_eq!(
        refusal.to_string(),
        "can't connect to database `postgres`: all connections of the server are in use\n  \
           help: end some sessions, or give the instance a larger flavor (`cargo migrate instance resize`)"
    );
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    demo.start().await.unwrap();
    assert!(!held.iter().any(tokio_postgres::Client::is_closed));
    demo.restart().await.unwrap();
    let _held = fill().await;
    demo.resize("1GB".parse().unwrap()).await.unwrap();
    let _held = fill().await;
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn alter_system_has_the_last_word_and_what_is_without_effect_is_reported() {
    let directory = Scratch::new("settings");
    let demo = instances(&directory).create(&small("demo").port(port())).await.unwrap();
    assert_eq!(demo.ineffective_settings().await.unwrap(), []);
    let set = async |sql: &str| {
        let client = demo.attach().await.unwrap().client().await.unwrap();
        for statement in sql.split(';') {
            client.batch_execute(statement).await.unwrap();
        }
    };
    // At once if that can be, else with the next start.
    set("ALTER SYSTEM SET work_mem = '77MB'; SELECT pg_reload_conf()").await;
    let mut value = setting(&demo, "work_mem").await;
    while value != "77MB" {
        value = setting(&demo, "work_mem").await;
    }
    set("ALTER SYSTEM SET shared_buffers = '64MB'; ALTER SYSTEM SET max_connections = 70").await;
    demo.restart().await.unwrap();
    for (name, value) in [("work_mem", "77MB"), ("shared_buffers", "64MB"), ("max_connections", "70")] {
        assert_eq!(setting(&demo, name).await, value);
    }
    let data = demo.directory().join("data").display().to_string();
    let messages = async || {
        let ineffective = demo.ineffective_settings().await.unwrap();
        ineffective.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let conf = demo.directory().join("server.conf").display().to_string();
    let flavors = |name: &str, value: &str, other: &str| {
        format!(
            "`{name} = {value}` in {conf} has no effect: the value is `{other}`, from {data}/postgresql.auto.conf"
        )
    };
    assert_eq!(
        messages().await,
        [
            flavors("max_connections", "50", "70"),
            flavors("shared_buffers", "128MB", "64MB"),
            flavors("work_mem", "2621kB", "77MB"),
        ]
    );
    set("ALTER SYSTEM RESET ALL; ALTER SYSTEM SET port = 7; ALTER SYSTEM SET listen_addresses = '*'").await;
    let file = demo.directory().join("data/postgresql.conf");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + "\nwork_mem = '5MB'\nrandom_page_cost = 2\n").unwrap();
    demo.resize("1GB".parse().unwrap()).await.unwrap();
    assert_eq!(setting(&demo, "shared_buffers").await, "256MB");
    assert_eq!(setting(&demo, "random_page_cost").await, "2");
    let started = |name: &str, value: &str, other: &str| {
        format!(
            "`{name} = {value}` in {data}/postgresql.auto.conf has no effect: the value is `{other}`, set when the \
             instance is started (`instance port` and `instance listen` change it)"
        )
    };
    assert_eq!(
        messages().await,
        [
            format!(
                "`work_mem = 5MB` in {data}/postgresql.conf has no effect: the value is `2621kB`, from {conf}"
            ),
            started("port", "7", &demo.port().to_string()),
            started("listen_addresses", "*", "127.0.0.1"),
        ]
    );
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn its_port_can_be_changed_running_or_stopped() {
    let directory = Scratch::new("ports");
    let instances = instances(&directory);
    let demo = instances.create(&small("demo").port(port())).await.unwrap();
    let other = instances.create(&small("other").port(port()).stopped()).await.unwrap();
    let now = || instances.get("demo").unwrap().port();
    let next = port();
    demo.set_port(Some(next)).await.unwrap();
    assert_eq!((now(), setting(&demo, "port").await), (next, next.to_string()));
    // It is as it was if the port is somebody else's.
    let process = server(&demo);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().port();
    let help = "help: take another port, or end the program that listens there; `cargo migrate instance port` changes \
                the port of an instance";
    for (port, whose) in [(taken, "another program"), (other.port(), "instance `other`")] {
        let error = support::refused(
            demo.set_port(Some(port)).await,
            ErrorKind::Exists,
            &format!("port {port} of 127.0.0.1 is in use by {whose}"),
        );
        assert!(error.to_string().ends_with(help), "{error}");
        assert_eq!((now(), server(&demo)), (next, process));
    }
    demo.set_port(Some(next)).await.unwrap();
    assert_eq!(server(&demo), process);
    // Another program took its port while it was stopped: it gets one that is free.
    demo.stop().await.unwrap();
    let listener = TcpListener::bind(("127.0.0.1", next)).unwrap();
    let error = demo.start().await.unwrap_err();
    assert!(error.to_string().ends_with(help), "{error}");
    start_on_a_free_port(&demo).await;
    assert!(now() >= 5433 && now() != next);
    drop(listener);
    // Not while a backup is taken.
    let (before, backup) = (now(), demo.create_backup(&NewBackup::new("port")).await.unwrap());
    if let Err(error) = demo.set_port(Some(next)).await {
        let refused = "instance `demo` can't be given another port while a backup of it is taken";
        assert_eq!((error.message(), now()), (refused, before));
    }
    backup.wait_for(|_| {}).await.unwrap();
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn the_log_of_a_server_does_not_grow_without_end() {
    let directory = Scratch::new("log");
    let demo = instances(&directory).create(&small("demo").port(port())).await.unwrap();
    let (log, old) = (demo.directory().join("server.log"), demo.directory().join("server.log.1"));
    let size = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |found| found.len());
    let client = demo.attach().await.unwrap().client().await.unwrap();
    let say = async |text: &str, times: u32| {
        let sql = format!(
            "DO $$BEGIN FOR n IN 1..{times} LOOP RAISE LOG '%', repeat('{text}', 100000); END LOOP; END$$"
        );
        client.batch_execute(&sql).await.unwrap();
    };
    let most = 10 * 1024 * 1024;
    for text in ["one text ", "another text "] {
        say(text, 13).await;
        eventually("the log is short again", || size(&log) < most);
        assert!(size(&old) > most);
        assert!(std::fs::read_to_string(&old).unwrap().contains(text));
    }
    // The server writes on.
    say("after it", 1).await;
    assert!(std::fs::read_to_string(&log).unwrap().contains("after it"));
    let written = size(&log);
    assert!(written < 1_000_000, "{written}");
    // A start does the same with one that has nobody to watch over it.
    demo.stop().await.unwrap();
    std::fs::write(&log, vec![b'x'; most as usize + 1]).unwrap();
    demo.start().await.unwrap();
    assert!(size(&old) == most + 1 && size(&log) < most);
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn the_free_disk_space_is_measured_and_a_rewrite_is_compared_with_it() {
    let directory = Scratch::new("disk-space");
    let demo = instances(&directory).create(&small("demo").port(port())).await.unwrap();
    let client = demo.attach().await.unwrap().connect("postgres").await.unwrap();
    let before = demo.disk_space().unwrap();
    assert!(before.used > 0 && before.left() < before.volume);
    client
        .batch_execute(
            "CREATE TABLE study AS SELECT repeat('x', 1000) AS title FROM generate_series(1, 20000);
             CREATE UNLOGGED TABLE \"Sub Study\" (LIKE study);
             CREATE TABLE part (id integer) PARTITION BY RANGE (id);
             CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (100000);
             INSERT INTO part SELECT generate_series(1, 50000)",
        )
        .await
        .unwrap();
    let after = demo.disk_space().unwrap();
    assert!(after.used >= before.used + 20_000_000, "{before:?} {after:?}");
    assert_eq!(after.warning(), None);
    let study = TableRewrite::of(&client, "study").await.unwrap();
    assert!(study.size >= 20_000_000 && study.log == study.size, "{study:?}");
    assert_eq!(TableRewrite::of(&client, "\"Sub Study\"").await.unwrap().log, 0);
    let part = TableRewrite::of(&client, "public.part").await.unwrap();
    assert!(part.size > 1_000_000, "{part:?}");
    let error = TableRewrite::of(&client, "nothing").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);

    after.check(&[study.clone(), part]).unwrap();
    let mut large = study;
    large.size = after.left();
    let error = after.check(&[large]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Full);
    assert!(error.to_string().contains("note: study: "), "{error}");
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn one_behind_a_link_is_managed_like_any_other() {
    let directory = Scratch::new("linked");
    let instances = instances(&directory);
    let demo = instances.create(&small("demo").port(port())).await.unwrap();
    demo.stop().await.unwrap();
    // Its owner moved it to another disk.
    let (place, elsewhere) = (directory.join("instances/demo"), directory.join("disk"));
    std::fs::rename(&place, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &place).unwrap();
    let demo = instances.get("demo").unwrap();
    demo.start().await.unwrap();
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    assert_eq!(demo.directory(), elsewhere.canonicalize().unwrap());
    let process = server(&demo);
    demo.start().await.unwrap();
    assert_eq!(server(&demo), process);
    let instance = demo.attach().await.unwrap();
    let hosts = UserOptions::new().host("10.0.0.0/8".parse().unwrap());
    instance.user("ann").create(&hosts).await.unwrap();
    // A backup of it is seen if SQL is to change something.
    let held = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(demo.directory().join("backup.lock"))
        .unwrap();
    held.lock().unwrap();
    support::refused(
        instance.database("late").create().await,
        ErrorKind::Busy,
        "can't create database `late`: a backup is being taken",
    );
    drop(held);
    demo.create_backup(&NewBackup::new("linked")).await.unwrap().wait_for(|_| {}).await.unwrap();
    demo.restart().await.unwrap();
    demo.resize("1GB".parse().unwrap()).await.unwrap();
    assert!(demo.stop().await.unwrap());
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Stopped);
}
