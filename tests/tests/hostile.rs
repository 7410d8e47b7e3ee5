//! Patches and databases that are hostile, or only look so.

use embed_migrate::{ErrorKind, Migrator};
use tests::{bundle, connect, database, locked, server};
use tokio_postgres::Config;

#[tokio::test]
async fn a_patch_that_changes_path_role_and_timeouts_changes_them_for_itself_only() {
    let config = database().await;
    let client = connect(&config).await;
    let role = format!("other_{}", config.get_dbname().unwrap());
    client
        .batch_execute(&format!(
            "CREATE ROLE {role}; CREATE SCHEMA elsewhere; GRANT ALL ON SCHEMA elsewhere TO {role}"
        ))
        .await
        .unwrap();
    let unruly = format!(
        "SET search_path = elsewhere; SET statement_timeout = '1ms'; SET LOCAL lock_timeout = '7ms'; SET synchronous_commit = on;\n\
         SET default_transaction_read_only = on; SET application_name = 'mallory'; SET standard_conforming_strings = off;\n\
         SET statement_timeout = 0; CREATE TABLE mine (id bigint); SET SESSION AUTHORIZATION {role}; SET statement_timeout = '1ms'"
    );
    let seen = "CREATE TABLE seen AS SELECT name, setting FROM pg_settings WHERE name IN ('search_path', 'statement_timeout', \
                'lock_timeout', 'application_name', 'standard_conforming_strings') UNION ALL SELECT 'user', current_user;";
    let bundle = bundle("app", &[("patch-1-0-0-std.sql", &unruly), ("patch-1-1-0-std.sql", seen)]);
    Migrator::new([&bundle]).run(&config).await.unwrap();
    let rows =
        client.query("SELECT name, setting FROM public.seen ORDER BY name COLLATE \"C\"", &[]).await.unwrap();
    let seen: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let expect = [
        ("application_name", "app"),
        ("lock_timeout", "2000"),
        ("search_path", "\"$user\", public"),
        ("standard_conforming_strings", "on"),
        ("statement_timeout", "0"),
        ("user", "postgres"),
    ];
    assert_eq!(seen, expect.map(|(name, setting)| (name.to_owned(), setting.to_owned())));
}

