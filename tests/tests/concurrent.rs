//! Concurrent patches: statement by statement, and what is left when one is interrupted.

use std::time::Duration;

use embed_migrate::{Accept, Bundle, ErrorKind, Event, Limit, Migrator, Reach, Repair, Report};
use embed_migrate_core::{LOCK_FILE, LockFile};
use tests::{Files, connect, database, files, locked, until};
use tokio_postgres::{Client, Config};

const STUDY: (&str, &str) = (
    "patch-1-0-0-std-study.sql",
    "CREATE TABLE study (id bigint PRIMARY KEY, code text NOT NULL, score integer);",
);

/// Each sort of statement once: one that can't run in a transaction, one that can, two that are begun and swept.
const SORTS: (&str, &str) = (
    "patch-1-1-0-concurrent.sql",
    "-- Größe, so that characters are no bytes.\n\
     CREATE INDEX CONCURRENTLY study_code ON study (code); -- a comment; with a semicolon\n\
     ALTER TABLE study ADD size integer;\n\
     INSERT INTO study (id, code) SELECT n, 'new ' || n FROM generate_series(100001, 100003) AS n;\n\
     REINDEX INDEX CONCURRENTLY study_code;\n\
     VACUUM study;\n\
     CREATE UNIQUE INDEX CONCURRENTLY \"Study score\" ON public.study (score) WHERE score > 5",
);

async fn run(config: &Config, bundle: &Bundle) -> embed_migrate::Result<Report> {
    Migrator::new([bundle]).run(config).await
}

async fn count(client: &Client, query: &str) -> i64 {
    client.query_one(query, &[]).await.unwrap().get(0)
}

/// All indexes are valid, each statement was carried out once, and nothing is under way.
async fn is_whole(client: &Client) {
    assert_eq!(count(client, "SELECT count(*) FROM pg_index WHERE NOT indisvalid").await, 0);
    assert_eq!(
        count(client, "SELECT count(*) FROM pg_class WHERE relname IN ('study_code', 'Study score')").await,
        2
    );
    assert_eq!(count(client, "SELECT count(*) FROM study WHERE id > 100000").await, 3);
    assert_eq!(count(client, "SELECT count(*) FROM migrate.patch WHERE ended_at IS NULL").await, 0);
    assert_eq!(count(client, "SELECT count(*) FROM migrate.statement WHERE ended_at IS NULL").await, 0);
    assert_eq!(count(client, "SELECT count(*) FROM migrate.statement").await, 6);
}

#[tokio::test]
async fn each_statement_runs_by_itself_and_is_recorded() {
    let config = database().await;
    let bundle =
        locked("app", &[STUDY, SORTS, ("patch-1-2-0-std.sql", "ALTER TABLE study ADD late integer;")]);
    let report = run(&config, &bundle).await.unwrap();
    assert_eq!(report.applied.len(), 3);
    let client = connect(&config).await;
    is_whole(&client).await;
    let again = run(&config, &bundle).await.unwrap();
    assert!(again.applied.is_empty());
    let interrupted =
        count(&client, "SELECT count(*) FROM migrate.bundle WHERE patches LIKE 'interrupted %'").await;
    assert_eq!(interrupted, 0, "the fast path is open again");
}

