//! Which other types for a column rewrite its table: the prediction, and what the server then does.

use embed_migrate_cluster::TableRewrite;
use embed_migrate_core::diff::ChangeHazard;
use embed_migrate_runtime::Driver;
use tests::{connect, database, locked};
use tokio_postgres::Client;

const TABLES: &str = "
    CREATE DOMAIN short AS varchar(10);
    CREATE DOMAIN checked AS text CHECK (value <> '');
    CREATE TABLE study (
        name varchar(10), letter char(3), cost numeric(5, 2), any_cost numeric, at timestamptz(3), noon time(2), span interval(2),
        local timestamp(3), number integer, bits varbit(3), tag short, address inet, net cidr, \"Odd\" varchar(5)
    );
    CREATE TABLE indexed (id integer PRIMARY KEY, name varchar(10) UNIQUE, at timestamp NOT NULL);
    CREATE INDEX ON indexed (at);
    CREATE TABLE parted (name varchar(10), n integer) PARTITION BY LIST (n);
    CREATE TABLE part PARTITION OF parted FOR VALUES IN (1);
    INSERT INTO study DEFAULT VALUES;
    INSERT INTO indexed SELECT 1, 'a', now();
    INSERT INTO parted VALUES ('a', 1);";

const FILES: &str = "SELECT array_agg(pg_relation_filenode(oid) ORDER BY oid) FROM pg_class \
    WHERE oid = 'study'::regclass OR relname IN ('part', 'indexed') \
    OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'indexed'::regclass)";

async fn files(client: &Client) -> Vec<u32> {
    let mut files: Vec<u32> = client.query_one(FILES, &[]).await.unwrap().get(0);
    files.sort_unstable();
    files
}

/// Holds a patch's statements against what is foretold of them.
async fn check(client: &Client, statements: &str, anew: bool) {
    let allow =
        ["retype", "volatile-default"].map(|rule| match rule == "retype" || statements.contains("random") {
            true => format!("-- migrate: allow {rule}: a test\n"),
            false => String::new(),
        });
    let text = format!("-- migrate: min-app any\n{}{statements};\n", allow.concat());
    let bundle = locked("app", &[("patch-1-0-0-std.sql", &text)]);
    let rewritten = bundle.patches()[0].rewrites();
    assert_eq!(rewritten.len(), 1, "{statements}");
    client.batch_execute("BEGIN").await.unwrap();
    let foretold = match rewritten[0].retypes.is_empty() {
        true => true,
        false => TableRewrite::tried(client, &rewritten[0].probe(&[])).await.unwrap(),
    };
    let before = files(client).await;
    client.batch_execute(statements).await.unwrap();
    let after = files(client).await;
    client.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(before != after, anew, "what the server does: {statements}");
    assert_eq!(foretold, anew, "what is foretold: {statements}");
}

#[tokio::test]
async fn what_is_foretold_of_another_type_is_what_the_server_does() {
    let config = database().await;
    let client = connect(&config).await;
    client.batch_execute(TABLES).await.unwrap();
    for (clause, anew) in [
        ("name TYPE varchar(20)", false),
        ("name TYPE varchar(5)", true),
        ("name TYPE varchar", false),
        ("name TYPE text", false),
        ("name SET DATA TYPE text USING name::text", false),
        ("name TYPE text USING study.name", false),
        ("name TYPE text USING upper(name)", true),
        ("name TYPE short", false),
        ("name TYPE checked", true),
        ("name TYPE text COLLATE \"C\"", false),
        ("letter TYPE char(4)", true),
        ("letter TYPE text", true),
        ("cost TYPE numeric(8, 2)", false),
        ("cost TYPE numeric", false),
        ("cost TYPE numeric(8, 3)", true),
        ("cost TYPE numeric(4, 2)", true),
        ("any_cost TYPE numeric(8, 2)", true),
        ("at TYPE timestamptz(6)", false),
        ("at TYPE timestamptz", false),
        ("at TYPE timestamptz(1)", true),
        ("noon TYPE time(4)", false),
        ("span TYPE interval", false),
        ("local TYPE timestamp", false),
        ("number TYPE bigint", true),
        ("number TYPE integer", false),
        ("bits TYPE varbit(5)", false),
        ("tag TYPE text", false),
        // The server does not see a domain's length.
        ("tag TYPE varchar(12)", true),
        ("address TYPE cidr", true),
        ("net TYPE inet", false),
        ("\"Odd\" TYPE text", false),
    ] {
        check(&client, &format!("ALTER TABLE study ALTER COLUMN {clause}"), anew).await;
    }
    // What depends on the zone.
    for (zone, anew) in [("UTC", false), ("Europe/Berlin", true)] {
        client.batch_execute(&format!("SET TimeZone = '{zone}'")).await.unwrap();
        check(&client, "ALTER TABLE public.study ALTER local TYPE timestamptz", anew).await;
    }
}

