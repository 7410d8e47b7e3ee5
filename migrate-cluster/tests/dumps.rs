//! One database is dumped into a file and restored, completely or not at all.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::path::Path;

use embed_migrate_cluster::{Dump, ErrorKind, Instance, Profile, Restore, Settings, Throwaway};
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
    let other = Settings::parse(&text, &|_| None).unwrap();
    let error = Dump::new(&installation(), &other).write(&file).await.unwrap_err();
    assert!(error.to_string().contains("role \"ann\" does not exist"), "{error}");
    assert!(!error.to_string().contains("secret") && !format!("{other:?}").contains("secret"), "{error}");

    let restore = Restore::new(&installation(), &settings(instance, "postgres"));
    assert_eq!(restore.read(&file).await.unwrap_err().kind(), ErrorKind::File);
    std::fs::write(&file, "no dump").unwrap();
    let error = restore.read(&file).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Format);
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

/// What is written, to be looked at.
#[derive(Clone, Default)]
struct Output(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_plain_dump_is_sql_that_makes_it_again() {
    let server = Throwaway::start(&installation()).await.unwrap();
    let instance = server.instance();
    let client = instance.connect("postgres").await.unwrap();
    client.batch_execute("CREATE TABLE study AS SELECT generate_series(1, 1000) AS id").await.unwrap();
    let dump = Dump::new(&installation(), &settings(instance, "postgres"));
    let written = Output::default();
    let size = dump.plain(written.clone()).await.unwrap();
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert_eq!(size, text.len() as u64);
    assert!(text.contains("CREATE TABLE public.study (") && text.contains("\n1000\n"), "{text}");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let error = dump.plain(full).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::File, "can't write a file or directory\n  --> standard output")
    );
    let error = Dump::new(&installation(), &settings(instance, "nothing"))
        .plain(Output::default())
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Backup, "`pg_dump` ended with exit status 1"));
    assert!(error.to_string().contains("database \"nothing\" does not exist"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_cut_off_is_reported_before_anything_is_written() {
    let directory = Scratch::new("dump-cut");
    std::fs::create_dir(&*directory).unwrap();
    let server = Throwaway::start(&installation()).await.unwrap();
    let instance = server.instance();
    let client = instance.connect("postgres").await.unwrap();
    client
        .batch_execute(
            "CREATE TABLE study AS SELECT n AS id, md5(n::text) AS title FROM generate_series(1, 20000) AS n",
        )
        .await
        .unwrap();
    let file = directory.join("one.dump");
    Dump::new(&installation(), &settings(instance, "postgres")).write(&file).await.unwrap();
    let whole = std::fs::read(&file).unwrap();
    let restore = Restore::new(&installation(), &settings(instance, "copy"));
    let created = std::cell::Cell::new(false);
    let make = async || {
        created.set(true);
        Ok(())
    };
    for length in [whole.len() - 1, whole.len() / 2, 200, 7] {
        std::fs::write(&file, &whole[..length]).unwrap();
        let error = restore.read_into(&file, make).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Format, "{length}: {error}");
        let text = error.to_string();
        let begin = format!("the dump is cut off: nothing was restored\n  --> {}\n", file.display());
        let end = "\n  help: copy the file again, or dump again";
        assert!(text.starts_with(&begin) && text.ends_with(end), "{length}: {text}");
    }
    std::fs::write(&file, "").unwrap();
    assert_eq!(
        restore.read_into(&file, make).await.unwrap_err().to_string(),
        format!(
            "the dump is empty: nothing was restored\n  --> {}\n  help: copy the file again, or dump again",
            file.display()
        )
    );
    // Damaged, but as long as it was.
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0);
    std::fs::write(&file, bytes).unwrap();
    let error = restore.read_into(&file, make).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Format, "{error}");
    std::fs::write(&file, "CREATE TABLE study ();\n").unwrap();
    let error = restore.read_into(&file, make).await.unwrap_err();
    assert_eq!(error.message(), "the dump can't be read to its end: nothing was restored", "{error}");
    assert!(!created.get());
    std::fs::write(&file, whole).unwrap();
    restore.read_into(&file, async || instance.database("copy").create().await).await.unwrap();
}
