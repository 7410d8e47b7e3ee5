//! What `prove` finds.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use embed_migrate::Bundle;
use embed_migrate::testing::prove;

async fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let problems = errors(files).await.into_iter();
    problems.map(|error| format!("{}; {}", error.message(), error.contexts().join("; "))).collect()
}

async fn errors(files: &[(&str, &str)]) -> Vec<embed_migrate::Error> {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    // As a release build embeds it: without the directory.
    let bundle = Bundle::read_with(directory.path(), "migrations", "app", None).unwrap();
    let error = prove(&[&bundle]).await.err();
    error.into_iter().flat_map(embed_migrate::Error::split).collect()
}

#[tokio::test]
async fn patches_facts_and_hotfixes_that_agree_pass() {
    let files = [
        ("patch-1-0-0-std.yaml", "table: study\nwith:\n- {column: code, type: text}\n- identity: [code]\n"),
        ("patch-1-0-1-std.sql", "ALTER TABLE study ADD early text;\n"),
        ("patch-1-1-0-std.sql", "CREATE VIEW codes AS SELECT code FROM study;\n"),
        ("patch-1-2-0-std.sql", "ALTER TABLE study ADD late text;\n"),
        (
            "deploy.yaml",
            "- table: study\n  with:\n  - {column: code, type: text}\n  - identity: [code]\n  - {column: title, type: text}\n",
        ),
    ];
    assert_eq!(problems(&files).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_hotfix_that_fails_or_differs_when_it_is_late_is_reported() {
    let files = [
        ("patch-1-0-0-std.sql", "CREATE TABLE study (code text);\n"),
        (
            "patch-1-0-1-std.sql",
            "-- migrate: allow index-not-concurrent: it is small\nCREATE INDEX study_code ON study (code);\n",
        ),
        ("patch-1-1-0-std.sql", "-- migrate: min-app any\nALTER TABLE study RENAME TO trial;\n"),
    ];
    let found = problems(&files).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(
        found[0],
        "patch `1.0.1` of `app` failed: relation \"study\" does not exist; while proving: hotfix `1.0.1` of `app` late"
    );

    let files = [
        ("patch-1-0-0-std.sql", "CREATE TABLE study (code text DEFAULT 'a');\n"),
        ("patch-1-0-1-std.sql", "ALTER TABLE study ALTER code SET DEFAULT 'b';\n"),
        ("patch-1-1-0-std.sql", "ALTER TABLE study ALTER code SET DEFAULT 'c';\n"),
    ];
    let found = problems(&files).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(
        found[0],
        "column `public.study.code`: default `'b'::text`, was `'c'::text`; while proving: hotfix `1.0.1` of `app` late"
    );
    assert!(found[1].ends_with("late, as a role that owns only its database"), "{found:#?}");
}

#[tokio::test]
async fn a_baseline_that_makes_another_database_than_its_patches_is_reported() {
    let with = |baseline: &'static str| {
        [
            ("patch-1-0-0-std.sql", "CREATE TABLE study (code text);\n"),
            ("patch-1-1-0-std.sql", "ALTER TABLE study ADD title text;\n"),
            ("baseline-1-1-0.sql", baseline),
            ("patch-1-2-0-std.sql", "CREATE TABLE visit (n integer);\n"),
        ]
    };
    assert_eq!(problems(&with("CREATE TABLE study (code text, title text);\n")).await, Vec::<String>::new());
    let found = problems(&with("CREATE TABLE study (code text, title text NOT NULL);\n")).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("`public.study.title`"), "{found:#?}");
    assert!(found[0].ends_with("while proving: the patches instead of the baseline"), "{found:#?}");
}

