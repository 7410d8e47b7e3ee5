//! The session of a driver, and of commands that only look: clean at the beginning, watched, and left as it was.

use std::time::Duration;

use embed_migrate::{ErrorKind, Migrator, Settings};
use embed_migrate_cluster::{Installation, Profile, Throwaway};
use embed_migrate_runtime::Driver;
use tests::{
    Files, connect, database, durable, files, held, locked, settings, synchronous, until, values, waiting,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config};

/// A table with rows, and functions of one name: in `public`, in a schema of the role's name, and in another one.
const NORM: &str = "CREATE TABLE study (id bigserial PRIMARY KEY, code text NOT NULL);
    INSERT INTO study (code) SELECT n FROM generate_series(1, 500) AS n;
    CREATE SCHEMA postgres; CREATE SCHEMA app;
    CREATE FUNCTION public.norm(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';
    CREATE FUNCTION postgres.norm(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT upper($1)';
    CREATE FUNCTION app.norm(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lower($1)';";
const INDEX: &str = "- index: study_norm\n  of: public.study\n  on: [norm(code)]\n";

async fn with_norm() -> (Config, Client) {
    let config = database().await;
    let client = connect(&config).await;
    client.batch_execute(NORM).await.unwrap();
    client.batch_execute("SET search_path = pg_catalog").await.unwrap();
    (config, client)
}

async fn index(client: &Client) -> Vec<String> {
    let sql = "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid = 'public.study_norm'::regclass AND indisvalid";
    values(client, sql).await
}

fn built(norm: &str) -> Vec<String> {
    vec![format!("CREATE INDEX study_norm ON public.study USING btree ({norm}(code))")]
}

#[tokio::test]
async fn what_a_driver_builds_after_the_commit_has_no_names_of_the_roles_schema() {
    let (config, client) = with_norm().await;
    let mut driver = Driver::connect(&config).await.unwrap().concurrently();
    driver.deploy(INDEX).await.unwrap();
    driver.commit().await.unwrap();
    assert_eq!(index(&client).await, built("public.norm"));
    driver.verify(INDEX).await.unwrap();
}

#[tokio::test]
async fn what_a_driver_builds_after_the_commit_has_the_path_of_its_transaction() {
    for set in ["SET LOCAL search_path = app, public", "SELECT set_config('search_path', 'app', true)"] {
        let (config, client) = with_norm().await;
        let mut driver = Driver::connect(&config).await.unwrap().concurrently();
        driver.submit(set).await.unwrap();
        driver.deploy(INDEX).await.unwrap();
        driver.commit().await.unwrap();
        assert_eq!(index(&client).await, built("app.norm"), "{set}");
    }
    // A fact may set it too, and two deployments of one transaction may have different ones.
    let (config, client) = with_norm().await;
    let mut driver = Driver::connect(&config).await.unwrap().concurrently();
    driver.deploy(&format!("- sql: SET LOCAL search_path = app, public\n{INDEX}")).await.unwrap();
    driver.submit("SET LOCAL search_path = public").await.unwrap();
    driver.deploy("{index: study_two, of: public.study, on: [norm(code)]}").await.unwrap();
    driver.commit().await.unwrap();
    assert_eq!(index(&client).await, built("app.norm"));
    let two = "SELECT pg_get_indexdef('public.study_two'::regclass)";
    assert_eq!(
        values::<String>(&client, two).await,
        ["CREATE INDEX study_two ON public.study USING btree (public.norm(code))"]
    );
}

#[tokio::test]
async fn what_is_built_after_a_boots_facts_has_the_path_that_they_set() {
    let (config, client) = with_norm().await;
    let app = files("app", &[("patch-1-0-0-std.sql", "SELECT 1;")]);
    app.write("deploy.yaml", &format!("- sql: SET LOCAL search_path = app, public\n{INDEX}"));
    Migrator::new([&app.lock()]).run(&config).await.unwrap();
    assert_eq!(index(&client).await, built("app.norm"));
}

#[tokio::test]
async fn a_drivers_session_is_its_owners_after_what_was_built() {
    let (config, client) = with_norm().await;
    let mut driver = Driver::connect(&config).await.unwrap().concurrently();
    let set = "SET search_path = app; SET lock_timeout = '7s'; SET statement_timeout = '8min'";
    driver.submit(set).await.unwrap();
    driver.commit().await.unwrap();
    driver.deploy(INDEX).await.unwrap();
    driver.commit().await.unwrap();
    assert_eq!(index(&client).await, built("app.norm"));
    let shown = "SELECT current_setting('search_path'), current_setting('lock_timeout'), \
                 current_setting('statement_timeout'), current_setting('role'), \
                 current_setting('default_transaction_read_only')";
    let left = driver.submit(shown).await.unwrap();
    let expected = ["app", "7s", "8min", "none", "off"].map(|value| Some(value.to_owned()));
    assert_eq!(left, [expected]);
}

/// What a pool's borrower left.
const LEFT: &str = "CREATE TEMP TABLE visit AS SELECT 'wrong'::text AS note; SET search_path = pg_temp; \
    SET statement_timeout = '1ms'; SET ROLE pg_monitor; PREPARE p AS SELECT 1; SELECT pg_advisory_lock(4711);";

const VISIT: &str = "- table: visit\n  with:\n  - column: note\n    type: text\n  - identity: [note]\n- of: visit\n  data:\n  - note: a\n";

fn visits() -> Files {
    files("app", &[("patch-1-0-0-std.sql", "SELECT 1;"), ("deploy.yaml", VISIT)])
}

#[tokio::test]
async fn what_a_pools_borrower_left_is_gone_before_anybody_deploys_or_looks() {
    let config = database().await;
    let bundle = visits().lock();
    Migrator::new([&bundle]).run(&config).await.unwrap();
    let left = async || {
        let pool = settings(&config).pool(1).unwrap();
        pool.get().await.unwrap().batch_execute(LEFT).await.unwrap();
        pool
    };
    Migrator::new([&bundle]).verify(&left().await).await.unwrap();
    let drift = Migrator::new([&bundle]).drift(&left().await).await.unwrap();
    assert!(drift.is_empty() && drift.unknown.is_none(), "{drift}");
    let mut driver = Driver::connect(&left().await).await.unwrap();
    assert!(driver.deploy(VISIT).await.unwrap().is_empty());
    let found = "SELECT (SELECT count(*) FROM pg_class WHERE relpersistence = 't'), \
                 (SELECT count(*) FROM pg_locks WHERE objid = 4711 AND pid = pg_backend_pid()), \
                 (SELECT count(*) FROM pg_prepared_statements WHERE from_sql), current_setting('role')";
    let nothing = ["0", "0", "0", "none"].map(|value| Some(value.to_owned()));
    assert_eq!(driver.submit(found).await.unwrap(), [nothing]);
}

#[tokio::test]
async fn a_transaction_that_a_pools_borrower_left_open_is_never_committed() {
    let config = database().await;
    let client = connect(&config).await;
    client.batch_execute("CREATE TABLE half (id int)").await.unwrap();
    let left = async |sql: &str| {
        let pool = settings(&config).pool(1).unwrap();
        let _ = pool.get().await.unwrap().batch_execute(sql).await;
        pool
    };
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "CREATE TABLE study (id int);")]);
    let more = locked("other", &[("patch-1-0-0-std.sql", "SELECT 1;")]);
    let (open, failed) = ("BEGIN; INSERT INTO half VALUES (1)", "BEGIN; SELECT 1 / 0");
    assert_eq!(Migrator::new([&bundle]).run(&left(open).await).await.unwrap().applied.len(), 1);
    let mut driver = Driver::connect(&left(open).await).await.unwrap();
    driver.deploy("{table: other}").await.unwrap();
    driver.commit().await.unwrap();
    let mut driver = Driver::connect(&left(failed).await).await.unwrap();
    driver.deploy("{table: another}").await.unwrap();
    driver.commit().await.unwrap();
    assert_eq!(Migrator::new([&more]).run(&left(failed).await).await.unwrap().applied.len(), 1);
    assert_eq!(values::<i32>(&client, "SELECT id FROM half").await, [] as [i32; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_driver_builds_while_a_standby_is_away_holds_no_lock() {
    let server = durable().await;
    let config = server.config();
    let client = connect(&config).await;
    client.batch_execute(NORM).await.unwrap();
    synchronous(&client, "away").await;
    let driver = Driver::connect(&config).await.unwrap().concurrently();
    let mut driver = driver.with(|options| options.answer_timeout = Duration::from_secs(2));
    driver.deploy(INDEX).await.unwrap();
    let error = driver.commit().await.unwrap_err();
    let said = "no synchronous standby answered within 2 s: the applied patches are committed here, but on no standby";
    assert_eq!((error.kind(), error.message()), (ErrorKind::Node, said), "{error}");
    assert_eq!(error.notes(), ["`synchronous_standby_names` is `away`"]);
    client.batch_execute("SET search_path = pg_catalog").await.unwrap();
    assert_eq!(index(&client).await, built("public.norm"));
    assert!(!held(&client).await);
    until("nobody waits", Duration::from_secs(5), async || waiting(&client).await == 0).await;
    // The driver itself is as usable as before.
    synchronous(&client, "").await;
    driver.deploy("{table: more}").await.unwrap();
    driver.commit().await.unwrap();
    server.stop().await.unwrap();
}

/// It goes away when the driver has begun, so that its very commit waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_drivers_commit_that_waits_for_a_standby_is_cancelled_when_it_is_given_up() {
    let server = durable().await;
    let config = server.config();
    let client = connect(&config).await;
    let mut driver = Driver::connect(&config)
        .await
        .unwrap()
        .with(|options| options.answer_timeout = Duration::from_secs(1));
    driver.submit("CREATE TABLE visit (note text)").await.unwrap();
    synchronous(&client, "away").await;
    let error = driver.commit().await.unwrap_err();
    let said = "no synchronous standby answered within 1 s: the applied patches are committed here, but on no standby";
    assert_eq!((error.kind(), error.message()), (ErrorKind::Node, said), "{error}");
    until("nobody waits", Duration::from_secs(5), async || {
        waiting(&client).await == 0 && !held(&client).await
    })
    .await;
    server.stop().await.unwrap();
}

/// Facts whose check tells whether a session of ours is as it must be.
fn settled(expected: &[(&str, &str)]) -> String {
    let is = |(name, value): &(&str, &str)| format!("current_setting('{name}') = '{value}'");
    let all = expected.iter().map(is).collect::<Vec<_>>().join(" AND ");
    format!("- sql: SELECT 1\n  unless: \"SELECT {all}\"\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_notices_that_the_host_of_a_driver_or_a_look_vanished() {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let server = Throwaway::start_with(&installation, Profile::throwaway().port(0)).await.unwrap();
    let mut config = Config::new();
    config.host("127.0.0.1").port(server.config().get_ports()[0]).user("postgres").dbname("postgres");
    let client = connect(&config).await;
    for setting in ["idle_in_transaction_session_timeout = '1s'", "statement_timeout = '1min'"] {
        client.batch_execute(&format!("ALTER DATABASE postgres SET {setting}")).await.unwrap();
    }
    let expected = settled(&[
        ("idle_in_transaction_session_timeout", "10min"),
        ("idle_session_timeout", "10min"),
        ("statement_timeout", "0"),
        ("client_connection_check_interval", "500ms"),
        ("tcp_keepalives_idle", "30"),
        ("tcp_keepalives_interval", "10"),
        ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "60000"),
    ]);
    let app = files("app", &[("patch-1-0-0-std.sql", "SELECT 1;"), ("deploy.yaml", &expected)]);
    let bundle = app.lock();
    Migrator::new([&bundle]).run(&config).await.unwrap();
    Migrator::new([&bundle]).verify(&config).await.unwrap();
    let drift = Migrator::new([&bundle]).drift(&config).await.unwrap();
    assert!(drift.is_empty(), "{drift}");
    let mut driver = Driver::connect(&config).await.unwrap();
    driver.deploy(expected.as_str()).await.unwrap();
    // It is not idle as long as its process is there.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    driver.commit().await.unwrap();
    server.stop().await.unwrap();
}

/// A way to a server on which nobody hears that a socket was closed, as where a forked process holds it too.
async fn held_open(config: &Config) -> Settings {
    let Host::Unix(directory) = &config.get_hosts()[0] else { panic!("the test servers have sockets") };
    let socket = directory.join(format!(".s.PGSQL.{}", config.get_ports()[0]));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, name) = (listener.local_addr().unwrap().port(), config.get_dbname().unwrap());
    let url = format!("postgresql://postgres@127.0.0.1:{port}/{name}?sslmode=disable");
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = UnixStream::connect(&socket).await.unwrap();
            tokio::spawn(async move {
                let ((mut asks, mut answered), (mut answers, mut asked)) =
                    (near.into_split(), far.into_split());
                tokio::spawn(async move { tokio::io::copy(&mut answers, &mut answered).await });
                let mut chunk = vec![0; 1 << 16];
                while let Ok(read @ 1..) = asks.read(&mut chunk).await {
                    asked.write_all(&chunk[..read]).await.unwrap();
                }
                std::future::pending::<()>().await;
            });
        }
    });
    Settings::parse(&url, &|_| None).unwrap()
}

