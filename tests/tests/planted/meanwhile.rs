//! What an untrusted role makes between two patches of one run, where nobody else owned anything when the run began.

use std::time::Duration;

use embed_migrate::{Error, ErrorKind, Migrator};
use tests::{Relay, connect, database, files, locked, until};
use tokio_postgres::{Client, Config};

use super::FACTS;

/// A table whose trigger makes the untrusted role a superuser, a function and an operator that do the same.
const PLANT: &str = "
    SET ROLE {eve};
    CREATE FUNCTION public.rise() RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN EXECUTE 'ALTER ROLE {eve} SUPERUSER'; RETURN true; END $$;
    CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.rise(); RETURN new; END $$;
    CREATE FUNCTION public.norm(varchar) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN public.rise() THEN $1::text END';
    CREATE PROCEDURE public.work() LANGUAGE sql AS 'SELECT public.rise()';
    CREATE TABLE public.kind (id bigint PRIMARY KEY, code text NOT NULL, title text NOT NULL);
    INSERT INTO public.kind VALUES (1, 'a', 'A');
    CREATE TRIGGER t BEFORE INSERT OR UPDATE ON public.kind FOR EACH ROW EXECUTE FUNCTION public.fire();
    RESET ROLE;";

/// A database in which everybody may create in `public` and nobody but us owns anything; a role that has nothing.
async fn open_database() -> (Config, Client, String) {
    let config = database().await;
    let eve = format!("eve_{}", config.get_dbname().unwrap());
    let owner = connect(&config).await;
    let sql = format!(
        "CREATE ROLE {eve}; GRANT CREATE ON SCHEMA public TO PUBLIC;
         CREATE TABLE held (n int); INSERT INTO held VALUES (1); CREATE TABLE kept (name varchar); INSERT INTO kept VALUES ('a');
         CREATE FUNCTION public.norm(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)'"
    );
    owner.batch_execute(&sql).await.unwrap();
    (config, owner, eve)
}

/// The error of a run whose first statement waits for a row until the untrusted role has made its objects.
async fn overtaken(parts: &[(&str, &str)]) -> (Error, bool) {
    let (config, owner, eve) = open_database().await;
    let bundle = files("app", parts).lock();
    owner.batch_execute("BEGIN; UPDATE held SET n = 1").await.unwrap();
    let migrator =
        Migrator::new([&bundle]).with(|options| options.lock_timeout = Some(Duration::from_secs(60).into()));
    let comes = async {
        let untrusted = connect(&config).await;
        waits(&untrusted).await;
        untrusted.batch_execute(&PLANT.replace("{eve}", &eve)).await.unwrap();
        owner.batch_execute("COMMIT").await.unwrap();
    };
    let (ran, ()) = tokio::join!(migrator.run(&config), comes);
    let rose = has_risen(&owner, &eve).await;
    (ran.map(|_| ()).expect_err(parts.last().map_or("", |(_, text)| *text)), rose)
}

async fn waits(client: &Client) {
    until("the run waits", Duration::from_secs(30), async || {
        let waits = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())";
        client.query_one(waits, &[]).await.unwrap().get(0)
    })
    .await;
}

async fn has_risen(client: &Client, eve: &str) -> bool {
    let rose = "SELECT rolsuper FROM pg_roles WHERE rolname = $1::text::name";
    client.query_one(rose, &[&eve]).await.unwrap().get(0)
}

fn told(error: &Error) -> Vec<String> {
    let without = |error: &Error| error.message().split("` belongs").next().map(str::to_owned);
    error.iter().filter_map(without).collect()
}

const WAIT: &str = "UPDATE held SET n = 2 WHERE n = 1;\n";

#[tokio::test]
async fn what_an_untrusted_role_makes_between_two_patches_of_a_run_is_looked_at() {
    let insert = "CREATE TABLE IF NOT EXISTS kind (id bigint, code text, title text);\nINSERT INTO kind VALUES (2, 'b', 'B');";
    let index = "CREATE INDEX CONCURRENTLY kept_norm ON kept (norm(name));";
    for (name, kind, statement, found) in [
        ("another patch", "std", insert, "the table `public.kind"),
        (
            "a patch with a path of its own",
            "std",
            "SET LOCAL search_path = public;\nINSERT INTO kind VALUES (2, 'b', 'B');",
            "the table `public.kind",
        ),
        ("a statement in a transaction of its own", "concurrent", insert, "the table `public.kind"),
        (
            "a statement outside a transaction",
            "concurrent",
            index,
            "the function `public.norm(character varying)",
        ),
        ("a procedure", "concurrent", "CALL work();", "the procedure `public.work()"),
    ] {
        let (first, second) = match kind {
            "std" => (WAIT.to_owned(), statement.to_owned()),
            _ => ("CREATE TABLE a ();".to_owned(), format!("{WAIT}{statement}")),
        };
        let second_file = format!("patch-1-1-0-{kind}.sql");
        let (error, rose) = overtaken(&[("patch-1-0-0-std.sql", &first), (&second_file, &second)]).await;
        assert!(!rose, "{name}: it ran");
        assert!(told(&error).iter().any(|told| told == found), "{name}: {error:#?}");
        assert_eq!(error.already_applied(), ["app 1.0.0"], "{name}");
    }
}

#[tokio::test]
async fn what_an_untrusted_role_makes_between_patches_and_facts_is_looked_at() {
    let (error, rose) = overtaken(&[("patch-1-0-0-std.sql", WAIT), ("deploy.yaml", FACTS)]).await;
    assert!(!rose, "it ran");
    assert!(told(&error).iter().any(|told| told == "the table `public.kind"), "{error:#?}");
}

