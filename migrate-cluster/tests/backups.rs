//! A backup continues without its program, is complete or failed, and is restored as a new instance.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::os::unix::fs::PermissionsExt;

use embed_migrate_cluster::{
    Backup, BackupProgress, BackupStatus, ErrorKind, Flavor, Installation, InstanceLimits, InstanceStatus,
    Instances, NamedInstance, NewBackup, NewInstance, UserOptions,
};
use support::{Scratch, ask, eventually, installation, kill, lives, port, run, start};

fn small(name: &str) -> NewInstance {
    NewInstance::new(name, Flavor::smallest(), 1).port(port())
}

/// An instance with a table of so many rows of 1 kB that do not compress well.
async fn demo(directory: &Scratch, rows: u32) -> (Instances, NamedInstance) {
    demo_with(&installation(), directory, rows).await
}

async fn demo_with(
    installation: &Installation,
    directory: &Scratch,
    rows: u32,
) -> (Instances, NamedInstance) {
    let instances = Instances::open(installation, directory).unwrap();
    let demo = instances.create(&small("demo")).await.unwrap();
    let client = demo.attach().await.unwrap().connect("postgres").await.unwrap();
    let sql = format!(
        "CREATE TABLE study AS
         SELECT (SELECT string_agg(md5((n * m)::text), '') FROM generate_series(1, 32) AS m) AS title
           FROM generate_series(1, {rows}) AS n"
    );
    client.batch_execute(&sql).await.unwrap();
    (instances, demo)
}

/// The processes that work in a backup's directory, the shell and the programs that it runs.
fn workers(backup: &Backup) -> Vec<u32> {
    let directory = backup.directory();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers
        .filter(|number| std::fs::read_link(format!("/proc/{number}/cwd")).is_ok_and(|at| at == directory))
        .collect()
}