#[tokio::test]
async fn a_statement_that_fails_leaves_no_invalid_index_and_is_gone_on_with() {
    let config = database().await;
    let client = connect(&config).await;
    let rows = ("patch-1-0-1-std.sql", "INSERT INTO study VALUES (1, 'a'), (2, 'a');");
    let unique = (
        "patch-1-1-0-concurrent.sql",
        "ALTER TABLE study ADD before integer;\n\nCREATE UNIQUE INDEX CONCURRENTLY study_code ON study (code);\n\
         ALTER TABLE study ADD after integer;",
    );
    let bundle = locked("app", &[STUDY, rows, unique]);
    let error = run(&config, &bundle).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Sql);
    assert!(error.message().contains("could not create unique index \"study_code\""), "{error}");
    assert_eq!(error.already_applied(), ["app 1.0.0", "app 1.0.1"]);
    assert_eq!(count(&client, "SELECT count(*) FROM pg_class WHERE relname = 'study_code'").await, 0);
    assert_eq!(count(&client, "SELECT count(*) FROM migrate.statement").await, 1);
    client.batch_execute("UPDATE study SET code = id::text").await.unwrap();
    let report = run(&config, &bundle).await.unwrap();
    assert_eq!(report.applied.len(), 1);
    assert_eq!(count(&client, "SELECT count(*) FROM migrate.statement WHERE ended_at IS NOT NULL").await, 3);
}

#[tokio::test]
async fn an_error_is_placed_in_the_file() {
    let config = database().await;
    let broken =
        ("patch-1-1-0-concurrent.sql", "-- größer\nSELECT 1;\nSELECT 'größer',\n\tnothing FROM study;\n");
    let error = run(&config, &locked("app", &[STUDY, broken])).await.unwrap_err();
    let place = error.place().unwrap();
    assert_eq!((place.line(), place.column()), (4, 2), "{error}");
}

#[tokio::test]
async fn if_not_exists_is_not_believed() {
    let config = database().await;
    run(&config, &locked("app", &[STUDY])).await.unwrap();
    let client = connect(&config).await;
    client.batch_execute("INSERT INTO study VALUES (1, 'a'), (2, 'a')").await.unwrap();
    client.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY study_code ON study (code)").await.unwrap_err();
    let index = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS study_code ON study (code);";
    let bundle = locked("app", &[STUDY, ("patch-1-1-0-concurrent.sql", index)]);
    let error = run(&config, &bundle).await.unwrap_err();
    assert!(error.message().ends_with("and the index is there, and is invalid"), "{error}");
    client.batch_execute("DROP INDEX study_code; DELETE FROM study").await.unwrap();
    run(&config, &bundle).await.unwrap();
}

#[tokio::test]
async fn what_nobody_can_know_is_refused_with_the_command_that_settles_it() {
    let config = database().await;
    let calls = (
        "patch-1-1-0-concurrent.sql",
        "CREATE TABLE log (n integer);\n\
         CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); COMMIT; \
         PERFORM pg_terminate_backend(pg_backend_pid()) FROM log HAVING count(*) = 1; \
         INSERT INTO log VALUES (2); END $$;\n\
         CALL work();\nINSERT INTO log VALUES (3);",
    );
    let bundle = locked("app", &[STUDY, calls]);
    assert_eq!(run(&config, &bundle).await.unwrap_err().kind(), ErrorKind::Connect);
    let error = run(&config, &bundle).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(error.advice().unwrap().contains("cargo migrate repair app=1.1.0 --done"), "{error}");
    let migrator = Migrator::new([&bundle]);
    let version = "1.1.0".parse().unwrap();
    let missing = migrator.repair(&config, "app", "1.0.0".parse().unwrap(), Repair::Done).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Missing);
    assert_eq!(migrator.repair(&config, "app", version, Repair::Retry).await.unwrap(), "CALL work();");
    run(&config, &bundle).await.unwrap();
    let client = connect(&config).await;
    let log: Vec<i32> = client.query_one("SELECT array_agg(n) FROM log", &[]).await.unwrap().get(0);
    assert_eq!(log, [1, 1, 2, 3]);
    assert_eq!(
        migrator.repair(&config, "app", version, Repair::Done).await.unwrap_err().kind(),
        ErrorKind::Missing
    );
}

