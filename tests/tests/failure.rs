//! Patches that fail, and what the error says: place, reason, what was applied, what to do.

use std::time::Duration;

use embed_migrate::{ErrorKind, Event, Migrator};
use tests::{bundle, connect, database, files, locked, server};
use tokio_postgres::{Client, Config};

const STUDY: (&str, &str) =
    ("patch-1-0-0-std-study.sql", "CREATE TABLE study (id bigint PRIMARY KEY, code text NOT NULL);\n");

async fn is_missing(client: &Client, table: &str) -> bool {
    client.query_one("SELECT to_regclass($1) IS NULL", &[&table]).await.unwrap().get(0)
}

/// A client that reads `study`, in a transaction that has no end yet.
async fn reader(config: &Config) -> Client {
    let reader = connect(config).await;
    reader.batch_execute("SET application_name = 'nightly report'").await.unwrap();
    reader.batch_execute("BEGIN; LOCK TABLE study IN ACCESS SHARE MODE").await.unwrap();
    reader
}

#[tokio::test]
async fn a_patch_that_fails_says_where_and_what_was_applied() {
    let config = database().await;
    let broken = ("patch-1-1-0-std.sql", "-- größer\nSELECT 'größer',\n\tnothing FROM study;\n");
    let later = ("patch-1-2-0-std.sql", "CREATE TABLE site (id bigint);");
    let bundle = bundle("app", &[STUDY, broken, later]);
    let error = Migrator::new([&bundle]).run(&config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Sql);
    assert_eq!(
        error.to_string(),
        "patch `1.1.0` of `app` failed: column \"nothing\" does not exist\n  \
           --> patch-1-1-0-std.sql:3:2\n   |\n 3 | \tnothing FROM study;\n   | \t^\n  \
           note: SQLSTATE 42703\n  \
           note: applied before it: app 1.0.0",
    );
    assert_eq!(error.already_applied(), ["app 1.0.0"]);
    let client = connect(&config).await;
    let event = client
        .query_one("SELECT what, bundle, array_to_string(version, '.'), detail FROM migrate.event", &[])
        .await
        .unwrap();
    assert_eq!((event.get(0), event.get(1), event.get(2)), ("failed", "app", "1.1.0"));
    assert!(is_missing(&client, "site").await, "no patch runs after one that failed");
    let fixed = locked("app", &[STUDY, ("patch-1-1-0-std.sql", "SELECT 1;"), later]);
    let report = Migrator::new([&fixed]).run(&config).await.unwrap();
    assert_eq!(report.applied.len(), 2, "the next run goes on from there");
}

#[tokio::test]
async fn a_run_that_failed_halfway_keeps_out_the_binaries_that_its_patches_do() {
    let config = database().await;
    let old = locked("app", &[STUDY]);
    Migrator::new([&old]).run(&config).await.unwrap();
    let dropping =
        ("patch-1-1-0-std.sql", "-- migrate: min-app 1.1.0\nALTER TABLE study DROP COLUMN code;\n");
    let broken = locked("app", &[STUDY, dropping, ("patch-1-2-0-std.sql", "SELECT 1/0;")]);
    let error = Migrator::new([&broken]).run(&config).await.unwrap_err();
    assert_eq!(error.already_applied(), ["app 1.1.0"]);
    assert_eq!(Migrator::new([&old]).run(&config).await.unwrap_err().kind(), ErrorKind::TooNew);
    let fixed = locked("app", &[STUDY, dropping]);
    assert!(Migrator::new([&fixed]).run(&config).await.unwrap().applied.is_empty());
    assert_eq!(Migrator::new([&old]).run(&config).await.unwrap_err().kind(), ErrorKind::TooNew);
}

