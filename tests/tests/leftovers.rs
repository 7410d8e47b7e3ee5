//! What concurrent patches leave behind, lose or assume if names, roles and other sessions are unusual.

use std::time::{Duration, Instant};

use embed_migrate::{Bundle, ErrorKind, Limit, Migrator, Reach, Report};
use tests::{Counter, connect, database, files, locked};
use tokio_postgres::{Client, Config};

const STUDY: (&str, &str) =
    ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint PRIMARY KEY, code text NOT NULL, score integer);");
const NAME: &str = "patch-1-1-0-concurrent.sql";

async fn run(config: &Config, bundle: &Bundle) -> embed_migrate::Result<Report> {
    Migrator::new([bundle]).run(config).await
}

async fn first(config: &Config, bundle: &Bundle) {
    let limit = Limit { reach: Reach::One, ..Limit::default() };
    Migrator::new([bundle]).with(|options| options.limit = limit).run(config).await.unwrap();
}

async fn count(client: &Client, query: &str) -> i64 {
    client.query_one(query, &[]).await.unwrap().get(0)
}

async fn invalid(client: &Client) -> i64 {
    count(client, "SELECT count(*) FROM pg_index WHERE NOT indisvalid").await
}

/// Waits for the process that builds an index to wait for old snapshots; its number.
async fn builder(client: &Client) -> i32 {
    let query = "SELECT pid FROM pg_stat_progress_create_index WHERE phase = 'waiting for old snapshots' \
                 AND datname = current_database()";
    let started = Instant::now();
    loop {
        if let Some(row) = client.query_opt(query, &[]).await.unwrap() {
            return row.get(0);
        }
        assert!(started.elapsed() < Duration::from_secs(60), "no index build waits for old snapshots");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Ends that process, and waits until it is gone: until then the next look finds it once more.
async fn end(watcher: &Client) {
    let pid = builder(watcher).await;
    watcher.query("SELECT pg_terminate_backend($1, 60000)", &[&pid]).await.unwrap();
}

/// A session whose snapshot keeps index builds from coming to their end.
async fn snapshot(config: &Config) -> Client {
    let client = connect(config).await;
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").await.unwrap();
    client
}

/// Runs the build until it waits for old snapshots, and ends its connection then.
async fn broken_off(config: &Config, bundle: &Bundle, watcher: &Client) {
    let (broken, ()) = tokio::join!(run(config, bundle), end(watcher));
    assert_eq!(broken.unwrap_err().kind(), ErrorKind::Connect);
}

/// A database of its own for a role without any rights but to own it.
async fn owned(role: &str) -> (Config, Config) {
    let admin = database().await;
    let name = admin.get_dbname().unwrap();
    let sql = format!("CREATE ROLE {role} LOGIN; ALTER DATABASE \"{name}\" OWNER TO {role}");
    connect(&admin).await.batch_execute(&sql).await.unwrap();
    let mut owner = admin.clone();
    owner.user(role);
    (admin, owner)
}

#[tokio::test]
async fn names_mean_what_they_mean_to_the_server() {
    for text in [
        "CREATE INDEX CONCURRENTLY U&\"d\\0061ta\" ON study (code);",
        "CREATE INDEX CONCURRENTLY i ON U&\"stud\\0079\" (code);",
        "CREATE INDEX CONCURRENTLY i ON U&\"stud!0079\" UESCAPE '!' (code);",
        "CREATE INDEX CONCURRENTLY i ON public /* c */ . -- x\n study (code); REINDEX INDEX CONCURRENTLY U&\"i\";",
        "CREATE INDEX CONCURRENTLY i ON study (code); DROP INDEX CONCURRENTLY public /* \" */ . i;",
        "CREATE INDEX CONCURRENTLY ääääääääääääääääääääääääääääääääääääääää ON study (code);",
    ] {
        let config = database().await;
        let bundle = locked("app", &[STUDY, (NAME, text)]);
        run(&config, &bundle).await.unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[tokio::test]
async fn a_setting_holds_for_the_statements_after_it() {
    let config = database().await;
    let text = "CREATE SCHEMA s;\nCREATE TABLE s.x (a integer NOT NULL);\nSET search_path = s;\nSET work_mem = '7MB';\n\
                CREATE INDEX CONCURRENTLY i ON x (a);\nCREATE TABLE seen AS SELECT current_setting('work_mem') AS m;\n\
                RESET work_mem;\nREINDEX TABLE CONCURRENTLY x;\nINSERT INTO seen VALUES (current_setting('work_mem'));";
    run(&config, &locked("app", &[STUDY, (NAME, text)])).await.unwrap();
    let client = connect(&config).await;
    let seen = client.query_one("SELECT string_agg(m, ' ') FROM s.seen", &[]).await.unwrap();
    assert_eq!(seen.get::<_, &str>(0), "7MB 4MB");
    assert_eq!(invalid(&client).await, 0);
}

#[tokio::test]
async fn a_procedure_that_committed_and_failed_is_not_run_again() {
    let config = database().await;
    let text = "CREATE TABLE log (n integer);\n\
                CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); COMMIT; RAISE 'oh'; END $$;\n\
                CALL work();\n";
    let bundle = locked("app", &[STUDY, (NAME, text)]);
    let error = run(&config, &bundle).await.unwrap_err();
    assert!(error.message().ends_with("failed: oh"), "{error}");
    assert!(error.advice().unwrap().contains("cargo migrate repair app=1.1.0 --done"), "{error}");
    assert_eq!(run(&config, &bundle).await.unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(count(&connect(&config).await, "SELECT count(*) FROM log").await, 1);
}

#[tokio::test]
async fn looks_may_change_under_way_and_what_a_draft_asks_for_too() {
    let config = database().await;
    let files = files(
        "app",
        &[STUDY, (NAME, "-- migrate: min-app any\nCREATE TABLE a (b text);\nSELECT nothing;\n")],
    );
    assert_eq!(run(&config, &files.read()).await.unwrap_err().kind(), ErrorKind::Sql);
    files.write(NAME, "-- migrate: min-app any\nCREATE TABLE a (\n  b text -- of it\n);\nSELECT nothing;\n");
    assert_eq!(run(&config, &files.read()).await.unwrap_err().kind(), ErrorKind::Sql, "not edited");
    files.write(NAME, "-- migrate: min-app 1.1.0\nCREATE TABLE a (\n  b text -- of it\n);\nSELECT 1;\n");
    let error = run(&config, &files.read()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Edited, "what is done is compared with what was sent");
    files.write(NAME, "-- migrate: min-app 1.1.0\nCREATE TABLE a (b text);\nSELECT 1;\n");
    run(&config, &files.lock()).await.unwrap();
    let query =
        "SELECT array_to_string(min_app, '.') || ' ' || draft FROM migrate.patch WHERE version = '{1,1,0}'";
    let row = connect(&config).await.query_one(query, &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "1.1.0 false");
}

#[tokio::test]
async fn a_build_that_can_not_be_swept_up_yet_says_why_it_failed() {
    let config = database().await;
    let text = "-- migrate: lock-timeout 50ms\nCREATE INDEX CONCURRENTLY i ON study (code);";
    let bundle = locked("app", &[STUDY, (NAME, text)]);
    first(&config, &bundle).await;
    let holder = connect(&config).await;
    holder.batch_execute("BEGIN; INSERT INTO study VALUES (1, 'x')").await.unwrap();
    let error =
        Migrator::new([&bundle]).with(|options| options.lock_retries = 1).run(&config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert!(error.message().starts_with("patch `1.1.0` of `app` failed"), "{error}");
    assert!(error.notes().iter().any(|note| note.contains("the next run removes it")), "{error}");
    holder.batch_execute("COMMIT").await.unwrap();
    run(&config, &bundle).await.unwrap();
    assert_eq!(invalid(&holder).await, 0);
}

#[tokio::test]
async fn a_run_that_is_dropped_is_swept_up_after() {
    let config = database().await;
    let bundle = locked("app", &[STUDY, (NAME, "CREATE INDEX CONCURRENTLY i ON study (code);")]);
    first(&config, &bundle).await;
    let (watcher, holder) = (connect(&config).await, snapshot(&config).await);
    tokio::select! {
        _ = run(&config, &bundle) => unreachable!("the snapshot is in its way"),
        _ = builder(&watcher) => {}
    }
    holder.batch_execute("COMMIT").await.unwrap();
    run(&config, &bundle).await.unwrap();
    assert_eq!(invalid(&watcher).await, 0);
    assert_eq!(count(&watcher, "SELECT count(*) FROM pg_class WHERE relname = 'i'").await, 1);
}

#[tokio::test]
async fn an_owner_goes_on_where_it_may_not_drop_what_is_left_of_a_toast_table() {
    let (admin, owner) = owned("plain").await;
    let bundle = locked("app", &[STUDY, (NAME, "REINDEX TABLE CONCURRENTLY study;")]);
    first(&owner, &bundle).await;
    let (watcher, holder) = (connect(&admin).await, snapshot(&admin).await);
    broken_off(&owner, &bundle, &watcher).await;
    assert_eq!(invalid(&watcher).await, 2, "one of the table, and one of its TOAST table");
    holder.batch_execute("COMMIT").await.unwrap();
    run(&owner, &bundle).await.unwrap();
    assert_eq!(invalid(&watcher).await, 1);
    let query = "SELECT count(*) FROM migrate.event WHERE what = 'noticed' AND detail LIKE '%only a superuser may drop it%'";
    assert_eq!(count(&watcher, query).await, 1);
}

#[tokio::test]
async fn a_builder_of_another_role_is_seen() {
    let (admin, owner) = owned("other_role").await;
    let bundle = locked("app", &[STUDY, (NAME, "CREATE INDEX CONCURRENTLY i ON study (code);")]);
    first(&owner, &bundle).await;
    let (watcher, holder) = (connect(&admin).await, snapshot(&admin).await);
    broken_off(&owner, &bundle, &watcher).await;
    watcher.batch_execute("DROP INDEX i").await.unwrap();
    let other = connect(&admin).await;
    let building = other.batch_execute("CREATE INDEX CONCURRENTLY i ON study (code)");
    let waited = async {
        builder(&watcher).await;
        let (send, messages) = std::sync::mpsc::channel();
        let migrator = Migrator::new([&bundle]).progress(move |event| send.send(event.to_string()).unwrap());
        let error = migrator
            .with(|options| options.lock_wait = Duration::from_millis(100))
            .run(&owner)
            .await
            .unwrap_err();
        assert!(messages.try_iter().any(|event| event.ends_with("which builds an index there (0 s)")));
        assert!(error.message().starts_with("another process builds the index"), "{error}");
        holder.batch_execute("COMMIT").await.unwrap();
    };
    let (built, ()) = tokio::join!(building, waited);
    built.unwrap();
    run(&owner, &bundle).await.unwrap();
    assert_eq!(invalid(&watcher).await, 0);
}

#[tokio::test]
async fn a_lock_that_was_given_up_ends_the_run() {
    let config = database().await;
    let text = "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_unlock_all() $$;\n\
                SELECT f();\nCREATE TABLE late (a integer);";
    let bundle = locked("app", &[STUDY, (NAME, text)]);
    let error = run(&config, &bundle).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert!(error.message().contains("released the migration lock"), "{error}");
    run(&config, &bundle).await.unwrap();
}

#[tokio::test]
async fn a_detaching_that_ended_between_its_two_transactions_is_finalized() {
    let config = database().await;
    let visit = "CREATE TABLE visit (day integer NOT NULL) PARTITION BY RANGE (day);\n\
                 CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (0) TO (10);";
    let bundle = locked(
        "app",
        &[("patch-1-0-0-std.sql", visit), (NAME, "ALTER TABLE visit DETACH PARTITION visit_1 CONCURRENTLY;")],
    );
    first(&config, &bundle).await;
    let (watcher, reader) = (connect(&config).await, connect(&config).await);
    reader.batch_execute("BEGIN; SELECT FROM visit").await.unwrap();
    let pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending";
    let ended = async {
        while count(&watcher, pending).await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE query LIKE 'ALTER TABLE visit DETACH%' AND datname = current_database()";
        assert_eq!(count(&watcher, end).await, 1);
    };
    let (broken, ()) = tokio::join!(run(&config, &bundle), ended);
    assert_eq!(broken.unwrap_err().kind(), ErrorKind::Connect);
    assert_eq!(count(&watcher, pending).await, 1);
    reader.batch_execute("COMMIT").await.unwrap();
    run(&config, &bundle).await.unwrap();
    assert_eq!(
        count(&watcher, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'visit'::regclass").await,
        0
    );
}

#[tokio::test]
async fn what_another_programs_reindex_left_stays() {
    let config = database().await;
    let bundle = locked("app", &[STUDY, (NAME, "REINDEX TABLE CONCURRENTLY study;")]);
    first(&config, &bundle).await;
    let (watcher, holder) = (connect(&config).await, snapshot(&config).await);
    let other = connect(&config).await;
    let (broken, ()) =
        tokio::join!(other.batch_execute("REINDEX INDEX CONCURRENTLY study_pkey"), end(&watcher));
    broken.unwrap_err();
    let (broken, ()) = tokio::join!(run(&config, &bundle), end(&watcher));
    assert_eq!(broken.unwrap_err().kind(), ErrorKind::Connect);
    assert_eq!(invalid(&watcher).await, 3, "one of the other, and two of ours");
    holder.batch_execute("COMMIT").await.unwrap();
    run(&config, &bundle).await.unwrap();
    let left =
        "SELECT count(*) FROM pg_index WHERE NOT indisvalid AND indexrelid = 'study_pkey_ccnew'::regclass";
    assert_eq!((count(&watcher, left).await, invalid(&watcher).await), (1, 1));
}

#[tokio::test]
async fn a_batch_that_gives_up_the_lock_is_the_last_one() {
    let config = database().await;
    let gives_up = "CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                    PERFORM pg_advisory_unlock_all(); RETURN NULL; END $$;\n\
                    CREATE TRIGGER t AFTER UPDATE ON study FOR EACH ROW WHEN (NEW.id = 15) EXECUTE FUNCTION give_up();\n\
                    INSERT INTO study SELECT n, '' FROM generate_series(1, 100) AS n;";
    let batch =
        "-- migrate: batch 10 by id\nUPDATE study SET score = coalesce(score, 0) + 1 WHERE code = '';";
    let bundle = locked("app", &[STUDY, ("patch-1-0-1-std.sql", gives_up), (NAME, batch)]);
    let error = run(&config, &bundle).await.unwrap_err();
    assert!(error.message().contains("released the migration lock"), "{error}");
    let client = connect(&config).await;
    assert_eq!(count(&client, "SELECT count(*) FROM study WHERE score = 1").await, 20, "not a batch more");
    run(&config, &bundle).await.unwrap();
    assert_eq!(count(&client, "SELECT count(*) FROM study WHERE score = 1").await, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_in_a_transaction_takes_one_round_trip() {
    let mut trips = Vec::new();
    for statements in [2, 12] {
        let counter = Counter::start(&database().await).await;
        let bundle = locked("app", &[STUDY, (NAME, &"SELECT 1;\n".repeat(statements))]);
        // Without limits it sends nothing only to be heard, which would count on a busy machine.
        let migrator = Migrator::new([&bundle]).with(|options| {
            options.answer_timeout = Duration::ZERO;
            options.idle_limit = Duration::ZERO;
        });
        migrator.run(&counter.config).await.unwrap();
        trips.push(counter.take());
    }
    assert_eq!(trips[1] - trips[0], 10, "{trips:?}");
}

#[tokio::test]
async fn a_dry_run_says_what_it_did_not_try_before_what_fails() {
    let config = database().await;
    let text = "ALTER TABLE study ADD late integer;\nCREATE INDEX CONCURRENTLY i ON study (late);";
    let bundle = locked(
        "app",
        &[STUDY, (NAME, text), ("patch-1-2-0-std.sql", "UPDATE study SET late = 1 WHERE id = 1;")],
    );
    let error = Migrator::new([&bundle]).dry_run(&config).await.unwrap_err();
    let note = "patch `1.1.0` of `app` comes before it, and can't be tried in a transaction";
    assert!(error.notes().iter().any(|one| one == note), "{error}");
}

#[tokio::test]
async fn a_concurrent_patch_may_be_the_first_of_all() {
    let (_, owner) = owned("\"ow ner\"").await;
    let mut owner = owner;
    owner.user("ow ner");
    let created = files(
        "app",
        &[
            ("00000-x.concurrent.sql", "CREATE TABLE t (a integer); CREATE INDEX CONCURRENTLY ti ON t (a);"),
            ("00001-y.sql", "CREATE TABLE u (a integer);"),
        ],
    );
    let bundle = created.lock();
    let migrator = Migrator::new([&bundle]).with(|options| options.history_schema = "Odd \"schema".into());
    assert_eq!(migrator.run(&owner).await.unwrap().applied.len(), 2);
    assert!(migrator.run(&owner).await.unwrap().applied.is_empty());
    assert!(migrator.up_to_date(&owner).await.unwrap().is_some());
}

#[tokio::test]
async fn a_failure_is_placed_at_its_statement() {
    let config = database().await;
    let text = "SELECT 1;\nCREATE INDEX CONCURRENTLY i ON study (nothing);";
    let error = run(&config, &locked("app", &[STUDY, (NAME, text)])).await.unwrap_err();
    assert_eq!(error.place().unwrap().line(), 2, "{error}");
}

#[test]
fn what_would_be_lost_between_two_statements_is_refused() {
    for (text, message) in [
        ("CREATE TEMP TABLE t (a integer);", "`CREATE TEMP` is not allowed in a concurrent patch"),
        (
            "CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1;",
            "`CREATE OR REPLACE TEMPORARY` is not allowed in a concurrent patch",
        ),
        ("SAVEPOINT a;", "`SAVEPOINT` is not allowed in a concurrent patch"),
        ("PREPARE p AS SELECT 1;", "`PREPARE` is not allowed in a concurrent patch"),
        ("DECLARE c CURSOR WITH HOLD FOR SELECT 1;", "`DECLARE` is not allowed in a concurrent patch"),
        ("SET LOCAL work_mem = '1GB';", "`SET LOCAL` is not allowed in a concurrent patch"),
        (
            "-- migrate: batch 5 by id\nUPDATE t SET a = 1, \"id\" = id + 1;",
            "a patch that can't be batched has the directive `batch`",
        ),
        (
            "-- migrate: batch 5 by ID\nUPDATE t SET (a, id) = (1, 2);",
            "a patch that can't be batched has the directive `batch`",
        ),
        ("-- migrate: batch 5 by id, a\nDELETE FROM t;", "`batch` is malformed"),
        ("-- migrate: batch 5 by t.id\nDELETE FROM t;", "`batch` is malformed"),
    ] {
        let files = files("app", &[("patch-1-0-0-concurrent.sql", text)]);
        let error = Bundle::read_with(files.path(), "migrations", "app", None).unwrap_err();
        assert_eq!(error.message(), message, "{text}");
    }
    for text in [
        "-- migrate: batch 5 by id\nUPDATE t SET a = id, b = (SELECT id FROM u) WHERE id > 1;",
        "SET temp_buffers = 800;",
        "CREATE TABLE temp (a integer);",
    ] {
        locked("app", &[("patch-1-0-0-concurrent.sql", text)]);
    }
}
