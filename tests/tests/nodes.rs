//! Several servers that are migrated together: a list of nodes that share nothing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use embed_migrate::{Bundle, ErrorKind, Event, Migrator, Repair, Settings};
use embed_migrate_cluster::{Installation, Profile, Throwaway};
use tests::{PgBouncer, connect, database, lock_holder, locked, server};
use tokio_postgres::Config;

const STUDY: (&str, &str) = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint, code text);");
const INDEX: (&str, &str) =
    ("patch-1-1-0-concurrent.sql", "CREATE INDEX CONCURRENTLY study_code ON study (code);");
const SITE: (&str, &str) = ("patch-1-2-0-direct.sql", "CREATE TABLE site (id bigint);");
const LAST: (&str, &str) = ("patch-1-3-0-std.sql", "ALTER TABLE site ADD name text;");

async fn three() -> [Config; 3] {
    [database().await, database().await, database().await]
}

fn migrator<'a>(bundle: &'a Bundle, nodes: &[Config]) -> Migrator<'a> {
    let names = ["b", "c"].into_iter().zip(nodes);
    names.fold(Migrator::new([bundle]), |migrator, (name, node)| {
        migrator.node(name, Settings::from(node.clone()))
    })
}

async fn heads(nodes: &[Config]) -> Vec<String> {
    let mut heads = Vec::new();
    for node in nodes {
        let query = "SELECT coalesce(max(array_to_string(version, '.')), 'none') FROM migrate.patch WHERE bundle = 'app'";
        let head = connect(node).await.query_one(query, &[]).await;
        heads.push(head.map_or("nothing".to_owned(), |row| row.get(0)));
    }
    heads
}

#[tokio::test]
async fn every_node_gets_every_patch_group_by_group() {
    let [a, b, c] = three().await;
    let bundle = locked("app", &[STUDY, INDEX, SITE, LAST]);
    let messages = Arc::new(Mutex::new(Vec::new()));
    let heard = messages.clone();
    let migrator = migrator(&bundle, &[b.clone(), c.clone()]).progress(move |event| {
        let mut heard = heard.lock().unwrap();
        match event {
            Event::Node { name } => heard.push(name.clone()),
            Event::Applied { patch, .. } => heard.push(patch.version.to_string()),
            _ => {}
        }
    });
    let report = migrator.run(&a).await.unwrap();
    assert_eq!(report.applied.len(), 4);
    assert_eq!(report.notes, ["4 applied on node `b`", "4 applied on node `c`"]);
    let expected = [
        "b 1.0.0 c 1.0.0 origin 1.0.0",
        "b 1.1.0 1.2.0 c 1.1.0 1.2.0 origin 1.1.0 1.2.0",
        "b 1.3.0 c 1.3.0 origin 1.3.0",
    ];
    assert_eq!(messages.lock().unwrap().join(" "), expected.join(" "));
    assert_eq!(heads(&[a.clone(), b, c]).await, ["1.3.0"; 3]);
    assert!(migrator.run(&a).await.unwrap().applied.is_empty());
}

#[tokio::test]
async fn nothing_starts_while_a_node_is_down() {
    let [a, b, mut c] = three().await;
    let bundle = locked("app", &[STUDY]);
    c.dbname("nowhere");
    let error = migrator(&bundle, &[b.clone(), c]).run(&a).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.contexts(), ["on node `c`"]);
    assert_eq!(heads(&[a, b]).await, ["nothing"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_starts_while_a_node_could_not_take_what_is_pending() {
    let [a, b, c] = three().await;
    let bundle = locked("app", &[STUDY, INDEX]);
    let bouncer = PgBouncer::start(&server().config(), "transaction", 4).await;
    let nodes = [b.clone(), bouncer.config(&c)];
    let error = migrator(&bundle, &nodes).run(&a).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.contexts()),
        (ErrorKind::Unsupported, ["on node `c`".to_owned()].as_slice())
    );
    assert_eq!(heads(&[a.clone(), b.clone(), c]).await, ["nothing"; 3]);

    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let profile = Profile::throwaway().setting("wal_level", "replica").setting("max_wal_senders", "4");
    let primary = Throwaway::start_with(&installation, profile).await.unwrap();
    let standby = Throwaway::standby_of(&primary).await.unwrap();
    let error = migrator(&bundle, &[b.clone(), standby.config()]).run(&a).await.unwrap_err();
    assert_eq!((error.kind(), error.contexts()), (ErrorKind::Standby, ["on node `c`".to_owned()].as_slice()));
    assert_eq!(heads(&[a.clone(), b.clone()]).await, ["nothing"; 2]);
    let error = Migrator::new([&bundle]).run(&standby.config()).await.unwrap_err();
    assert_eq!(error.message(), "this server is a standby, and 2 patches are pending", "{error}");
    standby.stop().await.unwrap();
    primary.stop().await.unwrap();
}

