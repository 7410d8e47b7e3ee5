#[embed_migrate::test]
fn plain(database: embed_migrate::testing::TestDatabase) {
    drop(database);
}

#[embed_migrate::test]
async unsafe fn in_the_wrong_order(database: embed_migrate::testing::TestDatabase) {
    drop(database);
}

#[embed_migrate::test]
struct Nothing;

fn main() {}