/// The sessions of this database but the one that asks.
async fn sessions(client: &Client) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
               AND backend_type = 'client backend'";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_over_when_it_is_closed_whoever_else_has_its_socket() {
    let config = database().await;
    let client = connect(&config).await;
    let source = held_open(&config).await;
    let bundle = visits().lock();
    let over = async |what: &str| {
        until(what, Duration::from_secs(5), async || sessions(&client).await == 0).await;
    };
    Migrator::new([&bundle]).run(&source).await.unwrap();
    over("the run's session is over").await;
    Migrator::new([&bundle]).drift(&source).await.unwrap();
    over("the look's session is over").await;
    let driver = Driver::connect(&source).await.unwrap();
    driver.close().await;
    over("the unused driver's session is over").await;
    let mut driver = Driver::connect(&source).await.unwrap();
    driver.submit("CREATE TABLE more ()").await.unwrap();
    assert!(held(&client).await);
    driver.close().await;
    over("the driver's session is over").await;
    assert!(!held(&client).await);
    let pool = source.pool(1).unwrap();
    let mut driver = Driver::connect(&pool).await.unwrap();
    driver.submit("CREATE TABLE more ()").await.unwrap();
    driver.close().await;
    until("the lock is free", Duration::from_secs(5), async || !held(&client).await).await;
}

