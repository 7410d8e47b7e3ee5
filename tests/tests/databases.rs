//! `#[embed_migrate::test]`: what a test gets, and what it may be.

use embed_migrate::testing::{Contents, TestDatabase};
use embed_migrate::{Bundle, Migrator, embed_migrations};

static LF: Bundle = embed_migrations!("tests/bundles/lf");
static BASELINE: Bundle = embed_migrations!("tests/bundles/accepted");

async fn tables(database: &TestDatabase) -> String {
    let query = "SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class \
                 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
    database.client().await.unwrap().query_one(query, &[]).await.unwrap().get(0)
}

async fn changed_by_nobody_else(database: &TestDatabase) {
    let client = database.client().await.unwrap();
    client.batch_execute("CREATE TABLE mine (id int)").await.unwrap();
    assert!(tables(database).await.contains("mine"));
}

#[embed_migrate::test]
async fn without_a_bundle_it_is_empty(database: TestDatabase) {
    assert_eq!(tables(&database).await, "");
}

#[embed_migrate::test(LF)]
async fn with_a_bundle_it_is_where_the_bundle_ends(database: TestDatabase) {
    let report = Migrator::new([&LF]).run(&database.settings()).await.unwrap();
    assert!(report.applied.is_empty());
    assert_ne!(tables(&database).await, "");
    changed_by_nobody_else(&database).await;
}

#[embed_migrate::test(self::LF)]
async fn another_test_gets_another(database: TestDatabase) {
    changed_by_nobody_else(&database).await;
}

#[embed_migrate::test(script = "tests/databases/two.sql")]
async fn a_script_has_run(database: TestDatabase) {
    let client = database.client().await.unwrap();
    let rows = client.query("SELECT name FROM site ORDER BY name", &[]).await.unwrap();
    let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(names, ["Halle", "Leipzig"]);
}

#[embed_migrate::test(script = ["tests/databases/two.sql", "tests/databases/three.sql"], BASELINE)]
async fn several_scripts_run_in_their_order(database: TestDatabase) {
    let client = database.client().await.unwrap();
    let row = client.query_one("SELECT count(*) FROM site", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 3);
}

#[embed_migrate::test]
async fn it_may_return_a_result(database: TestDatabase) -> Result<(), Box<dyn std::error::Error>> {
    let row = database.client().await?.query_one("SELECT 7", &[]).await?;
    assert_eq!(row.try_get::<_, i32>(0)?, 7);
    Ok(())
}

#[embed_migrate::test]
#[should_panic(expected = "relation \"nothing\" does not exist")]
async fn it_may_be_one_that_panics(database: TestDatabase) {
    let error = database.client().await.unwrap().batch_execute("SELECT FROM nothing").await.unwrap_err();
    panic!("{}", error.as_db_error().unwrap().message());
}

#[embed_migrate::test(threads = 2)]
async fn it_may_have_threads(database: TestDatabase) {
    let handle = tokio::runtime::Handle::current();
    assert_eq!(handle.metrics().num_workers(), 2);
    let other = database.clone();
    let name = tokio::spawn(async move { ask_name(&other).await }).await.unwrap();
    assert_eq!(name, database.name());
}

async fn ask_name(database: &TestDatabase) -> String {
    let pool = database.pool().unwrap();
    let client = pool.get().await.unwrap();
    client.query_one("SELECT current_database()::text", &[]).await.unwrap().get(0)
}

#[embed_migrate::test]
async fn url_pool_and_client_lead_to_the_same(database: TestDatabase) {
    assert_eq!(ask_name(&database).await, database.name());
    let config: tokio_postgres::Config = database.url().parse().unwrap();
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let row = client.query_one("SELECT current_database()::text", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), database.name());
    assert_eq!(database.settings().database(), database.name());
    assert!(database.server().is_none());
}

#[tokio::test]
async fn one_may_have_a_server_of_its_own() {
    let database = TestDatabase::alone(&Contents::of([&LF])).await.unwrap();
    assert_ne!(tables(&database).await, "");
    let directory = database.server().unwrap().instance().directory().to_owned();
    let same = database.clone();
    database.stop().await.unwrap();
    assert!(directory.exists());
    same.stop().await.unwrap();
    assert!(!directory.exists());
}

#[tokio::test]
async fn what_can_not_be_made_says_why() {
    let contents = Contents::of([&LF]).script("seed.sql", "SELECT\n1 / 0");
    let error = TestDatabase::new(&contents).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("script `seed.sql` fails: division by zero"), "{text}");
    assert!(text.contains("while making the database of tests"), "{text}");
    let contents = Contents::of([&LF]).script("seed.sql", "SELECT 1;\nSELECT nothing");
    let text = TestDatabase::new(&contents).await.unwrap_err().to_string();
    assert!(text.contains("--> seed.sql:2:8") && text.contains("\"nothing\" does not exist"), "{text}");
}