#[tokio::test]
async fn a_create_tree_that_makes_another_database_than_the_patches_is_reported() {
    let with = |tree: &'static str| {
        [
            ("patch-1-0-0-std.sql", "CREATE TABLE study (code text);\n"),
            ("patch-1-1-0-concurrent.sql", "CREATE INDEX CONCURRENTLY study_code ON study (code);\n"),
            ("create/1-tables/study.sql", "CREATE TABLE study (code text);\n"),
            ("create/2-indexes/study.sql", tree),
            ("deploy.yaml", "- table: visit\n"),
        ]
    };
    assert_eq!(problems(&with("CREATE INDEX study_code ON study (code);\n")).await, Vec::<String>::new());
    let found = problems(&with("CREATE INDEX study_code ON study (code DESC);\n")).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("`public.study.study_code`"), "{found:#?}");
    assert!(found[0].ends_with("while proving: the create tree instead of the patches"), "{found:#?}");
    let found = problems(&with("CREATE INDEX study_code ON studies (code);\n")).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(
        found[0],
        "the create tree of `app` failed: relation \"studies\" does not exist; while proving: the create tree instead of the patches"
    );
}

#[tokio::test]
async fn a_way_back_that_does_not_lead_back_is_reported() {
    let with = |down: &'static str| {
        [
            ("patch-1-0-0-std.sql", "CREATE TABLE study (code text);\n"),
            ("patch-1-0-0-std.down.sql", "DROP TABLE study;\n"),
            (
                "patch-1-1-0-std-title.sql",
                "ALTER TABLE study ADD title text;\nCREATE TABLE log (n integer);\n",
            ),
            ("patch-1-1-0-std-title.down.sql", down),
            ("patch-1-2-0-std.yaml", "table: visit\n"),
            ("patch-1-2-0-std.down.sql", "DROP TABLE visit;\n"),
        ]
    };
    assert_eq!(
        problems(&with("ALTER TABLE study DROP title;\nDROP TABLE log;\n")).await,
        Vec::<String>::new()
    );
    assert_eq!(
        problems(&with("DROP TABLE log;\n")).await,
        ["column `public.study.title` is new; while proving: the way back of patch `1.1.0` of `app`"]
    );
    assert_eq!(
        problems(&with("ALTER TABLE study DROP nothing;\n")).await,
        [
            "column \"nothing\" of relation \"study\" does not exist; while executing: ALTER TABLE study DROP nothing;; while proving: the way back of patch `1.1.0` of `app`"
        ]
    );
}

#[tokio::test]
async fn every_bad_way_back_is_reported_with_its_line() {
    let files = [
        ("patch-1-0-0-std.sql", "CREATE TABLE study (code text);\n"),
        ("patch-1-0-0-std.down.sql", "SELECT 1;\n\nSELECT 1 / 0;\n"),
        ("patch-1-1-0-std.sql", "CREATE TABLE log (n integer);\n"),
        ("patch-1-1-0-std.down.sql", "DROP TABLE log;\n"),
        ("patch-1-2-0-std.sql", "CREATE TABLE visit (n integer);\n"),
        ("patch-1-2-0-std.down.sql", "SELECT 1;\n"),
    ];
    assert_eq!(
        problems(&files).await,
        [
            "division by zero; while executing: SELECT 1;\n\nSELECT 1 / 0;; while proving: the way back of patch `1.0.0` of `app`",
            "table `public.visit` is new; while proving: the way back of patch `1.2.0` of `app`"
        ]
    );
    let error = errors(&files).await.remove(0);
    let place = error.place().unwrap();
    assert!(
        place.path().ends_with("patch-1-0-0-std.down.sql") && (place.line(), place.column()) == (3, 1),
        "{error}"
    );
}

#[tokio::test]
async fn a_way_back_of_a_concurrent_patch_is_tried_too() {
    let with = |down: &'static str| {
        [
            ("patch-1-0-0-std.sql", "CREATE TABLE study (code text);\n"),
            (
                "patch-1-1-0-concurrent.sql",
                "CREATE INDEX CONCURRENTLY study_code ON study (code);\nVACUUM study;\n",
            ),
            ("patch-1-1-0-concurrent.down.sql", down),
        ]
    };
    let found = problems(&with("VACUUM study;\nDROP INDEX CONCURRENTLY study_code;\n")).await;
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(
        problems(&with("VACUUM study;\n")).await,
        ["index `public.study.study_code` is new; while proving: the way back of patch `1.1.0` of `app`"]
    );
    assert_eq!(
        problems(&with("DROP INDEX CONCURRENTLY study_title;\n")).await,
        [
            "index \"study_title\" does not exist; while executing: DROP INDEX CONCURRENTLY study_title;; while proving: the way back of patch `1.1.0` of `app`"
        ]
    );
}

