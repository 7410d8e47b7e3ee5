//! A bundle keeps its history, whatever the names of its crate, its directory and the history's schema are.

use embed_migrate::{Bundle, Error, ErrorKind, Migrator};
use tests::{bundle, connect, files, locked, values};
use tokio_postgres::{Client, Config};

/// A new database, whose schema `public` is closed, as it is anyway since PostgreSQL 15.
async fn database() -> Config {
    let config = tests::database().await;
    connect(&config).await.batch_execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC").await.unwrap();
    config
}

const ONE: (&str, &str) = ("00001-a.sql", "CREATE TABLE IF NOT EXISTS t (id int); INSERT INTO t VALUES (1);");
const TWO: (&str, &str) = ("00002-b.sql", "INSERT INTO t VALUES (2);");
const THREE: (&str, &str) = ("00003-c.sql", "INSERT INTO t VALUES (3);");

const MEANT: &str = "`--new-history`, `RunOptions::new_history`, or `history: separate` in bundle.yaml";

fn app(name: &str) -> Bundle {
    locked(name, &[ONE, TWO])
}

async fn applied(config: &Config) -> i64 {
    values(&connect(config).await, "SELECT count(*) FROM migrate.patch WHERE bundle <> 'migrate'").await[0]
}

/// All ways to look say what a run says, and nothing is written.
async fn refused_everywhere(migrator: &Migrator<'_>, config: &Config) -> Error {
    let refused = migrator.run(config).await.unwrap_err();
    let status = migrator.status(config).await.unwrap().problem.unwrap();
    let drift = migrator.drift(config).await.unwrap();
    let others = [
        status,
        migrator.plan(config).await.unwrap_err(),
        migrator.verify(config).await.unwrap_err(),
        migrator.dry_run(config).await.unwrap_err(),
    ];
    assert_eq!(others.map(|error| error.to_string()), [(); 4].map(|()| refused.to_string()));
    assert_eq!(drift.patches.iter().map(Error::to_string).collect::<Vec<_>>(), [refused.to_string()]);
    assert_eq!(migrator.up_to_date(config).await.unwrap(), None);
    assert_eq!(refused.kind(), ErrorKind::Identity);
    refused
}

#[tokio::test]
async fn a_renamed_bundle_is_refused_with_the_name_that_it_had() {
    let config = database().await;
    Migrator::new([&app("app")]).run(&config).await.unwrap();
    let renamed = locked("app-server", &[ONE, TWO, THREE]);
    let refused = refused_everywhere(&Migrator::new([&renamed]), &config).await;
    let expect = format!(
        "the history has no patch of bundle `app-server`, and has its patches under the name `app`\n  \
         note: `migrate.patch` has `1.0.0` to `2.0.0` of `app`, and all that both have are equal\n  \
         help: give the bundle its former name: `cargo migrate lock --rename app`, and the same in its bundle.yaml if that has a `name`\n        \
         or, if this is another bundle with equal first patches, whose patches must be applied too: {MEANT}"
    );
    assert_eq!(refused.to_string(), expect);
    assert_eq!(applied(&config).await, 2);
    // By its name it goes on.
    let report = Migrator::new([&locked("app", &[ONE, TWO, THREE])]).run(&config).await.unwrap();
    assert_eq!(report.applied.len(), 1);
}

#[tokio::test]
async fn the_locked_name_stays_when_the_crate_gets_another() {
    let config = database().await;
    let directory = files("app", &[ONE, TWO]);
    Migrator::new([&directory.lock()]).run(&config).await.unwrap();
    // As the macro of a crate of another name reads it.
    let moved = Bundle::read(directory.path(), "app-server").unwrap();
    assert_eq!(moved.name(), "app");
    assert!(Migrator::new([&moved]).run(&config).await.unwrap().applied.is_empty());
}

