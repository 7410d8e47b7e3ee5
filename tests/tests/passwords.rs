//! Passwords are never printed: neither in events, errors and their sources, nor in the history.

use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use embed_migrate::{Error, Event, Migrator};
use embed_migrate_runtime::Driver;
use tests::{bundle, connect, database, files, locked, values};

const PASSWORD: &str = "hunter2";

/// Statements that have a password, in each way to write one. All are refused by the server, or change nothing.
const STATEMENTS: [&str; 14] = [
    "ALTER ROLE nobody_here PASSWORD 'hunter2'",
    "CREATE ROLE nobody_here LOGIN PASSWORD 'hunter2' IN ROLE nobody_there",
    "CREATE USER nobody_here WITH ENCRYPTED\n  PASSWORD /* ! */ E'hunter2' IN ROLE nobody_there",
    "ALTER ROLE nobody_here PASSWORD $p$hunter2$p$",
    "DO $$ BEGIN EXECUTE 'ALTER ROLE nobody_here PASSWORD ''hunter2'''; END $$",
    "DO $$ BEGIN EXECUTE format('ALTER ROLE %I PASSWORD %L', 'nobody_here', 'hunter2'); END $$",
    "DO $$ DECLARE p text := 'hunter2'; BEGIN EXECUTE 'ALTER ROLE nobody_here PASSWORD ' || quote_literal(p); END $$",
    "CREATE USER MAPPING FOR nobody_here SERVER none OPTIONS (user 'u', password 'hunter2')",
    "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1 password=hunter2' PUBLICATION p",
    "CREATE SUBSCRIPTION s CONNECTION 'postgresql://u:hunter2@127.0.0.1:1/d' PUBLICATION p",
    "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 password=hun hunter2' PUBLICATION p WITH (connect = false)",
    "INSERT INTO no_account (name, password) VALUES ('ann', 'hunter2')",
    "UPDATE no_account SET password = 'hunter2' WHERE name = 'ann'",
    "SELECT set_config('app.password', 'hunter2', true), 1/0",
];

/// All that a person, a log or a program may be shown of an error.
fn shown(error: &Error) -> String {
    let mut shown =
        format!("{error} {error:?} {:?} {:?} {:?}", error.notes(), error.contexts(), error.advice());
    let mut source = error.source();
    while let Some(cause) = source {
        shown += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    shown
}

/// Keeps what events show.
fn listen(messages: &Arc<Mutex<String>>) -> impl Fn(&Event) + Send + Sync + 'static {
    let messages = Arc::clone(messages);
    move |event| *messages.lock().unwrap() += &format!("{event} {event:?}")
}

fn says_nothing(shown: &str, of: &str) {
    assert!(!shown.contains(PASSWORD), "{of}\nsays: {shown}");
}

#[tokio::test]
async fn a_patch_that_fails_does_not_tell_its_password() {
    let config = database().await;
    for (index, sql) in STATEMENTS.iter().enumerate() {
        let bundle = bundle(&format!("app{index}"), &[("patch-1-0-0-std.sql", &format!("{sql};\n"))]);
        let error = Migrator::new([&bundle]).run(&config).await.unwrap_err();
        says_nothing(&shown(&error), sql);
        let events: Vec<String> = values(&connect(&config).await, "SELECT detail FROM migrate.event").await;
        assert_eq!(events.len(), index + 1);
        says_nothing(&events.concat(), sql);
    }
}

#[tokio::test]
async fn a_fact_and_a_concurrent_patch_do_not_tell_their_password() {
    let config = database().await;
    for (index, sql) in STATEMENTS.iter().enumerate() {
        let messages = Arc::new(Mutex::new(String::new()));
        let fact = format!("- sql: |\n    {}\n", sql.replace('\n', "\n    "));
        let mut driver = Driver::connect(&config).await.unwrap().progress(listen(&messages));
        says_nothing(&shown(&driver.deploy(&fact).await.unwrap_err()), sql);
        drop(driver);
        assert!(
            messages.lock().unwrap().contains("***"),
            "the event of `{sql}` shows that something is hidden"
        );
        let concurrent =
            bundle(&format!("app{index}"), &[("patch-1-0-0-concurrent.sql", &format!("{sql};\n"))]);
        let error = Migrator::new([&concurrent]).progress(listen(&messages)).run(&config).await.unwrap_err();
        says_nothing(&shown(&error), sql);
        says_nothing(&messages.lock().unwrap(), sql);
    }
}

#[tokio::test]
async fn what_is_tried_is_shown_without_its_password() {
    let config = database().await;
    let patch = "SELECT set_config('app.password', 'hunter2', true);\n";
    let files = files(
        "app",
        &[("patch-1-0-0-std.sql", patch), ("deploy.yaml", "- sql: SELECT 'password=hunter2'\n")],
    );
    let run = Migrator::new([&files.lock()]).dry_run(&config).await.unwrap();
    says_nothing(&run.to_string(), patch);
    assert!(run.to_string().contains("SELECT set_config('app.password', '***', true);"), "{run}");
}

#[tokio::test]
async fn who_is_in_the_way_does_not_tell_a_password() {
    let config = database().await;
    let study = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);");
    Migrator::new([&locked("app", &[study])]).run(&config).await.unwrap();
    let next = locked("app", &[study, ("patch-1-1-0-std.sql", "ALTER TABLE study ADD COLUMN n integer;")]);
    // Of a long statement the beginning is shown, which may be cut off before the password, or within it.
    for filler in [0, 80, 120, 300].map(|length| " ".repeat(length)) {
        let other = connect(&config).await;
        let sql = format!(
            "BEGIN; LOCK TABLE study; SELECT set_config('app.password',{filler}'hunter2', true), 'dblink password=hunter2'"
        );
        other.batch_execute(&sql).await.unwrap();
        let messages = Arc::new(Mutex::new(String::new()));
        let migrator = Migrator::new([&next]).with(|options| {
            options.lock_timeout = Some(Duration::from_millis(200).into());
            options.lock_retries = 0;
        });
        let error = migrator.progress(listen(&messages)).run(&config).await.unwrap_err();
        assert!(shown(&error).contains("LOCK TABLE study"), "{error}");
        says_nothing(&(shown(&error) + &messages.lock().unwrap()), &sql);
        other.batch_execute("ROLLBACK").await.unwrap();
    }
}

#[tokio::test]
async fn of_a_long_error_no_more_than_its_beginning_is_shown_and_kept() {
    let config = database().await;
    let sql = "DO $$ BEGIN RAISE EXCEPTION USING MESSAGE = repeat('m', 10000000), DETAIL = repeat('d', 10000000), \
               HINT = repeat('h', 10000000); END $$;";
    let bundle = bundle("app", &[("patch-1-0-0-std.sql", sql)]);
    let error = Migrator::new([&bundle]).run(&config).await.unwrap_err();
    let text = error.to_string();
    assert!(text.len() < 20_000, "{} bytes", text.len());
    assert!(text.contains("mmm… (9996031 characters more)"), "{}", &text[3_900..4_200]);
    assert!(text.contains("ddd… (9996000 characters more)"), "the detail is cut too");
    let events: Vec<String> = values(&connect(&config).await, "SELECT detail FROM migrate.event").await;
    assert!(events.concat().len() < 5_000);
}
