//! What a boot does, on real databases.

use embed_migrate::{ErrorKind, Migrator, Version};
use tests::{bundle, connect, database, files, lock_holder, locked, settings, values};
use tokio_postgres::{Client, Config};

const STUDY: (&str, &str) =
    ("patch-1-0-0-std-study.sql", "CREATE TABLE study (id bigint PRIMARY KEY, code text NOT NULL);\n");
const TITLE: (&str, &str) = ("patch-1-1-0-std-title.sql", "ALTER TABLE study ADD COLUMN title text;\n");

async fn column(config: &Config, sql: &str) -> Vec<String> {
    values(&connect(config).await, sql).await
}

async fn history(config: &Config) -> Vec<String> {
    column(
        config,
        "SELECT concat_ws(' ', bundle, array_to_string(version, '.')) FROM migrate.patch ORDER BY position",
    )
    .await
}

async fn exists(client: &Client, relation: &str) -> bool {
    client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&relation]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_first_boot_applies_everything_and_the_next_one_nothing() {
    let config = database().await;
    let bundle = locked("app", &[STUDY, TITLE]);
    let report = Migrator::new([&bundle]).run(&config).await.unwrap();
    assert_eq!(report.applied.len(), 2);
    assert_eq!(report.bundles[0].head, Some(Version::new(1, 1, 0)));
    assert_eq!(history(&config).await, ["migrate 1.0.0", "app 1.0.0", "app 1.1.0"]);
    let report = Migrator::new([&bundle]).run(&config).await.unwrap();
    assert!(report.applied.is_empty());
    assert_eq!(report.bundles[0].head, Some(Version::new(1, 1, 0)));
    Migrator::new([&bundle]).verify(&config).await.unwrap();
}

#[tokio::test]
async fn a_newer_binary_goes_on_where_the_older_one_ended() {
    let config = database().await;
    Migrator::new([&locked("app", &[STUDY])]).run(&config).await.unwrap();
    let report = Migrator::new([&locked("app", &[STUDY, TITLE])]).run(&config).await.unwrap();
    assert_eq!(report.applied.iter().map(|done| done.version.to_string()).collect::<Vec<_>>(), ["1.1.0"]);
}

#[tokio::test]
async fn an_older_binary_boots_on_a_newer_database_that_admits_it() {
    let config = database().await;
    let (old, new) = (locked("app", &[STUDY]), locked("app", &[STUDY, TITLE]));
    Migrator::new([&new]).run(&config).await.unwrap();
    let report = Migrator::new([&old]).run(&config).await.unwrap();
    assert!(report.bundles[0].ahead);
    assert_eq!(report.bundles[0].head, Some(Version::new(1, 1, 0)));
    let dropping =
        ("patch-2-0-0-std.sql", "-- migrate: min-app 1.1.0\nALTER TABLE study DROP COLUMN code;\n");
    Migrator::new([&locked("app", &[STUDY, TITLE, dropping])]).run(&config).await.unwrap();
    assert!(Migrator::new([&new]).run(&config).await.unwrap().bundles[0].ahead);
    let refused = Migrator::new([&old]).run(&config).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::TooNew);
    assert_eq!(
        refused.to_string(),
        "the database is too new for this binary: patch `2.0.0` of `app`\n  \
           note: it asks for binaries whose bundle ends at `1.1.0` or later, and this one ends at `1.0.0`\n  \
           help: run a newer release of the program",
    );
}

#[tokio::test]
async fn several_bundles_keep_their_own_histories() {
    let config = database().await;
    let audit = locked("audit", &[("00000-entry.sql", "CREATE TABLE entry (id bigint);")]);
    let app = files("app", &[STUDY, ("bundle.yaml", "name: app\nrequires: [audit]\n")]).lock();
    let report = Migrator::new([&app, &audit]).run(&config).await.unwrap();
    assert_eq!(history(&config).await, ["migrate 1.0.0", "audit 0.0.0", "app 1.0.0"]);
    assert_eq!(report.bundles.len(), 2);
    let more = locked(
        "audit",
        &[
            ("00000-entry.sql", "CREATE TABLE entry (id bigint);"),
            ("00001-at.sql", "ALTER TABLE entry ADD at date;"),
        ],
    );
    Migrator::new([&more]).run(&config).await.unwrap();
    assert_eq!(history(&config).await.last().map(String::as_str), Some("audit 1.0.0"));
    assert!(
        Migrator::new([&app, &audit]).run(&config).await.unwrap().bundles.iter().any(|stand| stand.ahead)
    );
}