#[tokio::test]
async fn a_forgotten_history_schema_is_named() {
    let config = database().await;
    let app = app("app");
    let ops = Migrator::new([&app]).with(|options| options.history_schema = "ops".into());
    ops.run(&config).await.unwrap();
    let refused = refused_everywhere(&Migrator::new([&app]), &config).await;
    let expect = format!(
        "the history `migrate` has no patch of bundle `app`, and the history `ops` has its patches\n  \
         note: `ops.patch` has `1.0.0` to `2.0.0` of `app`, and all that both have are equal\n  \
         help: name its schema: `--history-schema ops`, or `RunOptions::history_schema`\n        \
         or, if you want a second history, and the patches to be applied once more: {MEANT}"
    );
    assert_eq!(refused.to_string(), expect);
    // Renamed, it is found all the same, and a bundle that was renamed too.
    let client = connect(&config).await;
    client.batch_execute("ALTER SCHEMA ops RENAME TO \"Old history\"").await.unwrap();
    let renamed = locked("app-server", &[ONE]);
    let refused = refused_everywhere(&Migrator::new([&renamed]), &config).await;
    let expect = format!(
        "the history `migrate` has no patch of bundle `app-server`, and the history `Old history` has its patches, under the name `app`\n  \
         note: `Old history.patch` has `1.0.0` of `app`, and it is equal\n  \
         help: name its schema: `--history-schema Old history`, or `RunOptions::history_schema`, and give it that name again: \
         `cargo migrate lock --rename app`\n        \
         or, if you want a second history, and the patches to be applied once more: {MEANT}"
    );
    assert_eq!(refused.to_string(), expect);
    let rows: Vec<i64> = values(&client, "SELECT count(*) FROM t").await;
    assert_eq!(rows, [2]);
}

#[tokio::test]
async fn a_second_history_is_made_where_that_is_meant() {
    let config = database().await;
    let app = app("app");
    Migrator::new([&app])
        .with(|options| options.history_schema = "tenant_1".into())
        .run(&config)
        .await
        .unwrap();
    // By the run, and from then on without a word, since there is a record.
    let second = Migrator::new([&app]).with(|options| options.history_schema = "tenant_2".into());
    assert_eq!(
        second.clone().with(|options| options.new_history = true).run(&config).await.unwrap().applied.len(),
        2
    );
    assert!(second.run(&config).await.unwrap().applied.is_empty());
    second.verify(&config).await.unwrap();
    // By the bundle.
    let tenant = files("app", &[ONE, TWO, ("bundle.yaml", "history: separate\n")]).lock();
    let third = Migrator::new([&tenant]).with(|options| options.history_schema = "tenant_3".into());
    assert_eq!(third.status(&config).await.unwrap().problem.map(|error| error.to_string()), None);
    assert_eq!(third.run(&config).await.unwrap().applied.len(), 2);
    // A service that began as a copy of another one.
    let fork = locked("fork", &[ONE]);
    let refused = Migrator::new([&fork])
        .with(|options| options.history_schema = "tenant_1".into())
        .run(&config)
        .await
        .unwrap_err();
    assert!(refused.advice().unwrap().contains(MEANT), "{refused}");
    let meant = Migrator::new([&fork]).with(|options| {
        options.history_schema = "tenant_1".into();
        options.new_history = true;
    });
    assert_eq!(meant.run(&config).await.unwrap().applied.len(), 1);
}

#[tokio::test]
async fn a_bundle_that_differs_in_a_shared_patch_is_another_one() {
    let config = database().await;
    Migrator::new([&app("app")]).run(&config).await.unwrap();
    let other = locked("other", &[ONE, ("00002-b.sql", "INSERT INTO t VALUES (7);")]);
    assert_eq!(Migrator::new([&other]).run(&config).await.unwrap().applied.len(), 2);
    let below = locked("below", &[("00001-a.sql", "SELECT 1;")]);
    assert_eq!(Migrator::new([&below]).run(&config).await.unwrap().applied.len(), 1);
}

#[tokio::test]
async fn what_a_history_has_is_known_by_cosmetic_edits_accepted_ones_drafts_and_baselines() {
    async fn check(recorded: Bundle, renamed: Bundle) {
        let config = database().await;
        Migrator::new([&recorded]).run(&config).await.unwrap();
        refused_everywhere(&Migrator::new([&renamed]), &config).await;
    }
    let commented =
        ("00001-a.sql", "-- The first.\ncreate table if not exists t (id int);\nINSERT INTO t VALUES (1);");
    check(app("app"), locked("renamed", &[commented, TWO])).await;
    // A draft that went on changing says nothing; what was locked does.
    let begun = files("app", &[ONE]);
    begun.lock();
    begun.write(TWO.0, TWO.1);
    let recorded = begun.read();
    begun.write(TWO.0, "INSERT INTO t VALUES (8);");
    let renamed = begun.read().with(|parts| parts.name = "renamed".into());
    check(recorded, renamed).await;
    check(bundle("app", &[ONE]), bundle("renamed", &[ONE])).await;
    let squashed = [("baseline-1-0-0.sql", "CREATE TABLE t (id int);"), ("patch-1-1-0-std.sql", TWO.1)];
    check(locked("app", &squashed), locked("renamed", &squashed)).await;
}