#[tokio::test]
async fn an_attackers_schema_in_the_search_path_is_never_asked() {
    let config = database().await;
    let client = connect(&config).await;
    client
        .batch_execute(&format!(
            "CREATE SCHEMA evil;
             CREATE TABLE evil.patch (position bigint); CREATE TABLE evil.bundle (name text);
             CREATE FUNCTION evil.trap() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
             CREATE FUNCTION evil.pg_try_advisory_lock(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT evil.trap() IS NULL';
             CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT evil.trap()::text::timestamptz';
             CREATE FUNCTION evil.array_to_string(integer[], text) RETURNS text LANGUAGE sql AS 'SELECT evil.trap()::text';
             CREATE FUNCTION evil.equal(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.trap() IS NULL';
             CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.equal);
             CREATE FUNCTION evil.equal(bigint, integer) RETURNS boolean LANGUAGE sql AS 'SELECT evil.trap() IS NULL';
             CREATE OPERATOR evil.= (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = evil.equal);
             CREATE FUNCTION evil.equal(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT evil.trap() IS NULL';
             CREATE OPERATOR evil.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = evil.equal);
             CREATE DOMAIN evil.text AS pg_catalog.text CHECK (evil.trap() IS NULL);
             ALTER DATABASE {} SET search_path = evil, pg_catalog, public",
            config.get_dbname().unwrap(),
        ))
        .await
        .unwrap();
    let bundle = locked(
        "app",
        &[
            ("patch-1-0-0-std.sql", "CREATE TABLE public.study (id bigint);"),
            ("patch-1-1-0-std.sql", "SELECT 1;"),
        ],
    );
    let migrator = Migrator::new([&bundle]);
    migrator.dry_run(&config).await.unwrap();
    assert_eq!(migrator.run(&config).await.unwrap().applied.len(), 2);
    assert!(migrator.run(&config).await.unwrap().applied.is_empty());
    migrator.verify(&config).await.unwrap();
    migrator.status(&config).await.unwrap();
}

#[tokio::test]
async fn names_with_quotes_dots_and_unicode_are_names_like_others() {
    let mut config = server().config();
    let name = "it's a \"größe\".db; DROP TABLE x --";
    server().instance().database(name).create().await.unwrap();
    config.dbname(name);
    let bundle =
        locked("größe-2", &[("00001-größe_ändern.sql", "CREATE TABLE \"größe.\"\"x\" (id bigint);")]);
    for schema in ["my \"history\".x", "größe", "SELECT", r"back\slash", "it's"] {
        let migrator = Migrator::new([&bundle]).with(|options| {
            options.history_schema = schema.into();
            options.new_history = true;
            options.application = Some(r#"it's \ "me""#.into());
            options.revision = Some("'; DROP SCHEMA public".into());
        });
        let dropped = connect(&config).await.batch_execute("DROP TABLE IF EXISTS \"größe.\"\"x\"").await;
        dropped.unwrap();
        assert_eq!(migrator.run(&config).await.unwrap().applied.len(), 1, "{schema}");
        assert!(migrator.run(&config).await.unwrap().applied.is_empty());
        migrator.verify(&config).await.unwrap();
    }
}

#[tokio::test]
async fn a_patch_of_ten_megabytes_is_a_patch() {
    let config = database().await;
    let row = format!("INSERT INTO note VALUES ('{}');\n", "x".repeat(1000));
    let text = format!("CREATE TABLE note (text text);\n{}", row.repeat(10_000));
    let bundle = locked("app", &[("patch-1-0-0-std.sql", &text)]);
    Migrator::new([&bundle]).run(&config).await.unwrap();
    let count: i64 = connect(&config).await.query_one("SELECT count(*) FROM note", &[]).await.unwrap().get(0);
    assert_eq!(count, 10_000);
}

#[tokio::test]
async fn text_that_looks_like_the_end_of_a_patch_is_text() {
    let config = database().await;
    let texts = [
        "SELECT 1 -- no line end",
        "SELECT $$; COMMIT; $$; /* nested /* ; */ COMMIT; */",
        "DO $body$ BEGIN PERFORM E'\\'; COMMIT; --'; END $body$",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END",
        "SELECT U&'d\\0061t\\+000061', 'COMMIT;', \"relname\" FROM pg_class WHERE false;;;",
    ];
    let names: Vec<String> = (0..texts.len()).map(|minor| format!("patch-1-{minor}-0-std.sql")).collect();
    let patches: Vec<_> = names.iter().map(String::as_str).zip(texts).collect();
    let report = Migrator::new([&locked("app", &patches)]).run(&config).await.unwrap();
    assert_eq!(report.applied.len(), texts.len());
}

#[tokio::test]
async fn a_database_that_is_read_only_by_default_is_migrated_all_the_same() {
    let config = database().await;
    let name = config.get_dbname().unwrap();
    let client = connect(&config).await;
    client
        .batch_execute(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"))
        .await
        .unwrap();
    client
        .batch_execute(&format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"))
        .await
        .unwrap();
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);")]);
    assert_eq!(Migrator::new([&bundle]).run(&config).await.unwrap().applied.len(), 1);
}

/// A database in which one role has made a schema before anybody else, another is to boot, and a function tells by a
/// sequence, which no rollback takes back.
async fn planted(schema: &str) -> Config {
    let mut config = database().await;
    let name = config.get_dbname().unwrap().to_owned();
    let client = connect(&config).await;
    let setup = format!(
        "CREATE SEQUENCE public.caught; GRANT USAGE ON SEQUENCE public.caught TO PUBLIC;
         CREATE ROLE mallory_{name}; CREATE ROLE booter_{name} LOGIN;
         GRANT CREATE ON DATABASE {name} TO mallory_{name}, booter_{name}; GRANT CREATE ON SCHEMA public TO booter_{name};
         SET ROLE mallory_{name}; CREATE SCHEMA migrate; GRANT USAGE ON SCHEMA migrate TO PUBLIC;
         CREATE FUNCTION migrate.trap() RETURNS text IMMUTABLE LANGUAGE plpgsql AS
         $$ BEGIN PERFORM nextval('public.caught'); RETURN 'app'; END $$;
         {schema} GRANT ALL ON ALL TABLES IN SCHEMA migrate TO PUBLIC; RESET ROLE"
    );
    client.batch_execute(&setup).await.unwrap();
    config.user(format!("booter_{name}"));
    config
}

async fn check_planted(schema: &str, message: &str) {
    let config = planted(schema).await;
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);")]);
    let migrator = Migrator::new([&bundle]);
    let refused = [
        migrator.run(&config).await.unwrap_err(),
        migrator.status(&config).await.unwrap_err(),
        migrator.verify(&config).await.unwrap_err(),
        migrator.dry_run(&config).await.unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.kind(), ErrorKind::Permission, "{error}");
        assert_eq!(error.message().replace(config.get_dbname().unwrap(), "db"), message);
    }
    assert!(!matches!(migrator.up_to_date(&config).await, Ok(Some(_))), "{schema}");
    let mut owner = config.clone();
    let client = connect(owner.user("postgres")).await;
    let caught: bool = client.query_one("SELECT is_called FROM public.caught", &[]).await.unwrap().get(0);
    assert!(!caught, "{schema}");
}

const OF_MALLORY: &str =
    "the history's schema `migrate` belongs to `mallory_db`, which is not a trusted role";

#[tokio::test]
async fn a_view_that_was_planted_where_the_history_belongs_runs_no_function() {
    let columns = "name, 'sha256:00 1.0.0 any' AS patches, NULL::text AS facts";
    check_planted(&format!("CREATE VIEW migrate.bundle AS SELECT migrate.trap() AS {columns};"), OF_MALLORY)
        .await;
    // With a name that only tables have of themselves.
    let system =
        format!("CREATE VIEW migrate.bundle AS SELECT '(0,0)'::tid AS ctid, migrate.trap() AS {columns};");
    check_planted(&system, OF_MALLORY).await;
}

#[tokio::test]
async fn a_foreign_table_that_was_planted_there_is_not_read() {
    let read = std::env::temp_dir().join(format!("migrate-read-{}", std::process::id()));
    let foreign = format!(
        "RESET ROLE; CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
         CREATE FOREIGN TABLE migrate.bundle (name text, patches text, facts text)
         SERVER files OPTIONS (program 'touch {}');",
        read.display()
    );
    check_planted(&foreign, OF_MALLORY).await;
    let found = std::fs::remove_file(&read);
    assert_eq!(found.unwrap_err().kind(), std::io::ErrorKind::NotFound);
}

#[tokio::test]
async fn a_planted_table_runs_neither_policy_nor_cast_nor_trigger() {
    let table = "CREATE TABLE migrate.bundle (name text, patches text, facts text);
                 INSERT INTO migrate.bundle VALUES ('app', '', NULL);";
    let policy = "ALTER TABLE migrate.bundle ENABLE ROW LEVEL SECURITY;
                  CREATE POLICY trap ON migrate.bundle USING (migrate.trap() IS NOT NULL);";
    check_planted(&format!("{table}{policy}"), OF_MALLORY).await;
    let cast = "CREATE TYPE migrate.word AS ENUM ('app');
                CREATE FUNCTION migrate.spell(migrate.word) RETURNS text LANGUAGE sql AS 'SELECT migrate.trap()';
                CREATE CAST (migrate.word AS text) WITH FUNCTION migrate.spell(migrate.word) AS IMPLICIT;
                CREATE TABLE migrate.patch (bundle migrate.word, kind migrate.word);
                INSERT INTO migrate.patch VALUES ('app', 'app');";
    check_planted(&format!("{table}{cast}"), OF_MALLORY).await;
    let trigger = "CREATE FUNCTION migrate.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM migrate.trap(); RETURN NULL; END $$;
                   CREATE TRIGGER trap BEFORE INSERT ON migrate.bundle EXECUTE FUNCTION migrate.fire();";
    check_planted(&format!("{table}{trigger}"), OF_MALLORY).await;
}

/// SQL that selects what the record of that bundle is once all is applied.
async fn record() -> String {
    let config = database().await;
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);")]);
    Migrator::new([&bundle]).run(&config).await.unwrap();
    let rows = "SELECT format('SELECT %L AS name, %L AS patches, %L::text AS facts', name, patches, facts) FROM migrate.bundle";
    let rows = connect(&config).await.query(rows, &[]).await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join(" UNION ALL ")
}

