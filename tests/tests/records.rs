//! What `status`, `verify` and `drift` report beside pending patches: pending facts, and tables of the history that
//! contradict each other because somebody changed one by hand. A boot that is up to date believes the records.

use embed_migrate::{Bundle, Error, ErrorKind, FactsState, Migrator};
use tests::{connect, database, files, locked, values};
use tokio_postgres::Config;

const ONE: (&str, &str) = ("00001-a.sql", "CREATE TABLE one (id int);");
const TWO: (&str, &str) = ("00002-b.sql", "CREATE TABLE two (id int);");
const THREE: (&str, &str) = ("00003-c.sql", "CREATE TABLE three (id int);");

fn app() -> Bundle {
    locked("app", &[ONE, TWO, THREE])
}

async fn applied(bundle: &Bundle) -> Config {
    let config = database().await;
    Migrator::new([bundle]).run(&config).await.unwrap();
    assert_eq!(problems(bundle, &config).await, [""; 0]);
    config
}

/// What all three say, which is the same.
async fn problems(bundle: &Bundle, config: &Config) -> Vec<String> {
    let migrator = Migrator::new([bundle]);
    let shown = |error: Option<Error>| {
        let problems = error.into_iter().flat_map(Error::split);
        problems.map(|problem| problem.to_string()).collect::<Vec<_>>()
    };
    let status = shown(migrator.status(config).await.unwrap().problem);
    assert_eq!(shown(migrator.verify(config).await.err()), status);
    let drift = migrator.drift(config).await.unwrap();
    assert_eq!(drift.patches.iter().map(Error::to_string).collect::<Vec<_>>(), status);
    status
}

/// What is told after somebody changed something by hand.
async fn after(bundle: &Bundle, change: &str) -> Vec<String> {
    let config = applied(bundle).await;
    connect(&config).await.batch_execute(change).await.unwrap();
    problems(bundle, &config).await
}

const MEND: &str = "  help: somebody changed a table by hand: restore `migrate.patch` from a backup where that is wrong; then, or where it is right, \
     have the next run make the record anew:\n        \
     UPDATE \"migrate\".bundle SET patches = 'interrupted ' || patches WHERE name = 'app';\n        \
     it applies the patches that have no row";

#[tokio::test]
async fn a_deleted_row_is_reported_and_what_fixes_it_does() {
    let bundle = app();
    let config = applied(&bundle).await;
    let client = connect(&config).await;
    client
        .batch_execute("DELETE FROM migrate.patch WHERE version = '{3,0,0}'; DROP TABLE three")
        .await
        .unwrap();
    // The one round trip does not see it.
    assert_eq!(Migrator::new([&bundle]).run(&config).await.unwrap().applied.len(), 0);
    let expect = format!(
        "the history and the record of bundle `app` contradict each other\n  \
         note: the record has patch `3.0.0` (00003-c.sql), and the history has no row of it\n  \
         note: the record is of 4 rows of the history, and there are 3\n{MEND}"
    );
    let messages = Migrator::new([&bundle]).status(&config).await.unwrap();
    assert_eq!(messages.problem.unwrap().to_string(), expect);
    assert!(problems_of_verify(&bundle, &config).await.contains(&expect));
    let help = "UPDATE migrate.bundle SET patches = 'interrupted ' || patches WHERE name = 'app'";
    client.batch_execute(help).await.unwrap();
    assert_eq!(Migrator::new([&bundle]).run(&config).await.unwrap().applied.len(), 1);
    assert_eq!(problems(&bundle, &config).await, [""; 0]);
}

async fn problems_of_verify(bundle: &Bundle, config: &Config) -> Vec<String> {
    let error = Migrator::new([bundle]).verify(config).await.unwrap_err();
    error.iter().map(Error::to_string).collect()
}

