//! The examples of `docs/testing.md`, each in a module of its own, so that they run.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]

#[test]
fn each_example_of_the_manual_stands_here() {
    let manual = include_str!("../../docs/testing.md");
    let here = words(include_str!("testing_docs.rs"));
    let examples: Vec<&str> =
        manual.split("\n```rust\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect();
    assert_eq!(examples.len(), 5);
    for example in examples {
        assert!(here.contains(&words(example)), "{example}");
    }
}

/// The text, however it is laid out.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

mod a_database {
    use embed_migrate::testing::TestDatabase;
    use embed_migrate::{Bundle, embed_migrations};

    static MIGRATIONS: Bundle = embed_migrations!("../migrations");

    #[embed_migrate::test(MIGRATIONS)]
    async fn a_study_needs_a_title(database: TestDatabase) {
        let client = database.client().await.unwrap();
        let study = "INSERT INTO study (code, title, target) VALUES ('CARD-1', ' ', 120)";
        let error = client.batch_execute(study).await.unwrap_err();
        assert!(error.to_string().contains("db error"));
    }
}

mod without_the_attribute {
    use embed_migrate::testing::{Contents, TestDatabase};

    #[tokio::test]
    async fn two_services_share_a_table() -> embed_migrate::Result<()> {
        let contents = Contents::of([]).script("shared.sql", "CREATE TABLE shared (id bigint PRIMARY KEY)");
        let (one, other) = (TestDatabase::new(&contents).await?, TestDatabase::new(&contents).await?);
        assert_ne!(one.url(), other.url());
        Ok(())
    }
}

mod a_server {
    use embed_migrate::testing::{Contents, TestDatabase};

    #[tokio::test]
    async fn a_reader_may_not_write() -> embed_migrate::Result<()> {
        let database = TestDatabase::alone(&Contents::of([])).await?;
        database.client().await?.batch_execute("CREATE ROLE reader LOGIN").await.unwrap();
        database.stop().await
    }
}

mod a_crash {
    use embed_migrate::cluster::{Installation, Profile, Throwaway};

    #[tokio::test]
    async fn what_is_committed_survives_a_crash() -> embed_migrate::Result<()> {
        let installation = Installation::find(&|name| std::env::var(name).ok())?;
        let profile = Profile::throwaway().setting("synchronous_commit", "on");
        let mut server = Throwaway::start_with(&installation, profile).await?;
        server.instance().connect("postgres").await?.batch_execute("CREATE TABLE study ()").await.unwrap();
        server.crash().await?;
        server.restart().await?;
        let client = server.instance().connect("postgres").await?;
        assert!(client.batch_execute("TABLE study").await.is_ok());
        drop(client);
        server.stop().await
    }
}

mod a_proof {
    use embed_migrate::{Bundle, embed_migrations};

    static MIGRATIONS: Bundle = embed_migrations!("../migrations");

    #[tokio::test]
    async fn a_fresh_database_works() {
        if let Err(error) = embed_migrate::testing::prove(&[&MIGRATIONS]).await {
            panic!("{error}");
        }
    }
}