#[tokio::test]
async fn a_planted_record_is_no_proof() {
    let record = record().await;
    let rest = "1::bigint AS position, now() AS updated_at";
    let rows = format!("SELECT r.*, {rest} FROM ({record}) AS r");
    let view = format!("SELECT r.*, {rest}, 'pg_class'::regclass::oid AS tableoid FROM ({record}) AS r");
    let planted = [
        format!("CREATE TABLE migrate.bundle AS {rows};"),
        format!(
            "CREATE TABLE migrate.parent AS {rows} LIMIT 0; CREATE TABLE migrate.bundle () INHERITS (migrate.parent);
             INSERT INTO migrate.bundle {rows};"
        ),
        format!(
            "CREATE TABLE migrate.bundle AS {rows} LIMIT 0; CREATE TABLE migrate.child () INHERITS (migrate.bundle);
             INSERT INTO migrate.child {rows};"
        ),
        format!(
            "CREATE TABLE migrate.bundle (name text, patches text, facts text, position bigint, updated_at timestamptz)
             PARTITION BY LIST (name); CREATE TABLE migrate.part PARTITION OF migrate.bundle DEFAULT;
             INSERT INTO migrate.bundle {rows};"
        ),
        format!(
            "CREATE DOMAIN migrate.word AS text;
             CREATE TABLE migrate.bundle (name migrate.word, patches migrate.word, facts migrate.word, position bigint,
                 updated_at timestamptz);
             INSERT INTO migrate.bundle {rows};
             ALTER DOMAIN migrate.word ADD CONSTRAINT trap CHECK (migrate.trap() IS NOT NULL) NOT VALID;"
        ),
        format!(
            "CREATE TABLE migrate.bundle AS {rows};
             CREATE RULE trap AS ON UPDATE TO migrate.bundle DO INSTEAD SELECT migrate.trap();"
        ),
        format!("CREATE VIEW migrate.bundle AS {view};"),
        format!("CREATE MATERIALIZED VIEW migrate.bundle AS {rows};"),
    ];
    for sql in planted {
        check_planted(&sql, OF_MALLORY).await;
    }
}

