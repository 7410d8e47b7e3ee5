//! Lock files and facts that can be read are printed in a form that reads as the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::cell::Cell;

use embed_migrate_core::{LockFile, facts};
use fuzz::{joined, run, words};
use proptest::prelude::*;

const ZERO: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
/// Lines, of which `S` stands for a checksum.
const LOCK: &[&str] = &[
    "bundle app",
    "bundle ",
    "bundle a b",
    "patch 1.0.0 std any S S patch-1-0-0-std.sql",
    "patch 1.1.0 concurrent 1.0.0 S S patch-1-1-0-concurrent-a b.sql",
    "patch 2.0.0 direct 2.0.0 S S patch-2-0-0-direct-é.sql",
    "patch 1.0.0 std draft patch-1-0-0-std.sql",
    "draft 1.2.0 std patch-1-2-0-std.sql",
    "baseline 1.0.0 std any S S baseline-1-0-0.sql",
    "accept 1.0.0 S S a reason",
    "accept 1.0.0 S S ",
    "facts 1 S",
    "facts 2 S",
    "facts 1 S verify",
    "create 1.0.0 S",
    "patch 4294967296.0.0 std any S S x.sql",
    "patch 1.0 std any S S x.sql",
    "  # a comment",
    "<<<<<<< ours",
    "=======",
    "",
];
const FACTS: &[&str] = &[
    "table: study",
    "with:",
    "- column: code",
    "type: text",
    "type: numeric(10, 2)",
    "- identity: [code]",
    "- identity: [{code: offset}]",
    "default: 0",
    "default: 'it''s'",
    "required: false",
    "data: [[a, b]]",
    "data: \"code,title\\na,b\\n\"",
    "of: study",
    "- link: of",
    "to: other",
    "index: [code]",
    "unique: true",
    "check: code <> ''",
    "view: v",
    "definition: SELECT 1",
    "sql: SELECT 1",
    "unless: SELECT true",
    "schema: registry",
    "title: |\n    two\n    lines",
    "present: false",
    "was: [old, older]",
    "grant: select",
    "role: reader",
    "function: f(a int)",
    "returns: int",
    "language: sql",
    "code: SELECT 1",
    "? a",
    "&a",
    "*a",
];
const ENDS: &[&str] = &["\n", "\n", "\n", "\n  ", "\n  ", "\n    ", " ", "", "\n- ", "\r\n"];

#[test]
fn a_lock_file_that_is_read_is_printed_as_it_is_read() {
    let read = Cell::new(0_u64);
    run(&words(5), |choices| {
        let lines = joined(&choices, LOCK, &["\n"]).replace('S', ZERO);
        // With a digest that is right, so that the lines themselves are looked at.
        let written: String = lines
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .flat_map(|line| [line, "\n"])
            .collect();
        let text = format!("digest {}\n{lines}", embed_migrate_core::Checksum::of(written));
        for text in [&text, &lines] {
            if let Ok(lock) = LockFile::parse("migrations.lock", text) {
                read.set(read.get() + 1);
                let again = LockFile::parse("migrations.lock", &lock.to_string());
                prop_assert_eq!(
                    again.map(|lock| lock.to_string()).ok(),
                    Some(lock.to_string()),
                    "{:?}",
                    text
                );
            }
        }
        Ok(())
    });
    assert!(read.get() > 0, "no lock file could be read");
    println!("{} lock files were read", read.get());
}

#[test]
fn facts_that_are_read_are_printed_as_they_are_read() {
    let count = Cell::new(0_u64);
    run(&words(16), |choices| {
        let text = joined(&choices, FACTS, ENDS);
        if let Ok(read) = facts::parse("facts", &text) {
            count.set(count.get() + u64::from(!read.is_empty()));
            let printed = facts::print(&read);
            let again = facts::parse("printed", &printed);
            prop_assert_eq!(again.map(|facts| facts::print(&facts)).ok(), Some(printed), "{:?}", text);
        }
        Ok(())
    });
    assert!(count.get() > 0, "no facts could be read");
    println!("{} texts of facts were read", count.get());
}
