//! Real trees of facts for rex.deploy: all of them are read, and printed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::path::PathBuf;

use embed_migrate_core::facts::{self, Claim, DirectoryFiles, Fact};

fn cases() -> Vec<PathBuf> {
    let cases = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/cases");
    std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The facts with those that they include in the place of the includes.
fn flat(facts: Vec<Fact>) -> Vec<Fact> {
    let flat_one = |fact: Fact| match fact.claim {
        Claim::Include(include) => flat(include.facts.unwrap()),
        _ => vec![fact],
    };
    facts.into_iter().flat_map(flat_one).collect()
}

#[test]
fn trees_of_rex_deploy_are_read_and_printed_back() {
    let cases = cases();
    assert!(cases.len() > 10);
    for case in cases {
        let files = DirectoryFiles::new(&case, "").with_bundles_in(&case);
        let read = facts::load(&files, "deploy.yaml");
        let read = read.unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        assert!(read.files.len() > 1, "{}", case.display());
        let read = flat(read.facts);
        let printed = facts::print(&read);
        assert!(facts::parse("printed", &printed).unwrap() == read, "{}\n{printed}", case.display());
    }
}
