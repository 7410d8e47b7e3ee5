//! Reading the catalog: one round trip, whatever else happens.

use std::sync::atomic::{AtomicBool, Ordering};

use embed_migrate_core::catalog::RowPresence;
use embed_migrate_runtime::{Scope, ddl, fingerprint, inspect};
use tests::catalog::{HOSTILE, RICH, catalog, database_of};
use tests::{Counter, connect, database};

#[tokio::test(flavor = "multi_thread")]
async fn ten_and_two_thousand_tables_take_one_round_trip() {
    for count in [10, 2_000] {
        let tables = format!(
            "DO $$ BEGIN FOR n IN 1..{count} LOOP EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, a text, b integer)', n);
             END LOOP; END $$"
        );
        let (config, _) = database_of(&tables).await;
        let counter = Counter::start(&config).await;
        let client = connect(&counter.config).await;
        counter.take();
        let tables = inspect(&client, &Scope { rows: true, ..Scope::default() }).await.unwrap().tables.len();
        assert_eq!((tables, counter.take()), (count, 1));
        fingerprint(&client, &Scope::default()).await.unwrap();
        assert_eq!(counter.take(), 1);
        ddl(&client, &Scope::default(), None).await.unwrap();
        assert_eq!(counter.take(), 1);
        client.batch_execute("BEGIN").await.unwrap();
        assert_eq!(counter.take(), 1);
        inspect(&client, &Scope { within: true, ..Scope::default() }).await.unwrap();
        assert_eq!(counter.take(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_come_and_go_meanwhile_do_no_harm() {
    let (config, client) = database_of(RICH).await;
    let (busy, done) = (connect(&config).await, AtomicBool::new(false));
    let changes = async {
        let mut rounds = 0;
        while !done.load(Ordering::Relaxed) || rounds < 20 {
            busy.batch_execute(
                "CREATE TABLE coming (id serial PRIMARY KEY, a integer CHECK (a > 0), b integer GENERATED ALWAYS AS (a + 1) STORED);
                 CREATE INDEX ON coming ((a + 1)) WHERE a > 3;
                 CREATE TABLE part (LIKE study.event INCLUDING CONSTRAINTS); ALTER TABLE study.event ATTACH PARTITION part FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
                 CREATE VIEW seen AS SELECT a FROM coming",
            )
            .await
            .unwrap();
            busy.batch_execute("ALTER TABLE coming ADD COLUMN c integer DEFAULT 7; CREATE FUNCTION f(c coming) RETURNS text LANGUAGE sql AS 'SELECT c.a::text'")
                .await
                .unwrap();
            busy.batch_execute("DROP VIEW seen; DROP TABLE coming CASCADE; ALTER TABLE study.event DETACH PARTITION part; DROP TABLE part").await.unwrap();
            rounds += 1;
        }
    };
    let looks = async {
        for _ in 0..30 {
            assert!(catalog(&client).await.tables.len() > 10);
            fingerprint(&client, &Scope::default()).await.unwrap();
        }
        done.store(true, Ordering::Relaxed);
    };
    tokio::join!(changes, looks);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_settings_stay_as_they_were() {
    let (_, client) = database_of(HOSTILE).await;
    let settings = "SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_catalog.pg_settings WHERE name NOT LIKE 'transaction%'";
    let read = async || -> String { client.query_one(settings, &[]).await.unwrap().get(0) };
    let set = "search_path = \"a.b \"\"c\"\"\", '$user'; SET LOCAL DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Tokyo'";
    client.batch_execute("SET search_path = ''; SET quote_all_identifiers = on").await.unwrap();
    let before = read().await;
    let free = catalog(&client).await;
    assert_eq!(read().await, before);
    for begin in ["BEGIN", "BEGIN READ ONLY", "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1"] {
        client.batch_execute(&format!("{begin}; SET LOCAL {set}")).await.unwrap();
        let inside = read().await;
        let within = Scope { within: true, ..Scope::default() };
        assert_eq!(inspect(&client, &within).await.unwrap(), free);
        fingerprint(&client, &within).await.unwrap();
        assert_eq!(read().await, inside, "{begin}");
        client.batch_execute("ROLLBACK").await.unwrap();
        assert_eq!(read().await, before, "{begin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_leaves_no_trace() {
    let (config, client) = database_of("CREATE TABLE study (id integer PRIMARY KEY)").await;
    let scope = Scope { leave_out: &["left out"], ..Scope::default() };
    let (before, digest) = (catalog(&client).await, fingerprint(&client, &scope).await.unwrap());
    let temporary = connect(&config).await;
    temporary
        .batch_execute(
            "CREATE TEMPORARY TABLE t (id serial PRIMARY KEY, s text CHECK (s <> '')); COMMENT ON TABLE t IS 'Temporary';
             CREATE TEMPORARY VIEW v AS SELECT * FROM t; CREATE FUNCTION pg_temp.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
             CREATE TYPE pg_temp.e AS ENUM ('a')",
        )
        .await
        .unwrap();
    client
        .batch_execute(
            "CREATE SCHEMA \"left out\"; COMMENT ON SCHEMA \"left out\" IS 'Left out'; SET search_path = \"left out\";
             CREATE TABLE t (id serial PRIMARY KEY, s text CHECK (s <> ''), study_id integer REFERENCES public.study);
             COMMENT ON TABLE t IS 'T'; COMMENT ON COLUMN t.s IS 'S'; COMMENT ON CONSTRAINT t_pkey ON t IS 'P';
             CREATE VIEW v AS SELECT * FROM t; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';
             CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f(); COMMENT ON TRIGGER g ON t IS 'G';
             CREATE TYPE e AS ENUM ('a'); CREATE DOMAIN d AS text CHECK (VALUE <> ''); CREATE TYPE c AS (a text); COMMENT ON COLUMN c.a IS 'A';
             CREATE TYPE r AS RANGE (SUBTYPE = integer); CREATE STATISTICS st ON id, s FROM t; CREATE POLICY p ON t; CREATE RULE ru AS ON DELETE TO t DO NOTHING;
             CREATE OPERATOR @@ (FUNCTION = pg_catalog.int4pl, LEFTARG = integer, RIGHTARG = integer); ALTER DEFAULT PRIVILEGES IN SCHEMA \"left out\" GRANT SELECT ON TABLES TO PUBLIC",
        )
        .await
        .unwrap();
    assert_eq!(inspect(&client, &scope).await.unwrap(), before);
    assert_eq!(fingerprint(&client, &scope).await.unwrap(), digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_may_hold_rows_are_known() {
    let (_, client) = database_of(
        "CREATE TABLE empty (id integer); CREATE TABLE filled (id integer); INSERT INTO filled VALUES (1);
         CREATE TABLE analyzed (id integer); INSERT INTO analyzed VALUES (1); ANALYZE analyzed;
         CREATE TABLE gone (id integer); INSERT INTO gone VALUES (1); ANALYZE gone;
         CREATE TABLE whole (id integer) PARTITION BY LIST (id); CREATE TABLE part PARTITION OF whole FOR VALUES IN (1) PARTITION BY LIST (id);
         CREATE TABLE least PARTITION OF part FOR VALUES IN (1); INSERT INTO whole VALUES (1);
         CREATE TABLE bare (id integer) PARTITION BY LIST (id); CREATE TABLE hollow PARTITION OF bare DEFAULT",
    )
    .await;
    client.batch_execute("TRUNCATE gone").await.unwrap();
    let rows = async |rows| {
        let catalog = inspect(&client, &Scope { rows, ..Scope::default() }).await.unwrap();
        let mut filled: Vec<String> = catalog
            .tables
            .values()
            .filter(|table| table.rows == RowPresence::Perhaps)
            .map(|table| table.name.name.clone())
            .collect();
        filled.sort();
        filled
    };
    assert_eq!(rows(true).await, ["analyzed", "filled", "least", "part", "whole"]);
    assert_eq!(rows(false).await.len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_on_a_table_holds_nobody_up() {
    let (config, client) =
        database_of("CREATE TABLE study (id serial PRIMARY KEY, t text DEFAULT 'x')").await;
    let locker = connect(&config).await;
    locker.batch_execute("BEGIN; LOCK TABLE study").await.unwrap();
    client.batch_execute("SET lock_timeout = '1ms'").await.unwrap();
    assert_eq!(catalog(&client).await.tables.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_role_reads_the_same() {
    let (config, client) = database_of(RICH).await;
    let mut ordinary = config.clone();
    client
        .batch_execute(
            "DO $$ BEGIN CREATE ROLE catalog_login LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        )
        .await
        .unwrap();
    ordinary.user("catalog_login");
    assert_eq!(catalog(&connect(&ordinary).await).await, catalog(&client).await);
    let _ = database().await;
}
