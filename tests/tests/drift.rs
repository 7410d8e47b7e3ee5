//! Drift: changes that no run made are reported, with SQL that reverts them; nothing else is reported.

use embed_migrate::{Bundle, ErrorKind, Migrator};
use embed_migrate_runtime::Drift;
use tests::{Files, connect, database, files};
use tokio_postgres::Config;

const FACTS: &str = "- table: study\n  with:\n  - column: code\n    type: text\n  - column: title\n    type: text\n    required: false\n  \
                     - identity: [code]\n- data: [{ code: a, title: A }, { code: b, title: B }]\n  of: study\n";

const PATCH: &str = "\
CREATE TABLE visit (id bigint PRIMARY KEY, note text DEFAULT 'none', seen boolean);
CREATE INDEX visit_note ON visit (note);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER stamped BEFORE UPDATE ON visit FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE VIEW seen AS SELECT id, note FROM visit WHERE seen;
GRANT SELECT ON visit TO pg_monitor;
";

fn app() -> Files {
    files("app", &[("patch-1-0-0-std.sql", PATCH), ("deploy.yaml", FACTS)])
}

async fn drift(bundle: &Bundle, config: &Config) -> Drift {
    Migrator::new([bundle]).drift(config).await.unwrap()
}

async fn execute(config: &Config, sql: &str) {
    connect(config).await.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

#[track_caller]
fn assert_none(drift: &Drift) {
    assert!(drift.is_empty() && drift.unknown.is_none(), "{drift}");
}

/// Changes the database, expects a report of the change, and repairs the database with the SQL of the report.
async fn check(bundle: &Bundle, config: &Config, change: &str, messages: &[&str]) {
    execute(config, change).await;
    let found = drift(bundle, config).await;
    // Since PostgreSQL 17 there is one privilege more.
    let clauses: Vec<String> =
        found.catalog.iter().map(|clause| clause.to_string().replace("arwdDxtm/", "arwdDxt/")).collect();
    assert_eq!(clauses, messages, "{change}\n{found}");
    assert!(found.patches.is_empty() && found.facts.is_empty(), "{change}\n{found}");
    for statement in found.catalog.iter().flat_map(|difference| &difference.fix) {
        assert!(found.to_string().contains(&format!("\n{statement};")), "{found}");
        execute(config, statement).await;
    }
    assert_none(&drift(bundle, config).await);
}

#[tokio::test]
async fn each_change_by_hand_is_named_with_sql_that_takes_it_back() {
    let (config, bundle) = (database().await, app().lock());
    Migrator::new([&bundle]).run(&config).await.unwrap();
    assert_none(&drift(&bundle, &config).await);
    for (change, messages) in [
        (
            "ALTER TABLE visit ADD extra integer NOT NULL DEFAULT 1",
            &["column `public.visit.extra` is new"][..],
        ),
        ("DROP INDEX visit_note", &["index `public.visit.visit_note` is missing"]),
        (
            "CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            &["function `public.stamp()`: other definition"],
        ),
        (
            "REVOKE SELECT ON visit FROM pg_monitor",
            &["table `public.visit`: no privileges, was `pg_monitor=r/postgres, postgres=arwdDxt/postgres`"],
        ),
        (
            "CREATE OR REPLACE VIEW seen AS SELECT id, note FROM visit WHERE NOT seen",
            &["view `public.seen`: other query"],
        ),
        (
            "ALTER TABLE visit ALTER note SET DEFAULT 'some'",
            &["column `public.visit.note`: default `'some'::text`, was `'none'::text`"],
        ),
        (
            "ALTER TABLE visit DISABLE TRIGGER stamped",
            &["trigger `public.visit.stamped`: enabled `DISABLE`, was `ENABLE`"],
        ),
        (
            "CREATE SCHEMA \"a \"\"b\"\"; \\ $$ (,)\n{contents}\"; COMMENT ON SCHEMA \"a \"\"b\"\"; \\ $$ (,)\n{contents}\" IS 'x'",
            &["schema `a \"b\"; \\ $$ (,)\n{contents}` is new"],
        ),
    ] {
        check(&bundle, &config, change, messages).await;
    }
}

#[tokio::test]
async fn a_broken_fact_and_an_edited_patch_stand_in_the_same_report() {
    let (config, bundle) = (database().await, app().lock());
    Migrator::new([&bundle]).run(&config).await.unwrap();
    execute(
        &config,
        "UPDATE study SET title = 'other' WHERE code = 'b'; ALTER TABLE visit ADD extra integer",
    )
    .await;
    let text = PATCH.replace("'none'", "'other'");
    let edited = tests::files("app", &[("patch-1-0-0-std.sql", &text), ("deploy.yaml", FACTS)]).lock();
    let found = drift(&edited, &config).await;
    let [patch] = found.patches.as_slice() else { panic!("{found}") };
    assert_eq!(patch.kind(), ErrorKind::Edited, "{found}");
    let [fact] = found.facts.as_slice() else { panic!("{found}") };
    assert_eq!(fact.notes()[0], "`title` is `other`, not `B`", "{found}");
    assert!(fact.notes()[1].starts_with("this would fix it:\nUPDATE "), "{found}");
    assert_eq!(found.catalog.len(), 1, "{found}");
    let report = found.to_string();
    let parts =
        [patch.to_string(), fact.to_string(), "1 difference\n  left by app as postgres at ".to_owned()];
    assert!(parts.iter().all(|part| report.contains(part)), "{report}");
    // The binary of before, and facts that are made true, leave what was added by hand.
    Migrator::new([&bundle]).with(|options| options.facts_again = true).run(&config).await.unwrap();
    assert_none(&drift(&bundle, &config).await);
}

#[tokio::test]
async fn a_fact_of_the_schema_is_reported_with_what_fixes_it() {
    let (config, bundle) = (database().await, app().lock());
    Migrator::new([&bundle]).run(&config).await.unwrap();
    execute(&config, "ALTER TABLE study ALTER title SET NOT NULL").await;
    let found = drift(&bundle, &config).await;
    assert_eq!((found.facts.len(), found.catalog.len()), (1, 1), "{found}");
    assert!(found.facts[0].notes()[0].starts_with("this would fix it:\nALTER TABLE "), "{found}");
    execute(&config, &found.catalog[0].fix.join(";")).await;
    assert_none(&drift(&bundle, &config).await);
}

#[tokio::test]
async fn another_programs_schema_may_be_left_out() {
    let (config, bundle) = (database().await, app().lock());
    Migrator::new([&bundle]).run(&config).await.unwrap();
    let theirs = "CREATE SCHEMA public_too; CREATE TABLE public_too.t (id integer); CREATE PUBLICATION p;";
    execute(&config, theirs).await;
    assert_eq!(drift(&bundle, &config).await.catalog.len(), 3);
    assert_none(&drift(&bundle, &config).await.within(&["public"]));
    execute(&config, "ALTER TABLE visit ADD extra integer").await;
    let found = drift(&bundle, &config).await.within(&["public"]);
    assert_eq!(found.catalog.len(), 1, "{found}");
    assert_eq!(drift(&bundle, &config).await.within(&["public_too"]).catalog.len(), 2);
}

#[tokio::test]
async fn what_is_no_change_of_the_schema_is_not_told() {
    let (config, bundle) = (database().await, app().lock());
    Migrator::new([&bundle]).run(&config).await.unwrap();
    let first = drift(&bundle, &config).await;
    assert_none(&first);
    Migrator::new([&bundle]).run(&config).await.unwrap();
    let second = drift(&bundle, &config).await;
    assert_none(&second);
    assert_eq!(first.since, second.since, "a boot that finds nothing to do keeps nothing");
    let other = connect(&config).await;
    other
        .batch_execute(
            "CREATE TEMPORARY TABLE visit (other integer); CREATE TEMPORARY VIEW seen AS SELECT 1 AS a; \
             CREATE TYPE pg_temp.mood AS ENUM ('x')",
        )
        .await
        .unwrap();
    for sql in [
        "INSERT INTO visit SELECT generate_series(1, 1000); INSERT INTO study (code) VALUES ('c')",
        "DELETE FROM visit",
        "VACUUM FULL ANALYZE",
        "ANALYZE",
        "SELECT nextval(pg_get_serial_sequence('study', 'id'))",
        "REINDEX TABLE visit",
    ] {
        execute(&config, sql).await;
        assert_none(&drift(&bundle, &config).await);
    }
}

#[tokio::test]
async fn a_run_of_patches_keeps_what_it_leaves() {
    let (config, files) = (database().await, app());
    Migrator::new([&files.lock()]).run(&config).await.unwrap();
    files.write("patch-1-1-0-std.sql", "ALTER TABLE visit ADD extra integer;\n");
    let bundle = files.lock();
    let found = drift(&bundle, &config).await;
    assert_none(&found);
    let report = Migrator::new([&bundle])
        .with(|options| options.revision = Some("abc".into()))
        .run(&config)
        .await
        .unwrap();
    assert_eq!((report.applied.len(), report.facts.len()), (1, 0));
    let found = drift(&bundle, &config).await;
    assert_none(&found);
    let since = found.since.unwrap();
    assert_eq!((since.by.as_str(), since.application.as_deref()), ("postgres", Some("app")));
    assert_eq!(since.revision.as_deref(), Some("abc"));
    files.write("patch-1-2-0-std.sql", "ALTER TABLE visit ADD more integer;\n");
    files.write("patch-1-3-0-std.sql", "SELECT 1 / 0;\n");
    let broken = files.lock();
    Migrator::new([&broken]).run(&config).await.unwrap_err();
    let found = drift(&broken, &config).await;
    assert!(found.is_empty(), "{found}");
    assert!(found.to_string().contains("not compared: 1 patch was applied since"), "{found}");
}

#[tokio::test]
async fn what_can_not_be_compared_is_said() {
    let config = database().await;
    let plain = files("app", &[("patch-1-0-0-std.sql", PATCH)]).lock();
    Migrator::new([&plain]).run(&config).await.unwrap();
    let found = drift(&plain, &config).await;
    assert_eq!(found.to_string().lines().next(), Some("no drift"));
    assert_eq!(
        found.unknown.unwrap().message(),
        "no snapshot to compare with; only bundles with facts store one"
    );
    let kept = "SELECT to_regclass('migrate.catalog') IS NULL";
    assert!(connect(&config).await.query_one(kept, &[]).await.unwrap().get::<_, bool>(0));

    let (config, bundle) = (database().await, app().lock());
    let nothing = drift(&bundle, &config).await;
    assert!(!nothing.facts.is_empty() && nothing.unknown.is_some(), "{nothing}");
    Migrator::new([&bundle]).run(&config).await.unwrap();
    execute(&config, "UPDATE migrate.catalog SET server = 130001; DROP INDEX visit_note").await;
    let found = drift(&bundle, &config).await;
    assert!(
        found.is_empty() && found.to_string().contains("PostgreSQL 13 printed the stored catalog"),
        "{found}"
    );
    Migrator::new([&bundle]).with(|options| options.facts_again = true).run(&config).await.unwrap();
    assert_none(&drift(&bundle, &config).await);
    execute(&config, "UPDATE migrate.catalog SET format = 'sha256:0'").await;
    let found = drift(&bundle, &config).await;
    assert!(found.to_string().contains("another release of migrate stored it"), "{found}");
}

#[tokio::test]
async fn later_facts_than_the_binarys_are_no_drift() {
    let (config, files) = (database().await, app());
    let old = files.lock();
    files.write(
        "deploy.yaml",
        &FACTS
            .replace("type: text\n    required: false", "type: integer\n    required: false")
            .replace("title: A", "title: 1")
            .replace("title: B", "title: 2"),
    );
    let new = files.lock();
    Migrator::new([&new]).run(&config).await.unwrap();
    assert_none(&drift(&old, &config).await);
}

#[tokio::test]
async fn hostile_names_are_kept_and_compared() {
    let (config, files) = (database().await, app());
    let odd = "\"x\"\"\\ (,){contents} \u{e9}$a$\"";
    let patch = format!(
        "CREATE SCHEMA {odd}; CREATE TABLE {odd}.{odd} ({odd} text DEFAULT E'\\\\\"(,)\\n\\r\\t', CONSTRAINT {odd} CHECK ({odd} <> ''));\n\
         CREATE VIEW {odd}.\"v\" AS SELECT {odd} FROM {odd}.{odd}; COMMENT ON TABLE {odd}.{odd} IS E'\\\\\"(,)\\n''';\n"
    );
    files.write("patch-1-1-0-std.sql", &patch);
    let bundle = files.lock();
    let migrator =
        Migrator::new([&bundle]).with(|options| options.history_schema = "{contents} ' \"m\"".into());
    migrator.run(&config).await.unwrap();
    assert_none(&migrator.drift(&config).await.unwrap());
    execute(&config, &format!("ALTER TABLE {odd}.{odd} ALTER {odd} DROP DEFAULT")).await;
    let found = migrator.drift(&config).await.unwrap();
    assert_eq!(found.catalog.len(), 1, "{found}");
    execute(&config, &found.catalog[0].fix.join(";")).await;
    assert_none(&migrator.drift(&config).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_while_it_verifies_leaves_no_transaction_in_the_pool() {
    let (config, bundle) = (database().await, app().lock());
    Migrator::new([&bundle]).run(&config).await.unwrap();
    let pool = tests::settings(&config).pool(1).unwrap();
    let mut locker = connect(&config).await;
    let migrator = Migrator::new([&bundle]).with(|options| options.role = Some("postgres".into()));
    for drift in [false, true] {
        let locking = locker.transaction().await.unwrap();
        locking.batch_execute("LOCK TABLE pg_attrdef").await.unwrap();
        let asks = async {
            match drift {
                true => migrator.drift(&pool).await.map(drop),
                false => migrator.verify(&pool).await,
            }
        };
        let waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'pg_attrdef'::regclass AND NOT granted";
        let waits = tests::until("it waits", std::time::Duration::from_secs(10), async || {
            locking.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 1
        });
        tokio::select! {
            messages = asks => panic!("{messages:?}"),
            _ = waits => {}
        }
        locking.rollback().await.unwrap();
        let client = pool.get().await.unwrap();
        client.batch_execute("CREATE TABLE mine (id bigint)").await.unwrap();
        let seen = "SELECT to_regclass('public.mine') IS NOT NULL";
        let seen: bool = locker.query_one(seen, &[]).await.unwrap().get(0);
        assert!(seen, "what a service writes by the pool is committed");
        client.batch_execute("DROP TABLE mine").await.unwrap();
    }
}
