#[embed_migrate::test]
#[test]
async fn after(_: embed_migrate::testing::TestDatabase) {}

#[embed_migrate::test]
#[tokio::test]
async fn of_tokio(_: embed_migrate::testing::TestDatabase) {}

fn main() {}