#[tokio::test]
async fn a_planted_record_beside_a_history_of_ours_is_no_proof() {
    let record = record().await;
    let rows = format!("SELECT r.*, 1::bigint AS position, now() AS updated_at FROM ({record}) AS r");
    let ours =
        "RESET ROLE; ALTER SCHEMA migrate OWNER TO postgres; GRANT CREATE ON SCHEMA migrate TO PUBLIC;";
    let name = "DO $$ BEGIN EXECUTE 'SET ROLE mallory_' || current_database(); END $$;";
    let message = "`migrate.bundle` belongs to `mallory_db`, which is not a trusted role";
    check_planted(&format!("{ours} {name} CREATE TABLE migrate.bundle AS {rows};"), message).await;
}

#[tokio::test]
async fn a_table_that_another_role_created_in_our_schema_is_not_read() {
    let ours =
        "RESET ROLE; ALTER SCHEMA migrate OWNER TO postgres; GRANT CREATE ON SCHEMA migrate TO PUBLIC;";
    let table = "CREATE TABLE migrate.patch (position bigint)";
    let created = |role: &str| format!("{ours} {role} {table};");
    let name = "DO $$ BEGIN EXECUTE 'SET ROLE mallory_' || current_database(); END $$;";
    let message = "`migrate.patch` belongs to `mallory_db`, which is not a trusted role";
    check_planted(&created(name), message).await;
    let view = "CREATE VIEW migrate.patch AS SELECT migrate.trap();";
    check_planted(
        &format!("{ours}{view}"),
        "`migrate.patch`, of `postgres`, is not a table, and the history is stored in tables",
    )
    .await;
}

