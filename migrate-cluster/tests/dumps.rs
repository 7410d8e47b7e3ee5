//! One database goes into a file and comes back, whole or not at all.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::path::Path;

use migrate_cluster::{Dump, ErrorKind, Instance, Profile, Restore, Settings, Throwaway};
use support::{Scratch, ask, children, eventually, installation, lives, start};

fn settings(instance: &Instance, database: &str) -> Settings {
    Settings::parse(&instance.url(database), &|_| None).unwrap()
}

fn entries(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_database_goes_into_a_file_and_comes_back() {
    let directory = Scratch::new("dump");
    std::fs::create_dir(&*directory).unwrap();
    let server = Throwaway::start(&installation()).await.unwrap();
    let instance = server.instance();
    // A name that libpq must not take for anything else.
    let name = "dbname=\\ 'x' postgres://";
    for database in [name, "copy"] {
        instance.database(database).create().await.unwrap();
    }
    let client = instance.connect(name).await.unwrap();
    client.batch_execute("CREATE TABLE study AS SELECT generate_series(1, 1000) AS id").await.unwrap();
    let file = directory.join("one.dump");
    let dump = Dump::new(&installation(), &settings(instance, name));
    let size = dump.write(&file).await.unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().len(), size);
    assert_eq!(entries(&directory), ["one.dump"]);

    let error = dump.write(&file).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists);
    dump.clone().overwrite().write(&file).await.unwrap();

    let restore = Restore::new(&installation(), &settings(instance, "copy"));
    restore.read(&file).await.unwrap();
    let mut config = server.config();
    config.dbname("copy");
    let count = "SELECT count(*)::text FROM study";
    assert_eq!(ask(&config, count).await, "1000");
    let error = restore.read(&file).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backup);
    assert!(error.to_string().contains("relation \"study\" already exists"), "{error}");
    ask(&config, "WITH gone AS (DELETE FROM study RETURNING 1) SELECT count(*)::text FROM gone").await;
    restore.clone().clean().no_owner().read(&file).await.unwrap();
    assert_eq!(ask(&config, count).await, "1000");
    Restore::new(&installation(), &settings(instance, name)).clean().read(&file).await.unwrap();
}

#[tokio::test]
async fn what_fails_says_what_the_program_said_and_leaves_nothing() {
    let directory = Scratch::new("dump-fails");
    std::fs::create_dir(&*directory).unwrap();
    let server = Throwaway::start_with(&installation(), Profile::throwaway().port(0)).await.unwrap();
    let instance = server.instance();
    let file = directory.join("one.dump");
    let missing = Dump::new(&installation(), &settings(instance, "nothing"));
    let error = missing.write(&file).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backup);
    assert!(error.to_string().contains("database \"nothing\" does not exist"), "{error}");

    let text = format!("postgresql://ann:secret@127.0.0.1:{}/postgres", instance.port().unwrap());
    let stranger = Settings::parse(&text, &|_| None).unwrap();
    let error = Dump::new(&installation(), &stranger).write(&file).await.unwrap_err();
    assert!(error.to_string().contains("role \"ann\" does not exist"), "{error}");
    assert!(!error.to_string().contains("secret") && !format!("{stranger:?}").contains("secret"), "{error}");

    let restore = Restore::new(&installation(), &settings(instance, "postgres"));
    assert_eq!(restore.read(&file).await.unwrap_err().kind(), ErrorKind::File);
    std::fs::write(&file, "no dump").unwrap();
    let error = restore.read(&file).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backup);
    assert!(error.to_string().contains("input file"), "{error}");
    let elsewhere = directory.join("none/one.dump");
    let error =
        Dump::new(&installation(), &settings(instance, "postgres")).write(&elsewhere).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
    assert_eq!(entries(&directory), ["one.dump"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_that_is_killed_leaves_neither_a_file_nor_a_program() {
    let directory = Scratch::new("dump-killed");
    std::fs::create_dir(&*directory).unwrap();
    let server = Throwaway::start(&installation()).await.unwrap();
    let client = server.instance().connect("postgres").await.unwrap();
    client.batch_execute("CREATE TABLE study AS SELECT 1 AS id").await.unwrap();
    // The dump waits for it.
    client.batch_execute("BEGIN; LOCK study IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let file = directory.join("one.dump");
    let mut process = start("dump", &[&server.url("postgres"), file.to_str().unwrap()]);
    let mut programs = Vec::new();
    eventually("pg_dump waits", || {
        programs =
            children(process.id()).into_iter().flat_map(children).filter(|number| is_dump(*number)).collect();
        !programs.is_empty() && entries(&directory).len() == 1
    });
    process.kill();
    eventually("pg_dump is gone", || programs.iter().all(|program| !lives(*program)));
    eventually("its directory is gone", || entries(&directory).is_empty());

    // The same for a future that is dropped.
    let dump = Dump::new(&installation(), &settings(server.instance(), "postgres"));
    let mut writing = Box::pin(dump.write(&file));
    while entries(&directory).is_empty() {
        tokio::select! {
            _ = &mut writing => unreachable!("the table is locked"),
            () = tokio::time::sleep(std::time::Duration::from_millis(1)) => {}
        }
    }
    drop(writing);
    eventually("its directory is gone", || entries(&directory).is_empty());
}

#[cfg(target_os = "linux")]
fn is_dump(process: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|name| name.trim() == "pg_dump")
}