#[tokio::test]
async fn a_gap_in_the_middle_is_reported() {
    let messages = after(&app(), "DELETE FROM migrate.patch WHERE version = '{2,0,0}'").await;
    let messages = messages.join("\n\n");
    assert!(messages.contains(
        "rows are missing from the history: `migrate.patch` has gaps\n  note: there is none at position 3\n  \
         help: somebody deleted them by hand: restore them from a backup of `migrate.patch`"
    ), "{messages}");
    assert!(
        messages
            .contains("note: the record has patch `2.0.0` (00002-b.sql), and the history has no row of it"),
        "{messages}"
    );
}

#[tokio::test]
async fn whatever_was_changed_by_hand_in_a_row_or_the_record_is_reported() {
    let row = "INSERT INTO migrate.patch SELECT 5, 4, bundle, '{9,0,0}', kind, 'z', checksum, tokens, min_app, draft, baseline, \
               started_at, ended_at, application, revision, applied_by FROM migrate.patch WHERE position = 2";
    let cases = [
        (row, "the history has a row of patch `9.0.0`, and the record, which is older, has not"),
        (
            "UPDATE migrate.patch SET ended_at = NULL WHERE position = 4",
            "the row of patch `3.0.0` has no end, but the record has no unfinished patch",
        ),
        (
            "UPDATE migrate.patch SET tokens = checksum || '' WHERE position = 1; UPDATE migrate.patch SET tokens = (SELECT tokens FROM \
          migrate.patch WHERE position = 2) WHERE position = 3",
            "the row of patch `2.0.0` is of another patch than the record and this binary have",
        ),
        (
            "UPDATE migrate.patch SET kind = 'direct' WHERE position = 3",
            "the row of patch `2.0.0` is of another patch than the record and this binary have",
        ),
        (
            "UPDATE migrate.patch SET min_app = '{2,0,0}' WHERE position = 3",
            "the record admits binaries from `any` on, and the history from `2.0.0` on",
        ),
        (
            "UPDATE migrate.bundle SET patches = replace(patches, ' any', ' 2.0.0')",
            "the record admits binaries from `2.0.0` on, and the history from `any` on",
        ),
        (
            "UPDATE migrate.bundle SET patches = replace(patches, ' 3.0.0 ', ' 4.0.0 ')",
            "the record ends at `4.0.0`, and the history at `3.0.0`",
        ),
        (
            "UPDATE migrate.bundle SET patches = replace(patches, ' 3.0.0 ', ' 2.0.0 ')",
            "the record ends at `2.0.0`, and the history at `3.0.0`",
        ),
        (
            "UPDATE migrate.bundle SET patches = 'sha256:' || repeat('0', 64) || right(patches, 10)",
            "the record sums up other patches than the history has",
        ),
        ("UPDATE migrate.bundle SET position = 9", "the record is of 9 rows of the history, and there are 4"),
        ("INSERT INTO migrate.bundle SELECT * FROM migrate.bundle", "`migrate.bundle` has two records of it"),
        (
            "UPDATE migrate.patch SET bundle = 'other' WHERE version = '{2,0,0}'",
            "the record has patch `2.0.0` (00002-b.sql), and the history has no row of it",
        ),
    ];
    for (change, expect) in cases {
        let messages = after(&app(), change).await;
        let found = messages.iter().find(|problem| problem.contains(&format!("\n  note: {expect}\n")));
        assert!(found.is_some(), "{change}: {messages:#?}");
    }
}

#[tokio::test]
async fn a_deleted_record_is_reported_until_the_next_run_writes_it() {
    let bundle = app();
    let config = applied(&bundle).await;
    connect(&config).await.batch_execute("DELETE FROM migrate.bundle WHERE name = 'app'").await.unwrap();
    let expect = "the record of bundle `app` is missing, and the history has 3 of its patches\n  \
                  note: somebody deleted it from `migrate.bundle`, or a run was interrupted before it was written\n  \
                  help: the next run writes it: `cargo migrate up`, or boot";
    assert_eq!(problems(&bundle, &config).await, [expect]);
    Migrator::new([&bundle]).run(&config).await.unwrap();
    assert_eq!(problems(&bundle, &config).await, [""; 0]);
}