#[tokio::test]
async fn two_bundles_of_one_binary_may_begin_alike() {
    let config = database().await;
    let (one, other) = (app("one"), locked("other", &[ONE]));
    Migrator::new([&one]).run(&config).await.unwrap();
    // The binary has `one` too, so that `other` is not what became of it.
    assert_eq!(Migrator::new([&one, &other]).run(&config).await.unwrap().applied.len(), 1);
    let renamed = locked("renamed", &[ONE]);
    let refused = Migrator::new([&one, &renamed]).run(&config).await.unwrap_err();
    assert!(refused.message().ends_with("under the name `other`"), "{refused}");
}

/// A role that may make schemas, and a client that is it.
async fn untrusted_role(config: &Config) -> (String, Client) {
    let role = format!("eve_{}", config.get_dbname().unwrap());
    let database = config.get_dbname().unwrap();
    let make = format!("CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE {database} TO {role}");
    connect(config).await.batch_execute(&make).await.unwrap();
    let mut theirs = config.clone();
    (role.clone(), connect(theirs.user(&role)).await)
}

#[tokio::test]
async fn an_untrusted_history_runs_no_code_and_stops_no_boot() {
    let config = database().await;
    let app = app("app");
    let (role, eve) = untrusted_role(&config).await;
    let checksums = app.patches().iter().map(|patch| patch.tokens().to_string()).collect::<Vec<_>>();
    eve.batch_execute(&format!(
        "CREATE SCHEMA trap;
         CREATE FUNCTION trap.sprung() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung'; END $$;
         CREATE TABLE trap.patch (position bigint, previous bigint, bundle text, version int[], kind text, file text, checksum text,
             tokens text, min_app int[], draft boolean, baseline boolean, ended_at timestamptz);
         INSERT INTO trap.patch VALUES (1, NULL, 'app', '{{1,0,0}}', 'std', 'a', '{0}', '{0}', NULL, false, false, now()),
             (2, 1, 'app', '{{2,0,0}}', 'std', 'b', '{1}', '{1}', NULL, false, false, now());
         CREATE POLICY p ON trap.patch USING (trap.sprung()); ALTER TABLE trap.patch ENABLE ROW LEVEL SECURITY;
         ALTER TABLE trap.patch FORCE ROW LEVEL SECURITY; GRANT USAGE ON SCHEMA trap TO PUBLIC; GRANT SELECT ON trap.patch TO PUBLIC;
         CREATE SCHEMA view;
         CREATE VIEW view.patch AS SELECT *, trap.sprung() FROM trap.patch;",
        checksums[0], checksums[1]
    ))
    .await
    .unwrap();
    let migrator = Migrator::new([&app]);
    let note = format!(
        "`trap.patch` looks like a history, and was not read: it belongs to `{role}`, which is not a trusted role"
    );
    assert_eq!(migrator.status(&config).await.unwrap().notes, std::slice::from_ref(&note));
    let report = migrator.run(&config).await.unwrap();
    assert_eq!((report.applied.len(), report.notes), (2, vec![note]));
    // A table of a trusted role, and beside it a table of an untrusted role.
    let config = database().await;
    let (_, eve) = untrusted_role(&config).await;
    let client = connect(&config).await;
    Migrator::new([&app]).with(|options| options.history_schema = "ops".into()).run(&config).await.unwrap();
    let make = format!("ALTER SCHEMA ops OWNER TO eve_{}", config.get_dbname().unwrap());
    client.batch_execute(&make).await.unwrap();
    drop(eve);
    let report = Migrator::new([&app]).run(&config).await.unwrap();
    assert_eq!(report.notes.len(), 1, "{report:?}");
    assert!(report.notes[0].starts_with(
        "`ops.patch` looks like a history, and was not read: the history's schema `ops` belongs to"
    ));
}

#[tokio::test]
async fn an_applications_own_table_of_that_name_is_passed_over() {
    let config = database().await;
    let client = connect(&config).await;
    let own = "CREATE TABLE public.patch (id int, version text); CREATE SCHEMA shop; CREATE TABLE shop.patch (position int, tokens int)";
    client.batch_execute(own).await.unwrap();
    let report = Migrator::new([&app("app")]).run(&config).await.unwrap();
    assert_eq!((report.applied.len(), report.notes.len()), (2, 0));
}

#[tokio::test]
async fn a_first_run_that_broke_off_goes_on() {
    let config = database().await;
    Migrator::new([&app("app")])
        .with(|options| options.history_schema = "ops".into())
        .run(&config)
        .await
        .unwrap();
    let broken =
        locked("other", &[("00001-x.sql", "CREATE TABLE u (id int);"), ("00002-b.sql", "SELECT 1 / 0;")]);
    Migrator::new([&broken]).run(&config).await.unwrap_err();
    let fixed = locked("other", &[("00001-x.sql", "CREATE TABLE u (id int);"), ("00002-b.sql", "SELECT 1;")]);
    assert_eq!(Migrator::new([&fixed]).run(&config).await.unwrap().applied.len(), 1);
}