#[tokio::test]
async fn a_target_stops_there_and_a_later_run_goes_on() {
    let config = database().await;
    let bundle = locked("app", &[STUDY, TITLE]);
    let report = Migrator::new([&bundle])
        .with(|options| {
            options.targets.insert("app".into(), Version::new(1, 0, 0));
        })
        .run(&config)
        .await
        .unwrap();
    assert_eq!(report.applied.len(), 1);
    let again = Migrator::new([&bundle])
        .with(|options| {
            options.targets.insert("app".into(), Version::new(1, 0, 0));
        })
        .run(&config)
        .await
        .unwrap();
    assert!(again.applied.is_empty());
    assert_eq!(Migrator::new([&bundle]).run(&config).await.unwrap().applied.len(), 1);
    let refused = Migrator::new([&bundle])
        .with(|options| {
            options.targets.insert("app".into(), Version::new(3, 0, 0));
        })
        .run(&config)
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "bundle `app` has no patch `3.0.0`\n  help: it ends at `1.1.0`");
    let refused = Migrator::new([&bundle])
        .with(|options| {
            options.targets.insert("apq".into(), Version::new(1, 0, 0));
        })
        .run(&config)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Missing);
}

#[tokio::test]
async fn plan_status_and_verify_write_nothing() {
    let config = database().await;
    let bundle = locked("app", &[STUDY, TITLE]);
    let migrator = Migrator::new([&bundle]);
    assert_eq!(migrator.plan(&config).await.unwrap().steps.len(), 2);
    let refused = migrator.verify(&config).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Pending);
    assert_eq!(
        refused.notes(),
        ["app 1.0.0 (patch-1-0-0-std-study.sql)", "app 1.1.0 (patch-1-1-0-std-title.sql)"]
    );
    let status = migrator.status(&config).await.unwrap();
    assert!(status.problem.is_none());
    assert_eq!(
        status.to_string(),
        "app 1.0.0 pending (patch-1-0-0-std-study.sql)\napp 1.1.0 pending (patch-1-1-0-std-title.sql)",
    );
    assert!(!exists(&connect(&config).await, "migrate.patch").await);
}

#[tokio::test]
async fn a_dry_run_shows_the_changes_and_leaves_none() {
    let config = database().await;
    let insert = ("patch-1-2-0-std.sql", "INSERT INTO study (id, code) VALUES (1, 'A'), (2, 'B');");
    let bundle = locked("app", &[STUDY, TITLE, insert]);
    let dry = Migrator::new([&bundle]).dry_run(&config).await.unwrap();
    assert_eq!(dry.tried.len(), 3);
    for line in [
        "+ table public.study",
        "+ column public.study.title text",
        "+ constraint study_pkey on public.study PRIMARY KEY (id)",
        "+ rows public.study: 2 inserted, 0 updated, 0 deleted",
    ] {
        assert!(dry.changes.iter().any(|change| change == line), "{line} in {:#?}", dry.changes);
    }
    assert!(dry.to_string().contains("ALTER TABLE study ADD COLUMN title text;"));
    let client = connect(&config).await;
    assert!(!exists(&client, "migrate.patch").await && !exists(&client, "study").await);
    Migrator::new([&bundle]).run(&config).await.unwrap();
    assert_eq!(Migrator::new([&bundle]).dry_run(&config).await.unwrap().to_string(), "nothing to do");
}