#[tokio::test]
async fn who_has_the_lock_of_an_origin_that_needs_nothing_is_not_waited_for_without_end() {
    let [a, b, _] = three().await;
    let bundle = locked("app", &[STUDY]);
    migrator(&bundle, &[]).run(&a).await.unwrap();
    let holder = lock_holder(&a).await;
    let behind = migrator(&bundle, std::slice::from_ref(&b));
    let error = behind
        .clone()
        .with(|options| options.lock_wait = Duration::from_millis(600))
        .run(&a)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
    assert_eq!(heads(std::slice::from_ref(&b)).await, ["nothing"]);
    let (ran, ()) = tokio::join!(behind.run(&a), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(holder);
    });
    ran.unwrap();
    assert_eq!(heads(&[b]).await, ["1.0.0"]);
}

#[tokio::test]
async fn what_nobody_can_know_of_a_node_is_settled_there() {
    let [a, b, c] = three().await;
    let ends = "CREATE PROCEDURE ends() LANGUAGE plpgsql AS $$ BEGIN COMMIT; \
                PERFORM pg_terminate_backend(pg_backend_pid()) FROM pg_class WHERE relname = 'here'; END $$;\n\
                CALL ends();";
    let bundle = locked("app", &[STUDY, ("patch-1-1-0-concurrent.sql", ends)]);
    connect(&c).await.batch_execute("CREATE TABLE here ()").await.unwrap();
    let named = |name: &str| {
        let b = Migrator::new([&bundle]).node("b", Settings::from(b.clone()));
        b.node(name, Settings::from(c.clone()))
    };
    assert_eq!(named("c").run(&a).await.unwrap_err().kind(), ErrorKind::Connect);
    let error = named("it's c").run(&a).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(
        error
            .advice()
            .unwrap()
            .contains(r"`cargo migrate repair app=1.1.0 --done --on 'it'\''s c'` continues"),
        "{error}"
    );
    let version = "1.1.0".parse().unwrap();
    let elsewhere = named("c").repair(&a, "app", version, Repair::Done).await.unwrap_err();
    assert_eq!(elsewhere.kind(), ErrorKind::Missing);
    let nodes = named("c");
    let node = nodes.nodes().iter().find(|node| node.name == "c").unwrap();
    assert_eq!(nodes.repair(&node.settings, "app", version, Repair::Done).await.unwrap(), "CALL ends();");
    nodes.run(&a).await.unwrap();
    assert_eq!(heads(&[a, b, c]).await, ["1.1.0"; 3]);
}

#[tokio::test]
async fn what_broke_off_at_one_node_goes_on_there() {
    let [a, b, c] = three().await;
    let bundle = locked("app", &[STUDY, INDEX, SITE, LAST]);
    connect(&c).await.batch_execute("CREATE TABLE site (odd text)").await.unwrap();
    let migrator = migrator(&bundle, &[b.clone(), c.clone()]);
    let error = migrator.run(&a).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Sql);
    assert_eq!(error.contexts(), ["on node `c`"]);
    let nodes = [a.clone(), b, c.clone()];
    assert_eq!(heads(&nodes).await, ["1.0.0", "1.2.0", "1.1.0"]);
    connect(&c).await.batch_execute("DROP TABLE site").await.unwrap();
    migrator.run(&a).await.unwrap();
    assert_eq!(heads(&nodes).await, ["1.3.0"; 3]);
}

#[tokio::test]
async fn a_node_that_joins_later_is_brought_forward_too() {
    let [a, b, c] = three().await;
    let bundle = locked("app", &[STUDY, INDEX]);
    migrator(&bundle, std::slice::from_ref(&b)).run(&a).await.unwrap();
    let joined = migrator(&bundle, &[b.clone(), c.clone()]);
    assert!(joined.run(&a).await.unwrap().applied.is_empty(), "on the origin nothing is to be done");
    assert_eq!(heads(&[a, b, c]).await, ["1.1.0"; 3]);
}
