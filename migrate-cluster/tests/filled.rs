//! Databases that are filled once: on servers of their own, and copied on one that processes share.

#![allow(clippy::unwrap_used, reason = "for tests, though not all in one")]

mod support;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use embed_migrate_cluster::{DatabaseContent, ErrorKind, Profile, Result, SharedServer, Throwaway};
use support::{Scratch, ask, eventually, installation, lives};
use tokio::runtime::Handle;
use tokio_postgres::{Config, NoTls};

/// Fills with SQL, and counts how often.
struct Sql(&'static str, AtomicUsize);

impl Sql {
    fn new(sql: &'static str) -> Sql {
        Sql(sql, AtomicUsize::new(0))
    }

    fn times(&self) -> usize {
        self.1.load(Ordering::SeqCst)
    }
}

impl DatabaseContent for Sql {
    fn digest(&self) -> String {
        self.0.to_owned()
    }

    async fn fill(&self, config: &Config) -> Result<()> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let (client, connection) = config.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(self.0).await.map_err(|error| {
            let message = error.as_db_error().unwrap().message().to_owned();
            embed_migrate_cluster::Error::new(ErrorKind::Sql, message)
        })
    }
}

const STUDY: &str = "CREATE TABLE study AS SELECT 7 AS id";
const COUNT: &str = "SELECT count(*)::text FROM study";

fn profile(scratch: &Scratch) -> Profile {
    Profile::throwaway().cache(&**scratch)
}

async fn join(scratch: &Scratch, content: &Sql) -> SharedServer {
    let runtime = Handle::current();
    SharedServer::join(&installation(), profile(scratch), "scope", content, &runtime).await.unwrap()
}

/// The server's directory, as the last one of the scope was published.
fn directory(scratch: &Scratch) -> PathBuf {
    let entries = std::fs::read_dir(&**scratch).unwrap().map(|entry| entry.unwrap().path());
    let mut signs = entries.filter(|path| {
        path.extension().is_none() && path.file_name().unwrap().to_str().unwrap().starts_with("shared-")
    });
    std::fs::read_to_string(signs.next().unwrap()).unwrap().into()
}

#[tokio::test]
async fn a_database_is_filled_once_and_then_started_with() {
    let (scratch, content) = (Scratch::new("filled"), Sql::new(STUDY));
    for _ in 0..2 {
        let started = Throwaway::start_filled_with(&installation(), profile(&scratch), &content).await;
        let (mut server, database) = started.unwrap();
        assert_eq!(server.config().get_dbname(), Some(&*database));
        assert_eq!(ask(&server.config(), COUNT).await, "1");
        let other = server.database().await.unwrap();
        assert_eq!(ask(&other, "SELECT to_regclass('study') IS NULL || ''").await, "true");
        server.restart().await.unwrap();
        assert_eq!(ask(&server.config(), COUNT).await, "1");
        let directory = server.instance().directory().to_owned();
        server.stop().await.unwrap();
        assert!(!directory.exists());
    }
    assert_eq!(content.times(), 1);
    let other = Sql::new("CREATE TABLE study AS SELECT generate_series(1, 3) AS id");
    let (server, _) = Throwaway::start_filled_with(&installation(), profile(&scratch), &other).await.unwrap();
    assert_eq!((ask(&server.config(), COUNT).await, other.times()), ("3".to_owned(), 1));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn what_can_not_be_filled_says_why_and_is_tried_again() {
    let (scratch, content) = (Scratch::new("unfilled"), Sql::new("SELECT 1 / 0"));
    for _ in 0..2 {
        let started = Throwaway::start_filled_with(&installation(), profile(&scratch), &content).await;
        assert!(started.unwrap_err().to_string().contains("division by zero"));
    }
    assert_eq!(content.times(), 2);
}

#[tokio::test]
async fn an_image_that_is_not_whole_is_made_anew() {
    let (scratch, content) = (Scratch::new("half"), Sql::new(STUDY));
    let start = async || {
        let started = Throwaway::start_filled_with(&installation(), profile(&scratch), &content).await;
        let (server, _) = started.unwrap();
        assert_eq!(ask(&server.config(), COUNT).await, "1");
        server.stop().await.unwrap();
    };
    start().await;
    let images = || {
        let entries = std::fs::read_dir(&*scratch).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|it| it == "image")).collect::<Vec<_>>()
    };
    assert_eq!(images().len(), 2);
    for image in images() {
        let file = std::fs::File::options().write(true).open(&image).unwrap();
        file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    }
    start().await;
    for image in images() {
        std::fs::write(image, "something else").unwrap();
    }
    start().await;
    assert_eq!(content.times(), 3);
}