#[tokio::test]
async fn a_dry_run_says_which_patch_would_fail() {
    let config = database().await;
    let bundle = bundle("app", &[STUDY, ("patch-1-1-0-std.sql", "SELECT 1;\nSELECT * FROM stud;\n")]);
    let error = Migrator::new([&bundle]).dry_run(&config).await.unwrap_err();
    assert_eq!(error.place().map(|place| place.line()), Some(2));
    assert!(!exists(&connect(&config).await, "study").await);
}

#[tokio::test]
async fn a_dry_run_fails_where_a_commit_would() {
    let config = database().await;
    let deferred =
        "CREATE TABLE visit (study bigint REFERENCES study DEFERRABLE INITIALLY DEFERRED);".to_owned();
    let (makes, breaks) = (deferred.clone() + "SELECT 1;", deferred + "INSERT INTO visit VALUES (42);");
    let later = ("patch-1-2-0-std.sql", "SELECT 1;");
    let good = locked("app", &[STUDY, ("patch-1-1-0-std.sql", &makes), later]);
    Migrator::new([&good]).dry_run(&config).await.unwrap();
    let bad = locked("app", &[STUDY, ("patch-1-1-0-std.sql", &breaks), later]);
    let error = Migrator::new([&bad]).dry_run(&config).await.unwrap_err();
    assert!(error.message().starts_with("patch `1.1.0` of `app` failed: insert or update"), "{error}");
}

#[tokio::test]
async fn strings_mean_the_same_whatever_the_server_takes_for_granted() {
    let config = database().await;
    let name = config.get_dbname().unwrap();
    let old = format!("ALTER DATABASE \"{name}\" SET standard_conforming_strings = off");
    connect(&config).await.batch_execute(&old).await.unwrap();
    let backslash = "SELECT 1 / (length('a\\b') - 2);";
    let bundle = locked("app", &[STUDY, ("patch-1-1-0-std.sql", backslash)]);
    Migrator::new([&bundle]).dry_run(&config).await.unwrap();
    Migrator::new([&bundle]).run(&config).await.unwrap();
}

#[tokio::test]
async fn the_history_says_who_applied_what_and_when() {
    let config = database().await;
    let bundle = locked("app", &[STUDY]);
    Migrator::new([&bundle])
        .with(|options| {
            options.application = Some("registry".into());
            options.revision = Some("abc123".into());
        })
        .run(&config)
        .await
        .unwrap();
    let row = connect(&config)
        .await
        .query_one(
            "SELECT application, revision, started_at <= ended_at, checksum, tokens, applied_by = session_user \
             FROM migrate.patch WHERE bundle = 'app'",
            &[],
        )
        .await
        .unwrap();
    assert_eq!((row.get(0), row.get(1), row.get(2)), ("registry", "abc123", true));
    assert_eq!(row.get::<_, String>(3), bundle.patches()[0].checksum().to_string());
    assert_eq!(row.get::<_, String>(4), bundle.patches()[0].tokens().to_string());
    assert!(row.get::<_, bool>(5));
}

#[tokio::test]
async fn comments_and_line_ends_may_change_afterwards() {
    let config = database().await;
    Migrator::new([&locked("app", &[STUDY])]).run(&config).await.unwrap();
    let cosmetic = locked(
        "app",
        &[(
            STUDY.0,
            "\u{feff}-- Studies.\r\ncreate table study (id bigint PRIMARY KEY, code text NOT NULL);\r\n",
        )],
    );
    assert!(Migrator::new([&cosmetic]).run(&config).await.unwrap().applied.is_empty());
    let status = Migrator::new([&cosmetic]).plan(&config).await.unwrap();
    assert_eq!(status.notes, ["patch `1.0.0` of `app` was edited since, in comments or white space only"]);
}