#[tokio::test]
async fn a_transaction_that_fails_only_when_it_commits_stops_the_flight_too() {
    let config = database().await;
    let deferred = "CREATE TABLE visit (id bigint PRIMARY KEY, study bigint REFERENCES study DEFERRABLE INITIALLY DEFERRED);";
    let broken = "INSERT INTO visit VALUES (1, 42);";
    let patches: [(&str, &str); 4] = [
        STUDY,
        ("patch-1-1-0-std.sql", deferred),
        ("patch-1-2-0-std.sql", broken),
        ("patch-1-3-0-std.sql", "CREATE TABLE site (id bigint);"),
    ];
    let bundle = locked("app", &patches);
    let error = Migrator::new([&bundle]).run(&config).await.unwrap_err();
    assert!(
        error.message().starts_with("patch `1.2.0` of `app` failed: insert or update on table \"visit\""),
        "{error}"
    );
    assert_eq!(error.already_applied(), ["app 1.0.0", "app 1.1.0"]);
    assert!(is_missing(&connect(&config).await, "site").await);
}

#[tokio::test]
async fn a_statement_that_only_the_server_knows_to_refuse_a_transaction_is_explained() {
    let config = database().await;
    let bundle = locked(
        "app",
        &[
            ("patch-1-0-0-std.sql", "CREATE TABLE visit (day date) PARTITION BY RANGE (day);"),
            (
                "patch-1-1-0-std.sql",
                "-- migrate: allow reindex-not-concurrent: to fail\nREINDEX TABLE visit;",
            ),
        ],
    );
    let error = Migrator::new([&bundle]).run(&config).await.unwrap_err();
    assert!(
        error.to_string().ends_with(
            "help: a statement of it can't run in a transaction: put it into a patch of kind `concurrent`"
        ),
        "{error}"
    );
    let text = "SET transaction_isolation = 'serializable';";
    let bundle = locked("other", &[("patch-1-0-0-std.sql", text)]);
    let error = Migrator::new([&bundle]).run(&config).await.unwrap_err();
    assert_eq!((error.notes(), error.advice()), (&["SQLSTATE 25001".to_owned()][..], None), "{error}");
}

#[tokio::test]
async fn a_procedure_that_commits_is_explained() {
    let config = database().await;
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "DO $$ BEGIN COMMIT; END $$;")]);
    let error = Migrator::new([&bundle]).run(&config).await.unwrap_err();
    assert!(
        error.to_string().ends_with("help: a procedure or DO block in it commits, which a patch may not"),
        "{error}"
    );
}

#[tokio::test]
async fn a_refusal_names_every_reason_and_changes_nothing() {
    let config = database().await;
    let directory = files(
        "app",
        &[
            STUDY,
            ("patch-1-1-0-std.sql", "CREATE TABLE site (id bigint);"),
            ("patch-2-0-0-std.sql", "CREATE TABLE visit (id bigint);"),
        ],
    );
    let applied = directory.lock();
    // As if 1.2.0 had been merged after 2.0.0 was released.
    Migrator::new([&applied]).run(&config).await.unwrap();
    let edited = locked(
        "app",
        &[
            (STUDY.0, "CREATE TABLE study (id integer PRIMARY KEY);"),
            ("patch-1-1-0-std.sql", "CREATE TABLE site (id bigint);"),
            ("patch-1-2-0-std.sql", "CREATE TABLE late (id bigint);"),
            ("patch-2-0-0-std.sql", "CREATE TABLE visit (id bigint);"),
        ],
    );
    let error = Migrator::new([&edited]).run(&config).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "patch `1.0.0` was edited after it was applied\n  \
           --> app: patch-1-0-0-std-study.sql\n  \
           help: restore the file with git, and put the change into a new patch (`cargo migrate new`)\n        \
                 or, if the edit changes nothing in effect: `cargo migrate lock --accept 1.0.0 --reason \"…\"`\n\n\
         patch `1.2.0` comes late: `2.0.0` was applied already\n  \
           --> app: patch-1-2-0-std.sql\n  \
           help: give it the next free version (`cargo migrate new` shows it): only a hotfix may be applied late",
    );
    directory.remove("patch-1-1-0-std.sql");
    directory.remove("migrations.lock");
    let without = directory.lock();
    let error = Migrator::new([&without]).run(&config).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "patch `1.1.0` was applied, and is missing from this binary\n  \
           --> app: patch-1-1-0-std.sql\n  \
           help: restore the file with git: applied patches must stay in the bundle",
    );
    assert!(is_missing(&connect(&config).await, "late").await);
}

