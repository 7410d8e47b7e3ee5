//! Objects and rights of untrusted roles that have nothing else in the database, and untrusted roles that come late.

use std::time::Duration;

use embed_migrate::{Bundle, Error, Migrator};
use embed_migrate_runtime::Driver;
use tests::{connect, database, files, until};
use tokio_postgres::Config;

use super::{FACTS, NONE, OURS, OWN_SCHEMA, UntrustedObject, plant};

fn facts() -> Bundle {
    files("app", &[("deploy.yaml", FACTS), ("bundle.yaml", "schema: registry\n")]).lock()
}

/// The messages with which a boot refuses a database in which the superuser did this.
async fn refused(bundle: &Bundle, created: &str) -> (Config, Vec<String>) {
    let config = database().await;
    connect(&config).await.batch_execute(created).await.unwrap();
    let messages = match Migrator::new([bundle]).run(&config).await {
        Ok(_) => Vec::new(),
        Err(error) => error.split().iter().map(|error: &Error| error.message().to_owned()).collect(),
    };
    (config, messages)
}

#[tokio::test]
async fn what_predefined_roles_own_is_found_where_nobody_else_owns_anything() {
    let schema = "CREATE SCHEMA registry;";
    for (created, given, patch, found) in [
        (
            "",
            "ALTER SCHEMA registry OWNER TO pg_monitor",
            "CREATE TABLE a ();",
            "the schema `registry` belongs to `pg_monitor`",
        ),
        (
            "CREATE TABLE registry.kind (code text)",
            "ALTER TABLE registry.kind OWNER TO pg_monitor",
            "INSERT INTO kind VALUES ('a');",
            "the table `registry.kind` belongs to `pg_monitor`",
        ),
        (
            "CREATE FUNCTION registry.seven() RETURNS int LANGUAGE sql AS 'SELECT 7'",
            "ALTER FUNCTION registry.seven() OWNER TO pg_monitor",
            "SELECT seven();",
            "the function `registry.seven()` belongs to `pg_monitor`",
        ),
        (
            "CREATE DOMAIN registry.word AS text",
            "ALTER DOMAIN registry.word OWNER TO pg_monitor",
            "CREATE TABLE a (b word);",
            "the type `registry.word` belongs to `pg_monitor`",
        ),
        (
            "CREATE OPERATOR registry.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
            "ALTER OPERATOR registry.= (text, text) OWNER TO pg_monitor",
            "SELECT 'a'::text = 'b'::text;",
            "the operator `registry.=(pg_catalog.text,pg_catalog.text)` belongs to `pg_monitor`",
        ),
        (
            "",
            "GRANT CREATE ON SCHEMA registry TO pg_monitor",
            "CREATE TABLE a ();",
            "`pg_monitor` may create in the schema `registry`",
        ),
    ] {
        let bundle =
            files("app", &[("bundle.yaml", "schema: registry\n"), ("patch-1-0-0-std.sql", patch)]).lock();
        let (config, messages) = refused(&bundle, &format!("{schema} {created}; {given}")).await;
        assert_eq!(messages, [format!("{found}, which is not a trusted role")], "{given}");
        let migrator = Migrator::new([&bundle]).with(|options| options.trust.push("pg_monitor".into()));
        assert_eq!(migrator.run(&config).await.unwrap().applied.len(), 1, "{given}");
    }
}

#[tokio::test]
async fn that_everybody_may_make_triggers_is_found_where_nobody_else_owns_anything() {
    let (_, messages) = refused(&facts(), &format!("{OURS} GRANT TRIGGER ON registry.kind TO PUBLIC")).await;
    let message = "everybody may make triggers on the table `registry.kind`, which is not a trusted role";
    assert_eq!(messages, [message]);
}

#[tokio::test]
async fn a_group_whose_members_are_all_trusted_is_nobody_else() {
    let config = database().await;
    let name = config.get_dbname().unwrap();
    let client = connect(&config).await;
    let sql = format!(
        "{OURS} CREATE ROLE group_{name}; CREATE ROLE eve_{name} LOGIN; GRANT group_{name} TO CURRENT_USER;
         GRANT CREATE ON SCHEMA registry TO group_{name}; GRANT TRIGGER ON registry.kind TO group_{name}"
    );
    client.batch_execute(&sql).await.unwrap();
    let bundle = facts();
    Migrator::new([&bundle]).run(&config).await.unwrap();
    Migrator::new([&bundle]).verify(&config).await.unwrap();
    client.batch_execute(&format!("GRANT group_{name} TO eve_{name}")).await.unwrap();
    let error = Migrator::new([&bundle]).verify(&config).await.unwrap_err();
    let messages: Vec<_> = error.split().iter().map(|error| error.message().to_owned()).collect();
    let message = |what: &str| format!("`group_{name}` may {what}, which is not a trusted role");
    let expected =
        [message("create in the schema `registry`"), message("make triggers on the table `registry.kind`")];
    assert_eq!(messages, expected);
}

#[tokio::test]
async fn a_driver_trusts_whom_it_is_told_to_trust() {
    let (mut config, eve) = plant(&UntrustedObject { untrusted: OWN_SCHEMA, ..NONE }).await;
    config.options("-c search_path=registry");
    let mut driver = Driver::connect(&config).await.unwrap().with(|options| options.trust.push(eve.clone()));
    driver.deploy(FACTS).await.unwrap();
    driver.commit().await.unwrap();
}

#[tokio::test]
async fn a_schema_that_an_untrusted_role_creates_during_a_run_is_checked() {
    let (config, eve) = plant(&NONE).await;
    let (owner, client) = (connect(&config).await, connect(&config).await);
    // Nothing of hers is there when the run looks.
    let gone = "DROP OWNED BY {eve}; GRANT CREATE ON DATABASE {db} TO {eve}; CREATE TABLE held (n int); INSERT INTO held VALUES (1)";
    let filled = |sql: &str| sql.replace("{eve}", &eve).replace("{db}", config.get_dbname().unwrap());
    owner.batch_execute(&filled(gone)).await.unwrap();
    let make =
        "CREATE SCHEMA IF NOT EXISTS registry;\nCREATE TABLE IF NOT EXISTS registry.kind (code text);\n";
    let patches =
        [("patch-1-0-0-std.sql", "UPDATE held SET n = 2 WHERE n = 1;"), ("patch-1-1-0-std.sql", make)];
    let bundle = files("app", &patches).lock();
    owner.batch_execute("BEGIN; UPDATE held SET n = 1").await.unwrap();
    let migrator =
        Migrator::new([&bundle]).with(|options| options.lock_timeout = Some(Duration::from_secs(60).into()));
    let comes = async {
        until("the first patch waits", Duration::from_secs(30), async || {
            let waits = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())";
            client.query_one(waits, &[]).await.unwrap().get(0)
        })
        .await;
        let plant = "SET ROLE {eve}; CREATE SCHEMA registry; RESET ROLE";
        client.batch_execute(&filled(plant)).await.unwrap();
        owner.batch_execute("COMMIT").await.unwrap();
    };
    let (ran, ()) = tokio::join!(migrator.run(&config), comes);
    let error = ran.unwrap_err();
    let message = format!("the schema `registry` belongs to `{eve}`, which is not a trusted role");
    assert_eq!(error.message(), message);
    assert_eq!(error.already_applied(), ["app 1.0.0"]);
}
