//! A patch begins with a clean session, however it is applied, and leaves one.

use embed_migrate::{Bundle, ErrorKind, Limit, Migrator, Reach};
use embed_migrate_runtime::Driver;
use tests::{Files, PgBouncer, connect, database, files, locked, server, settings, values};
use tokio_postgres::{Client, Config};

/// Leaves all that a session can have.
const LEAVES: &str = "\
    CREATE TABLE IF NOT EXISTS visit (id serial PRIMARY KEY, note text);
    INSERT INTO visit (note) VALUES ('one');
    CREATE TEMP TABLE visit AS SELECT 1 AS wrong;
    CREATE TEMP VIEW seen AS SELECT * FROM visit;
    CREATE TYPE pg_temp.mood AS ENUM ('sad');
    CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE TEMP TABLE parent (id int PRIMARY KEY);
    CREATE TEMP TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP;
    INSERT INTO parent VALUES (1);
    INSERT INTO child VALUES (1);
    PREPARE \"a \"\"b\" AS SELECT 1;
    DECLARE held CURSOR WITH HOLD FOR SELECT * FROM visit;
    DECLARE plain CURSOR FOR SELECT * FROM parent;
    FETCH 1 FROM plain;
    LISTEN news;
    SELECT pg_advisory_lock(4711), pg_advisory_lock(4711), pg_advisory_lock_shared(4711), pg_advisory_lock(1, 2);
    SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE;
    SET work_mem = '7MB';
    SELECT set_config('search_path', 'pg_temp', false);
    SET SESSION AUTHORIZATION postgres;
    SET ROLE pg_monitor;
";

/// Fails with what is left, but for the migration lock, of which a session may have `1`.
const CLEAN: &str = "\
    DO $$ DECLARE found text; BEGIN
    SELECT string_agg(left_over, ', ' ORDER BY left_over) INTO found FROM (
        SELECT 'temporary ' || relname AS left_over FROM pg_class WHERE relpersistence = 't'
        UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typname = 'mood'
        UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = pg_my_temp_schema() AND pronamespace <> 0
        UNION ALL SELECT 'prepared ' || name FROM pg_prepared_statements WHERE from_sql
        UNION ALL SELECT 'cursor ' || name FROM pg_cursors WHERE name <> ''
        UNION ALL SELECT 'channel ' || c FROM pg_listening_channels() AS c
        UNION ALL SELECT 'lock ' || objid FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'
            AND (objid IN (4711, 2) OR objsubid = 2)
        UNION ALL SELECT name || ' ' || setting FROM pg_settings
            WHERE name = 'work_mem' AND setting <> '4096' OR name = 'default_transaction_isolation' AND setting <> 'read committed'
        UNION ALL SELECT 'role ' || current_user WHERE current_user <> session_user
    ) AS l;
    BEGIN PERFORM lastval(); found := concat_ws(', ', found, 'lastval'); EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL; END;
    IF found <> '' THEN RAISE EXCEPTION 'left: %', found; END IF; END $$;
";

fn leaves_and_looks() -> Bundle {
    let later = format!("{CLEAN}INSERT INTO visit (note) VALUES ('two');");
    locked("app", &[("patch-1-0-0-std.sql", LEAVES), ("patch-1-1-0-std.sql", &later)])
}

async fn run(config: &Config, bundle: &Bundle) -> embed_migrate::Result<embed_migrate::Report> {
    Migrator::new([bundle]).run(config).await
}

async fn one(config: &Config, bundle: &Bundle) {
    let limit = Limit { reach: Reach::One, ..Limit::default() };
    Migrator::new([bundle]).with(|options| options.limit = limit).run(config).await.unwrap();
}

async fn notes(config: &Config) -> Vec<String> {
    values(&connect(config).await, "SELECT note FROM public.visit ORDER BY id").await
}

#[tokio::test]
async fn a_patch_of_a_flight_finds_nothing_of_the_one_before() {
    let (together, alone) = (database().await, database().await);
    let bundle = leaves_and_looks();
    run(&together, &bundle).await.unwrap();
    one(&alone, &bundle).await;
    one(&alone, &bundle).await;
    assert_eq!(notes(&together).await, ["one", "two"]);
    assert_eq!(notes(&together).await, notes(&alone).await);
}

#[tokio::test]
async fn a_dry_run_tries_a_patch_with_a_clean_session() {
    let config = database().await;
    assert_eq!(Migrator::new([&leaves_and_looks()]).dry_run(&config).await.unwrap().tried.len(), 2);
}

