//! Each example of `docs/facts.md` is deployed by itself.

use embed_migrate_runtime::Driver;
use tests::database;

#[tokio::test]
async fn every_example_deploys_to_an_empty_database_and_then_holds() {
    let manual = include_str!("../../docs/facts.md");
    let examples = manual.split("\n```yaml\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0);
    let mut failed = Vec::new();
    for example in examples {
        let mut driver = Driver::connect(&database().await).await.unwrap();
        let facts = embed_migrate_core::facts::parse("docs/facts.md", example).unwrap();
        if let Err(error) = driver.deploy(facts.as_slice()).await {
            failed.push(format!("{error}\n{example}"));
            continue;
        }
        driver.commit().await.unwrap();
        let again = driver.deploy(facts.as_slice()).await.unwrap();
        if !again.is_empty() {
            failed.push(format!("{again:#?}\n{example}"));
        }
        if let Err(error) = driver.verify(facts.as_slice()).await {
            failed.push(format!("{error}\n{example}"));
        }
        driver.rollback().await.unwrap();
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