const INDEXES: &str =
    "- index: kept_first\n  of: kept\n  on: [name]\n- index: kept_second\n  of: kept\n  on: [norm(name)]\n";

#[tokio::test]
async fn what_an_untrusted_role_makes_while_facts_build_indexes_after_their_commit_is_looked_at() {
    let (config, owner, eve) = open_database().await;
    let ours = "DROP FUNCTION norm(text); CREATE FUNCTION norm(varchar) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
                ALTER TABLE kept ALTER name TYPE text";
    owner.batch_execute(ours).await.unwrap();
    let bundle = files("app", &[("deploy.yaml", INDEXES)]).lock();
    owner.batch_execute("BEGIN; UPDATE kept SET name = 'b'").await.unwrap();
    let migrator =
        Migrator::new([&bundle]).with(|options| options.lock_timeout = Some(Duration::from_secs(60).into()));
    let comes = async {
        let untrusted = connect(&config).await;
        waits(&untrusted).await;
        let plant = PLANT.replace("norm(varchar)", "norm(text)").replace("{eve}", &eve);
        untrusted.batch_execute(&plant).await.unwrap();
        owner.batch_execute("COMMIT").await.unwrap();
    };
    let (ran, ()) = tokio::join!(migrator.run(&config), comes);
    assert_eq!(told(&ran.unwrap_err()), ["the function `public.norm(pg_catalog.text)"]);
    assert!(!has_risen(&owner, &eve).await, "it ran");
    // The role has nothing any more, and the next run builds what is open.
    owner.batch_execute(&format!("DROP OWNED BY {eve}")).await.unwrap();
    migrator.run(&config).await.unwrap();
    migrator.verify(&config).await.unwrap();
}

/// The first question of the boot that costs more: who owns the history's tables, and in the same message what is in them.
const SLOW: &str = "THEN 0 ELSE 1 END = 0";

#[tokio::test]
async fn a_table_that_is_exchanged_after_its_owner_was_checked_is_no_proof() {
    let config = database().await;
    let name = config.get_dbname().unwrap().to_owned();
    let (boss, eve) = (format!("boss_{name}"), format!("eve_{name}"));
    let (owner, looker) = (connect(&config).await, connect(&config).await);
    owner.batch_execute(&format!("CREATE ROLE {boss} LOGIN SUPERUSER; CREATE ROLE {eve}")).await.unwrap();
    let bundle = locked("app", &[("patch-1-0-0-std.sql", "CREATE TABLE a ();")]);
    let migrator = Migrator::new([&bundle]);
    // The owner is trusted, and only the server can tell.
    let mut first = config.clone();
    migrator.run(&*first.user(&boss)).await.unwrap();
    let mut relay = Relay::start(&config, SLOW).await;
    let settings = relay.settings.clone();
    let exchanges = async {
        relay.holds().await;
        owner
            .batch_execute(
                "BEGIN; CREATE TABLE migrate.other AS TABLE migrate.bundle; DROP TABLE migrate.bundle",
            )
            .await
            .unwrap();
        relay.release();
        // It found a trusted owner, and waits for the table.
        waits(&looker).await;
        let exchange = "ALTER TABLE migrate.other RENAME TO bundle; ALTER TABLE migrate.bundle OWNER TO";
        owner.batch_execute(&format!("{exchange} {eve}; COMMIT")).await.unwrap();
    };
    let (booted, ()) = tokio::join!(migrator.run(&settings), exchanges);
    let error = booted.unwrap_err();
    let message = format!("`migrate.bundle` belongs to `{eve}`, which is not a trusted role");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Permission, message.as_str()), "{error}");
}

#[tokio::test]
async fn what_an_untrusted_role_makes_between_two_batches_is_looked_at() {
    let (config, owner, eve) = open_database().await;
    let rows = "ALTER TABLE kept ADD id int; UPDATE kept SET id = 1; ALTER TABLE kept ADD PRIMARY KEY (id);
                INSERT INTO kept VALUES ('B', 2), ('C', 3)";
    owner.batch_execute(rows).await.unwrap();
    owner.batch_execute("BEGIN; SELECT FROM kept WHERE id = 2 FOR UPDATE").await.unwrap();
    let update = "-- migrate: batch 1 by id\nUPDATE kept SET name = norm(name);";
    let bundle = files("app", &[("patch-1-0-0-concurrent.sql", update)]).lock();
    let migrator =
        Migrator::new([&bundle]).with(|options| options.lock_timeout = Some(Duration::from_secs(60).into()));
    let comes = async {
        let untrusted = connect(&config).await;
        waits(&untrusted).await;
        untrusted.batch_execute(&PLANT.replace("{eve}", &eve)).await.unwrap();
        owner.batch_execute("COMMIT").await.unwrap();
    };
    let (ran, ()) = tokio::join!(migrator.run(&config), comes);
    let error = ran.unwrap_err();
    assert!(!has_risen(&owner, &eve).await, "it ran");
    assert!(told(&error).contains(&"the function `public.norm(character varying)".to_owned()), "{error}");
    // Two batches are done, and the next run continues.
    owner.batch_execute(&format!("DROP OWNED BY {eve}")).await.unwrap();
    migrator.run(&config).await.unwrap();
    let names: String =
        owner.query_one("SELECT string_agg(name, ' ' ORDER BY id) FROM kept", &[]).await.unwrap().get(0);
    assert_eq!(names, "a b c");
}
