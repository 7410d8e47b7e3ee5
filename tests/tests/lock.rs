//! Who waits for whom; nobody waits for a dead process.

use std::time::Duration;

use embed_migrate::{ErrorKind, Event, Migrator};
use tests::{connect, database, locked, until};
use tokio_postgres::{Client, Config};

const SLOW: (&str, &str) = ("patch-1-1-0-std.sql", "SELECT pg_sleep(30);");
const STUDY: (&str, &str) = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);");

/// Advisory locks of this database that are held.
async fn held(client: &Client) -> i64 {
    let sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted \
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

async fn drops(config: &Config, source_is_pool: bool) {
    let bundle = locked("app", &[STUDY, SLOW]);
    let client = connect(config).await;
    let pool = tests::settings(config).pool(2).unwrap();
    let owned = config.clone();
    let run = tokio::spawn(async move {
        match source_is_pool {
            true => Migrator::new([&bundle]).run(&pool).await,
            false => Migrator::new([&bundle]).run(&owned).await,
        }
    });
    let sleeping =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    until("the patch runs", Duration::from_secs(10), async || {
        client.query_one(sleeping, &[]).await.unwrap().get::<_, i64>(0) == 1
    })
    .await;
    assert_eq!(held(&client).await, 1);
    run.abort();
    until("the lock is free", Duration::from_secs(1), async || held(&client).await == 0).await;
    let done: i64 = client
        .query_one("SELECT count(*) FROM migrate.patch WHERE bundle = 'app'", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(done, 1, "what was committed before stays, what was under way is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_boot_frees_the_lock_within_a_second() {
    drops(&database().await, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_boot_from_a_pool_frees_the_lock_within_a_second() {
    drops(&database().await, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_that_waits_too_long_says_who_holds_the_lock_and_since_when() {
    let config = database().await;
    let bundle = locked("app", &[STUDY, SLOW]);
    let holder = {
        let (config, bundle) = (config.clone(), bundle.clone());
        tokio::spawn(async move {
            Migrator::new([&bundle])
                .with(|options| options.application = Some("release 7".into()))
                .run(&config)
                .await
        })
    };
    let client = connect(&config).await;
    until("the lock is held", Duration::from_secs(10), async || held(&client).await == 1).await;
    let (send, receive) = std::sync::mpsc::channel();
    let migrator = Migrator::new([&bundle])
        .with(|options| options.lock_wait = Duration::from_millis(300))
        .progress(move |event| send.send(event.clone()).unwrap());
    let error = migrator.run(&config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert_eq!(error.message(), "another process holds the migration lock, and kept it for 0 s");
    assert!(error.notes()[0].starts_with("held by process "), "{error}");
    assert!(error.notes()[0].contains("(`release 7`, role `postgres`), active since 20"), "{error}");
    assert!(
        error.to_string().contains("help: wait for it, or end it: `SELECT pg_terminate_backend("),
        "{error}"
    );
    let messages = receive.try_iter().find_map(|event| match event {
        Event::Waiting { holder: Some(holder), .. } => Some(holder.application),
        _ => None,
    });
    assert_eq!(messages.as_deref(), Some("release 7"));
    holder.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_takes_no_transaction_so_an_index_can_be_built_meanwhile() {
    let config = database().await;
    let client = connect(&config).await;
    client.batch_execute("CREATE TABLE big AS SELECT generate_series(1, 1000) AS id").await.unwrap();
    let holder = connect(&config).await;
    // The key is the runtime's own: another boot's lock, held by hand.
    let bundle = locked("app", &[STUDY, SLOW]);
    let slow = {
        let (config, bundle) = (config.clone(), bundle.clone());
        tokio::spawn(async move { Migrator::new([&bundle]).run(&config).await })
    };
    until("the lock is held", Duration::from_secs(10), async || held(&client).await == 1).await;
    let waiter = {
        let (config, bundle) = (config.clone(), bundle.clone());
        tokio::spawn(async move { Migrator::new([&bundle]).run(&config).await })
    };
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'app'";
    until("two boots are there", Duration::from_secs(10), async || {
        client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 2
    })
    .await;
    slow.abort();
    until("the first is gone", Duration::from_secs(2), async || {
        client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 1
    })
    .await;
    waiter.abort();
    until("so is the second", Duration::from_secs(2), async || {
        client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0
    })
    .await;
    let built = tokio::time::timeout(
        Duration::from_secs(5),
        holder.batch_execute("CREATE INDEX CONCURRENTLY big_id ON big (id)"),
    );
    built.await.expect("nobody is in the way").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn histories_in_two_schemas_do_not_wait_for_each_other() {
    let config = database().await;
    let slow = {
        let config = config.clone();
        let bundle = locked("app", &[STUDY, SLOW]);
        tokio::spawn(async move { Migrator::new([&bundle]).run(&config).await })
    };
    let client = connect(&config).await;
    until("the lock is held", Duration::from_secs(10), async || held(&client).await == 1).await;
    let bundle = locked("other", &[("00001-site.sql", "CREATE TABLE site (id bigint);")]);
    let migrator = Migrator::new([&bundle]).with(|options| {
        options.history_schema = "other".into();
        options.lock_wait = Duration::ZERO;
    });
    assert_eq!(migrator.run(&config).await.unwrap().applied.len(), 1);
    slow.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_who_holds_the_lock_runs_nobody_elses_operators() {
    let config = database().await;
    let client = connect(&config).await;
    let trap = "CREATE TABLE public.caught (); \
                CREATE FUNCTION public.trap(oid, bigint) RETURNS boolean LANGUAGE plpgsql AS \
                'BEGIN INSERT INTO public.caught DEFAULT VALUES; RETURN true; END'; \
                CREATE FUNCTION public.trap(oid, integer) RETURNS boolean LANGUAGE sql AS 'SELECT public.trap($1, $2::bigint)'; \
                CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = bigint, FUNCTION = public.trap); \
                CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = integer, FUNCTION = public.trap);";
    client.batch_execute(trap).await.unwrap();
    let bundle = locked("app", &[STUDY, SLOW]);
    let holder = {
        let (bundle, config) = (bundle.clone(), config.clone());
        tokio::spawn(async move { Migrator::new([&bundle]).run(&config).await })
    };
    until("the lock is held", Duration::from_secs(10), async || held(&client).await == 1).await;
    let refused = Migrator::new([&bundle])
        .with(|options| options.lock_wait = Duration::ZERO)
        .run(&config)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Locked);
    holder.abort();
    let caught: i64 = client.query_one("SELECT count(*) FROM public.caught", &[]).await.unwrap().get(0);
    assert_eq!(caught, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_on_the_history_itself_is_not_waited_for_without_end() {
    let config = database().await;
    Migrator::new([&locked("app", &[STUDY])]).run(&config).await.unwrap();
    let next = locked("app", &[STUDY, ("patch-1-1-0-std.sql", "SELECT 1;")]);
    let migrator = Migrator::new([&next]).with(|options| {
        options.lock_timeout = Some(Duration::from_millis(50).into());
        options.lock_retries = 1;
    });
    for (table, failed) in
        [("patch", "patch `1.1.0` of `app` failed: "), ("bundle", "patch `1.1.0` of `app` failed: ")]
    {
        let mut holder = connect(&config).await;
        let blocking = holder.transaction().await.unwrap();
        blocking.batch_execute(&format!("LOCK TABLE migrate.{table} IN EXCLUSIVE MODE")).await.unwrap();
        let run = tokio::time::timeout(Duration::from_secs(20), migrator.run(&config)).await;
        let error = run.expect("it gives up").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Locked, "{table}");
        assert!(error.message().starts_with(failed), "{error}");
    }
    assert_eq!(migrator.run(&config).await.unwrap().applied.len(), 1);
}