#[tokio::test]
async fn a_role_without_rights_learns_what_it_needs() {
    let config = database().await;
    let client = connect(&config).await;
    let role = format!("poor_{}", config.get_dbname().unwrap());
    client.batch_execute(&format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    let mut poor = config.clone();
    poor.user(&role);
    let error = Migrator::new([&locked("app", &[STUDY])]).run(&poor).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
    assert_eq!(
        error.to_string(),
        format!(
            "making the history's tables failed: permission denied for database {}\n  \
               note: SQLSTATE 42501\n  \
               help: the role that boots needs the right to create the history's schema once (`GRANT CREATE ON DATABASE … TO …`), \
             or a schema of its own (`CREATE SCHEMA migrate AUTHORIZATION …`);\n        \
                     if another role owns it, name that role with `RunOptions::role`, or `--role`",
            config.get_dbname().unwrap(),
        ),
    );
    client.batch_execute("CREATE SCHEMA migrate").await.unwrap();
    let error = Migrator::new([&locked("app", &[STUDY])]).run(&poor).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "reading the history failed: permission denied for schema migrate\n  \
           note: SQLSTATE 42501\n  \
           help: the schema exists: grant its rights to the role that boots (`GRANT USAGE, CREATE ON SCHEMA … TO …`, \
         and those on the tables in it);\n        \
                 if another role owns it, name that role with `RunOptions::role`, or `--role`",
    );
    client
        .batch_execute(&format!(
            "ALTER SCHEMA migrate OWNER TO {role}; GRANT CREATE ON SCHEMA public TO {role}"
        ))
        .await
        .unwrap();
    Migrator::new([&locked("app", &[STUDY])]).run(&poor).await.unwrap();
}

/// A role with the rights that a boot needs.
async fn booter(config: &Config) -> Config {
    let (mut booter, name) = (config.clone(), config.get_dbname().unwrap());
    let role = format!("booter_{name}");
    let make = format!(
        "CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE {name} TO {role}; GRANT CREATE ON SCHEMA public TO {role}"
    );
    connect(config).await.batch_execute(&make).await.unwrap();
    booter.user(&role);
    booter
}