#[tokio::test]
async fn indexes_partitions_and_several_clauses_are_foretold_too() {
    let config = database().await;
    let client = connect(&config).await;
    client.batch_execute(TABLES).await.unwrap();
    client.batch_execute("SET TimeZone = 'UTC'").await.unwrap();
    for (statements, anew) in [
        ("ALTER TABLE indexed ALTER name TYPE text", false),
        ("ALTER TABLE indexed ALTER id TYPE bigint", true),
        // The table stays, and its index does not.
        ("ALTER TABLE indexed ALTER at TYPE timestamptz", true),
        ("ALTER TABLE parted ALTER name TYPE varchar(11)", false),
        ("ALTER TABLE parted ALTER name TYPE varchar(9)", true),
        ("ALTER TABLE study ALTER name TYPE text, ALTER cost TYPE numeric(9, 2), ADD extra text", false),
        ("ALTER TABLE study ALTER name TYPE text, ALTER number TYPE bigint", true),
        ("ALTER TABLE study ALTER name TYPE text, ADD extra float DEFAULT random()", true),
        ("ALTER TABLE study ALTER name TYPE varchar(12); ALTER TABLE study ALTER name TYPE text", false),
        ("ALTER TABLE study ALTER name TYPE text; ALTER TABLE study ALTER name TYPE varchar(12)", true),
    ] {
        check(&client, statements, anew).await;
    }
}

#[tokio::test]
async fn a_deployment_tells_which_conversions_store_the_table_anew() {
    let config = database().await;
    let client = connect(&config).await;
    let mut driver = Driver::connect(&config).await.unwrap();
    driver
        .submit("CREATE TABLE study (name varchar(10), cost numeric(5, 2), n integer); INSERT INTO study VALUES ('a', 1, 1)")
        .await
        .unwrap();
    driver.commit().await.unwrap();
    let file = "SELECT pg_relation_filenode('study')";
    for (facts, anew) in [
        ("{column: study.name, type: text, required: false}", false),
        ("{column: study.cost, type: decimal, required: false}", false),
        ("{column: study.n, type: text, required: false}", true),
    ] {
        let before: u32 = client.query_one(file, &[]).await.unwrap().get(0);
        let deployed = driver.deploy(facts).await.unwrap();
        driver.commit().await.unwrap();
        let after: u32 = client.query_one(file, &[]).await.unwrap().get(0);
        assert_eq!(before != after, anew, "{facts}");
        let hazards: Vec<_> = deployed.changes.iter().flat_map(|change| &change.hazards).collect();
        assert_eq!(hazards.contains(&&ChangeHazard::Rewrites), anew, "{facts}: {:?}", deployed.changes);
        let rewrites: Vec<_> = deployed.changes.iter().filter_map(|change| change.rewrites()).collect();
        assert_eq!(rewrites, if anew { vec!["\"public\".\"study\"".to_owned()] } else { Vec::new() });
        assert!(driver.deploy(facts).await.unwrap().is_empty(), "{facts}: plan again, nothing left");
        driver.rollback().await.unwrap();
    }
}
