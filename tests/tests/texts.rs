//! What texts of patches may contain, applied: a dump, nothing at all, a transaction that is kept apart from others.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use embed_migrate::{ErrorKind, Event, Migrator};
use embed_migrate_cluster::Installation;
use tests::{Files, PgBouncer, bundle, connect, database, files, locked, server, until, url, values};
use tokio_postgres::Config;

/// What `pg_dump` writes of a database.
fn dump(config: &Config, arguments: &[&str]) -> String {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let program = installation.program("pg_dump").unwrap();
    let output = Command::new(program).args(arguments).arg(url(config)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Without the key, which each dump has its own of.
fn without_key(dump: &str) -> String {
    let lines = dump.lines().filter(|line| !line.contains("restrict "));
    lines.collect::<Vec<_>>().join("\n")
}

const SCHEMA: &str = "
    CREATE EXTENSION citext;
    CREATE SCHEMA app;
    CREATE TYPE app.mood AS ENUM ('sad', 'ok');
    CREATE DOMAIN app.code AS text CHECK (VALUE ~ '^[A-Z]+$');
    CREATE TABLE app.study (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code app.code NOT NULL UNIQUE, title text DEFAULT 'it''s; \"x\"',
        mood app.mood, email public.citext, total numeric(10, 2), twice numeric GENERATED ALWAYS AS (total * 2) STORED);
    CREATE TABLE app.site (id serial PRIMARY KEY, study_id bigint REFERENCES app.study, name varchar(20), CHECK (name <> E'a\\\\b'));
    CREATE TABLE app.day (t date) PARTITION BY RANGE (t);
    CREATE TABLE app.day_2020 PARTITION OF app.day FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
    CREATE INDEX ON app.site (lower(name)) WHERE name IS NOT NULL;
    CREATE VIEW app.codes AS SELECT code, count(*) FROM app.study JOIN app.site ON study_id = study.id GROUP BY 1;
    CREATE MATERIALIZED VIEW app.kept AS SELECT * FROM app.codes;
    CREATE FUNCTION app.f(a int, b text DEFAULT ';') RETURNS int LANGUAGE plpgsql AS $_$ BEGIN RETURN $1; -- it's
    END $_$;
    CREATE FUNCTION app.g(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN x > 1 THEN 1 ELSE 2 END; END;
    CREATE FUNCTION app.t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TRIGGER t BEFORE INSERT ON app.study FOR EACH ROW EXECUTE FUNCTION app.t();
    CREATE RULE r AS ON DELETE TO app.site DO ALSO (SELECT 1; NOTIFY gone);
    COMMENT ON TABLE app.study IS 'a; b
\\restrict x
';
    INSERT INTO app.study (code, title, total) VALUES ('A', 'it''s', 1), ('B', E'tab\\there\\\\x', 2);
    INSERT INTO app.site (study_id, name) VALUES (1, 'x');
";

#[tokio::test]
async fn what_pg_dump_writes_is_a_baseline() {
    let original = database().await;
    connect(&original).await.batch_execute(SCHEMA).await.unwrap();
    let expected = without_key(&dump(&original, &["--inserts"]));
    let text = dump(&original, &["--inserts"]);
    // Whether the installed `pg_dump` writes them or not.
    let text = match text.contains("\\restrict ") {
        true => text,
        false => format!("\\restrict a1B2\n{text}\n\\unrestrict a1B2\n"),
    };
    let bundle = locked(
        "app",
        &[("baseline-1-0-0.sql", &text), ("patch-1-1-0-std.sql", "CREATE TABLE after (id int);")],
    );
    let config = database().await;
    let report = Migrator::new([&bundle]).run(&config).await.unwrap();
    assert_eq!(report.applied.len(), 2);
    // It says `search_path = ''` for its session, and the next patch has its own.
    let client = connect(&config).await;
    client.batch_execute("DROP TABLE public.after").await.unwrap();
    let created = without_key(&dump(&config, &["--inserts", "--exclude-schema=migrate"]));
    assert_eq!(created, expected);
    assert!(Migrator::new([&bundle]).run(&config).await.unwrap().applied.is_empty());
}

#[tokio::test]
async fn a_dump_with_the_history_in_it_says_how_to_leave_it_out() {
    let original = database().await;
    Migrator::new([&locked("app", &[("patch-1-0-0-std.sql", "CREATE TABLE study (id int);")])])
        .run(&original)
        .await
        .unwrap();
    let text = dump(&original, &["--schema-only"]);
    let bundle = locked("app", &[("baseline-1-0-0.sql", &text)]);
    let error = Migrator::new([&bundle]).run(&database().await).await.unwrap_err();
    let messages = error.to_string();
    assert!(
        messages.starts_with("patch `1.0.0` of `app` failed: schema \"migrate\" already exists\n"),
        "{messages}"
    );
    let help = "\n  note: `migrate` is the schema of the history, which every run makes by itself\n  \
                help: leave it out of the dump: `pg_dump --exclude-schema=migrate`";
    assert!(messages.ends_with(help), "{messages}");
}

#[tokio::test]
async fn a_patch_that_is_to_do_nothing_is_applied_all_the_same() {
    let empty = "-- migrate: empty: 1.0.0 was withdrawn before it was released\n";
    let patches = [
        ("patch-1-0-0-std.sql", empty),
        ("patch-1-1-0-concurrent.sql", empty),
        ("patch-1-2-0-direct.sql", empty),
        ("patch-1-3-0-std.sql", "CREATE TABLE study (id int);\n"),
    ];
    let (config, bundle) = (database().await, locked("app", &patches));
    let report = Migrator::new([&bundle]).run(&config).await.unwrap();
    assert_eq!(report.applied.len(), 4);
    assert!(Migrator::new([&bundle]).run(&config).await.unwrap().applied.is_empty());
    let kinds: Vec<String> = values(
        &connect(&config).await,
        "SELECT kind FROM migrate.patch WHERE bundle = 'app' ORDER BY position",
    )
    .await;
    assert_eq!(kinds, ["std", "concurrent", "direct", "std"]);
}

/// A directory whose patches note the level at which they run.
fn levels() -> Files {
    let with = |level: &str| {
        format!("{level}INSERT INTO level VALUES (current_setting('transaction_isolation'));\n")
    };
    files(
        "app",
        &[
            ("patch-1-0-0-std.sql", "CREATE TABLE level (name text);\n"),
            ("patch-1-1-0-std.sql", &with("-- migrate: isolation serializable\n")),
            ("patch-1-2-0-std.sql", &with("")),
            ("patch-1-3-0-direct.sql", &with("-- migrate: isolation repeatable read\n")),
            ("patch-1-4-0-std.sql", &with("-- migrate: isolation read committed\n")),
        ],
    )
}

const LEVELS: [&str; 4] = ["serializable", "read committed", "repeatable read", "read committed"];

async fn seen(config: &Config) -> Vec<String> {
    values(&connect(config).await, "SELECT name FROM level").await
}

#[tokio::test]
async fn a_patch_runs_at_the_level_that_it_says() {
    let (config, bundle) = (database().await, levels().lock());
    // All in one transaction, at the strictest level.
    let tried = Migrator::new([&bundle]).dry_run(&config).await.unwrap().tried;
    assert_eq!(tried.iter().filter(|(done, _)| done.bundle == "app").count(), 5);
    Migrator::new([&bundle]).run(&config).await.unwrap();
    assert_eq!(seen(&config).await, LEVELS);
    let pooled = database().await;
    let pooler = PgBouncer::start(&server().config(), "transaction", 2).await;
    Migrator::new([&bundle]).run(&pooler.config(&pooled)).await.unwrap();
    assert_eq!(seen(&pooled).await, LEVELS);
}

#[tokio::test]
async fn frozen_facts_run_at_the_level_that_they_say() {
    let frozen = "# migrate: isolation serializable\n- table: study\n  with:\n  - {column: code, type: text}\n  - identity: [code]\n\
                  - sql: SELECT 1 / (current_setting('transaction_isolation') = 'serializable')::int\n";
    let (config, bundle) = (database().await, locked("app", &[("patch-1-0-0-std.yaml", frozen)]));
    Migrator::new([&bundle]).run(&config).await.unwrap();
}

#[tokio::test]
async fn a_patch_that_another_transaction_overtakes_is_tried_again() {
    let config = database().await;
    let client = connect(&config).await;
    client
        .batch_execute("CREATE TABLE study (id int, seen int DEFAULT 0); INSERT INTO study VALUES (1)")
        .await
        .unwrap();
    client.batch_execute("BEGIN; UPDATE study SET seen = seen + 1").await.unwrap();
    let text = "-- migrate: isolation repeatable read\n-- migrate: lock-timeout 10s\nUPDATE study SET seen = seen + 1 WHERE id = 1;\n";
    let bundle = bundle("app", &[("patch-1-0-0-std.sql", text)]);
    let retried = Arc::new(AtomicU32::new(0));
    let counter = retried.clone();
    let migrator = Migrator::new([&bundle]).progress(move |event| {
        counter.fetch_add(u32::from(matches!(event, Event::Retrying { .. })), Ordering::Relaxed);
    });
    // It waits for the row, and finds that it was changed after it began.
    let other = async {
        let watcher = connect(&config).await;
        let waits = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
        let row = async || watcher.query_one(waits, &[]).await.unwrap().get(0);
        until("the patch waits for the row", Duration::from_secs(60), row).await;
        client.batch_execute("COMMIT").await.unwrap();
    };
    let (report, ()) = tokio::join!(migrator.run(&config), other);
    assert_eq!(report.unwrap().applied.len(), 1);
    assert_eq!(values::<i32>(&client, "SELECT seen FROM study").await, [2]);
    assert_eq!(retried.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_patch_that_can_never_be_serialized_is_reported_in_the_end() {
    let text = "-- migrate: isolation serializable\nDO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$;\n";
    let bundle = bundle("app", &[("patch-1-0-0-std.sql", text)]);
    let error = Migrator::new([&bundle])
        .with(|options| options.lock_retries = 1)
        .run(&database().await)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Sql, "patch `1.0.0` of `app` failed: no"));
}