#[tokio::test]
async fn a_right_that_something_else_lacks_is_named_as_that() {
    let config = database().await;
    let client = connect(&config).await;
    let (booter, app) = (booter(&config).await, locked("app", &[STUDY]));
    let refused = async || Migrator::new([&app]).run(&booter).await.unwrap_err().to_string();
    let audit = "CREATE SCHEMA audit; CREATE TABLE audit.log (tag text); \
                 CREATE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit.log VALUES (tg_tag); END $$; \
                 CREATE EVENT TRIGGER noted ON ddl_command_end EXECUTE FUNCTION noted()";
    client.batch_execute(audit).await.unwrap();
    let function = "help: the object in the context needs the right, such as the function of an event trigger (`\\dy` in psql lists \
                    them); the history does not need it: grant it to the role that boots, or make the function SECURITY DEFINER";
    let own = "PL/pgSQL function public.noted() line 1 at SQL statement";
    let inner = format!("SQL statement \"INSERT INTO audit.log VALUES (tg_tag)\"\n        {own}");
    for (what, context) in [("schema audit", own), ("table log", &inner)] {
        assert_eq!(
            refused().await,
            format!(
                "making the history's tables failed: permission denied for {what}\n  note: context: {context}\n  \
                 note: SQLSTATE 42501\n  {function}"
            )
        );
        client
            .batch_execute(&format!("GRANT USAGE ON SCHEMA audit TO {}", booter.get_user().unwrap()))
            .await
            .unwrap();
    }
    let forced = "DROP EVENT TRIGGER noted; \
                  CREATE FUNCTION forced() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ DECLARE r record; BEGIN \
                  FOR r IN SELECT * FROM pg_event_trigger_ddl_commands() WHERE object_type = 'table' LOOP \
                  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', r.object_identity); END LOOP; END $$; \
                  CREATE EVENT TRIGGER forced ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION forced()";
    client.batch_execute(forced).await.unwrap();
    assert_eq!(
        refused().await,
        "making the history's tables failed: new row violates row-level security policy for table \"patch\"\n  \
           note: SQLSTATE 42501\n  \
           help: a policy hides the rows of the history, for example one that an event trigger adds to new tables: exclude the \
           history's schema from it (`ALTER TABLE … NO FORCE ROW LEVEL SECURITY`)"
    );
    client.batch_execute("DROP EVENT TRIGGER forced").await.unwrap();
    Migrator::new([&app]).run(&booter).await.unwrap();
    // Of a history that is there.
    let name = booter.get_user().unwrap();
    let more = locked("app", &[STUDY, ("patch-1-1-0-std.sql", "ALTER TABLE study ADD title text;")]);
    let refused = async || Migrator::new([&more]).run(&booter).await.unwrap_err().to_string();
    client.batch_execute(&format!("REVOKE INSERT ON migrate.patch FROM {name}")).await.unwrap();
    assert_eq!(
        refused().await,
        "writing patch `1.1.0` of `app` into the history failed: permission denied for table patch\n  \
           note: SQLSTATE 42501\n  help: give the role that boots that right"
    );
    let policy = format!(
        "GRANT INSERT ON migrate.patch TO {name}; ALTER TABLE migrate.patch ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; \
         CREATE POLICY seen ON migrate.patch FOR SELECT USING (true)"
    );
    client.batch_execute(&policy).await.unwrap();
    assert_eq!(
        refused().await,
        "writing patch `1.1.0` of `app` into the history failed: new row violates row-level security policy for table \"patch\"\n  \
           note: SQLSTATE 42501\n  \
           help: a policy hides the rows of the history, for example one that an event trigger adds to new tables: exclude the \
           history's schema from it (`ALTER TABLE … NO FORCE ROW LEVEL SECURITY`)"
    );
}

#[tokio::test]
async fn another_role_can_own_what_patches_make() {
    let config = database().await;
    let client = connect(&config).await;
    let (owner, login) = ("\"Owner of \"\"it\"\"\"", format!("login_{}", config.get_dbname().unwrap()));
    client
        .batch_execute(&format!(
            "DO $$ BEGIN CREATE ROLE {owner}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\
             CREATE ROLE {login} LOGIN NOINHERIT; GRANT {owner} TO {login}; GRANT CREATE ON SCHEMA public TO {owner};\
             GRANT CREATE ON DATABASE {} TO {owner}",
            config.get_dbname().unwrap(),
        ))
        .await
        .unwrap();
    let mut config = config.clone();
    config.user(&login);
    let bundle = locked("app", &[STUDY]);
    let migrator = Migrator::new([&bundle]).with(|options| options.role = Some("Owner of \"it\"".into()));
    migrator.run(&config).await.unwrap();
    assert!(migrator.run(&config).await.unwrap().applied.is_empty());
    migrator.verify(&config).await.unwrap();
    let more = locked("app", &[STUDY, ("patch-1-1-0-std.sql", "ALTER TABLE study ADD title text;")]);
    assert_eq!(
        Migrator::new([&more])
            .with(|options| options.role = Some("Owner of \"it\"".into()))
            .run(&config)
            .await
            .unwrap()
            .applied
            .len(),
        1
    );
    let owners = "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE oid IN ('study'::regclass, 'migrate.patch'::regclass)";
    let rows = client
        .query(&owners.replace("pg_get_userbyid(relowner)", "pg_get_userbyid(relowner)::text"), &[])
        .await
        .unwrap();
    assert_eq!(rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>(), ["Owner of \"it\""]);
}

