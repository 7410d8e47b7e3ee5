use embed_migrate::testing::TestDatabase;

#[embed_migrate::test(migrations = "migrations")]
async fn unknown(_: TestDatabase) {}

#[embed_migrate::test(script = "tests/attribute/seed.sql", script = "tests/attribute/seed.sql")]
async fn twice(_: TestDatabase) {}

#[embed_migrate::test(script = 7)]
async fn no_text(_: TestDatabase) {}

#[embed_migrate::test(script = ["tests/attribute/seed.sql", "tests/attribute/none.sql"])]
async fn no_file(_: TestDatabase) {}

#[embed_migrate::test(threads = 0)]
async fn no_threads(_: TestDatabase) {}

#[embed_migrate::test("migrations")]
async fn a_directory(_: TestDatabase) {}

fn main() {}