#[tokio::test]
async fn the_migration_lock_outlives_a_patch_that_takes_locks_of_its_own() {
    let config = database().await;
    let key = "(('x' || left(encode(sha256('migrate lock migrate'), 'hex'), 16))::bit(64)::bigint)";
    let held = format!(
        "SELECT 1 / count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objsubid = 1 \
         AND (classid::bigint << 32) + objid::bigint = {key};"
    );
    let text = format!("SELECT pg_advisory_lock(1);\n{held}");
    let next = format!("{CLEAN}{held}");
    let bundle = locked("app", &[("patch-1-0-0-std.sql", &text), ("patch-1-1-0-std.sql", &next)]);
    run(&config, &bundle).await.unwrap();
    // And it is no longer held than the run lasts.
    let left = "SELECT count(*)::text FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database \
                WHERE l.locktype = 'advisory' AND d.datname = current_database()";
    let client = connect(&config).await;
    tests::until("the lock is free", std::time::Duration::from_secs(5), async || {
        values::<String>(&client, left).await == ["0"]
    })
    .await;
}

/// A statement that a function prepares, of which the patch's text says nothing.
const HIDDEN: &str = "CREATE FUNCTION hide() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'PRE' || 'PARE hidden AS SELECT 1'; END $$;";

#[tokio::test]
async fn what_a_function_prepares_is_gone_too() {
    let config = database().await;
    let patches = [
        ("patch-1-0-0-std.sql", HIDDEN),
        ("patch-1-1-0-std.sql", "SELECT hide();"),
        ("patch-1-2-0-std.sql", CLEAN),
        ("patch-1-3-0-std.sql", "SELECT hide();"),
        ("patch-1-4-0-concurrent.sql", "SELECT hide();"),
        ("patch-1-5-0-std.sql", CLEAN),
    ];
    assert_eq!(run(&config, &locked("app", &patches)).await.unwrap().applied.len(), 6);
    let config = database().await;
    Migrator::new([&locked("app", &patches[..4])]).dry_run(&config).await.unwrap();
}

#[tokio::test]
async fn a_patch_that_is_tried_again_begins_with_a_clean_session() {
    let config = database().await;
    run(&config, &locked("app", &[("patch-1-0-0-std.sql", "CREATE TABLE study (id int);")])).await.unwrap();
    let text = "PREPARE p AS SELECT 1;\nSELECT pg_advisory_lock(4711);\nALTER TABLE study ADD code text;";
    let bundle = locked(
        "app",
        &[("patch-1-0-0-std.sql", "CREATE TABLE study (id int);"), ("patch-1-1-0-std.sql", text)],
    );
    let holder = connect(&config).await;
    holder.batch_execute("BEGIN; LOCK study").await.unwrap();
    let (send, receive) = tokio::sync::mpsc::unbounded_channel();
    let migrator = Migrator::new([&bundle]).with(|options| {
        options.lock_timeout = Some(std::time::Duration::from_millis(50).into());
        options.lock_retries = 1000;
    });
    let migrator = migrator.progress(move |event| {
        let _ = send.send(event.to_string());
    });
    let released = async {
        let mut receive = receive;
        while !receive.recv().await.unwrap().contains("again") {}
        // A session lock of the first try would still be held.
        let free = "SELECT pg_try_advisory_lock(4711)";
        let free: bool = connect(&config).await.query_one(free, &[]).await.unwrap().get(0);
        holder.batch_execute("COMMIT").await.unwrap();
        free
    };
    let (report, free) = tokio::join!(migrator.run(&config), released);
    assert_eq!(report.unwrap().applied.len(), 1);
    assert!(free);
}

#[tokio::test]
async fn a_pools_connection_is_taken_over_clean() {
    let config = database().await;
    let pool = settings(&config).pool(1).unwrap();
    pool.get().await.unwrap().batch_execute(LEAVES).await.unwrap();
    let bundle = locked("app", &[("patch-1-0-0-std.sql", CLEAN)]);
    Migrator::new([&bundle]).run(&pool).await.unwrap();
}

#[tokio::test]
async fn a_create_tree_leaves_a_clean_session() {
    let config = database().await;
    let created = files("app", &[("patch-1-0-0-std.sql", LEAVES)]);
    created.write("create/1-tables/a.sql", LEAVES);
    created.write("patch-1-1-0-std.sql", CLEAN);
    created.lock();
    let bundle = created.read();
    Migrator::new([&bundle]).with(|options| options.create_tree = true).run(&config).await.unwrap();
}

