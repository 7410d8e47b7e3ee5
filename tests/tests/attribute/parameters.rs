use migrate::testing::TestDatabase;

#[migrate::test]
async fn none() {}

#[migrate::test]
async fn two(one: TestDatabase, other: TestDatabase) {
    drop((one, other));
}

#[migrate::test]
async fn generic<T>(database: TestDatabase) {
    drop(database);
}

#[migrate::test]
async fn something_else(url: &str) {
    let _ = url;
}

fn main() {}
