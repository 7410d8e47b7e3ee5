//! The examples of `docs/facts.md` are facts. (That they can be deployed is shown against a server.)
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use embed_migrate_core::facts;

#[test]
fn every_example_is_read_and_printed_back() {
    let manual = include_str!("../../docs/facts.md");
    let examples: Vec<&str> =
        manual.split("\n```yaml\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect();
    assert!(examples.len() > 15);
    for example in examples {
        let read =
            facts::parse("docs/facts.md", example).unwrap_or_else(|error| panic!("{error}\n{example}"));
        assert_eq!(facts::parse("printed", &facts::print(&read)).unwrap(), read);
    }
}