#[tokio::test]
async fn a_patch_that_broke_off_counts_as_none_that_is_applied() {
    let config = database().await;
    let one = ("patch-1-1-0-concurrent.sql", "CREATE TABLE site (id integer);\nSELECT nothing();");
    let first = locked("first", &[STUDY, one]);
    assert_eq!(run(&config, &first).await.unwrap_err().kind(), ErrorKind::Sql);
    let needs = "-- migrate: requires first 1.1.0\nSELECT 1;";
    let second = locked("second", &[("patch-1-0-0-std.sql", needs)]);
    let error = run(&config, &second).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Requires, "{error}");
    let error = Migrator::new([&first]).verify(&config).await.unwrap_err();
    assert_eq!(error.notes(), ["first 1.1.0 (patch-1-1-0-concurrent.sql), interrupted"]);
    let none = Limit { kinds: vec!["std".parse().unwrap()], ..Limit::default() };
    let report = Migrator::new([&first]).with(|options| options.limit = none).run(&config).await.unwrap();
    assert_eq!(report.bundles[0].head.unwrap().to_string(), "1.0.0");
    assert_eq!(report.left.len(), 1);
    // One that is interrupted at its very beginning is no bundle that is there.
    let config = database().await;
    let broken = locked("first", &[("patch-1-0-0-concurrent.sql", "SELECT nothing();")]);
    run(&config, &broken).await.unwrap_err();
    let error = run(&config, &second).await.unwrap_err();
    assert_eq!(error.message(), "bundle `second` requires `first`, which is neither given nor applied");
    connect(&config)
        .await
        .batch_execute("CREATE FUNCTION nothing() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
        .await
        .unwrap();
    assert_eq!(Migrator::new([&second, &broken]).run(&config).await.unwrap_err().kind(), ErrorKind::Requires);
    let both = locked("first", &[("patch-1-0-0-concurrent.sql", "SELECT nothing();"), one]);
    assert_eq!(Migrator::new([&second, &both]).run(&config).await.unwrap().applied.len(), 3);
}

#[tokio::test]
async fn a_release_of_before_runs_beside_what_a_newer_one_left_half_done() {
    let config = database().await;
    let broken = |min_app: &str| {
        format!("-- migrate: min-app {min_app}\nCREATE TABLE site (id integer);\nSELECT nothing();")
    };
    let text = broken("any");
    let (old, new) =
        (locked("app", &[STUDY]), locked("app", &[STUDY, ("patch-1-1-0-concurrent.sql", &text)]));
    run(&config, &old).await.unwrap();
    run(&config, &new).await.unwrap_err();
    let report = run(&config, &old).await.unwrap();
    assert!(report.applied.is_empty() && report.bundles[0].ahead, "{report}");
    Migrator::new([&old]).verify(&config).await.unwrap();
    // A hotfix of it takes its place behind, and the newer release still goes on.
    let fix = ("patch-1-0-1-std.sql", "ALTER TABLE study ADD late integer;");
    assert_eq!(run(&config, &locked("app", &[STUDY, fix])).await.unwrap().applied.len(), 1);
    let both = locked("app", &[STUDY, fix, ("patch-1-1-0-concurrent.sql", &text)]);
    assert_eq!(run(&config, &both).await.unwrap_err().kind(), ErrorKind::Sql);
    let nothing = "CREATE FUNCTION nothing() RETURNS integer LANGUAGE sql AS 'SELECT 1'";
    connect(&config).await.batch_execute(nothing).await.unwrap();
    assert_eq!(run(&config, &both).await.unwrap().applied.len(), 1);
    assert!(run(&config, &both).await.unwrap().applied.is_empty());

    let config = database().await;
    let text = broken("1.1.0");
    run(&config, &old).await.unwrap();
    run(&config, &locked("app", &[STUDY, ("patch-1-1-0-concurrent.sql", &text)])).await.unwrap_err();
    assert_eq!(run(&config, &old).await.unwrap_err().kind(), ErrorKind::TooNew);
}