#[tokio::test]
async fn an_accepted_edit_boots_in_old_and_new_binaries() {
    let config = database().await;
    let old = files("app", &[STUDY]);
    let before = old.lock();
    Migrator::new([&before]).run(&config).await.unwrap();
    let mut after =
        locked("app", &[(STUDY.0, "CREATE TABLE study (id int8 PRIMARY KEY, code text NOT NULL);\n")]);
    assert_eq!(Migrator::new([&after]).run(&config).await.unwrap_err().kind(), ErrorKind::Edited);
    let (version, reason) = (before.patches()[0].version(), "int8 is bigint".into());
    let accept = embed_migrate::Accept {
        version,
        old: before.patches()[0].tokens(),
        new: after.patches()[0].tokens(),
        reason,
    };
    after = after.with(|parts| parts.accepts = vec![accept].into());
    let report = Migrator::new([&after]).run(&config).await.unwrap();
    assert_eq!(report.notes, ["patch `1.0.0` of `app` was edited since, as the lock file accepts"]);
    assert!(
        Migrator::new([&after]).run(&config).await.unwrap().notes.is_empty(),
        "the second boot is a fast one"
    );
    Migrator::new([&before]).run(&config).await.unwrap();
}

#[tokio::test]
async fn a_hotfix_may_come_late() {
    let config = database().await;
    Migrator::new([&locked("app", &[STUDY, TITLE])]).run(&config).await.unwrap();
    let hotfix = (
        "patch-1-0-1-std-index.sql",
        "-- migrate: allow index-not-concurrent: it is small\nCREATE INDEX study_code ON study (code);",
    );
    let report = Migrator::new([&locked("app", &[STUDY, hotfix, TITLE])]).run(&config).await.unwrap();
    assert_eq!(report.applied[0].version, Version::new(1, 0, 1));
    assert!(
        Migrator::new([&locked("app", &[STUDY, hotfix, TITLE])])
            .run(&config)
            .await
            .unwrap()
            .applied
            .is_empty()
    );
    Migrator::new([&locked("app", &[STUDY, TITLE])]).run(&config).await.unwrap();
}

#[tokio::test]
async fn hotfixes_that_a_target_leaves_out_are_still_pending_afterwards() {
    let config = database().await;
    Migrator::new([&locked("app", &[STUDY, TITLE])]).run(&config).await.unwrap();
    let index = (
        "patch-1-0-1-std-index.sql",
        "-- migrate: allow index-not-concurrent: it is small\nCREATE INDEX study_code ON study (code);",
    );
    let unique = (
        "patch-1-0-2-std-unique.sql",
        "-- migrate: allow index-not-concurrent: it is small\nCREATE UNIQUE INDEX study_code_uk ON study (code);",
    );
    let bundle = locked("app", &[STUDY, index, unique, TITLE]);
    let first = Migrator::new([&bundle])
        .with(|options| {
            options.targets.insert("app".into(), Version::new(1, 0, 1));
        })
        .run(&config)
        .await
        .unwrap();
    assert_eq!(first.applied.len(), 1);
    let second = Migrator::new([&bundle]).run(&config).await.unwrap();
    assert_eq!(second.applied.iter().map(|done| done.version.to_string()).collect::<Vec<_>>(), ["1.0.2"]);
    assert!(Migrator::new([&bundle]).run(&config).await.unwrap().applied.is_empty());
}

#[tokio::test]
async fn a_baseline_makes_a_new_database_and_leaves_an_old_one() {
    let (fresh, old) = (database().await, database().await);
    let baseline =
        ("baseline-1-1-0.sql", "CREATE TABLE study (id bigint PRIMARY KEY, code text NOT NULL, title text);");
    let more = ("patch-1-2-0-std.sql", "CREATE TABLE site (id bigint);");
    Migrator::new([&locked("app", &[STUDY, TITLE])]).run(&old).await.unwrap();
    let squashed = locked("app", &[baseline, more]);
    for config in [&fresh, &old] {
        Migrator::new([&squashed]).run(config).await.unwrap();
        assert!(Migrator::new([&squashed]).run(config).await.unwrap().applied.is_empty());
        assert!(exists(&connect(config).await, "site").await);
    }
    assert_eq!(history(&fresh).await, ["migrate 1.0.0", "app 1.1.0", "app 1.2.0"]);
    assert_eq!(
        Migrator::new([&squashed]).status(&old).await.unwrap().to_string(),
        "app 1.0.0 applied (patch-1-0-0-std-study.sql)\n\
         app 1.1.0 applied (patch-1-1-0-std-title.sql)\n\
         app 1.2.0 applied (patch-1-2-0-std.sql)",
    );
}

