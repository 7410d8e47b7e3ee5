//! Each verb on a database, and each refusal, as an administrator sees them.

#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use embed_migrate_cluster::{
    Cluster, Database, DatabaseOptions, DirectConnection, ErrorKind, Profile, Throwaway, UserOptions,
};
use support::{refused, server};
use tokio_postgres::Config;

fn cluster() -> Cluster {
    server().instance().cluster()
}

/// A database of a test's own, with a table that holds a word.
async fn made(name: &str, word: &str) -> Database {
    let database = cluster().database(name);
    database.create().await.unwrap();
    let link = database.connect().await.unwrap();
    link.client.batch_execute(&format!("CREATE TABLE study AS SELECT '{word}'::text AS word")).await.unwrap();
    database
}

async fn word(database: &Database) -> String {
    one(&database.connect().await.unwrap(), "SELECT word FROM study").await
}

async fn one(link: &DirectConnection, query: &str) -> String {
    link.client.query_one(query, &[]).await.unwrap().get(0)
}

async fn run(sql: &str) {
    let link = cluster().database("postgres").connect().await.unwrap();
    link.client.batch_execute(sql).await.unwrap();
}

/// A session that says who it is.
async fn session(database: &Database) -> DirectConnection {
    database.settings().application_name("the \"app\"").connect().await.unwrap()
}

/// A cluster as somebody else.
async fn cluster_as(user: &str) -> Cluster {
    let mut config: Config = server().config();
    config.user(user);
    Cluster::connect(config).await.unwrap()
}

#[tokio::test]
async fn each_verb_does_what_it_says() {
    let cluster = Cluster::connect(server().config()).await.unwrap();
    let demo = cluster.database("story");
    assert!(!demo.exists().await.unwrap());
    demo.create().await.unwrap();
    assert!(demo.exists().await.unwrap());
    let names: Vec<String> = cluster.databases().await.unwrap().into_iter().map(|entry| entry.name).collect();
    assert!(names.contains(&"story".to_owned()) && names.contains(&"template0".to_owned()), "{names:?}");

    let mut driver = demo.drive().await.unwrap();
    driver.deploy("{ table: study, with: [{ column: code, type: text }] }").await.unwrap();
    driver.commit().await.unwrap();
    driver.close().await;

    let clone = cluster.database("story_clone");
    clone.clone_from(&demo).await.unwrap();
    let renamed = clone.rename("story_renamed").await.unwrap();
    assert_eq!((clone.exists().await.unwrap(), renamed.exists().await.unwrap()), (false, true));
    let link = renamed.connect().await.unwrap();
    assert_eq!(one(&link, "SELECT current_database()::text").await, "story_renamed");
    link.client.batch_execute("INSERT INTO study (code) VALUES ('x')").await.unwrap();
    drop(link);
    for database in [&demo, &renamed] {
        database.drop().await.unwrap();
        assert!(!database.exists().await.unwrap());
    }
}