#[tokio::test]
async fn a_database_of_another_tool_is_refused_unless_that_is_meant() {
    let tables = [
        ("public._sqlx_migrations", "version bigint, checksum bytea, success boolean", "sqlx"),
        ("app.__diesel_schema_migrations", "version text, run_on timestamp", "Diesel"),
        ("public.alembic_version", "version_num text", "Alembic"),
        (
            "public.schema_migrations",
            "version bigint, dirty boolean",
            "golang-migrate, dbmate, Rails or Ecto",
        ),
        ("hdb_catalog.schema_migrations", "version bigint, dirty boolean", "Hasura"),
        ("supabase_migrations.schema_migrations", "version text, statements text[], name text", "Supabase"),
        ("sqitch.changes", "change_id text, script_hash text, planner_name text", "Sqitch"),
        (
            "public.refinery_schema_history",
            "version int, name text, applied_on text, checksum text",
            "refinery",
        ),
        ("public.flyway_schema_history", "installed_rank int, version text, checksum int", "Flyway"),
        ("public.migrations", "id int, migration text, batch int", "Laravel"),
        ("public.migrations", "id int, \"timestamp\" bigint, name text", "TypeORM"),
        ("drizzle.__drizzle_migrations", "id int, hash text, created_at bigint", "Drizzle"),
    ];
    let app = app("app");
    for (table, columns, tool) in tables {
        let config = database().await;
        let schema = table.split('.').next().unwrap();
        let make = format!("CREATE SCHEMA IF NOT EXISTS {schema}; CREATE TABLE {table} ({columns})");
        connect(&config).await.batch_execute(&make).await.unwrap();
        let refused = refused_everywhere(&Migrator::new([&app]), &config).await;
        let expect = format!(
            "another tool made this database: it has the table `{table}`, of {tool}\n  \
             note: there is no history of this tool, so all patches would be applied to the schema that the other tool made\n  \
             help: to begin a history in this database anyway: {MEANT}"
        );
        assert_eq!(refused.to_string(), expect);
        let meant = Migrator::new([&app]).with(|options| options.new_history = true);
        assert_eq!(meant.run(&config).await.unwrap().applied.len(), 2);
        // From then on nobody is asked, not even about another bundle.
        Migrator::new([&app, &locked("other", &[("00001-x.sql", "SELECT 1;")])]).run(&config).await.unwrap();
    }
    // An untrusted role's table stops nothing.
    let config = database().await;
    let (_, eve) = untrusted_role(&config).await;
    let plant = "CREATE SCHEMA trap; CREATE TABLE trap._sqlx_migrations (version bigint, checksum bytea, success boolean)";
    eve.batch_execute(plant).await.unwrap();
    assert_eq!(Migrator::new([&app]).run(&config).await.unwrap().applied.len(), 2);
}

#[tokio::test]
async fn another_programs_tables_lead_to_another_schema_for_the_history() {
    let config = database().await;
    connect(&config)
        .await
        .batch_execute("CREATE SCHEMA migrate; CREATE TABLE migrate.patch (id int)")
        .await
        .unwrap();
    let app = app("app");
    let migrator = Migrator::new([&app]);
    let expect = "the tables in the schema `migrate` are those of another program, and no history\n  \
                  note: a history was asked for: column p.position does not exist\n  \
                  help: store the history in another schema: `--history-schema NAME`, or `RunOptions::history_schema`";
    assert_eq!(migrator.run(&config).await.unwrap_err().to_string(), expect);
    assert_eq!(migrator.status(&config).await.unwrap_err().to_string(), expect);
    let report = migrator.with(|options| options.history_schema = "ops".into()).run(&config).await.unwrap();
    assert_eq!((report.applied.len(), report.notes.len()), (2, 0));
    // One that is made only when something is written to it.
    let config = database().await;
    let own = "CREATE SCHEMA migrate; CREATE TABLE migrate.statement (id int)";
    connect(&config).await.batch_execute(own).await.unwrap();
    let files = [
        ("00001-a.sql", "CREATE TABLE t (id int);"),
        ("00002-b.concurrent.sql", "CREATE INDEX CONCURRENTLY i ON t (id);"),
    ];
    let error = Migrator::new([&locked("app", &files)]).run(&config).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "recording a concurrent patch failed: column \"position\" of relation \"statement\" does not exist\n  \
           note: SQLSTATE 42703\n  note: applied before it: app 1.0.0\n  \
           help: another program has tables in that schema: store the history in another one, `--history-schema NAME`, or \
           `RunOptions::history_schema`"
    );
}
