use embed_migrate::testing::TestDatabase;

#[embed_migrate::test]
async fn none() {}

#[embed_migrate::test]
async fn two(one: TestDatabase, other: TestDatabase) {
    drop((one, other));
}

#[embed_migrate::test]
async fn generic<T>(database: TestDatabase) {
    drop(database);
}

#[embed_migrate::test]
async fn something_else(url: &str) {
    let _ = url;
}

fn main() {}