#[tokio::test]
async fn a_binary_without_a_hotfix_that_is_asked_for_is_refused() {
    let config = database().await;
    let hotfix = (
        "patch-1-0-1-std.sql",
        "-- migrate: allow index-not-concurrent: it is small\nCREATE INDEX study_code ON study (code);",
    );
    let later = ("patch-1-2-0-std.sql", "-- migrate: min-app 1.0.1\nALTER TABLE study RENAME title TO name;");
    let (with, without) = (locked("app", &[STUDY, hotfix, TITLE]), locked("app", &[STUDY, TITLE]));
    Migrator::new([&locked("app", &[STUDY, hotfix, TITLE, later])]).run(&config).await.unwrap();
    assert!(Migrator::new([&with]).run(&config).await.unwrap().bundles[0].ahead);
    assert_eq!(
        Migrator::new([&without]).run(&config).await.unwrap_err().to_string(),
        "the database is too new for this binary: patch `1.2.0` of `app`\n  \
           note: it asks for binaries that have hotfix `1.0.1`, and this one, which ends at `1.1.0`, has not\n  \
           help: run a newer release of the program",
    );
}

/// Whether a boot took the migration lock: it would not have got it.
async fn takes_the_lock(config: &Config, bundle: &embed_migrate::Bundle) -> bool {
    let _holder = lock_holder(config).await;
    let migrator = Migrator::new([bundle]).with(|options| options.lock_wait = std::time::Duration::ZERO);
    migrator.run(config).await.is_err_and(|error| error.kind() == ErrorKind::Locked)
}

#[tokio::test]
async fn a_boot_on_a_database_ahead_takes_no_lock_whatever_made_the_database() {
    let (fresh, old) = (database().await, database().await);
    let baseline =
        ("baseline-1-1-0.sql", "-- migrate: min-app any\nCREATE TABLE study (code text, title text);");
    let more = ("patch-1-2-0-std.sql", "CREATE TABLE site (id bigint);");
    let ahead = ("patch-1-3-0-std.sql", "CREATE TABLE visit (id bigint);");
    Migrator::new([&locked("app", &[STUDY, TITLE, more, ahead])]).run(&old).await.unwrap();
    Migrator::new([&locked("app", &[baseline, more, ahead])]).run(&fresh).await.unwrap();
    for config in [&fresh, &old] {
        for known in [&[baseline, more][..], &[baseline, STUDY, TITLE, more], &[baseline]] {
            let bundle = locked("app", known);
            assert!(!takes_the_lock(config, &bundle).await, "{known:?}");
        }
    }
    assert!(!takes_the_lock(&old, &locked("app", &[STUDY, TITLE])).await);
    let edited =
        locked("app", &[("baseline-1-1-0.sql", "-- migrate: min-app any\nCREATE TABLE study ();"), more]);
    assert!(takes_the_lock(&fresh, &edited).await);
}

#[tokio::test]
async fn an_edited_baseline_and_another_kind_are_noticed_where_nothing_is_to_be_done() {
    let config = database().await;
    let baseline = ("baseline-1-1-0.sql", "CREATE TABLE study (code text);");
    Migrator::new([&locked("app", &[baseline])]).run(&config).await.unwrap();
    let edited = locked("app", &[("baseline-1-1-0.sql", "CREATE TABLE study (code bigint);")]);
    assert_eq!(Migrator::new([&edited]).run(&config).await.unwrap_err().kind(), ErrorKind::Edited);
    let config = database().await;
    Migrator::new([&locked("app", &[STUDY])]).run(&config).await.unwrap();
    let direct = locked("app", &[("patch-1-0-0-direct-study.sql", STUDY.1)]);
    assert_eq!(Migrator::new([&direct]).run(&config).await.unwrap_err().kind(), ErrorKind::Edited);
}

