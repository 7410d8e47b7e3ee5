//! A fresh database by the create tree: all of it or nothing, and a history as if the patches had run.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use embed_migrate::{Bundle, ErrorKind, Limit, Migrator, Reach, Version, embed_migrations};
use tests::{Counter, connect, database, files, settings, values};
use tokio_postgres::{Client, Config};

static CREATED: Bundle = embed_migrations!("tests/bundles/created");

/// The history's rows, as far as they don't tell time and session.
async fn history(client: &Client) -> Vec<String> {
    let sql = "SELECT concat_ws(' ', position, previous, bundle, version, kind, file, tokens, min_app, draft, baseline, ended_at IS NOT NULL)
        FROM migrate.patch ORDER BY position";
    values(client, sql).await
}

async fn events(client: &Client) -> Vec<String> {
    let sql = "SELECT concat_ws(' ', what, bundle, version, detail) FROM migrate.event ORDER BY happened_at";
    values(client, sql).await
}

async fn tables(client: &Client) -> i64 {
    let sql = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

async fn by_tree(bundle: &Bundle, config: &Config) -> embed_migrate::Result<embed_migrate::Report> {
    Migrator::new([bundle]).with(|options| options.create_tree = true).run(&settings(config)).await
}

#[tokio::test]
async fn the_tree_makes_the_database_and_the_history_has_the_patches() {
    let tree = CREATED.create_tree().unwrap();
    assert_eq!((tree.version(), tree.is_draft()), (Version::new(1, 2, 0), false));
    let (plain, created) = (database().await, database().await);
    Migrator::new([&CREATED]).run(&settings(&plain)).await.unwrap();
    let counter = Counter::start(&created).await;
    let report = by_tree(&CREATED, &counter.config).await.unwrap();
    // The patches that it stands for are part of its message.
    assert_eq!(counter.empty(), 0);
    let versions: Vec<_> = report.applied.iter().map(|done| done.version.to_string()).collect();
    assert_eq!(versions, ["1.0.0", "1.1.0", "1.2.0", "1.3.0"]);
    let built =
        format!("the create tree of `created` replaced all patches up to `1.2.0` ({})", tree.digest());
    assert_eq!(report.notes, std::slice::from_ref(&built));
    let (plain, client) = (connect(&plain).await, connect(&created).await);
    assert_eq!(history(&client).await, history(&plain).await);
    assert_eq!(events(&client).await, [format!("created created {{1,0,0}} {built}")]);
    // The tree's own order and the later patch.
    client
        .batch_execute("INSERT INTO study VALUES ('a', 'b'); INSERT INTO visit VALUES ('a', now(), 'c')")
        .await
        .unwrap();
    // A plain boot finds nothing to do, and so does one that would use the tree.
    assert!(Migrator::new([&CREATED]).run(&settings(&created)).await.unwrap().applied.is_empty());
    assert!(by_tree(&CREATED, &created).await.unwrap().applied.is_empty());
}

#[tokio::test]
async fn a_database_that_has_a_patch_is_left_to_the_patches() {
    let config = database().await;
    let first = Migrator::new([&CREATED]).with(|options| {
        options.targets.insert("created".into(), Version::new(1, 0, 0));
    });
    first.run(&settings(&config)).await.unwrap();
    let report = by_tree(&CREATED, &config).await.unwrap();
    assert_eq!((report.applied.len(), report.notes.len()), (3, 0));
}

#[tokio::test]
async fn a_tree_that_fails_leaves_nothing_and_says_where() {
    let bundle = files("app", &[("patch-1-0-0-std.sql", "CREATE TABLE a (n integer);\n")]);
    bundle.write("create/1-tables/a.sql", "CREATE TABLE a (n integer)\n");
    bundle.write("create/1-tables/b.sql", "-- é\nCREATE TABLE b (n nonsense);\n");
    let config = database().await;
    let error = by_tree(&bundle.read(), &config).await.unwrap_err();
    assert_eq!(error.message(), "the create tree of `app` failed: type \"nonsense\" does not exist");
    let place = error.place().unwrap();
    assert_eq!((place.path(), place.line(), place.column()), ("create/1-tables/b.sql", 2, 19));
    let client = connect(&config).await;
    assert_eq!(tables(&client).await, 0);
    assert!(history(&client).await.iter().all(|row| !row.contains(" app ")));
    // The patches still can.
    let applied = Migrator::new([&bundle.read()]).run(&settings(&config)).await.unwrap().applied;
    assert_eq!(applied.len(), 1);
}

#[tokio::test]
async fn bundles_with_and_without_a_tree_come_in_their_order_and_facts_hold_on_top() {
    let base = files("base", &[("patch-1-0-0-std.sql", "CREATE TABLE base (id bigint PRIMARY KEY);\n")]);
    let app = files(
        "app",
        &[
            ("bundle.yaml", "requires: [base]\n"),
            (
                "patch-1-0-0-std.yaml",
                "table: study\nwith:\n- {column: code, type: text}\n- identity: [code]\n",
            ),
            ("patch-1-1-0-std.sql", "ALTER TABLE study ADD base bigint REFERENCES base (id);\n"),
            ("deploy.yaml", "- table: study\n- table: visit\n"),
        ],
    );
    app.write(
        "create/1-tables/study.sql",
        "CREATE TABLE study (id bigint GENERATED BY DEFAULT AS IDENTITY UNIQUE, code text PRIMARY KEY, base bigint REFERENCES base (id));\n",
    );
    let last = files(
        "last",
        &[
            ("bundle.yaml", "requires: [app]\n"),
            ("patch-1-0-0-std.sql", "ALTER TABLE study ADD late text;\n"),
        ],
    );
    let bundles = [last.read(), app.read(), base.read()];
    let config = database().await;
    let report = Migrator::new(&bundles)
        .with(|options| options.create_tree = true)
        .run(&settings(&config))
        .await
        .unwrap();
    let applied: Vec<_> =
        report.applied.iter().map(|done| format!("{} {}", done.bundle, done.version)).collect();
    assert_eq!(applied, ["base 1.0.0", "app 1.0.0", "app 1.1.0", "last 1.0.0"]);
    assert_eq!(report.facts.len(), 1);
    assert_eq!(tables(&connect(&config).await).await, 3);
    assert!(Migrator::new(&bundles).run(&settings(&config)).await.unwrap().applied.is_empty());
}

#[tokio::test]
async fn less_than_the_tree_makes_and_more_than_one_server_is_refused() {
    let config = database().await;
    let migrator = Migrator::new([&CREATED]).with(|options| options.create_tree = true);
    for migrator in [
        migrator.clone().with(|options| {
            options.targets.insert("created".into(), Version::new(1, 0, 0));
        }),
        migrator.clone().with(|options| options.limit = Limit { reach: Reach::One, kinds: Vec::new() }),
    ] {
        let error = migrator.run(&settings(&config)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(
            error.message(),
            "the create tree of `created` makes all up to `1.2.0`, and less was asked for"
        );
    }
    assert_eq!(tables(&connect(&config).await).await, 0);
    let error = migrator.node("other", settings(&config)).run(&settings(&config)).await.unwrap_err();
    assert_eq!(error.message(), "a create tree makes the database of one server, and there are several");
}

#[tokio::test]
async fn boots_at_once_make_it_once() {
    let config = database().await;
    let boots = (0..8).map(|_| {
        let settings = settings(&config);
        tokio::spawn(async move {
            Migrator::new([&CREATED])
                .with(|options| options.create_tree = true)
                .run(&settings)
                .await
                .unwrap()
                .applied
                .len()
        })
    });
    let mut applied = 0;
    for boot in boots.collect::<Vec<_>>() {
        applied += boot.await.unwrap();
    }
    assert_eq!(applied, 4);
    assert_eq!(events(&connect(&config).await).await.len(), 1);
}