#[tokio::test]
async fn a_history_of_the_databases_owner_is_trusted() {
    let config = database().await;
    let name = config.get_dbname().unwrap();
    let client = connect(&config).await;
    let roles = format!(
        "CREATE ROLE owner_{name} LOGIN; CREATE ROLE reader_{name} LOGIN; ALTER DATABASE {name} OWNER TO owner_{name}"
    );
    client.batch_execute(&roles).await.unwrap();
    let (mut owner, mut reader) = (config.clone(), config.clone());
    owner.user(format!("owner_{name}"));
    reader.user(format!("reader_{name}"));
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);")]);
    Migrator::new([&bundle]).run(&owner).await.unwrap();
    let grant =
        "GRANT USAGE ON SCHEMA migrate TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA migrate TO PUBLIC";
    client.batch_execute(grant).await.unwrap();
    Migrator::new([&bundle]).verify(&reader).await.unwrap();
    assert!(Migrator::new([&bundle]).run(&reader).await.unwrap().applied.is_empty());
}

#[tokio::test]
async fn a_reader_trusts_a_third_role_without_putting_it_on() {
    let config = database().await;
    let name = config.get_dbname().unwrap();
    let client = connect(&config).await;
    let roles = format!(
        "CREATE ROLE dba_{name}; CREATE ROLE own_{name} LOGIN; CREATE ROLE reader_{name} LOGIN;
         ALTER DATABASE {name} OWNER TO dba_{name}; GRANT CREATE ON DATABASE {name} TO own_{name}"
    );
    client.batch_execute(&roles).await.unwrap();
    let (mut owner, mut reader) = (config.clone(), config.clone());
    owner.user(format!("own_{name}"));
    reader.user(format!("reader_{name}"));
    let patch = ("patch-1-0-0-std.sql", "CREATE SCHEMA app; CREATE TABLE app.study (id bigint);");
    let trusting = format!("trust: [nobody_here, own_{name}]\n");
    let [bundle, trusting] =
        [locked("app", &[patch]), locked("app", &[patch, ("bundle.yaml", trusting.as_str())])];
    Migrator::new([&bundle]).run(&owner).await.unwrap();
    let grant = format!(
        "GRANT USAGE ON SCHEMA migrate TO reader_{name}; GRANT SELECT ON ALL TABLES IN SCHEMA migrate TO reader_{name}"
    );
    client.batch_execute(&grant).await.unwrap();
    let message =
        format!("the history's schema `migrate` belongs to `own_{name}`, which is not a trusted role");
    for error in [
        Migrator::new([&bundle]).status(&reader).await.unwrap_err(),
        Migrator::new([&bundle])
            .with(|options| options.trust.push(format!("dba_{name}")))
            .status(&reader)
            .await
            .unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.message()), (ErrorKind::Permission, &*message));
    }
    for migrator in [
        Migrator::new([&bundle]).with(|options| options.trust.push(format!("own_{name}"))),
        Migrator::new([&trusting]),
    ] {
        let status = migrator.status(&reader).await.unwrap();
        assert_eq!(status.problem.map(|error| error.to_string()), None);
        migrator.verify(&reader).await.unwrap();
        let drift = migrator.drift(&reader).await.unwrap();
        assert!(drift.is_empty(), "{drift}");
    }
}

