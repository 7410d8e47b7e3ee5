//! The server's digest changes with the catalog, and with nothing else.
//! A comparison finds the change, and its SQL repairs it.

use embed_migrate_core::catalog::{Difference, compare};
use embed_migrate_runtime::{Scope, fingerprint, inspect};
use tests::catalog::{RICH, catalog, database_of, fit, major};
use tests::connect;
use tokio_postgres::Client;

/// What changes, and what a comparison says of it first; after a `!`, no SQL repairs it alone. If the first line is not
/// for the server, the second isn't either.
const CHANGES: &str = include_str!("catalog/changes.txt");

const WITHIN: Scope<'_> = Scope { leave_out: &[], rows: false, within: true, facts: false };

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_change_is_found_and_repaired() {
    let (_, client) = database_of(RICH).await;
    let (before, digest) = (catalog(&client).await, fingerprint(&client, &Scope::default()).await.unwrap());
    let major = major(&client).await;
    let (mut wrong, changes) = (Vec::new(), fit(CHANGES, major));
    for lines in changes.trim().split("\n\n").filter(|lines| !lines.starts_with("= ")) {
        let (sql, expected) = lines.split_once("\n= ").unwrap_or((lines, ""));
        let (expected, repairs) = match expected.strip_prefix("! ") {
            Some(expected) => (expected, false),
            None => (expected, true),
        };
        client.batch_execute("BEGIN; SET LOCAL client_min_messages = error").await.unwrap();
        if let Err(error) = client.batch_execute(sql).await {
            wrong.push(format!("{sql}: {}", error.as_db_error().unwrap().message()));
            client.batch_execute("ROLLBACK").await.unwrap();
            continue;
        }
        let changed = fingerprint(&client, &WITHIN).await.unwrap();
        let differences = compare(&before, &inspect(&client, &WITHIN).await.unwrap());
        let said = differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        if said != expected && (major < 17 || plain(&said) != plain(expected)) {
            wrong.push(format!("{sql}\n= {said}"));
        }
        if changed == digest {
            wrong.push(format!("{sql}: not in the fingerprint"));
        }
        if repairs && let Err(left) = repaired(&client, &before, &differences, &digest).await {
            wrong.push(format!("{sql}: {left}"));
        }
        client.batch_execute("ROLLBACK").await.unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Without the privileges themselves: since PostgreSQL 17 there is one more, and with it some are too many to be told.
fn plain(said: &str) -> String {
    let part = |part: &str| match part.split_once(": privileges `") {
        Some((object, _)) => format!("{object}: other privileges"),
        None => part.replace("arwdDxtm/", "arwdDxt/"),
    };
    said.split("; ").map(part).collect::<Vec<_>>().join("; ")
}

async fn repaired(
    client: &Client,
    before: &embed_migrate_core::catalog::Catalog,
    differences: &[Difference],
    digest: &str,
) -> Result<(), String> {
    for statement in differences.iter().flat_map(|difference| &difference.fix) {
        let ran = client.batch_execute(statement).await;
        ran.map_err(|error| format!("{statement}: {}", error.as_db_error().unwrap().message()))?;
    }
    let left = compare(before, &inspect(client, &WITHIN).await.unwrap());
    if let Some(left) = left.first() {
        return Err(format!("not repaired: {left}"));
    }
    let now = fingerprint(client, &WITHIN).await.unwrap();
    if now == digest { Ok(()) } else { Err("repaired, but for the fingerprint".to_owned()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_part_of_the_catalog_changes_nothing() {
    let (config, client) = database_of(RICH).await;
    let (before, digest) = (catalog(&client).await, fingerprint(&client, &Scope::default()).await.unwrap());
    let other = connect(&config).await;
    for sql in [
        "INSERT INTO study.person VALUES ('a', 1); SELECT nextval('study.down')",
        "CREATE TEMPORARY TABLE individual (id integer PRIMARY KEY); CREATE TEMPORARY VIEW v AS SELECT 1 AS one",
        "VACUUM ANALYZE",
        "ALTER TABLE study.family ADD COLUMN gone integer; ALTER TABLE study.family DROP COLUMN gone",
        "ALTER TABLE study.seen DROP COLUMN at; ALTER TABLE study.seen ADD COLUMN at date; \
         ALTER TABLE study.seen ADD FOREIGN KEY (event_id, at) REFERENCES study.event ON DELETE CASCADE",
        "REINDEX TABLE study.individual; CLUSTER study.individual",
        "REFRESH MATERIALIZED VIEW study.\"M\"",
        "GRANT SELECT ON study.cache TO catalog_other; REVOKE SELECT ON study.cache FROM catalog_other",
        "DROP INDEX study.plain; CREATE INDEX plain ON study.individual (family_id); COMMENT ON INDEX study.plain IS 'Plain'",
        // As servers do from November 2026 on, to every column that is made or changed.
        "UPDATE pg_attribute AS a SET attoptions = ('pg_attver=' || a.attnum) || \
         array_remove(a.attoptions, (SELECT o FROM unnest(a.attoptions) AS o WHERE o LIKE 'pg_attver=%')) \
         FROM pg_class AS c WHERE c.oid = a.attrelid AND c.relnamespace = 'study'::regnamespace AND a.attnum > 0 AND c.relkind <> 'i'",
        "SET search_path = study, public; SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'SQL, DMY'; \
         SET IntervalStyle = iso_8601; SET bytea_output = escape; SET quote_all_identifiers = on; \
         SET standard_conforming_strings = off; SET lc_messages = 'C'; SET extra_float_digits = 0",
    ] {
        // One message is one transaction, and VACUUM wants one of its own.
        other.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        for client in [&other, &client] {
            let differences = compare(&before, &catalog(client).await);
            assert!(differences.is_empty(), "{sql}: {}", differences[0]);
            assert_eq!(fingerprint(client, &Scope::default()).await.unwrap(), digest, "{sql}");
        }
    }
}