#[tokio::test]
async fn of_two_records_of_one_bundle_neither_is_believed() {
    let config = database().await;
    let (old, new) = (locked("app", &[STUDY]), locked("app", &[STUDY, TITLE]));
    Migrator::new([&old]).run(&config).await.unwrap();
    let client = connect(&config).await;
    client
        .batch_execute("CREATE TABLE kept AS SELECT * FROM migrate.bundle WHERE name = 'app'")
        .await
        .unwrap();
    Migrator::new([&new]).run(&config).await.unwrap();
    client.batch_execute("INSERT INTO migrate.bundle SELECT * FROM kept").await.unwrap();
    for _ in 0..2 {
        assert!(Migrator::new([&new]).run(&config).await.unwrap().applied.is_empty());
    }
    assert_eq!(
        column(&config, "SELECT split_part(patches, ' ', 2) FROM migrate.bundle WHERE name = 'app'").await,
        ["1.1.0"]
    );
}

#[tokio::test]
async fn a_first_boot_makes_no_more_than_it_needs() {
    let config = database().await;
    Migrator::new([&locked("app", &[STUDY])]).run(&config).await.unwrap();
    let created =
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'migrate'::regnamespace ORDER BY relname";
    assert_eq!(column(&config, created).await, ["bundle", "patch", "patch_pkey"]);
    let toasted = "SELECT relname::text FROM pg_class WHERE relnamespace = 'migrate'::regnamespace AND reltoastrelid <> 0";
    assert_eq!(column(&config, toasted).await, ["patch"]);
}

#[tokio::test]
async fn a_pool_gets_its_connection_back_only_from_a_boot_that_did_nothing() {
    let config = database().await;
    let pool = settings(&config).pool(2).unwrap();
    let bundle = locked("app", &[STUDY]);
    Migrator::new([&bundle]).run(&pool).await.unwrap();
    assert_eq!(pool.status().size, 0, "what was used for work left the pool");
    Migrator::new([&bundle]).run(&pool).await.unwrap();
    assert_eq!(pool.status().size, 1);
}

#[tokio::test]
async fn a_boot_dropped_while_it_looks_leaves_no_transaction_in_the_pool() {
    let config = database().await;
    let pool = settings(&config).pool(1).unwrap();
    let bundle = locked("app", &[STUDY]);
    let migrator = Migrator::new([&bundle]).with(|options| options.role = Some("postgres".into()));
    for polls in 1..4 {
        drop(pool.get().await.unwrap());
        let mut boot = Box::pin(migrator.run(&pool));
        for _ in 0..polls {
            std::future::poll_fn(|context| {
                assert!(boot.as_mut().poll(context).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
        }
        drop(boot);
        pool.get().await.unwrap().simple_query("SELECT 1").await.unwrap();
    }
}

#[tokio::test]
async fn the_schema_of_a_bundle_comes_first_for_its_patches_only() {
    let config = database().await;
    connect(&config).await.batch_execute("CREATE SCHEMA registry").await.unwrap();
    let bundle = files("app", &[STUDY, ("bundle.yaml", "schema: registry\n")]).lock();
    Migrator::new([&bundle]).run(&config).await.unwrap();
    assert!(exists(&connect(&config).await, "registry.study").await);
}

#[tokio::test]
async fn progress_is_reported_as_each_patch_is_in() {
    let config = database().await;
    let (send, receive) = std::sync::mpsc::channel();
    let bundle = locked("app", &[STUDY, TITLE]);
    Migrator::new([&bundle])
        .progress(move |event| send.send(event.to_string()).unwrap())
        .run(&config)
        .await
        .unwrap();
    let messages: Vec<_> = receive.try_iter().filter(|line| line.starts_with("applied app")).collect();
    assert_eq!(messages.len(), 2);
    assert!(messages[1].starts_with("applied app 1.1.0 (patch-1-1-0-std-title.sql, "), "{}", messages[1]);
}