#[tokio::test]
async fn a_database_has_the_owner_encoding_and_locale_that_were_asked_for() {
    run("CREATE ROLE \"an owner\"").await;
    let database = cluster().database("latin");
    let options = DatabaseOptions::new().owner("an owner").encoding("LATIN1").locale("C");
    database.create_with(&options).await.unwrap();
    let entry = database.entry().await.unwrap();
    assert_eq!(
        (
            entry.owner.as_str(),
            entry.encoding.as_str(),
            entry.collation.as_str(),
            entry.character_type.as_str()
        ),
        ("an owner", "LATIN1", "C", "C")
    );
    let ordered = cluster().database("ordered");
    ordered.create_with(&DatabaseOptions::new().locale("C.UTF-8").collation("C")).await.unwrap();
    let other = ordered.entry().await.unwrap();
    assert_eq!((other.collation.as_str(), other.character_type.as_str()), ("C", "C.UTF-8"));
    assert!(entry.size.unwrap() > 1_000_000 && entry.allows_connections && !entry.is_template);
    assert_eq!((entry.sessions, entry.comment), (0, None));
    let _session = database.connect().await.unwrap();
    assert_eq!(database.entry().await.unwrap().sessions, 1);

    let template = made("a template", "copied").await;
    let copy = cluster().database("from_template");
    copy.create_with(&DatabaseOptions::new().template("a template")).await.unwrap();
    assert_eq!(word(&copy).await, "copied");
    drop(template);

    let wrong = cluster().database("wrong");
    for (options, kind, part) in [
        (
            DatabaseOptions::new().owner("nobody here"),
            ErrorKind::NotFound,
            "role \"nobody here\" does not exist",
        ),
        (
            DatabaseOptions::new().template("none"),
            ErrorKind::NotFound,
            "template database \"none\" does not exist",
        ),
        (DatabaseOptions::new().encoding("KLINGON"), ErrorKind::NotFound, "KLINGON"),
        (DatabaseOptions::new().locale("xx_XX"), ErrorKind::Sql, "invalid locale name"),
    ] {
        let error = wrong.create_with(&options).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(!wrong.exists().await.unwrap());
}

#[tokio::test]
async fn what_is_there_is_not_made_again_and_what_is_not_there_is_not_dropped() {
    let there = made("there", "kept").await;
    let absent = cluster().database("absent");
    let exists = "database `there` exists already";
    let missing = "database `absent` does not exist";
    refused(there.create().await, ErrorKind::Exists, exists);
    refused(there.create_with(&DatabaseOptions::new().restricted()).await, ErrorKind::Exists, exists);
    refused(there.clone_from(&cluster().database("template1")).await, ErrorKind::Exists, exists);
    refused(there.clone_from(&there).await, ErrorKind::Exists, exists);
    refused(absent.drop().await, ErrorKind::NotFound, missing);
    refused(absent.clone().ending_sessions().drop().await, ErrorKind::NotFound, missing);
    refused(absent.rename("other").await, ErrorKind::NotFound, missing);
    refused(absent.entry().await, ErrorKind::NotFound, missing);
    refused(absent.restrict().await, ErrorKind::NotFound, missing);
    refused(absent.overwrite(&there).await, ErrorKind::NotFound, missing);
    refused(there.overwrite(&absent).await, ErrorKind::NotFound, missing);
    refused(cluster().database("new").clone_from(&absent).await, ErrorKind::NotFound, missing);
    refused(
        there.overwrite(&there).await,
        ErrorKind::Unsupported,
        "database `there` can't be overwritten with itself",
    );
    let other = made("there too", "other").await;
    refused(other.rename("there").await, ErrorKind::Exists, exists);
    let error = absent.connect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.message().starts_with("database `absent` does not exist at `"), "{error}");
    assert_eq!(absent.drive().await.map(drop).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!((word(&there).await, word(&other).await), ("kept".to_owned(), "other".to_owned()));
}

#[tokio::test]
async fn hostile_names_are_names_like_others() {
    let long = "é".repeat(31);
    let names = [
        "it's a \"demo\".one; DROP DATABASE postgres; --",
        "Größe 🦀",
        "SELECT",
        " ",
        "back\\slash%s?a=b#c/d",
        "tab\tand\nline",
        &long,
    ];
    for name in names {
        let database = made(name, "own").await;
        assert_eq!(one(&database.connect().await.unwrap(), "SELECT current_database()::text").await, name);
        let copy = database.cluster().database(format!("{}'", &name[..name.len().min(8)].replace('é', "e")));
        copy.clone_from(&database).await.unwrap();
        database.overwrite(&copy).await.unwrap();
        copy.drop().await.unwrap();
        let renamed = database.rename("plain").await.unwrap().rename(name).await.unwrap();
        assert_eq!(word(&renamed).await, "own");
        let session = session(&renamed).await;
        renamed.ending_sessions().drop().await.unwrap();
        assert!(session.client.batch_execute("SELECT").await.is_err());
    }
    assert!(cluster().database("postgres").exists().await.unwrap());
}

#[tokio::test]
async fn a_name_that_postgresql_would_cut_off_is_refused() {
    let demo = made("uncut", "own").await;
    for name in ["", "a\0b", &"x".repeat(64), &"é".repeat(32)] {
        let database = cluster().database(name);
        let kinds = [
            database.create().await.unwrap_err().kind(),
            database.exists().await.unwrap_err().kind(),
            database.drop().await.unwrap_err().kind(),
            database.clone_from(&demo).await.unwrap_err().kind(),
            demo.clone_from(&database).await.unwrap_err().kind(),
            demo.overwrite(&database).await.unwrap_err().kind(),
            demo.rename(name).await.unwrap_err().kind(),
            database.connect().await.unwrap_err().kind(),
            database.restrict().await.unwrap_err().kind(),
        ];
        assert_eq!(kinds, [ErrorKind::Name; 9], "{name}");
    }
    refused(
        cluster().database("x".repeat(64)).create().await,
        ErrorKind::Name,
        &format!("database name `{}` is 64 bytes long, and PostgreSQL cuts off after 63", "x".repeat(64)),
    );
    // Nothing of it happened to the name's first 63 bytes.
    assert!(!cluster().database("x".repeat(63)).exists().await.unwrap());
}

/// What a verb says if somebody is connected, who stays.
async fn in_the_way(verb: &str, work: impl AsyncFnOnce(Database) -> embed_migrate_cluster::Result<()>) {
    let database = made(&format!("used for {verb}"), "own").await;
    let here = session(&database).await;
    let pid: i32 = here.client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let message = format!("can't {verb} database `{database}`: others are connected to `{database}`");
    let error = refused(work(database).await, ErrorKind::InUse, &message);
    let said = format!("process {pid} (`the \"app\"`, role `postgres`), idle since ");
    assert!(error.notes().iter().any(|note| note.starts_with(&said)), "{error}");
    assert_eq!(error.advice().unwrap(), "wait for them, or end them: `ending_sessions()` (`--end-sessions`)");
    assert_eq!(one(&here, "SELECT word FROM study").await, "own");
}

#[tokio::test]
async fn whoever_is_connected_is_named_and_can_be_ended() {
    let database = made("used", "own").await;
    let source = made("used source", "new").await;
    let copy = cluster().database("used copy");
    // PostgreSQL waits 5 s each time: all at once.
    tokio::join!(
        in_the_way("drop", async |database| database.drop().await),
        in_the_way("rename", async |database| database.rename("unused").await.map(drop)),
        in_the_way("clone", async |database| cluster().database("no copy").clone_from(&database).await),
        in_the_way("overwrite", async |database| database.overwrite(&source).await),
    );
    let user = session(&source).await;
    let from_template = copy.create_with(&DatabaseOptions::new().template("used source")).await;
    let error = refused(
        from_template,
        ErrorKind::InUse,
        "can't create database `used copy`: others are connected to `used source`",
    );
    assert!(error.notes().iter().any(|note| note.contains("(`the \"app\"`, role `postgres`)")), "{error}");
    drop(user);
    for name in ["used copy", "no copy", "used for overwrite (new)"] {
        assert!(!cluster().database(name).exists().await.unwrap(), "{name}");
    }
    let here = session(&database).await;

    let ending = database.clone().ending_sessions();
    copy.clone_from(&ending).await.unwrap();
    assert!(here.client.batch_execute("SELECT").await.is_err());
    let here = session(&database).await;
    ending.overwrite(&source).await.unwrap();
    assert!(here.client.batch_execute("SELECT").await.is_err());
    assert_eq!(word(&database).await, "new");
    let here = session(&database).await;
    let renamed = ending.rename("unused").await.unwrap();
    assert!(here.client.batch_execute("SELECT").await.is_err());
    let here = session(&renamed).await;
    renamed.drop().await.unwrap();
    assert!(here.client.batch_execute("SELECT").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_connects_again_and_again_does_not_keep_a_database_its_name() {
    let database = made("pooled", "own").await;
    let done = Arc::new(AtomicBool::new(false));
    let pools: Vec<_> = (0..4)
        .map(|_| {
            let (settings, done) = (database.settings(), done.clone());
            tokio::spawn(async move {
                let mut entered = 0;
                while !done.load(Ordering::Relaxed) {
                    if let Ok(link) = settings.connect().await {
                        entered += 1;
                        // Until it is ended.
                        let _ = link.client.batch_execute("SELECT pg_sleep(60)").await;
                    }
                }
                entered
            })
        })
        .collect();
    while database.entry().await.unwrap().sessions < 4 {
        tokio::task::yield_now().await;
    }
    let renamed = database.clone().ending_sessions().rename("pooled no longer").await.unwrap();
    done.store(true, Ordering::Relaxed);
    for pool in pools {
        assert!(pool.await.unwrap() >= 1);
    }
    assert_eq!(word(&renamed).await, "own");
    assert!(!database.exists().await.unwrap());
}

/// Everything about a database that is not in it.
async fn properties(database: &Database) -> String {
    let query = format!(
        "SELECT pg_get_userbyid(datdba) || ' ' || coalesce(datacl::text, '') || ' ' || datconnlimit || ' ' || \
         coalesce(shobj_description(d.oid, 'pg_database'), '') || ' ' || \
         coalesce((SELECT string_agg(coalesce(r.rolname, '') || s.setconfig::text, ' ' ORDER BY r.rolname) \
         FROM pg_db_role_setting AS s LEFT JOIN pg_roles AS r ON r.oid = s.setrole \
         WHERE s.setdatabase = d.oid), '') FROM pg_database AS d WHERE datname = '{}'",
        database.name()
    );
    one(&cluster().database("postgres").connect().await.unwrap(), &query).await
}

const PROPERTIES: &str = r#"
    REVOKE ALL ON DATABASE "rich" FROM PUBLIC;
    GRANT CONNECT ON DATABASE "rich" TO "rich reader";
    GRANT CREATE ON DATABASE "rich" TO "rich reader" WITH GRANT OPTION;
    ALTER DATABASE "rich" SET search_path = "$user", public, "a ""b"", c";
    ALTER DATABASE "rich" SET "app.greeting" = 'it''s a=b, c';
    ALTER DATABASE "rich" SET DateStyle = 'ISO, DMY';
    ALTER ROLE "rich reader" IN DATABASE "rich" SET work_mem = '5MB';
    ALTER DATABASE "rich" CONNECTION LIMIT 17;
    COMMENT ON DATABASE "rich" IS 'it''s rich'
"#;

#[tokio::test]
async fn a_clone_and_an_overwritten_database_keep_what_belongs_to_them() {
    run("CREATE ROLE \"rich owner\"; CREATE ROLE \"rich reader\" LOGIN").await;
    let rich = made("rich", "rich").await;
    run("ALTER DATABASE \"rich\" OWNER TO \"rich owner\"").await;
    for statement in PROPERTIES.split(";\n") {
        run(statement).await;
    }
    let whole = properties(&rich).await;
    assert!(whole.contains("rich owner") && whole.contains("17 it's rich"), "{whole}");
    let copy = cluster().database("rich copy");
    copy.clone_from(&rich).await.unwrap();
    assert_eq!(properties(&copy).await, whole);
    assert_eq!(word(&copy).await, "rich");
    let link = copy.connect().await.unwrap();
    assert_eq!(one(&link, "SHOW search_path").await, r#""$user", public, "a ""b"", c""#);
    assert_eq!(one(&link, "SHOW app.greeting").await, "it's a=b, c");
    drop(link);

    let plain = made("plain one", "plain").await;
    let before = properties(&plain).await;
    copy.overwrite(&plain).await.unwrap();
    assert_eq!((word(&copy).await.as_str(), properties(&copy).await), ("plain", whole));
    plain.overwrite(&rich).await.unwrap();
    assert_eq!((word(&plain).await.as_str(), properties(&plain).await), ("rich", before));

    let link = cluster().database("postgres").connect().await.unwrap();
    link.client.batch_execute("SET allow_in_place_tablespaces = on").await.unwrap();
    link.client.batch_execute("CREATE TABLESPACE elsewhere LOCATION ''").await.unwrap();
    run("CREATE DATABASE placed TABLESPACE elsewhere IS_TEMPLATE true").await;
    let placed = cluster().database("placed");
    placed.overwrite(&rich).await.unwrap();
    let query = "SELECT t.spcname || ' ' || d.datistemplate FROM pg_database AS d, pg_tablespace AS t \
                 WHERE t.oid = d.dattablespace AND d.datname = 'placed'";
    assert_eq!((word(&placed).await, one(&link, query).await), ("rich".into(), "elsewhere true".into()));
    let names: Vec<_> = cluster().databases().await.unwrap().into_iter().map(|entry| entry.name).collect();
    assert!(!names.iter().any(|name| name.starts_with("placed (") || name.starts_with("rich copy (")));
}

#[tokio::test]
async fn a_copy_that_can_not_be_finished_is_no_copy() {
    run("CREATE ROLE maker LOGIN CREATEDB").await;
    let database = cluster().database("logged");
    database.create_with(&DatabaseOptions::new().owner("maker")).await.unwrap();
    run("ALTER DATABASE logged SET log_statement = 'all'").await;
    let maker = cluster_as("maker").await;
    let copy = maker.database("logged copy");
    let error = copy.clone_from(&maker.database("logged")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission, "{error}");
    assert!(!copy.exists().await.unwrap());
    run("ALTER DATABASE logged RESET log_statement").await;
    copy.clone_from(&maker.database("logged")).await.unwrap();
    assert_eq!(copy.entry().await.unwrap().owner, "maker");
}

#[tokio::test]
async fn an_overwrite_that_broke_off_leaves_the_database_and_the_next_one_goes_through() {
    let demo = made("broken", "before").await;
    let source = made("broken source", "after").await;
    let (new, old) = (cluster().database("broken (new)"), cluster().database("broken (old)"));
    // Whoever is connected holds up the change of names, after the copy was made.
    let here = session(&demo).await;
    let overwrite = tokio::spawn({
        let (demo, source) = (demo.clone(), source.clone());
        async move { demo.overwrite(&source).await }
    });
    while !new.entry().await.is_ok_and(|entry| entry.comment.is_some()) {
        tokio::task::yield_now().await;
    }
    overwrite.abort();
    assert!(overwrite.await.unwrap_err().is_cancelled());
    assert_eq!(one(&here, "SELECT word FROM study").await, "before");
    let entry = new.entry().await.unwrap();
    assert!(!entry.allows_connections);
    assert_eq!(entry.comment.unwrap(), "migrate: made to overwrite \"broken\", and to be dropped");
    drop(here);
    // The server goes on with what it was told, until it gives up or the session is gone.
    while let Err(error) = demo.overwrite(&source).await {
        assert!([ErrorKind::Locked, ErrorKind::InUse].contains(&error.kind()), "{error}");
    }
    assert_eq!(word(&demo).await, "after");
    assert!(!new.exists().await.unwrap() && !old.exists().await.unwrap());

    // What a crash leaves after the names were changed.
    run("CREATE DATABASE \"broken (old)\" ALLOW_CONNECTIONS false").await;
    run("COMMENT ON DATABASE \"broken (old)\" IS 'migrate: made to overwrite \"broken\", and to be dropped'")
        .await;
    run("CREATE DATABASE \"broken (new)\" ALLOW_CONNECTIONS false").await;
    demo.overwrite(&source).await.unwrap();
    assert!(!new.exists().await.unwrap() && !old.exists().await.unwrap());

    run("CREATE DATABASE \"broken (old)\"").await;
    refused(demo.overwrite(&source).await, ErrorKind::Exists, "database `broken (old)` is in the way");
    assert!(old.exists().await.unwrap());
    old.drop().await.unwrap();

    let link = cluster().database("postgres").connect().await.unwrap();
    let lock = "SELECT pg_advisory_lock(hashtext('migrate overwrite'), hashtext('broken'))";
    link.client.batch_execute(lock).await.unwrap();
    refused(
        demo.overwrite(&source).await,
        ErrorKind::Locked,
        "another process is overwriting database `broken`",
    );
}

#[tokio::test]
async fn the_databases_that_everybody_works_from_can_be_worked_on() {
    let server = Throwaway::start(&support::installation()).await.unwrap();
    let cluster = server.instance().cluster();
    let renamed = cluster.database("postgres").rename("mine").await.unwrap();
    // Not to `postgres`, which is not there.
    assert!(cluster.database("mine").exists().await.unwrap());
    cluster.database("postgres").clone_from(&renamed).await.unwrap();
    cluster.database("postgres").drop().await.unwrap();
    let mut config = server.config();
    config.dbname("mine");
    let cluster = Cluster::connect(config).await.unwrap();
    cluster.database("template1").rename("template").await.unwrap();
    assert_eq!(cluster.default_database().name(), "mine");
    // There is nothing left to work from.
    assert_eq!(cluster.default_database().exists().await.unwrap_err().kind(), ErrorKind::NotFound);
    cluster.database("another").create_with(&DatabaseOptions::new().template("template")).await.unwrap();
}

#[tokio::test]
async fn what_a_role_may_not_do_is_said() {
    run("CREATE ROLE \"mere user\" LOGIN").await;
    let mere = cluster_as("mere user").await;
    let other = made("not yours", "own").await;
    for (error, message) in [
        (
            mere.database("wish").create().await,
            "can't create database `wish`: permission denied to create database",
        ),
        (
            mere.database("not yours").drop().await,
            "can't drop database `not yours`: must be owner of database not yours",
        ),
        (
            mere.database("not yours").rename("mine").await.map(drop),
            "can't rename database `not yours`: must be owner of database not yours",
        ),
        (
            mere.database("not yours").overwrite(&mere.database("postgres")).await,
            "database `not yours` belongs to `postgres`",
        ),
    ] {
        refused(error, ErrorKind::Permission, message);
    }
    other.restrict().await.unwrap();
    assert_eq!(mere.database("not yours").connect().await.unwrap_err().kind(), ErrorKind::Permission);
    let entries = mere.databases().await.unwrap();
    let entry = entries.into_iter().find(|entry| entry.name == "not yours").unwrap();
    assert_eq!(entry.size, None);
    let restricted = cluster().database("restricted");
    restricted.create_with(&DatabaseOptions::new().restricted()).await.unwrap();
    assert_eq!(mere.database("restricted").connect().await.unwrap_err().kind(), ErrorKind::Permission);
    cluster().user("mere user").grant("restricted").await.unwrap();
    mere.database("restricted").connect().await.unwrap();
}

#[tokio::test]
async fn databases_of_two_clusters_do_not_mix() {
    let other = Throwaway::start(&support::installation()).await.unwrap();
    let database = made("here", "own").await;
    let there = other.instance().database("here");
    there.create().await.unwrap();
    for result in
        [database.overwrite(&there).await, cluster().database("from there").clone_from(&there).await]
    {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().starts_with("the databases are of two clusters, at `postgres@"), "{error}");
    }
    assert_eq!(word(&database).await, "own");
    // One server by two names is one cluster.
    cluster().user("two_names").create(&UserOptions::new().superuser()).await.unwrap();
    let named = cluster_as("two_names").await;
    cluster().database("from here").clone_from(&named.database("here")).await.unwrap();
}

#[tokio::test]
async fn a_standby_makes_nothing_and_says_so() {
    let profile = Profile::throwaway().setting("wal_level", "replica").setting("max_wal_senders", "2");
    let primary = Throwaway::start_with(&support::installation(), profile).await.unwrap();
    let standby = Throwaway::standby_of(&primary).await.unwrap();
    let cluster = standby.instance().cluster();
    let message = "can't create database `demo`: cannot execute CREATE DATABASE in a read-only transaction";
    refused(cluster.database("demo").create().await, ErrorKind::Standby, message);
    let user = cluster.user("ann").create(&UserOptions::new().password("x")).await;
    assert_eq!(user.unwrap_err().kind(), ErrorKind::Standby);
    assert!(cluster.database("postgres").exists().await.unwrap());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_and_no_password_is() {
    let mut config = Config::new();
    config.host("127.0.0.1").port(1).user("aladdin").password("opensesame").dbname("deploy_demo");
    let error = Cluster::connect(config).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Connect, "cannot connect to `127.0.0.1:1`: connection refused")
    );
    assert!(!format!("{error} {error:?} {:?}", std::error::Error::source(&error)).contains("opensesame"));
}

#[tokio::test]
async fn of_two_at_once_the_second_learns_what_the_first_did() {
    let cluster = support::server().instance().cluster();
    let source = cluster.database("two at once: source");
    source.create().await.unwrap();
    let (database, user) = (cluster.database("two at once"), cluster.user("two at once"));
    let options = UserOptions::new().password("secret");
    for _ in 0..10 {
        let (one, two, three) =
            tokio::join!(database.create(), database.clone_from(&source), database.create());
        let (first, second) = tokio::join!(user.create(&options), user.create(&options));
        let databases =
            [one, two, three].into_iter().filter_map(Result::err).map(|error| (error, "database"));
        let users = [first, second].into_iter().filter_map(Result::err).map(|error| (error, "user"));
        let refusals: Vec<_> = databases.chain(users).collect();
        assert_eq!(refusals.len(), 3, "{refusals:?}");
        for (error, noun) in refusals {
            let message = format!("{noun} `two at once` exists already");
            assert_eq!((error.kind(), error.message()), (ErrorKind::Exists, message.as_str()), "{error}");
        }
        let (one, two) = tokio::join!(user.set_password("one"), user.set_password("two"));
        for error in [one, two].into_iter().filter_map(Result::err) {
            let message = "can't change the password of user `two at once`: another process is changing it";
            assert_eq!((error.kind(), error.message()), (ErrorKind::Busy, message), "{error}");
        }
        let (one, two) = tokio::join!(database.drop(), database.drop());
        let (three, four) = tokio::join!(user.drop(), user.drop());
        let absent: Vec<_> = [one, two, three, four].into_iter().filter_map(Result::err).collect();
        assert_eq!(absent.len(), 2, "{absent:?}");
        absent.iter().for_each(|error| assert_eq!(error.kind(), ErrorKind::NotFound, "{error}"));
    }
    source.drop().await.unwrap();
}
