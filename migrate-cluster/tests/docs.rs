//! The examples of `docs/clusters.md`, word for word, are run.

#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use embed_migrate_cluster::{Cluster, DatabaseOptions, Result, Settings, UserOptions};

#[tokio::test]
async fn a_cluster_is_administered_as_the_manual_says() -> Result<()> {
    let url = support::server().url("demo");
    let cluster = Cluster::connect(Settings::parse(&url, &|name| std::env::var(name).ok())?).await?;
    let demo = cluster.default_database();
    if !demo.exists().await? {
        demo.create_with(&DatabaseOptions::new().encoding("UTF8").locale("C")).await?;
    }
    let copy = cluster.database("demo copy");
    copy.clone_from(&demo).await?;
    let mut driver = copy.drive().await?;
    driver.deploy("{ table: study, with: [{ column: code, type: text }] }").await?;
    driver.commit().await?;
    driver.close().await;
    demo.ending_sessions().overwrite(&copy.clone().ending_sessions()).await?;
    copy.ending_sessions().drop().await?;

    let groucho = cluster.user("groucho");
    let options = UserOptions::new().password("top secret").database("demo").host("127.0.0.0/8".parse()?);
    groucho.create(&options).await?;
    groucho.set_password("new one").await?;
    assert_eq!(groucho.databases().await?, ["demo", "postgres"]);
    cluster.database("demo").restrict().await?;
    groucho.revoke("demo").await?;
    groucho.drop().await?;
    Ok(())
}

/// Lines without their indentation.
fn lines(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_manual_has_what_runs() {
    let (manual, here) = (include_str!("../../docs/clusters.md"), lines(include_str!("docs.rs")));
    // Up to where it is about servers of one's own.
    let manual = manual.split("\n## Instances").next().unwrap();
    let examples: Vec<_> =
        manual.split("\n```rust,ignore\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        assert!(here.contains(&lines(example)), "{example}");
    }
}