#[tokio::test]
async fn a_release_of_before_does_not_wait_for_what_a_newer_one_builds() {
    let config = database().await;
    let old = locked("app", &[STUDY]);
    let text = "-- migrate: min-app any\nCREATE INDEX CONCURRENTLY study_late ON study (id);";
    let new = locked("app", &[STUDY, ("patch-1-1-0-concurrent.sql", text)]);
    run(&config, &old).await.unwrap();
    // The index waits for sessions that write.
    let mut writer = connect(&config).await;
    let open = writer.transaction().await.unwrap();
    open.batch_execute("LOCK TABLE study IN ROW EXCLUSIVE MODE").await.unwrap();
    let building = {
        let config = config.clone();
        tokio::spawn(async move { run(&config, &new).await })
    };
    let under_way = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%study_late%' AND state = 'active' \
                     AND datname = current_database() AND pid <> pg_backend_pid()";
    until("the index is being built", Duration::from_secs(20), async || {
        count(&connect(&config).await, under_way).await > 0
    })
    .await;
    let booted = Migrator::new([&old])
        .with(|options| options.lock_wait = Duration::from_secs(60))
        .run(&config)
        .await
        .unwrap();
    assert!(booted.applied.is_empty(), "{booted}");
    assert!(!building.is_finished(), "it was not waited for");
    open.commit().await.unwrap();
    assert_eq!(building.await.unwrap().unwrap().applied.len(), 1);
}

#[tokio::test]
async fn groups_are_applied_one_by_one() {
    let config = database().await;
    let index = |name: &'static str| {
        (name, "CREATE INDEX CONCURRENTLY i ON study (code); DROP INDEX CONCURRENTLY i;")
    };
    let patches = [
        STUDY,
        ("patch-1-1-0-std.sql", "SELECT 1;"),
        ("patch-1-2-0-direct.sql", "SELECT 1;"),
        index("patch-1-3-0-concurrent.sql"),
        ("patch-1-4-0-std.sql", "SELECT 1;"),
    ];
    let bundle = locked("app", &patches);
    let up = async |limit: Limit| {
        let report =
            Migrator::new([&bundle]).with(|options| options.limit = limit).run(&config).await.unwrap();
        let versions = report.applied.iter().map(|done| done.version.to_string()).collect::<Vec<_>>();
        (versions.join(" "), report.left.len())
    };
    let group = Limit { reach: Reach::Group, ..Limit::default() };
    let only = |kind: &str| Limit { kinds: vec![kind.parse().unwrap()], ..Limit::default() };
    assert_eq!(up(only("direct")).await, (String::new(), 5), "the history's own patches don't count");
    assert_eq!(up(group.clone()).await, ("1.0.0 1.1.0".to_owned(), 3));
    assert_eq!(up(only("std")).await, (String::new(), 3));
    assert_eq!(up(Limit { reach: Reach::One, ..Limit::default() }).await, ("1.2.0".to_owned(), 2));
    assert_eq!(up(group.clone()).await, ("1.3.0".to_owned(), 1));
    assert_eq!(up(group.clone()).await, ("1.4.0".to_owned(), 0));
    assert_eq!(up(group).await, (String::new(), 0));
}

#[tokio::test]
async fn a_backfill_runs_in_batches_and_goes_on_where_it_broke_off() {
    let config = database().await;
    run(&config, &locked("app", &[STUDY])).await.unwrap();
    let client = connect(&config).await;
    let fill = "INSERT INTO study SELECT n * 3, 'x' || n FROM generate_series(1, 1000) AS n";
    client.batch_execute(fill).await.unwrap();
    // Breaks off once, in the middle.
    let trap = "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                IF NEW.id = 1500 THEN RAISE 'trapped'; END IF; RETURN NEW; END $$; \
                CREATE TRIGGER trap BEFORE UPDATE ON study FOR EACH ROW EXECUTE FUNCTION trap()";
    client.batch_execute(trap).await.unwrap();
    let backfill = (
        "patch-1-1-0-concurrent.sql",
        "-- migrate: batch 100 by id\nUPDATE study AS s SET score = coalesce(score, 0) + 1\n\
         WHERE s.code LIKE 'x%' OR false -- all of them\n;",
    );
    let bundle = locked("app", &[STUDY, backfill]);
    let error = run(&config, &bundle).await.unwrap_err();
    assert!(error.message().contains("trapped"), "{error}");
    assert_eq!(count(&client, "SELECT count(*) FROM study WHERE score = 1").await, 400);
    client.batch_execute("DROP TRIGGER trap ON study").await.unwrap();
    let messages = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = messages.clone();
    let migrator = Migrator::new([&bundle]).progress(move |event| {
        if let Event::Batch { changed, .. } = event {
            heard.lock().unwrap().push(*changed);
        }
    });
    migrator.run(&config).await.unwrap();
    assert_eq!(*messages.lock().unwrap(), [500, 600, 700, 800, 900, 1000]);
    assert_eq!(count(&client, "SELECT count(*) FROM study WHERE score = 1").await, 1000, "each row once");
}