fn sql_fact(sql: &str) -> String {
    let lines: Vec<String> = sql.lines().map(|line| format!("    {line}")).collect();
    format!("- sql: |\n{}\n", lines.join("\n"))
}

#[tokio::test]
async fn facts_leave_and_find_a_clean_session() {
    let config = database().await;
    let app: Files = files("app", &[("patch-1-0-0-std.yaml", &sql_fact(LEAVES))]);
    app.write("patch-1-1-0-std.sql", &format!("{CLEAN}{LEAVES}"));
    app.write("deploy.yaml", &sql_fact(&format!("{CLEAN}{LEAVES}")));
    let looks = files(
        "looks",
        &[("deploy.yaml", &sql_fact(CLEAN)), ("bundle.yaml", "name: looks\nrequires: [app]\n")],
    );
    let (app, looks) = (app.lock(), looks.lock());
    Migrator::new([&app, &looks]).run(&config).await.unwrap();
    Migrator::new([&app, &looks]).dry_run(&database().await).await.unwrap();
}

#[tokio::test]
async fn a_statement_of_a_concurrent_patch_finds_nothing_of_the_one_before() {
    let config = database().await;
    let leaves = "DO $$ BEGIN CREATE TEMP TABLE visit AS SELECT 1 AS wrong; PERFORM pg_advisory_lock(4711); LISTEN news; \
                  EXECUTE 'PREPARE p AS SELECT 1'; END $$;";
    let calls = "CREATE PROCEDURE leave() LANGUAGE plpgsql AS $$ BEGIN COMMIT; CREATE TEMP TABLE visit AS SELECT 1 AS wrong; \
                 PERFORM pg_advisory_lock(4711); LISTEN news; END $$;\nCALL leave();";
    let patches = [
        ("patch-1-0-0-concurrent.sql", format!("{leaves}\n{CLEAN}\n{calls}\n{CLEAN}")),
        ("patch-1-1-0-std.sql", CLEAN.to_owned()),
    ];
    let patches: Vec<(&str, &str)> = patches.iter().map(|(file, text)| (*file, text.as_str())).collect();
    assert_eq!(run(&config, &locked("app", &patches)).await.unwrap().applied.len(), 2);
}

#[tokio::test]
async fn a_deferred_trigger_runs_with_the_settings_of_its_patch() {
    let config = database().await;
    let text = "CREATE SCHEMA s; SET search_path = s; CREATE TABLE t (id int); CREATE TABLE log (id int);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (NEW.id); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();
        INSERT INTO t VALUES (1);";
    run(&config, &locked("app", &[("patch-1-0-0-std.sql", text)])).await.unwrap();
    assert_eq!(values::<i32>(&connect(&config).await, "SELECT id FROM s.log").await, [1]);
}