#[tokio::test]
async fn a_way_back_is_gone_as_it_says() {
    let index =
        "-- migrate: allow index-not-concurrent: it is empty\nCREATE INDEX study_code ON study (code);\n";
    let files = [
        ("patch-1-0-0-std.sql", "CREATE TABLE study (code text PRIMARY KEY);\n"),
        ("patch-1-1-0-std.sql", index),
        ("patch-1-1-0-std.down.sql", "-- migrate: kind concurrent\nDROP INDEX CONCURRENTLY study_code;\n"),
        ("patch-1-2-0-concurrent.sql", "CREATE INDEX CONCURRENTLY study_lower ON study (lower(code));\n"),
        // Behind a savepoint, which only a transaction has.
        ("patch-1-2-0-concurrent.down.sql", "-- migrate: kind std\nSAVEPOINT a; DROP INDEX study_lower;\n"),
        // Applied twice, it would fail.
        ("patch-1-3-0-std.sql", "INSERT INTO study VALUES ('a');\n"),
        ("patch-1-3-0-std.down.sql", "-- There is nothing to undo.\n"),
        ("patch-1-4-0-std.sql", SERIALIZABLE),
        ("patch-1-4-0-std.down.sql", SERIALIZABLE),
    ];
    assert_eq!(problems(&files).await, Vec::<String>::new());
    let files = [
        ("patch-1-0-0-std.sql", "CREATE TABLE study (code text);\n"),
        ("patch-1-0-0-std.down.sql", "-- There is nothing to undo.\n"),
    ];
    let back = "while proving: the way back of patch `1.0.0` of `app`";
    assert_eq!(problems(&files).await, [format!("table `public.study` is new; {back}")]);
}

/// Fails at any other level.
const SERIALIZABLE: &str = "-- migrate: isolation serializable\nSELECT 1 / (current_setting('transaction_isolation') = 'serializable')::int;\n";

#[tokio::test]
async fn what_only_a_superuser_may_is_reported() {
    let files = [("patch-1-0-0-std.sql", "SET LOCAL session_replication_role = replica;\n")];
    let found = problems(&files).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].ends_with("while proving: all patches at once, as a role that owns only its database"),
        "{found:#?}"
    );
    assert!(found[0].contains("permission denied"), "{found:#?}");
}

#[tokio::test]
async fn patches_that_depend_on_how_they_are_grouped_are_told() {
    // A boot's patches share a connection, and runs of their own don't: no command of the server's takes a seed back.
    let files = [
        ("patch-1-0-0-std.sql", "SELECT setseed(0.5);\n"),
        (
            "patch-1-1-0-std.sql",
            "DO $$ DECLARE drawn float8 := random(); BEGIN PERFORM setseed(0.5); \
             IF drawn <> random() THEN CREATE TABLE other (code text); END IF; END $$;\n",
        ),
    ];
    let found = problems(&files).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0], "table `public.other` is new; while proving: the patches one by one");
}

#[tokio::test]
async fn facts_that_contradict_the_patches_are_told_at_once() {
    let files = [
        ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);\n"),
        ("deploy.yaml", "table: study\n"),
        ("bundle.yaml", "facts: verify\n"),
    ];
    let found = problems(&files).await;
    assert!(
        !found.is_empty() && found.iter().all(|problem| problem.contains("all patches at once")),
        "{found:#?}"
    );
}

#[tokio::test]
async fn a_fact_that_never_rests_is_reported() {
    let files = [("deploy.yaml", "sql: CREATE TABLE IF NOT EXISTS a ()\nunless: SELECT false\n")];
    let found = problems(&files).await;
    assert!(!found.is_empty(), "{found:#?}");
}