#[tokio::test]
async fn statements_that_were_changed_by_hand_are_told() {
    let concurrent =
        [ONE, ("00002-i.concurrent.sql", "CREATE INDEX CONCURRENTLY one_id ON one (id);\nANALYZE one;")];
    let bundle = locked("app", &concurrent);
    let cases = [
        (
            "DELETE FROM migrate.statement WHERE number = 1",
            "patch `2.0.0` of `app` has its end, and not all of its statements have a row",
        ),
        (
            "DELETE FROM migrate.statement WHERE number = 2",
            "patch `2.0.0` of `app` has its end, and not all of its statements have a row",
        ),
        (
            "UPDATE migrate.statement SET ended_at = NULL WHERE number = 2",
            "patch `2.0.0` of `app` has its end, and a statement of it has no end",
        ),
        (
            "UPDATE migrate.statement SET checksum = 'sha256:' || repeat('0', 64) WHERE number = 1",
            "patch `2.0.0` of `app` has its end, and a statement of it is another one than the patch has",
        ),
        (
            "UPDATE migrate.statement SET position = 2 WHERE number = 2",
            "patch `1.0.0` of `app` has its end, and not all of its statements have a row",
        ),
    ];
    for (change, expect) in cases {
        let messages = after(&bundle, change).await;
        let found = messages.iter().find(|problem| problem.contains(&format!("\n  note: {expect}\n")));
        assert!(
            found.is_some_and(|problem| problem.starts_with(
                "the history and its statements, in `migrate.statement`, contradict each other"
            )),
            "{change}: {messages:#?}"
        );
    }
}

#[tokio::test]
async fn what_runs_leave_is_never_called_a_change_by_hand() {
    // A run that broke off, at first and later.
    let config = database().await;
    let broken = locked("app", &[ONE, TWO, ("00003-c.sql", "SELECT 1 / 0;")]);
    Migrator::new([&broken]).run(&config).await.unwrap_err();
    let only_pending = |error: Error| error.iter().all(|problem| problem.kind() == ErrorKind::Pending);
    assert!(only_pending(Migrator::new([&broken]).verify(&config).await.unwrap_err()));
    assert_eq!(Migrator::new([&broken]).drift(&config).await.unwrap().patches.len(), 0);
    Migrator::new([&app()]).run(&config).await.unwrap();
    assert_eq!(problems(&app(), &config).await, [""; 0]);
    let broken = locked("app", &[ONE, TWO, THREE, ("00004-d.sql", "SELECT 1 / 0;")]);
    Migrator::new([&broken]).run(&config).await.unwrap_err();
    assert_eq!(Migrator::new([&broken]).drift(&config).await.unwrap().patches.len(), 0);
    // A binary that is older, and one that has another bundle.
    Migrator::new([&locked("other", &[("00001-x.sql", "SELECT 1;")])]).run(&config).await.unwrap();
    Migrator::new([&app()]).run(&config).await.unwrap();
    assert_eq!(problems(&app(), &config).await, [""; 0]);
    let longer = locked("app", &[ONE, TWO, THREE, ("00004-d.sql", "SELECT 4;")]);
    Migrator::new([&longer]).run(&config).await.unwrap();
    assert_eq!(problems(&app(), &config).await, [""; 0]);
    assert_eq!(problems(&longer, &config).await, [""; 0]);
    // Late hotfixes, and patches that a baseline stands for.
    let release = [("patch-1-0-0-std.sql", "SELECT 1;"), ("patch-1-1-0-std.sql", "SELECT 2;")];
    let config = applied(&locked("app", &release)).await;
    let fixed = [&release[..], &[("patch-1-0-1-std.sql", "SELECT 3;")]].concat();
    Migrator::new([&locked("app", &fixed)]).run(&config).await.unwrap();
    assert_eq!(problems(&locked("app", &fixed), &config).await, [""; 0]);
    assert_eq!(problems(&locked("app", &release), &config).await, [""; 0]);
    let squashed = [("baseline-1-1-0.sql", "SELECT 9;"), ("patch-1-2-0-std.sql", "SELECT 4;")];
    Migrator::new([&locked("app", &squashed)]).run(&config).await.unwrap();
    assert_eq!(problems(&locked("app", &squashed), &config).await, [""; 0]);
    let config = applied(&locked("app", &squashed)).await;
    assert_eq!(problems(&locked("app", &squashed), &config).await, [""; 0]);
    // An edit that was accepted later.
    let directory = files("app", &[ONE, TWO]);
    let before = directory.lock();
    let config = applied(&before).await;
    directory.write(ONE.0, "CREATE TABLE public.one (id int);");
    let mut edited = files("app", &[("00001-a.sql", "CREATE TABLE public.one (id int);"), TWO]).lock();
    let (old, new) = (before.patches()[0].tokens(), edited.patches()[0].tokens());
    edited = edited.with(|parts| {
        parts.accepts = vec![embed_migrate::Accept {
            version: before.patches()[0].version(),
            old,
            new,
            reason: "same".into(),
        }]
        .into()
    });
    let problem = Migrator::new([&edited]).status(&config).await.unwrap().problem;
    assert_eq!(problem.map(|error| error.to_string()), None);
    Migrator::new([&edited]).run(&config).await.unwrap();
    assert_eq!(problems(&edited, &config).await, [""; 0]);
}