#[tokio::test]
async fn members_of_a_trusted_group_go_on_where_others_left_off() {
    let config = database().await;
    let name = config.get_dbname().unwrap();
    let client = connect(&config).await;
    let roles = format!(
        "CREATE ROLE group_{name}; CREATE ROLE one_{name} LOGIN; CREATE ROLE two_{name} LOGIN;
         GRANT group_{name} TO one_{name}, two_{name}; GRANT CREATE ON DATABASE {name} TO group_{name};"
    );
    client.batch_execute(&roles).await.unwrap();
    let (mut one, mut two) = (config.clone(), config.clone());
    one.user(format!("one_{name}"));
    two.user(format!("two_{name}"));
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "CREATE SCHEMA app;")]);
    Migrator::new([&bundle]).run(&one).await.unwrap();
    let grant = format!(
        "GRANT USAGE ON SCHEMA migrate TO group_{name}; GRANT ALL ON ALL TABLES IN SCHEMA migrate TO group_{name}"
    );
    client.batch_execute(&grant).await.unwrap();
    let more =
        locked("app", &[("patch-1-0-0-std.sql", "CREATE SCHEMA app;"), ("patch-1-1-0-std.sql", "SELECT 1;")]);
    let message =
        format!("the history's schema `migrate` belongs to `one_{name}`, which is not a trusted role");
    assert_eq!(Migrator::new([&more]).run(&two).await.unwrap_err().message(), message);
    // The group's own, though, could be made by any of its members.
    let migrator = Migrator::new([&more]).with(|options| options.trust.push(format!("group_{name}")));
    assert_eq!(migrator.run(&two).await.unwrap().applied.len(), 1);
    migrator.verify(&one).await.unwrap();
    client.batch_execute(&format!("REVOKE group_{name} FROM one_{name}")).await.unwrap();
    assert_eq!(migrator.status(&two).await.unwrap_err().message(), message);
}

#[tokio::test]
async fn a_patch_whose_row_is_kept_out_of_the_history_is_taken_back() {
    let trap = "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';\n";
    for kept_out in [
        "CREATE TRIGGER trap BEFORE INSERT ON migrate.patch FOR EACH ROW EXECUTE FUNCTION trap()",
        "CREATE TRIGGER trap BEFORE UPDATE ON migrate.patch FOR EACH ROW EXECUTE FUNCTION trap()",
        "CREATE RULE trap AS ON INSERT TO migrate.patch DO INSTEAD NOTHING",
    ] {
        let config = database().await;
        let client = connect(&config).await;
        let study = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);");
        Migrator::new([&locked("app", &[study])]).run(&config).await.unwrap();
        client.batch_execute(&format!("{trap}{kept_out}")).await.unwrap();
        let bundle = locked("app", &[study, ("patch-1-1-0-std.sql", "INSERT INTO study VALUES (1);")]);
        let error = Migrator::new([&bundle]).run(&config).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "patch `1.1.0` of `app` left no row in the history, and was rolled back\n  \
               --> patch-1-1-0-std.sql\n  \
               note: a trigger, a rule or a policy on the history's table `patch` prevents rows from being written\n  \
               help: drop it: without its row, the patch would be applied again by each boot",
            "{kept_out}"
        );
        let count: i64 = client.query_one("SELECT count(*) FROM study", &[]).await.unwrap().get(0);
        assert_eq!(count, 0, "{kept_out}");
    }
}

#[tokio::test]
async fn nobody_is_thought_to_be_faster_for_ever() {
    let config = database().await;
    let study = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);");
    Migrator::new([&locked("app", &[study])]).run(&config).await.unwrap();
    let client = connect(&config).await;
    client.batch_execute("DELETE FROM migrate.patch WHERE bundle = 'migrate'").await.unwrap();
    let bundle = locked("app", &[study, ("patch-1-1-0-std.sql", "SELECT 1;")]);
    let messages = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = messages.clone();
    let count = move |event: &embed_migrate::Event| {
        if matches!(event, embed_migrate::Event::Overtaken) {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    };
    let error = Migrator::new([&bundle]).progress(count).run(&config).await.unwrap_err();
    assert_eq!(error.message(), "making the history's tables failed: relation \"patch\" already exists");
    assert!(messages.load(std::sync::atomic::Ordering::Relaxed) < 5);
}