#[tokio::test]
async fn a_key_that_does_not_serve_is_refused() {
    for (key, why) in [
        ("nothing", "there is no such column"),
        ("score", "it may be null, and rows without it would never be changed"),
        ("code", "no ordered index begins with it, so each batch would read the whole table"),
    ] {
        let config = database().await;
        // A hash has no order.
        let hash = "CREATE TABLE study (id bigint PRIMARY KEY, code text NOT NULL, score integer); CREATE INDEX ON study USING hash (code)";
        let study = (STUDY.0, hash);
        let text = format!("-- migrate: batch 100 by {key}\nDELETE FROM study;");
        let bundle = locked("app", &[study, ("patch-1-1-0-concurrent.sql", &text)]);
        let error = run(&config, &bundle).await.unwrap_err();
        assert_eq!((error.kind(), error.notes().first().unwrap().as_str()), (ErrorKind::Directive, why));
    }
}

#[tokio::test]
async fn what_is_not_done_yet_may_be_edited() {
    let config = database().await;
    let text = |second: &str| format!("CREATE TABLE site (id integer);\n{second};\nSELECT 1;");
    let patch = |second: &str| -> Files {
        let created = files("app", &[STUDY]);
        created.lock();
        created.write("patch-1-1-0-concurrent.sql", &text(second));
        created
    };
    let migrate = async |files: &Files| Migrator::new([&files.read()]).run(&config).await;
    let broken = patch("SELECT nothing");
    assert_eq!(migrate(&broken).await.unwrap_err().kind(), ErrorKind::Sql);
    // A draft is simply edited.
    let done = "CREATE TABLE site (id bigint);\nSELECT 2;\nSELECT 1;";
    broken.write("patch-1-1-0-concurrent.sql", done);
    let error = migrate(&broken).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Edited);
    assert!(error.message().starts_with("statement 1 of patch `1.1.0` of `app` is done"), "{error}");
    broken.write("patch-1-1-0-concurrent.sql", &text("SELECT 2"));
    assert_eq!(migrate(&broken).await.unwrap().applied.len(), 1);
    assert!(migrate(&broken).await.unwrap().applied.is_empty(), "and is what was applied");
}

#[tokio::test]
async fn a_locked_patch_that_broke_off_is_edited_with_a_reason() {
    let config = database().await;
    let first = ("patch-1-1-0-concurrent.sql", "CREATE TABLE site (id integer);\nSELECT nothing;\n");
    let created = files("app", &[STUDY, first]);
    let old = created.lock();
    assert_eq!(run(&config, &old).await.unwrap_err().kind(), ErrorKind::Sql);
    created.write(first.0, "CREATE TABLE site (id integer);\nSELECT 1;\n");
    let lock = std::fs::read_to_string(created.path().join(LOCK_FILE)).unwrap();
    let mut lock = LockFile::parse("", &lock).unwrap();
    let old_tokens = old.patch("1.1.0".parse().unwrap()).unwrap().tokens();
    let new = locked("app", &[STUDY, (first.0, "CREATE TABLE site (id integer);\nSELECT 1;\n")]);
    let new_tokens = new.patch("1.1.0".parse().unwrap()).unwrap().tokens();
    assert_eq!(run(&config, &new).await.unwrap_err().kind(), ErrorKind::Edited, "nobody has reviewed it");
    let (version, reason) = ("1.1.0".parse().unwrap(), "it never ran".into());
    lock.accepts.push(Accept { version, old: old_tokens, new: new_tokens, reason });
    created.write(LOCK_FILE, &lock.to_string());
    let reviewed = created.read();
    assert_eq!(run(&config, &reviewed).await.unwrap().applied.len(), 1);
}

