//! What `#[embed_migrate::test]` refuses, with the whole message: one file in `attribute/` for each sort of problem.
//!
//! `TRYBUILD=overwrite cargo test -p tests --test attribute` writes the messages again.

use std::fs;
use std::path::Path;

#[test]
fn what_the_attribute_refuses() {
    // The macro looks beside the manifest, and that of the cases is made by trybuild.
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tests/trybuild/tests/tests/attribute");
    fs::create_dir_all(&beside).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attribute/seed.sql");
    fs::copy(script, beside.join("seed.sql")).unwrap();
    trybuild::TestCases::new().compile_fail("tests/attribute/*.rs");
}
