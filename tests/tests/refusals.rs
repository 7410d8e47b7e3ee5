//! What does not compile, with the whole message: one bundle in `embed/` for each sort of problem, and in `source/`
//! what leads to no database.
//!
//! `TRYBUILD=overwrite cargo test -p tests --test refusals` writes the messages anew.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;
use std::path::Path;

#[test]
fn what_embed_migrations_refuses() {
    // The macro looks beside the manifest, and that of the cases is made by trybuild.
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tests/trybuild/tests/embed");
    let _ = fs::remove_dir_all(&beside);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/embed"), &beside);
    deep(&beside.join("deep"));
    trybuild::TestCases::new().compile_fail("tests/embed/*.rs");
}

#[test]
fn what_leads_to_no_database_is_reported_with_what_does() {
    trybuild::TestCases::new().compile_fail("tests/source/*.rs");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to),
            false => fs::copy(entry.path(), to).map(drop).unwrap(),
        }
    }
}

/// Statements that would overflow a parser's stack, and the compiler's with it.
fn deep(directory: &Path) {
    fs::create_dir_all(directory).unwrap();
    let many = |part: &str| part.repeat(100_000);
    for (minor, text) in [
        format!("SELECT {}1{};", many("("), many(")")),
        format!("SELECT {}1;", many("- ")),
        format!("SELECT {}1;", many("CASE WHEN true THEN ")),
        format!("SELECT 1{};", many(" OR 1")),
    ]
    .iter()
    .enumerate()
    {
        fs::write(directory.join(format!("patch-1-{minor}-0-std.sql")), text).unwrap();
    }
}
