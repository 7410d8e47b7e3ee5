#[migrate::test]
#[test]
async fn after(_: migrate::testing::TestDatabase) {}

#[migrate::test]
#[tokio::test]
async fn of_tokio(_: migrate::testing::TestDatabase) {}

fn main() {}