#[tokio::test]
async fn a_target_leaves_an_interrupted_patch_beyond_it_alone_and_nothing_goes_past_it() {
    let config = database().await;
    let study =
        ("patch-1-0-0-std.sql", "CREATE TABLE study (code text); INSERT INTO study VALUES ('a'), ('a');");
    let fails =
        ("patch-1-2-0-concurrent.sql", "CREATE UNIQUE INDEX CONCURRENTLY study_code ON study (code);");
    let bundle = locked("app", &[study, ("patch-1-1-0-std.sql", "SELECT 1;"), fails]);
    let at = |version: &str| {
        Migrator::new([&bundle]).with(|options| {
            options.targets.insert("app".into(), version.parse().unwrap());
        })
    };
    at("1.1.0").run(&config).await.unwrap();
    Migrator::new([&bundle]).run(&config).await.unwrap_err();
    let client = connect(&config).await;
    let messages = "SELECT (SELECT count(*) FROM migrate.event), \
        (SELECT coalesce(string_agg(name || ' ' || patches, ';' ORDER BY name), '') FROM migrate.bundle)";
    let state = async || {
        let row = client.query_one(messages, &[]).await.unwrap();
        (row.get::<_, i64>(0), row.get::<_, String>(1))
    };
    let before = state().await;
    assert!(before.1.contains("app interrupted "), "{before:?}");

    let note = "patch `1.2.0` of `app` was started and has no end; it is beyond the version to stop at, and stays as it is";
    for _ in 0..2 {
        let report = at("1.1.0").run(&config).await.unwrap();
        assert_eq!((report.applied.len(), report.notes.as_slice()), (0, [note.to_owned()].as_slice()));
        let left: Vec<_> = report.left.iter().map(|left| left.version.to_string()).collect();
        assert_eq!(
            (left, report.bundles[0].head),
            (vec!["1.2.0".to_owned()], Some("1.1.0".parse().unwrap()))
        );
    }
    assert_eq!(at("1.1.0").dry_run(&config).await.unwrap().notes, [note]);
    assert_eq!(state().await, before);

    let late = ("patch-1-0-1-std.sql", "SELECT 2;");
    let more = locked("app", &[study, late, ("patch-1-1-0-std.sql", "SELECT 1;"), fails]);
    let past = Migrator::new([&more]).with(|options| {
        options.targets.insert("app".into(), "1.1.0".parse().unwrap());
    });
    for error in [past.run(&config).await.unwrap_err(), past.dry_run(&config).await.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Interrupted);
        assert!(
            error.message().ends_with("is beyond the version to stop at, and others are pending"),
            "{error}"
        );
        assert!(
            error.advice().unwrap().contains("set `1.2.0` or later as the version to stop at"),
            "{error}"
        );
    }
    assert_eq!(state().await, before);

    // With a target that reaches it, it is gone on with.
    client.batch_execute("DELETE FROM study WHERE ctid = (SELECT min(ctid) FROM study)").await.unwrap();
    let report = at("1.2.0").run(&config).await.unwrap();
    assert_eq!((report.applied.len(), report.left.len()), (1, 0), "{report}");
    at("1.2.0").verify(&config).await.unwrap();
    assert_eq!(Migrator::new([&more]).run(&config).await.unwrap().applied.len(), 1);
}