#[tokio::test]
async fn a_driver_whose_beginning_failed_is_usable() {
    let config = database().await;
    let mut driver =
        Driver::connect(&config).await.unwrap().with(|options| options.role = Some("nobody_here".into()));
    let error = driver.deploy("{table: more}").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission, "{error}");
    let error = driver.submit("SELECT 1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission, "{error}");
    let mut driver = driver.with(|options| options.role = Some("postgres".into()));
    driver.deploy("{table: more}").await.unwrap();
    driver.commit().await.unwrap();
    // Nor does it matter that somebody else had the lock.
    let holder = tests::lock_holder(&config).await;
    let mut driver = driver.with(|options| options.lock_wait = Duration::ZERO);
    let error = driver.deploy("{table: more}").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
    drop(holder);
    let mut driver = driver.with(|options| options.lock_wait = Duration::from_secs(20));
    assert!(driver.deploy("{table: more}").await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_dropped_half_way_is_never_committed() {
    let config = database().await;
    let client = connect(&config).await;
    let mut driver = Driver::connect(&config).await.unwrap();
    let long = "- table: half\n- sql: SELECT pg_catalog.pg_sleep(600)\n";
    tokio::time::timeout(Duration::from_millis(700), driver.deploy(long)).await.unwrap_err();
    let error = driver.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    until("its session is over", Duration::from_secs(5), async || sessions(&client).await == 0).await;
    assert_eq!(values::<i64>(&client, "SELECT count(*) FROM pg_class WHERE relname = 'half'").await, [0]);
}
