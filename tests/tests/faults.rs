//! Faults of rex.deploy, and the behaviour here: `faults.md` names a test for each sentence.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use embed_migrate_runtime::Driver;
use tests::{Counter, connect, database};

/// Whether a test that the table names exists: `scenarios/NAME`, `FILE::FUNCTION`, or `FILE: HEADING` of cases.
fn exists(test: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if test.starts_with("scenarios/") {
        return root.join(format!("{test}.txt")).is_file();
    }
    let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
    let (file, mark) = match (test.split_once("::"), test.split_once(": ")) {
        (Some((file, function)), _) => (format!("{file}.rs"), format!("fn {function}(")),
        (None, Some((file, heading))) => (file.to_owned(), format!("=== {heading}\n")),
        (None, None) => return false,
    };
    let places = [root.join("tests").join(&file), root.join("../migrate-core/tests").join(&file)];
    places.into_iter().any(|path| read(path).contains(&mark))
}

#[test]
fn each_fault_has_a_test() {
    let table = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("faults.md")).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| rex.deploy"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert!(rows.len() > 40, "{}", rows.len());
    for row in rows {
        let [fault, here, tests] = row[..] else { panic!("three columns: {row:?}") };
        assert!(!fault.is_empty() && !here.is_empty());
        let named: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test: {fault}");
        named.iter().for_each(|test| assert!(exists(test), "`{test}` is not there: {fault}"));
    }
}

#[tokio::test]
async fn a_time_with_an_offset_is_the_same_whatever_the_time_zone() {
    let config = database().await;
    let facts = "
- {table: t, with: [{column: code, type: text}, {identity: [code]}, {column: at, type: datetime}, {column: z, type: timestamptz}]}
- of: t
  data: |
    code,at,z
    a,2021-03-28T00:00:00-05:00,2021-03-28T00:00:00-05:00
    b,2021-03-28 02:30:00,2021-03-28 02:30:00Z
";
    for (zone, nothing) in [("America/New_York", false), ("UTC", true), ("Asia/Kolkata", true)] {
        let mut config = config.clone();
        config.options(format!("-c timezone={zone}"));
        let mut driver = Driver::connect(&config).await.unwrap();
        assert_eq!(driver.deploy(facts).await.unwrap().is_empty(), nothing, "{zone}");
        driver.commit().await.unwrap();
        driver.verify(facts).await.unwrap();
    }
    let client = connect(&config).await;
    let rows: String = client
        .query_one(
            "SELECT string_agg(at::text || ' ' || (z AT TIME ZONE 'UTC')::text, ', ' ORDER BY code) FROM t",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(rows, "2021-03-28 05:00:00 2021-03-28 05:00:00, 2021-03-28 02:30:00 2021-03-28 02:30:00");
}

const TABLES: &str = "
- {table: p, with: [{column: code, type: text}, {identity: [code]}, {column: note, type: text, required: false}]}
- {table: c, with: [{column: code, type: text}, {identity: [code]}, {link: p, required: false}, {column: n, type: integer, required: false}]}
";

fn rows(many: usize, shift: usize) -> String {
    let rows: String =
        (0..many).map(|n| format!("  - {{code: c{n}, p: p{}, n: {}}}\n", n % 50, n + shift)).collect();
    format!("- of: c\n  data:\n{rows}")
}

/// A driver without limits, which sends nothing only to be heard: that would count on a busy machine.
async fn unlimited(counter: &Counter) -> Driver {
    let driver = Driver::connect(&counter.config).await.unwrap();
    driver.with(|options| {
        options.answer_timeout = Duration::ZERO;
        options.idle_limit = Duration::ZERO;
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_and_columns_cost_no_round_trip_each() {
    let mut counts = Vec::new();
    for many in [20, 900] {
        let config = database().await;
        let counter = Counter::start(&config).await;
        let mut driver = unlimited(&counter).await;
        driver.deploy(TABLES).await.unwrap();
        driver.submit("INSERT INTO p (code) SELECT 'p' || n FROM generate_series(0, 49) AS n").await.unwrap();
        driver.commit().await.unwrap();
        let columns: String =
            (0..many).map(|n| format!("- {{column: p.x{n}, type: integer, required: false}}\n")).collect();
        counter.take();
        let mut trips = Vec::new();
        for facts in [rows(many, 0), rows(many, 1), rows(many, 1), columns] {
            driver.deploy(&facts).await.unwrap();
            driver.commit().await.unwrap();
            trips.push(counter.take());
        }
        counts.push(trips);
    }
    assert_eq!(counts[0], counts[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn linked_tables_are_not_loaded() {
    let config = database().await;
    let counter = Counter::start(&config).await;
    let mut driver = unlimited(&counter).await;
    driver.deploy(TABLES).await.unwrap();
    driver.submit("INSERT INTO p (code, note) SELECT 'p' || n, repeat('x', 100) FROM generate_series(1, 20000) AS n").await.unwrap();
    driver.commit().await.unwrap();
    counter.received();
    let deployed = driver.deploy("{data: [{code: a, p: p1}, {code: b, p: p20000}], of: c}").await.unwrap();
    assert_eq!(deployed.inserted, 2);
    let received = counter.received();
    assert!(received < 200_000, "{received} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_facts_after_each_other_read_the_catalog_once() {
    let mut counts = Vec::new();
    for many in [5, 25] {
        let counter = Counter::start(&database().await).await;
        let mut driver = unlimited(&counter).await;
        let sql = |n| {
            format!("- {{sql: CREATE TABLE s{n} (), unless: \"SELECT to_regclass('s{n}') IS NOT NULL\"}}\n")
        };
        let facts: String = (0..many).map(sql).chain(["- {table: t}\n".to_owned()]).collect();
        counter.take();
        driver.deploy(&facts).await.unwrap();
        driver.commit().await.unwrap();
        counts.push(counter.take());
    }
    // A check and a statement each, and the check again where the facts are verified.
    assert_eq!(counts[1] - counts[0], 20 * 3);
}
