//! The schema, on a database for each test.

use embed_migrate::testing::TestDatabase;
use embed_migrate::{Bundle, embed_migrations};

static MIGRATIONS: Bundle = embed_migrations!("../migrations");

#[embed_migrate::test(MIGRATIONS, facts = "tests/two-studies.yaml")]
async fn a_study_begins_with_nobody_enrolled(database: TestDatabase) -> Result<(), tokio_postgres::Error> {
    let client = database.client().await.unwrap();
    let rows = client.query("SELECT code FROM study_progress WHERE enrolled = 0 ORDER BY code", &[]).await?;
    let codes: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(codes, ["CARD-1", "CARD-2"]);
    Ok(())
}

#[embed_migrate::test(MIGRATIONS, facts = "tests/two-studies.yaml")]
async fn a_closed_study_takes_nobody_in(database: TestDatabase) {
    let client = database.client().await.unwrap();
    client
        .batch_execute("UPDATE study SET opened_at = now() - interval '2 s', closed_at = now()")
        .await
        .unwrap();
    let enrol = "INSERT INTO participant (study_id, code, site_id, birth_year)
                 SELECT study.id, 'P-001', site.id, 1961 FROM study, site";
    let error = client.batch_execute(enrol).await.unwrap_err();
    assert!(error.as_db_error().unwrap().message().ends_with(" is closed"));
}

#[embed_migrate::test(MIGRATIONS)]
async fn the_service_finds_nothing_to_do(database: TestDatabase) {
    let report = embed_migrate::Migrator::new([&MIGRATIONS]).run(&database.settings()).await.unwrap();
    assert!(report.applied.is_empty() && report.facts.is_empty());
}
