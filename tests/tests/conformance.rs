//! Real facts give the same databases here as with rex.deploy.

use std::fs;
use std::path::{Path, PathBuf};

use embed_migrate_core::facts::{DirectoryFiles, read};
use embed_migrate_runtime::Driver;
use tests::{connect, database};
use tokio_postgres::Config;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/cases")
}

async fn snapshot(config: &Config) -> String {
    let client = connect(config).await;
    let functions = fs::read_to_string(cases().join("../snapshot.sql")).unwrap();
    client.batch_execute(&functions).await.unwrap();
    let row = client.query_one("SELECT jsonb_pretty(pg_temp.snapshot())", &[]).await.unwrap();
    row.get(0)
}

async fn check(case: &str) {
    let directory = cases().join(case);
    let facts = read(&DirectoryFiles::new(&directory, ""), "deploy.yaml").unwrap();
    let config = database().await;
    let mut driver = Driver::connect(&config).await.unwrap();
    let first = driver.deploy(facts.as_slice()).await.unwrap();
    assert!(!first.is_empty());
    driver.commit().await.unwrap();
    let expected: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(directory.join("expected.json")).unwrap()).unwrap();
    let created: serde_json::Value = serde_json::from_str(&snapshot(&config).await).unwrap();
    for (table, expected) in expected.as_object().unwrap() {
        assert_eq!(created.get(table), Some(expected), "{case}: {table}");
    }
    assert_eq!(created, expected, "{case}");
    let second = driver.deploy(facts.as_slice()).await.unwrap();
    assert!(second.is_empty(), "{case}: {second:#?}");
    driver.verify(facts.as_slice()).await.unwrap();
    driver.rollback().await.unwrap();
}

#[tokio::test]
async fn every_case_gives_the_database_that_the_original_makes_of_it() {
    let mut cases: Vec<String> = fs::read_dir(cases())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    cases.sort();
    assert_eq!(cases.len(), 16);
    for case in cases {
        check(&case).await;
    }
}