/// PostgreSQL's programs, of which `pg_basebackup` takes its time: some seconds, so that it is met at work on a busy machine too; `pg_verifybackup` waits while a file
/// `pg_verifybackup.hold` is beside it.
fn slow(directory: &Scratch) -> Installation {
    let (real, programs) = (installation(), directory.join("programs"));
    std::fs::create_dir_all(&programs).unwrap();
    for program in ["postgres", "initdb", "pg_basebackup", "pg_verifybackup"] {
        let rate = if program == "pg_basebackup" { "--max-rate=8M" } else { "" };
        let path = programs.join(program);
        let hold =
            if program == "pg_verifybackup" { "while [ -e \"$0.hold\" ]; do sleep 0.05; done" } else { "" };
        let script =
            format!("#!/bin/sh\n{hold}\nexec {} \"$@\" {rate}\n", real.program(program).unwrap().display());
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    std::fs::set_permissions(&**directory, std::fs::Permissions::from_mode(0o755)).unwrap();
    let named = programs.to_str().unwrap().to_owned();
    Installation::find(&|name| (name == "MIGRATE_PG_BIN").then(|| named.clone())).unwrap()
}

/// Waits until the server streams, and stops whoever works on the backup: what follows happens while it is taken.
async fn frozen(backup: &Backup) -> Vec<u32> {
    loop {
        let progress = backup.progress().await.unwrap();
        assert!(progress.status != BackupStatus::Completed, "it was too fast");
        if progress.phase.as_deref() == Some("streaming database files") {
            break;
        }
    }
    let processes = workers(backup);
    processes.iter().for_each(|number| signal(*number, "STOP"));
    processes
}

fn signal(process: u32, name: &str) {
    let done = std::process::Command::new("kill").args(["-s", name, &process.to_string()]).status().unwrap();
    assert!(done.success());
}

fn thaw(processes: &[u32]) {
    processes.iter().filter(|number| lives(**number)).for_each(|number| signal(*number, "CONT"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn it_is_taken_in_the_background_and_restored_with_users_and_data() {
    let directory = Scratch::new("backup");
    let (instances, demo) = demo_with(&slow(&directory), &directory, 2000).await;
    let instance = demo.attach().await.unwrap();
    instance.database("registry").create().await.unwrap();
    let client = instance.connect("registry").await.unwrap();
    client
        .batch_execute(
            "CREATE ROLE \"john.doe\" LOGIN PASSWORD 'top secret'; CREATE TABLE sample AS SELECT 7 AS id",
        )
        .await
        .unwrap();
    drop(client);

    let new = NewBackup::new("before 2.0").description("with \\ and\nlines");
    let backup = demo.create_backup(&new).await.unwrap();
    assert!(matches!(backup.status, BackupStatus::New | BackupStatus::Running), "{backup:?}");
    let processes = frozen(&backup).await;
    assert_eq!(backup.now().unwrap().status, BackupStatus::Running);
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::BackingUp);
    for process in &processes {
        let environment = std::fs::read_to_string(format!("/proc/{process}/environ")).unwrap();
        // Which this test has from cargo.
        assert!(environment.contains("PATH=") && !environment.contains("CARGO_PKG_NAME="), "{environment}");
    }

    // What it is to hold does not change meanwhile, and there is one at a time.
    let busy = |error: embed_migrate_cluster::Error| assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
    busy(demo.create_backup(&NewBackup::new("second")).await.unwrap_err());
    busy(instance.database("late").create().await.unwrap_err());
    busy(instance.database("late").clone_from(&instance.database("registry")).await.unwrap_err());
    busy(instance.database("registry").overwrite(&instance.database("template0")).await.unwrap_err());
    busy(instance.database("registry").drop().await.unwrap_err());
    busy(instance.user("late").create(&UserOptions::new().password("secret")).await.unwrap_err());
    busy(instance.user("john.doe").drop().await.unwrap_err());
    // Each says what was asked for.
    for (what, done) in [
        ("stopped", demo.stop().await.map(drop)),
        ("restarted", demo.restart().await),
        ("resized", demo.resize("1GB".parse().unwrap()).await),
        ("deleted", demo.clone().delete().await),
    ] {
        let error = done.unwrap_err();
        assert_eq!(error.message(), format!("instance `demo` can't be {what} while a backup of it is taken"));
        busy(error);
    }
    busy(backup.clone().delete().unwrap_err());
    busy(instances.restore_backup(&backup, &small("early")).await.unwrap_err());
    assert_eq!(instances.get("demo").unwrap().flavor().name(), "512MB");
    demo.resize_volume(2).await.unwrap();

    thaw(&processes);
    let mut seen: Vec<BackupProgress> = Vec::new();
    let backup = backup.wait_for(|progress| seen.push(progress.clone())).await.unwrap();
    assert_eq!(seen.last().unwrap().status, BackupStatus::Completed);
    assert_eq!(backup.status, BackupStatus::Completed);
    let (size, unpacked) = (backup.size.unwrap(), backup.unpacked.unwrap());
    assert!(size > 0 && size < unpacked, "{backup:?}");
    assert!(backup.ended.unwrap() >= backup.created);
    assert_eq!(backup.description, "with \\ and\nlines");
    let again = demo.create_backup(&NewBackup::new("before 2.0")).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Exists);

    // It outlives its instance.
    drop(instance);
    demo.delete().await.unwrap();
    let backup = instances.backup("before 2.0").unwrap();
    assert_eq!(instances.backup(&backup.id).unwrap().name, "before 2.0");
    let copy = instances
        .restore_backup(&backup, &NewInstance::new("copy", "1GB".parse().unwrap(), 3))
        .await
        .unwrap();
    assert_eq!((copy.flavor().name(), copy.volume()), ("1GB", 3));
    let server = copy.attach().await.unwrap();
    let mut config = server.config();
    assert_eq!(ask(&config, "SELECT count(*)::text FROM study").await, "2000");
    assert_eq!(ask(&config, "SELECT current_setting('shared_buffers')").await, "256MB");
    config.dbname("registry");
    assert_eq!(ask(&config, "SELECT id::text FROM sample").await, "7");
    let url = format!("postgresql://john.doe:top%20secret@127.0.0.1:{}/registry", copy.port());
    assert_eq!(ask(&url.parse().unwrap(), "SELECT current_user::text").await, "john.doe");
    let wrong: tokio_postgres::Config = url.replace("top", "pot").parse().unwrap();
    assert!(wrong.connect(tokio_postgres::NoTls).await.is_err());
    copy.delete().await.unwrap();
    backup.clone().delete().unwrap();
    assert!(instances.backups().unwrap().is_empty());
    assert_eq!(backup.delete().unwrap_err().kind(), ErrorKind::NotFound);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn it_goes_on_when_the_process_that_asked_for_it_ends_and_fails_when_its_own_is_killed() {
    let directory = Scratch::new("backup-killed");
    let (instances, demo) = demo_with(&slow(&directory), &directory, 2000).await;
    run("instances", &["backup", directory.to_str().unwrap(), "demo"]).await.unwrap();
    let backup = instances.backup("example").unwrap();
    backup.wait_for(|_| {}).await.unwrap();

    // The shell, then its program too: what was written so far goes.
    let backup = demo.create_backup(&NewBackup::new("killed")).await.unwrap();
    let processes = frozen(&backup).await;
    processes.iter().for_each(|number| kill(*number));
    eventually("the backup failed", || backup.now().unwrap().status == BackupStatus::Failed);
    let failed = backup.now().unwrap();
    assert_eq!(failed.failure.as_deref(), Some("the process that took it was killed"));
    assert!(!backup.directory().join("files").exists());
    assert_eq!(backup.wait_for(|_| {}).await.unwrap_err().kind(), ErrorKind::Backup);
    let error = instances.restore_backup(&failed, &small("copy")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backup);

    // The shell alone: what it ran ends by itself.
    let backup = demo.create_backup(&NewBackup::new("shell")).await.unwrap();
    let processes = frozen(&backup).await;
    let shell = processes.iter().find(|number| {
        let name = std::fs::read_to_string(format!("/proc/{number}/comm")).unwrap();
        name.trim() == "sh"
    });
    kill(*shell.unwrap());
    eventually("the backup failed", || backup.now().unwrap().status == BackupStatus::Failed);
    thaw(&processes);
    assert!(!backup.directory().join("files").exists());

    // The program alone: the shell says why.
    let backup = demo.create_backup(&NewBackup::new("program")).await.unwrap();
    let processes = frozen(&backup).await;
    let program = processes.iter().find(|number| {
        let name = std::fs::read_to_string(format!("/proc/{number}/comm")).unwrap();
        name.trim() == "pg_basebackup"
    });
    kill(*program.unwrap());
    thaw(&processes);
    let error = backup.wait_for(|_| {}).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backup);
    assert!(error.message().contains("pg_basebackup ended with exit status 137"), "{error}");
    assert!(!backup.directory().join("files").exists());

    // The server: nothing of it is left running, and the next one works.
    let backup = demo.create_backup(&NewBackup::new("server")).await.unwrap();
    let processes = frozen(&backup).await;
    kill(demo.attach().await.unwrap().process_id().unwrap());
    thaw(&processes);
    assert_eq!(backup.wait_for(|_| {}).await.unwrap_err().kind(), ErrorKind::Backup);
    eventually("nobody works on it", || workers(&backup).is_empty());
    demo.start().await.unwrap();
    let backup = demo.create_backup(&NewBackup::new("next")).await.unwrap();
    backup.wait_for(|_| {}).await.unwrap();
    let failed: Vec<String> = instances
        .backups()
        .unwrap()
        .into_iter()
        .filter(|backup| backup.status == BackupStatus::Failed)
        .map(|backup| backup.name)
        .collect();
    assert_eq!(failed, ["killed", "shell", "program", "server"]);
    for name in failed {
        instances.backup(&name).unwrap().delete().unwrap();
    }
    demo.delete().await.unwrap();
}

/// The shell that takes a backup, and the one that watches over it.
fn shells(backup: &Backup) -> (u32, u32) {
    let directory = backup.directory();
    let named = |number: &u32, name: &str| {
        std::fs::read_to_string(format!("/proc/{number}/comm")).is_ok_and(|found| found.trim() == name)
    };
    let shell = workers(backup).into_iter().find(|number| named(number, "sh")).unwrap();
    let watches = |number: &u32| {
        let command = std::fs::read_to_string(format!("/proc/{number}/cmdline")).unwrap_or_default();
        let mut words = command.split('\0');
        words.any(|word| word == "backup-watch") && words.next() == directory.to_str()
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    (shell, numbers.find(watches).unwrap())
}

fn busy<T: std::fmt::Debug>(done: Result<T, embed_migrate_cluster::Error>, clause: &str) {
    support::refused(done, ErrorKind::Busy, clause);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn whether_one_is_being_taken_is_true_from_its_begin_to_its_end() {
    let directory = Scratch::new("backup-truth");
    let (_, demo) = demo_with(&slow(&directory), &directory, 2000).await;
    let instance = demo.attach().await.unwrap();
    let verifying = directory.join("programs/pg_verifybackup.hold");
    std::fs::write(&verifying, "").unwrap();
    let refused = "can't create database `late`: a backup is being taken";
    let client = instance.connect("postgres").await.unwrap();
    client.batch_execute("CREATE ROLE ann LOGIN CREATEDB PASSWORD 'secret'").await.unwrap();
    let url = format!("postgresql://ann:secret@127.0.0.1:{}/postgres", demo.port());
    let network = embed_migrate_cluster::Settings::parse(&url, &|_| None).unwrap();
    let network = embed_migrate_cluster::Cluster::connect(network).await.unwrap();

    // Directly after it was begun, for those too who see no files.
    let backup = demo.create_backup(&NewBackup::new("one")).await.unwrap();
    busy(network.database("late").create().await, refused);
    busy(instance.database("late").create().await, refused);
    // While it is checked.
    eventually("it is checked", || backup.directory().join("verifying").exists());
    busy(instance.database("late").create().await, refused);
    busy(
        instance.user("late").create(&UserOptions::new().password("secret")).await,
        "can't create user `late`: a backup is being taken",
    );
    busy(demo.stop().await, "instance `demo` can't be stopped while a backup of it is taken");
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::BackingUp);
    std::fs::remove_file(&verifying).unwrap();
    backup.wait_for(|_| {}).await.unwrap();
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    instance.database("late").create().await.unwrap();
    instance.database("late").drop().await.unwrap();

    // Whoever calls a connection like that of a backup, is none.
    for user in ["postgres", "ann"] {
        let mut config: tokio_postgres::Config = url.parse().unwrap();
        if user == "postgres" {
            config = instance.config();
        }
        config.application_name("migrate backup 0123456789abcdef");
        let (other, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        for cluster in [instance.cluster(), network.clone()] {
            cluster.database("late").create().await.unwrap();
            cluster.database("late").drop().await.unwrap();
        }
        // Nor is it ended with what a killed backup left.
        assert!(!other.is_closed());
        drop(other);
        connection.await.unwrap().unwrap();
    }

    // What is left of one whose shells were killed is none, though `pg_basebackup` lives on.
    let backup = demo.create_backup(&NewBackup::new("two")).await.unwrap();
    let processes = frozen(&backup).await;
    let (shell, watcher) = shells(&backup);
    kill(watcher);
    kill(shell);
    eventually("it failed", || backup.now().unwrap().status == BackupStatus::Failed);
    assert_eq!(demo.status().await.unwrap(), InstanceStatus::Running);
    instance.database("late").create().await.unwrap();
    // Who reads about it changes nothing.
    assert!(backup.directory().join("files").exists() && !backup.directory().join("failed").exists());
    thaw(&processes);
    // The next one ends it, and removes its files.
    let next = demo.create_backup(&NewBackup::new("three")).await.unwrap();
    assert!(!backup.directory().join("files").exists());
    eventually("nobody works on it", || workers(&backup).is_empty());

    // If only the shell was killed, all that it ran ends by itself.
    let processes = frozen(&next).await;
    let (shell, watcher) = shells(&next);
    kill(shell);
    eventually("the watcher is gone", || !lives(watcher));
    thaw(&processes);
    eventually("nobody works on it", || workers(&next).is_empty());
    let failed = next.now().unwrap();
    assert_eq!(failed.failure.as_deref(), Some("the process that took it was killed"));
    assert!(!next.directory().join("files").exists());
    demo.delete().await.unwrap();
}

/// As whom a process runs.
#[cfg(target_os = "linux")]
fn user(process: u32) -> u32 {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(format!("/proc/{process}")).unwrap())
}

/// Only root works on another user's instance.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_watches_over_a_backup_is_who_takes_it() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let directory = Scratch::new("backup-watched");
    let (_, demo) = demo_with(&slow(&directory), &directory, 2000).await;
    demo.stop().await.unwrap();
    let owner = std::process::Command::new("chown").args(["-R", "nobody:"]).arg(demo.directory()).status();
    assert!(owner.unwrap().success());
    demo.start().await.unwrap();
    let backup = demo.create_backup(&NewBackup::new("watched")).await.unwrap();
    let processes = frozen(&backup).await;
    let (shell, watcher) = shells(&backup);
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(demo.directory()).unwrap());
    assert_eq!((user(shell), user(watcher)), (owner, owner));
    // It can end what the shell ran, and write why the backup failed.
    kill(shell);
    eventually("the watcher is gone", || !lives(watcher));
    thaw(&processes);
    assert_eq!(backup.now().unwrap().failure.as_deref(), Some("the process that took it was killed"));
    eventually("nobody works on it", || workers(&backup).is_empty());
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn a_damaged_record_stops_no_list_and_nothing_else() {
    let directory = Scratch::new("damaged");
    let (instances, demo) = demo(&directory, 10).await;
    let backup = demo.create_backup(&NewBackup::new("one")).await.unwrap().wait_for(|_| {}).await.unwrap();
    let other = instances.create(&small("other").stopped()).await.unwrap();
    let damages: [&[u8]; 5] = [b"", b"flavor 3GB\n", b"\xff\xfe", b"name one\ninstance demo", &[0; 4096]];
    let record = other.directory().join("instance");
    let whole = std::fs::read(&record).unwrap();
    let strange = directory.join("backups/0123456789abcdef");
    std::fs::create_dir(&strange).unwrap();
    for damage in damages {
        std::fs::write(&record, damage).unwrap();
        std::fs::write(strange.join("backup"), damage).unwrap();
        let names: Vec<String> =
            instances.list().unwrap().iter().map(|named| named.name().to_owned()).collect();
        assert_eq!(names, ["demo"]);
        let damaged = instances.damaged().unwrap();
        assert_eq!(damaged.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["other"]);
        let ids: Vec<String> = instances.backups().unwrap().into_iter().map(|backup| backup.id).collect();
        assert_eq!(ids, [backup.id.as_str()]);
        let damaged = instances.damaged_backups().unwrap();
        assert_eq!(damaged.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["0123456789abcdef"]);
        assert_eq!(instances.backup("one").unwrap().id, backup.id);
        assert_eq!(instances.get("none").unwrap_err().kind(), ErrorKind::NotFound);
        // What is damaged is refused, and stays.
        instances.get("other").unwrap_err();
        instances.create(&small("other").stopped()).await.unwrap_err();
        instances.backup("0123456789abcdef").unwrap_err();
        assert!(other.directory().join("data").is_dir() && strange.is_dir());
    }
    let error = instances.damaged().unwrap().remove(0).1;
    assert_eq!(
        error.to_string(),
        format!(
            "the record has no valid `flavor`\n  --> {}\n  \
               help: restore the file, or delete the directory that it is in",
            record.display()
        )
    );
    // Everything else goes on.
    demo.create_backup(&NewBackup::new("two")).await.unwrap().wait_for(|_| {}).await.unwrap();
    instances.create(&small("third").stopped()).await.unwrap().delete().await.unwrap();
    demo.stop().await.unwrap();
    std::fs::write(&record, whole).unwrap();
    for named in instances.list().unwrap() {
        named.delete().await.unwrap();
    }
}

#[tokio::test]
async fn a_name_never_stands_for_another_backup() {
    let directory = Scratch::new("backup-names");
    let (instances, demo) = demo(&directory, 10).await;
    let take = async |name: &str| {
        demo.create_backup(&NewBackup::new(name)).await.unwrap().wait_for(|_| {}).await.unwrap()
    };
    let one = take("one").await;
    for id in [one.id.clone(), one.id.to_uppercase(), "0123456789abcdef".to_owned()] {
        let error = demo.create_backup(&NewBackup::new(&id)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (
                ErrorKind::Name,
                format!(
                    "`{id}` can't be the name of a backup: it could be the id of another one\n  \
                       help: take 1 to 64 characters, and not just 16 hexadecimal digits"
                )
            )
        );
    }
    // One that an earlier release made.
    let two = take("two").await;
    let record = two.directory().join("backup");
    let text = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, text.replace("name two", &format!("name {}", one.id))).unwrap();
    let error = support::refused(
        instances.backup(&one.id),
        ErrorKind::Value,
        &format!("`{}` names several backups", one.id),
    );
    assert!(
        error.to_string().ends_with(&format!("take the id: `{}` of `demo`, `{}` of `demo`", two.id, one.id)),
        "{error}"
    );
    instances.backup(&two.id).unwrap().delete().unwrap();
    instances.backup(&one.id).unwrap().delete().unwrap();
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn what_can_not_be_is_refused() {
    let directory = Scratch::new("backup-refused");
    let (instances, demo) = demo(&directory, 10).await;
    for name in ["", &"x".repeat(65), "a\nb"] {
        let error = demo.create_backup(&NewBackup::new(name)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Name, "{error}");
    }
    assert_eq!(instances.backup("none").unwrap_err().kind(), ErrorKind::NotFound);
    let long = "ä".repeat(64);
    let backup = demo.create_backup(&NewBackup::new(&long)).await.unwrap().wait_for(|_| {}).await.unwrap();

    // Of one that was begun by a process that was killed at once nothing stays.
    let begun = directory.join("backups/0123456789abcdef");
    std::fs::create_dir(&begun).unwrap();
    demo.create_backup(&NewBackup::new("next")).await.unwrap().wait_for(|_| {}).await.unwrap();
    assert!(!begun.exists());
    instances.backup("next").unwrap().delete().unwrap();

    // A volume that is too small, one that is too large, a name that is there.
    let client = demo.attach().await.unwrap().connect("postgres").await.unwrap();
    let limits = InstanceLimits { volume: 2, ..InstanceLimits::default() };
    let limited = instances.clone().with_limits(limits);
    let kind = async |new: &NewInstance| limited.restore_backup(&backup, new).await.unwrap_err().kind();
    assert_eq!(kind(&NewInstance::new("copy", Flavor::smallest(), 3)).await, ErrorKind::Value);
    assert_eq!(kind(&small("demo")).await, ErrorKind::Exists);
    let file = backup.directory().join("completed");
    let completed = std::fs::read_to_string(&file).unwrap();
    let grown = completed.replace("unpacked ", "unpacked 999");
    std::fs::write(&file, grown).unwrap();
    assert_eq!(kind(&small("copy")).await, ErrorKind::Full);
    std::fs::write(&file, completed).unwrap();

    // Damage is found before anything runs on it.
    let archive = backup.directory().join("files/base.tar.gz");
    let mut bytes = std::fs::read(&archive).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&archive, bytes).unwrap();
    let error = instances.restore_backup(&backup, &small("copy")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backup, "{error}");
    assert_eq!(instances.list().unwrap().len(), 1);
    assert_eq!(std::fs::read_dir(directory.join("instances")).unwrap().count(), 1);

    let space = directory.join("space");
    std::fs::create_dir(&space).unwrap();
    let owner =
        std::process::Command::new("chown").arg("--reference").arg(demo.directory()).arg(&space).status();
    assert!(owner.unwrap().success());
    client.batch_execute(&format!("CREATE TABLESPACE away LOCATION '{}'", space.display())).await.unwrap();
    let error = demo.create_backup(&NewBackup::new("away")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    client.batch_execute("DROP TABLESPACE away").await.unwrap();
    let programs = directory.join("programs");
    std::fs::create_dir(&programs).unwrap();
    for program in ["postgres", "initdb"] {
        let script =
            format!("#!/bin/sh\nexec {} \"$@\"\n", installation().program(program).unwrap().display());
        std::fs::write(programs.join(program), script).unwrap();
        std::fs::set_permissions(programs.join(program), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let named = programs.to_str().unwrap().to_owned();
    let without = Installation::find(&|name| (name == "MIGRATE_PG_BIN").then(|| named.clone())).unwrap();
    let without = Instances::open(&without, &directory).unwrap().get("demo").unwrap();
    let error = without.create_backup(&NewBackup::new("without")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotInstalled);
    assert!(error.to_string().contains("`pg_basebackup`"), "{error}");
    demo.stop().await.unwrap();
    let error = demo.create_backup(&NewBackup::new("stopped")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Instance);
    assert_eq!(instances.backups().unwrap().len(), 1);
    assert_eq!(std::fs::read_dir(directory.join("backups")).unwrap().count(), 1);
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn rotated_backups_are_deleted_for_newer_ones() {
    let directory = Scratch::new("backup-rotate");
    let (instances, demo) = demo(&directory, 10).await;
    let names =
        || -> Vec<String> { instances.backups().unwrap().into_iter().map(|backup| backup.name).collect() };
    let take = async |new: NewBackup| demo.create_backup(&new).await.unwrap().wait_for(|_| {}).await.unwrap();
    take(NewBackup::new("kept")).await;
    for name in ["one", "two", "three"] {
        take(NewBackup::new(name).rotates()).await;
    }
    assert!(demo.rotate(3).unwrap().is_empty());
    let deleted = demo.rotate(2).unwrap();
    assert_eq!(deleted.len(), 1);
    assert_eq!(names(), ["kept", "two", "three"]);
    assert!(demo.rotate(0).unwrap().is_empty());
    demo.rotate(1).unwrap();
    assert_eq!(names(), ["kept", "three"]);
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn a_restore_that_is_killed_leaves_nothing_to_the_next_one() {
    let directory = Scratch::new("restore-killed");
    let (instances, demo) = demo(&directory, 5000).await;
    let backup = demo.create_backup(&NewBackup::new("example")).await.unwrap();
    backup.wait_for(|_| {}).await.unwrap();
    demo.delete().await.unwrap();
    for delay in [5, 60, 150, 250, 400, 700] {
        let mut process = start("instances", &["restore", directory.to_str().unwrap(), "copy"]);
        std::thread::sleep(std::time::Duration::from_millis(delay));
        process.kill();
        let mut copy = instances.get("copy");
        for _ in 0..1000 {
            copy = match copy {
                Ok(copy) if copy.status().await.is_ok_and(|status| status == InstanceStatus::Running) => {
                    Ok(copy)
                }
                // The guard of the killed one's program still ends that.
                _ => instances.restore_backup(&backup, &small("copy")).await,
            };
            if copy.is_ok() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let copy = copy.unwrap();
        let config = copy.attach().await.unwrap().config();
        assert_eq!(ask(&config, "SELECT count(*)::text FROM study").await, "5000");
        copy.delete().await.unwrap();
        let left = std::process::Command::new("find").arg(directory.join("instances")).output().unwrap();
        let left = String::from_utf8(left.stdout).unwrap();
        assert_eq!(left.lines().count(), 1, "after {delay} ms: {left}");
    }
}

/// A file system of its own, of 400 MB.
struct SmallFileSystem<'a>(&'a Scratch);

impl Drop for SmallFileSystem<'_> {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("--lazy").arg(&**self.0).status();
    }
}

/// Only root may mount.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_that_meets_a_full_disk_fails_says_so_and_leaves_nothing() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let directory = Scratch::new("backup-full");
    std::fs::create_dir_all(&*directory).unwrap();
    let mut mount = std::process::Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs"]).arg(&*directory);
    assert!(mount.status().unwrap().success());
    let small = SmallFileSystem(&directory);
    let wrapped = Scratch::new("backup-full-programs");
    let (_, demo) = demo_with(&slow(&wrapped), &directory, 20).await;
    let client = demo.attach().await.unwrap().connect("postgres").await.unwrap();
    let rows = "CREATE TABLE big (t text);
        ALTER TABLE big ALTER t SET STORAGE EXTERNAL;
        INSERT INTO big SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 300) AS g, generate_series(1, 1500) AS n GROUP BY n";
    client.batch_execute(rows).await.unwrap();
    let filler = directory.join("filler");
    let fill = |bytes: u64| {
        let file = std::fs::File::create(&filler).unwrap();
        rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes).unwrap();
    };
    let free = || rustix::fs::statvfs(&*directory).map(|found| found.f_bavail * found.f_frsize).unwrap();
    // Known before.
    fill(free() - (20 << 20));
    let error = demo.create_backup(&NewBackup::new("known")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Full);
    std::fs::remove_file(&filler).unwrap();
    // Met on the way.
    let backup = demo.create_backup(&NewBackup::new("met")).await.unwrap();
    let processes = frozen(&backup).await;
    fill(free() - (1 << 20));
    thaw(&processes);
    let error = backup.wait_for(|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("No space left on device"), "{error}");
    assert!(!backup.directory().join("files").exists());
    std::fs::remove_file(&filler).unwrap();
    let again = demo.create_backup(&NewBackup::new("again")).await.unwrap();
    again.wait_for(|_| {}).await.unwrap();
    drop(client);
    demo.delete().await.unwrap();
    drop(small);
}
