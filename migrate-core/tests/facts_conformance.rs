//! Real trees of facts, made for rex.deploy: all of them are read.

use std::path::{Path, PathBuf};

use migrate_core::facts::{self, Claim, Directory, Fact};

/// The trees are no part of the repository: without them there is nothing to be tested.
fn cases() -> Vec<PathBuf> {
    let Some(root) = std::env::var_os("CONFORMANCE") else { return Vec::new() };
    let entries = std::fs::read_dir(Path::new(&root).join("cases")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn count(facts: &[Fact]) -> usize {
    let inner = |fact: &Fact| match &fact.claim {
        Claim::Table(table) => count(&table.with),
        Claim::Include(include) => include.facts.as_ref().map_or(0, |facts| count(facts)),
        _ => 0,
    };
    facts.iter().map(|fact| 1 + inner(fact)).sum()
}

#[test]
fn trees_of_rex_deploy_are_read() {
    for case in cases() {
        let files = Directory::new(&case, "").with_bundles_in(&case);
        let read =
            facts::load(&files, "deploy.yaml").unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        println!("{}: {} facts in {} files", case.display(), count(&read.facts), read.files.len());
    }
}