/// What the next client of a pooler with one connection finds.
async fn found(client: &Client) -> Result<(), String> {
    client.batch_execute(CLEAN).await.map_err(|error| error.as_db_error().unwrap().message().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_a_patch_finds_and_leaves_a_clean_session() {
    let direct = database().await;
    let bouncer = PgBouncer::start(&server().config(), "transaction", 1).await;
    let pooled = bouncer.config(&direct);
    let application = connect(&pooled).await;
    application.batch_execute(LEAVES).await.unwrap();
    found(&application).await.unwrap_err();
    let probe = ("patch-1-0-0-std.sql", CLEAN);
    let bundle = locked("app", &[probe, ("patch-1-1-0-std.sql", LEAVES), ("patch-1-2-0-std.sql", CLEAN)]);
    run(&pooled, &bundle).await.unwrap();
    found(&application).await.unwrap();
    // A patch that fails leaves no more.
    let fails = "PREPARE p AS SELECT 1; SELECT pg_advisory_lock(4711); SELECT 1 / 0;";
    let bundle = locked("other", &[("patch-1-0-0-std.sql", fails)]);
    assert_eq!(run(&pooled, &bundle).await.unwrap_err().kind(), ErrorKind::Sql);
    found(&application).await.unwrap();
    // Nor do facts, by a boot or by a driver.
    let facts = files("facts", &[("deploy.yaml", &sql_fact(LEAVES))]).lock();
    run(&pooled, &facts).await.unwrap();
    found(&application).await.unwrap();
    for commits in [true, false] {
        let mut driver = Driver::connect(&settings(&pooled)).await.unwrap().concurrently();
        driver.submit(LEAVES).await.unwrap();
        match commits {
            true => driver.commit().await.unwrap(),
            false => driver.rollback().await.unwrap(),
        }
        found(&application).await.unwrap();
    }
}

/// A file that a bundle of schema `app` has at first: a table with rows, and two functions of one name.
const APP: [(&str, &str); 2] = [
    ("bundle.yaml", "name: app\nschema: app\n"),
    (
        "patch-1-0-0-std.sql",
        "CREATE SCHEMA IF NOT EXISTS app; CREATE TABLE app.study (id bigserial PRIMARY KEY, code text NOT NULL);
        INSERT INTO app.study (code) SELECT n FROM generate_series(1, 500) AS n;
        CREATE FUNCTION public.norm(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';
        CREATE FUNCTION app.norm(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lower($1)';",
    ),
];
const INDEX: &str = "- table: study\n  with:\n  - column: code\n    type: text\n- index: study_norm\n  of: study\n  on: [norm(code)]\n\
    - check: study_code\n  of: study\n  that: norm(code) <> ''\n";

fn with_index() -> Files {
    let app = files("app", &APP);
    app.write("deploy.yaml", INDEX);
    app
}

async fn index(config: &Config) -> Vec<String> {
    let sql = "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid = 'app.study_norm'::regclass AND indisvalid";
    let client = connect(config).await;
    client.batch_execute("SET search_path = pg_catalog").await.unwrap();
    values(&client, sql).await
}

const BUILT: &str = "CREATE INDEX study_norm ON app.study USING btree (app.norm(code))";

/// Has names mean those of `app` in a database.
async fn in_app(config: &Config) {
    let sql = format!("ALTER DATABASE \"{}\" SET search_path = app, public", config.get_dbname().unwrap());
    let client = connect(config).await;
    client.batch_execute("SET default_transaction_read_only = off").await.unwrap();
    client.batch_execute(&sql).await.unwrap();
}

/// A database of which a role is the owner, by way of a user that has the role and not its rights.
async fn owned_by_a_role(role: &str) -> (Config, Config) {
    let admin = database().await;
    let name = admin.get_dbname().unwrap();
    let sql = format!(
        "CREATE ROLE {role}; CREATE ROLE {role}_user LOGIN NOINHERIT IN ROLE {role}; ALTER DATABASE \"{name}\" OWNER TO {role}; \
         GRANT ALL ON SCHEMA public TO {role}; ALTER DATABASE \"{name}\" SET default_transaction_read_only = on"
    );
    connect(&admin).await.batch_execute(&sql).await.unwrap();
    let mut user = admin.clone();
    user.user(format!("{role}_user"));
    (admin, user)
}

#[tokio::test]
async fn what_is_built_after_the_commit_has_the_bundles_schema_and_the_role() {
    let (admin, user) = owned_by_a_role("keeper").await;
    let bundle = with_index().lock();
    Migrator::new([&bundle]).with(|options| options.role = Some("keeper".into())).run(&user).await.unwrap();
    assert_eq!(index(&admin).await, [BUILT]);
    Migrator::new([&bundle])
        .with(|options| options.role = Some("keeper".into()))
        .verify(&user)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_driver_builds_by_the_role_too() {
    let (admin, user) = owned_by_a_role("driver_keeper").await;
    let first = files("app", &APP).lock();
    Migrator::new([&first])
        .with(|options| options.role = Some("driver_keeper".into()))
        .run(&user)
        .await
        .unwrap();
    in_app(&admin).await;
    let mut driver = Driver::connect(&settings(&user))
        .await
        .unwrap()
        .with(|options| options.role = Some("driver_keeper".into()))
        .concurrently();
    driver.deploy(INDEX).await.unwrap();
    driver.commit().await.unwrap();
    assert_eq!(index(&admin).await, [BUILT]);
    let left: Vec<Vec<Option<String>>> = driver
        .submit("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        .await
        .unwrap();
    assert_eq!(left, [[Some("0".to_owned()), Some("0".to_owned())]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_takes_no_session_lock_behind_a_pooler() {
    let direct = database().await;
    let bouncer = PgBouncer::start(&server().config(), "transaction", 1).await;
    let pooled = bouncer.config(&direct);
    run(&direct, &files("app", &APP).lock()).await.unwrap();
    in_app(&direct).await;
    let mut driver = Driver::connect(&settings(&pooled)).await.unwrap().concurrently();
    driver.deploy(INDEX).await.unwrap();
    driver.commit().await.unwrap();
    assert_eq!(index(&direct).await, [BUILT]);
    let held = "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database \
                WHERE l.locktype = 'advisory' AND d.datname = current_database()";
    assert_eq!(values::<i64>(&connect(&direct).await, held).await, [0]);
}

#[tokio::test]
async fn an_index_that_is_built_after_the_commit_gives_up_a_lock() {
    let config = database().await;
    run(&config, &files("app", &APP).lock()).await.unwrap();
    let holder = connect(&config).await;
    holder.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").await.unwrap();
    let bundle = with_index().lock();
    let migrator = Migrator::new([&bundle]).with(|options| {
        options.lock_timeout = Some(std::time::Duration::from_millis(800).into());
        options.lock_retries = 0;
    });
    let error = migrator.run(&config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
    assert_eq!(error.message(), "canceling statement due to lock timeout");
    assert!(error.notes().iter().any(|note| note.starts_with("the lock is held by process")), "{error}");
    holder.batch_execute("COMMIT").await.unwrap();
    run(&config, &bundle).await.unwrap();
    assert_eq!(index(&config).await, [BUILT]);
}

#[tokio::test]
async fn a_database_that_is_read_only_by_default_gets_every_kind_of_statement() {
    let (admin, user) = owned_by_a_role("reader").await;
    let text = "CREATE TABLE log (n int);
        CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); COMMIT; INSERT INTO log VALUES (2); END $$;
        CALL work();
        CREATE INDEX CONCURRENTLY log_n ON log (n);
        REINDEX INDEX CONCURRENTLY log_n;
        VACUUM log;
        DROP INDEX CONCURRENTLY log_n;";
    let bundle = locked(
        "app",
        &[("patch-1-0-0-std.sql", "CREATE TABLE t (id int);"), ("patch-1-1-0-concurrent.sql", text)],
    );
    run_as(&user, &bundle, "reader").await.unwrap();
    assert_eq!(values::<i32>(&connect(&admin).await, "SELECT n FROM log ORDER BY n").await, [1, 2]);
}

async fn run_as(
    config: &Config,
    bundle: &Bundle,
    role: &str,
) -> embed_migrate::Result<embed_migrate::Report> {
    Migrator::new([bundle]).with(|options| options.role = Some(role.into())).run(config).await
}

#[tokio::test]
async fn what_is_set_by_set_config_holds_for_the_statements_after_it() {
    let config = database().await;
    let file = "patch-1-0-0-concurrent.sql";
    let sets = "CREATE SCHEMA s;\nSELECT pg_catalog.set_config('search_path', 's', false), set_config('a.b', 'c', false), \
                set_config('a.c', 'd', false);\nCREATE TABLE x (id int PRIMARY KEY);\nINSERT INTO x VALUES (1);\n\
                CREATE INDEX CONCURRENTLY i ON x (id);\n";
    let app = files("app", &[(file, &format!("{sets}SELECT nothing;\n"))]);
    assert_eq!(run(&config, &app.read()).await.unwrap_err().kind(), ErrorKind::Sql);
    // Another session goes on.
    app.write(file, &format!("{sets}CREATE TABLE y AS SELECT current_setting('a.b') AS b;\n"));
    run(&config, &app.lock()).await.unwrap();
    let client = connect(&config).await;
    assert_eq!(values::<String>(&client, "SELECT b FROM s.y").await, ["c"]);
    let index = "SELECT count(*) FROM pg_index WHERE indexrelid = 's.i'::regclass AND indisvalid";
    assert_eq!(values::<i64>(&client, index).await, [1]);
}

#[tokio::test]
async fn a_databases_statement_timeout_ends_no_query_of_ours() {
    let config = database().await;
    let many = "DO $$ BEGIN FOR n IN 1 .. 2000 LOOP EXECUTE format('CREATE TABLE t_%s (id int PRIMARY KEY, a text, b text)', n); \
                IF n % 100 = 0 THEN COMMIT; END IF; END LOOP; END $$";
    let client = connect(&config).await;
    client.batch_execute(many).await.unwrap();
    let name = config.get_dbname().unwrap();
    client
        .batch_execute(&format!("ALTER DATABASE \"{name}\" SET statement_timeout = '100ms'"))
        .await
        .unwrap();
    let app = with_index();
    app.write("patch-1-1-0-std.yaml", "- sql: RESET ALL\n- schema: other\n");
    let bundle = app.lock();
    let migrator = Migrator::new([&bundle]);
    migrator.dry_run(&config).await.unwrap();
    migrator.run(&config).await.unwrap();
    migrator.verify(&config).await.unwrap();
    migrator.drift(&config).await.unwrap();
    assert_eq!(index(&config).await, [BUILT]);
}