#[tokio::test]
async fn a_lock_that_comes_free_in_time_is_waited_for_in_short_tries() {
    let config = database().await;
    Migrator::new([&locked("app", &[STUDY])]).run(&config).await.unwrap();
    let reader = reader(&config).await;
    let next = locked(
        "app",
        &[
            STUDY,
            ("patch-1-1-0-std.sql", "ALTER TABLE study ADD title text;"),
            ("patch-1-2-0-std.sql", "SELECT 1;"),
        ],
    );
    let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
    let config = config.clone();
    let run = tokio::spawn(async move {
        let migrator = Migrator::new([&next])
            .with(|options| options.lock_timeout = Some(Duration::from_millis(700).into()));
        migrator.progress(move |event| send.send(event.clone()).unwrap()).run(&config).await
    });
    loop {
        match receive.recv().await.expect("the patch is tried again") {
            Event::Retrying { blockers, .. } => {
                assert_eq!(
                    blockers.iter().map(|holder| holder.application.as_str()).collect::<Vec<_>>(),
                    ["nightly report"]
                );
                break;
            }
            _ => continue,
        }
    }
    reader.batch_execute("COMMIT").await.unwrap();
    assert_eq!(run.await.unwrap().unwrap().applied.len(), 2);
}

#[tokio::test]
async fn a_lock_that_stays_taken_is_an_error_that_names_who_has_it() {
    let config = database().await;
    Migrator::new([&locked("app", &[STUDY])]).run(&config).await.unwrap();
    let reader = reader(&config).await;
    let next = locked("app", &[STUDY, ("patch-1-1-0-std.sql", "ALTER TABLE study ADD title text;")]);
    let migrator = Migrator::new([&next]).with(|options| {
        options.lock_timeout = Some(Duration::from_millis(700).into());
        options.lock_retries = 1;
    });
    let error = migrator.run(&config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert!(
        error
            .notes()
            .iter()
            .any(|note| note.contains("the lock is held by process") && note.contains("nightly report")),
        "{error}"
    );
    reader.batch_execute("COMMIT").await.unwrap();
    assert_eq!(migrator.run(&config).await.unwrap().applied.len(), 1);
}

#[tokio::test]
async fn however_short_a_lock_timeout_is_who_has_the_lock_is_named() {
    let config = database().await;
    Migrator::new([&locked("app", &[STUDY])]).run(&config).await.unwrap();
    let reader = reader(&config).await;
    let limit = "-- migrate: lock-timeout 300ms\nALTER TABLE study ADD title text;";
    let (stated, plain) = (
        locked("app", &[STUDY, ("patch-1-1-0-std.sql", limit)]),
        locked("app", &[STUDY, ("patch-1-1-0-std.sql", "ALTER TABLE study ADD title text;")]),
    );
    let asked = Migrator::new([&plain])
        .with(|options| options.lock_timeout = Some(Duration::from_millis(300).into()));
    for migrator in [Migrator::new([&stated]), asked] {
        let (send, receive) = std::sync::mpsc::channel();
        let migrator = migrator.with(|options| options.lock_retries = 4).progress(move |event| {
            if let Event::Retrying { blockers, .. } = event {
                send.send(blockers.len()).unwrap();
            }
        });
        assert_eq!(migrator.run(&config).await.unwrap_err().kind(), ErrorKind::Locked);
        assert!(receive.try_iter().any(|blockers| blockers == 1));
    }
    reader.batch_execute("COMMIT").await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_down_a_wrong_password_and_no_database_are_told_apart() {
    let bundle = locked("app", &[STUDY]);
    let mut config = server().config();
    config.dbname("no such database");
    let error = Migrator::new([&bundle]).run(&config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("database `no such database` does not exist"), "{error}");
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(1).user("app").password("s3cret").dbname("app");
    let error = Migrator::new([&bundle])
        .with(|options| options.connect_wait = Some(Duration::ZERO))
        .run(&config)
        .await
        .unwrap_err();
    assert!(error.to_string().starts_with("cannot connect to `127.0.0.1:1`: connection refused"), "{error}");
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_that_lost_a_deadlock_is_tried_again() {
    let config = database().await;
    let client = connect(&config).await;
    client.batch_execute("CREATE TABLE a (); CREATE TABLE b ()").await.unwrap();
    let mut other = connect(&config).await;
    // So that it is the patch that looks first, and loses.
    other.batch_execute("SET deadlock_timeout = '1min'").await.unwrap();
    let blocking = other.transaction().await.unwrap();
    blocking.batch_execute("LOCK TABLE b").await.unwrap();
    let bundle = locked(
        "app",
        &[(
            "patch-1-0-0-std.sql",
            "-- migrate: allow lock-table: to lose\nLOCK TABLE a; LOCK TABLE b; CREATE TABLE c ();",
        )],
    );
    let (send, receive) = std::sync::mpsc::channel();
    let run = tokio::spawn(async move {
        let migrator = Migrator::new([&bundle])
            .with(|options| options.lock_timeout = Some(Duration::from_secs(10).into()));
        migrator.progress(move |event| send.send(event.clone()).unwrap()).run(&config).await
    });
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'b'::regclass";
    while client.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    blocking.batch_execute("LOCK TABLE a").await.unwrap();
    blocking.commit().await.unwrap();
    assert_eq!(run.await.unwrap().unwrap().applied.len(), 1);
    assert!(receive.try_iter().any(|event| matches!(event, Event::Retrying { attempt: 1, .. })));
}

#[tokio::test]
async fn a_role_that_cannot_be_put_on_is_reported_apart_from_missing_rights() {
    let config = database().await;
    let client = connect(&config).await;
    let name = config.get_dbname().unwrap();
    client.batch_execute(&format!("CREATE ROLE lone_{name} LOGIN; CREATE ROLE owner_{name}")).await.unwrap();
    let mut lone = config.clone();
    lone.user(format!("lone_{name}"));
    let bundle = locked("app", &[STUDY]);
    let help = "\n  help: the role that `RunOptions::role` names (`--role`) must exist, and the one that connects must be a \
                member of it: `GRANT … TO …`";
    for (role, said) in [
        (
            format!("owner_{name}"),
            format!("permission denied to set role \"owner_{name}\"\n  note: SQLSTATE 42501"),
        ),
        ("nobody".to_owned(), "role \"nobody\" does not exist\n  note: SQLSTATE 22023".to_owned()),
    ] {
        let migrator = Migrator::new([&bundle]).with(|options| options.role = Some(role));
        for error in [migrator.run(&lone).await.unwrap_err(), migrator.verify(&lone).await.unwrap_err()] {
            assert_eq!(error.to_string(), format!("can't switch to the role for the patches: {said}{help}"));
            assert_eq!(error.kind(), ErrorKind::Permission);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_process_that_an_administrator_ends_is_a_connection_lost() {
    let config = database().await;
    let bundle = locked("app", &[STUDY, ("patch-1-1-0-std.sql", "SELECT pg_sleep(30);")]);
    let client = connect(&config).await;
    let run = tokio::spawn(async move { Migrator::new([&bundle]).run(&config).await });
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    while client.query(end, &[]).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let error = run.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(
        error.to_string().starts_with(
            "the connection to the server was lost: terminating connection due to administrator command\n  \
               note: patch `1.1.0` of `app` was running"
        ),
        "{error}"
    );
    assert_eq!(error.already_applied(), ["app 1.0.0"]);
}

#[tokio::test]
async fn a_table_of_the_history_that_somebody_dropped_or_emptied_is_named() {
    for (verb, table) in [("DROP TABLE", "patch"), ("DROP TABLE", "bundle"), ("TRUNCATE", "patch")] {
        let config = database().await;
        let (old, new) =
            (locked("app", &[STUDY]), locked("app", &[STUDY, ("patch-1-1-0-std.sql", "SELECT 1;")]));
        Migrator::new([&old]).run(&config).await.unwrap();
        connect(&config).await.batch_execute(&format!("{verb} migrate.{table}")).await.unwrap();
        let error = Migrator::new([&new]).run(&config).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the history is there in part: the table `migrate.{table}` is missing, was emptied, or a policy hides its rows\n  \
                   note: a run creates all of these tables at once, and this program never drops one\n  \
                   help: restore the schema `migrate` from a backup, all of its tables as of one time;\n        \
                         end a policy, if that is it (`ALTER TABLE migrate.{table} DISABLE ROW LEVEL SECURITY`)"
            )
        );
    }
}

#[tokio::test]
async fn what_the_server_says_moves_no_cursor() {
    let config = database().await;
    let bundle = locked(
        "app",
        &[(
            "patch-1-0-0-std.sql",
            "DO $$ BEGIN RAISE EXCEPTION E'a\\x1b[2Jb\\rc' USING HINT = E'd\\x07'; END $$;",
        )],
    );
    let error = Migrator::new([&bundle]).run(&config).await.unwrap_err().to_string();
    assert!(error.starts_with("patch `1.0.0` of `app` failed: a␛[2Jb␍c\n"), "{error:?}");
    assert!(error.contains("\n  note: hint: d␇\n"), "{error:?}");
    let mut holder = embed_migrate::LockHolder {
        pid: 1,
        application: "a\u{1b}[1m".into(),
        user: "ann".into(),
        since: "now".into(),
        state: "idle".into(),
        query: "SELECT '\u{9b}2J'".into(),
    };
    assert_eq!(holder.to_string(), "process 1 (`a␛[1m`, role `ann`), idle since now: SELECT '�2J'");
    holder.query = "SELECT\n1".into();
    assert!(holder.to_string().ends_with(": SELECT 1"));
}

#[tokio::test]
async fn a_holder_whose_doings_are_hidden_from_the_role_is_named_all_the_same() {
    let config = database().await;
    let client = connect(&config).await;
    let name = config.get_dbname().unwrap();
    client.batch_execute(&format!("CREATE ROLE ordinary_{name} LOGIN")).await.unwrap();
    let holder = tests::lock_holder(&config).await;
    let pid: i32 = holder.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let mut ordinary = config.clone();
    ordinary.user(format!("ordinary_{name}"));
    let bundle = locked("app", &[STUDY]);
    let error = Migrator::new([&bundle])
        .with(|options| options.lock_wait = Duration::ZERO)
        .run(&ordinary)
        .await
        .unwrap_err();
    let messages = format!(
        "held by process {pid} (``, role `postgres`), only a member of `pg_read_all_stats` can see since when"
    );
    assert_eq!(error.notes(), [messages]);
}

#[tokio::test]
async fn names_that_the_server_would_cut_off_or_not_take_are_refused() {
    let config = database().await;
    let bundle = locked("app", &[STUDY]);
    let migrator = Migrator::new([&bundle]);
    let long = "x".repeat(64);
    let (schema, role) = (
        migrator.clone().with(|options| options.history_schema = long.clone()),
        migrator.clone().with(|options| options.role = Some("".into())),
    );
    for (migrator, said) in [
        (
            schema,
            format!(
                "`{long}` can't be the name of the history schema\n  help: a name has 1 to 63 bytes, and no NUL"
            ),
        ),
        (role, "`` can't be the name of the role\n  help: a name has 1 to 63 bytes, and no NUL".to_owned()),
        (
            migrator.clone().with(|options| options.application = Some("a\0b".into())),
            "the application `a␀b` contains a NUL character\n  help: PostgreSQL can't store it: leave it out"
                .to_owned(),
        ),
    ] {
        let error = migrator.run(&config).await.unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Name, said));
    }
    migrator.with(|options| options.history_schema = "x".repeat(63)).run(&config).await.unwrap();
}

#[tokio::test]
async fn a_row_of_the_history_that_somebody_changed_is_shown() {
    let config = database().await;
    let bundle = locked("app", &[STUDY]);
    let migrator = Migrator::new([&bundle]);
    migrator.run(&config).await.unwrap();
    let change = "UPDATE migrate.patch SET version = '{}' WHERE bundle = 'app'";
    connect(&config).await.batch_execute(change).await.unwrap();
    let error = migrator.status(&config).await.unwrap_err();
    assert_eq!(error.message(), "a row of the history can't be understood");
    assert!(error.notes()[0].starts_with("2, app, , std, patch-1-0-0-std-study.sql, sha256:"), "{error}");
}
