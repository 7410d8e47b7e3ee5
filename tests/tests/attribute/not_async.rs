#[migrate::test]
fn plain(database: migrate::testing::TestDatabase) {
    drop(database);
}

#[migrate::test]
async unsafe fn in_the_wrong_order(database: migrate::testing::TestDatabase) {
    drop(database);
}

#[migrate::test]
struct Nothing;

fn main() {}