#[tokio::test]
async fn a_pending_revision_of_the_facts_is_reported() {
    let config = database().await;
    let directory = files("app", &[ONE, ("deploy.yaml", "- table: study\n")]);
    let first = directory.lock();
    let line = async |bundle: &Bundle| {
        let status = Migrator::new([bundle]).status(&config).await.unwrap();
        let facts = status.facts[0].clone();
        (facts.state, facts.is_pending(), facts.to_string())
    };
    assert_eq!(line(&first).await, (FactsState::Pending, true, "app facts 1 pending".to_owned()));
    Migrator::new([&first]).run(&config).await.unwrap();
    assert_eq!(line(&first).await, (FactsState::Deployed, false, "app facts 1 deployed".to_owned()));
    directory.write("deploy.yaml", "- table: study\n  with:\n  - column: code\n    type: text\n");
    let second = directory.lock();
    let pending = "app facts 2 pending, the database has 1";
    assert_eq!(line(&second).await, (FactsState::Pending, true, pending.to_owned()));
    // Even if they hold already.
    connect(&config).await.batch_execute("ALTER TABLE study ADD COLUMN code text NOT NULL").await.unwrap();
    let refused = Migrator::new([&second]).verify(&config).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "revision 2 of the facts of `app` is not deployed\n  note: app facts 2 pending, the database has 1\n  \
         help: deploy it: `Migrator::run`, or `cargo migrate up`"
    );
    Migrator::new([&second]).run(&config).await.unwrap();
    assert_eq!(line(&second).await, (FactsState::Deployed, false, "app facts 2 deployed".to_owned()));
    assert_eq!(
        line(&first).await,
        (FactsState::Later, false, "app facts 1 not deployed, the database has 2".to_owned())
    );
    Migrator::new([&second]).verify(&config).await.unwrap();
    // Of two binaries under one number; and what is still to be built.
    let client = connect(&config).await;
    client
        .batch_execute("UPDATE migrate.bundle SET facts = replace(facts, 'done', 'open') WHERE name = 'app'")
        .await
        .unwrap();
    let part = "app facts 2 pending, deployed in part";
    assert_eq!(line(&second).await, (FactsState::Unfinished, true, part.to_owned()));
    let rows: Vec<i64> = values(&client, "SELECT count(*) FROM migrate.patch").await;
    assert_eq!(rows, [2]);
}