#[tokio::test]
async fn a_directory_that_others_can_write_to_keeps_no_images() {
    use std::os::unix::fs::PermissionsExt;

    let (scratch, content) = (Scratch::new("open"), Sql::new(STUDY));
    std::fs::create_dir(&*scratch).unwrap();
    std::fs::set_permissions(&*scratch, std::fs::Permissions::from_mode(0o777)).unwrap();
    for times in 1..3 {
        let started = Throwaway::start_filled_with(&installation(), profile(&scratch), &content).await;
        let (server, _) = started.unwrap();
        assert_eq!((ask(&server.config(), COUNT).await, content.times()), ("1".to_owned(), times));
        server.stop().await.unwrap();
    }
    let shared = join(&scratch, &content).await;
    let name = shared.database(&content).await.unwrap();
    assert_eq!(ask(&shared.config(&name), COUNT).await, "1");
    assert_eq!(std::fs::read_dir(&*scratch).unwrap().count(), 0);
}

#[tokio::test]
async fn copies_are_their_own_and_a_server_has_them_of_several_contents() {
    let (scratch, content) = (Scratch::new("copies"), Sql::new(STUDY));
    let other = Sql::new("CREATE TABLE other ()");
    let shared = join(&scratch, &content).await;
    let again = join(&scratch, &content).await;
    let (one, two) = (shared.database(&content).await.unwrap(), again.database(&content).await.unwrap());
    ask(
        &shared.config(&one),
        "WITH gone AS (DELETE FROM study RETURNING id) SELECT count(*)::text FROM gone",
    )
    .await;
    assert_eq!(ask(&shared.config(&one), COUNT).await, "0");
    assert_eq!(ask(&shared.config(&two), COUNT).await, "1");
    assert_eq!(content.times(), 1);
    let three = shared.database(&other).await.unwrap();
    let four = again.database(&other).await.unwrap();
    let tables = "SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(ask(&shared.config(&three), tables).await, "other");
    assert_eq!(ask(&again.url(&four).parse().unwrap(), tables).await, "other");
    assert_eq!(other.times(), 1);
    for name in [one, two, three, four] {
        shared.finish(name);
    }
}

#[tokio::test]
async fn many_at_once_fill_once_and_get_a_copy_each() {
    let scratch = Scratch::new("many");
    let content: &'static Sql = Box::leak(Box::new(Sql::new(STUDY)));
    let other: &'static Sql = Box::leak(Box::new(Sql::new("CREATE TABLE other AS SELECT 1 AS id")));
    let shared: &'static SharedServer = Box::leak(Box::new(join(&scratch, content).await));
    let take = move |_| {
        tokio::spawn(async move {
            let name = shared.database(other).await.unwrap();
            assert_eq!(ask(&shared.config(&name), "SELECT count(*)::text FROM other").await, "1");
            name
        })
    };
    let mut names = Vec::new();
    for task in (0..20).map(take).collect::<Vec<_>>() {
        names.push(task.await.unwrap());
    }
    names.sort();
    names.dedup();
    assert_eq!((names.len(), other.times()), (20, 1));
}

#[tokio::test]
async fn a_shared_server_ends_with_its_last_process_and_stays_for_a_database_that_is_kept() {
    let (scratch, content) = (Scratch::new("kept"), Sql::new(STUDY));
    let shared = join(&scratch, &content).await;
    let first = directory(&scratch);
    let name = shared.database(&content).await.unwrap();
    assert!(shared.keep(name.clone(), "it's a test").await.unwrap());
    let url = shared.url(&name);
    drop(shared);
    eventually("nobody is let in any more", || !first.join("open").exists());
    let query =
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()";
    assert_eq!(ask(&url.parse().unwrap(), query).await, "it's a test");

    let shared = join(&scratch, &content).await;
    assert_ne!(directory(&scratch), first);
    eventually("the one that stayed is gone", || !first.exists());
    // A test that does not end, as in a process that was killed: nothing waits.
    let _name = shared.database(&content).await.unwrap();
    let second = directory(&scratch);
    let process = std::fs::read_to_string(second.join("data/postmaster.pid")).unwrap();
    let process = process.lines().next().unwrap().parse().unwrap();
    assert!(lives(process));
    drop(shared);
    eventually("the server is gone", || !second.exists());
    assert!(!lives(process));
}
