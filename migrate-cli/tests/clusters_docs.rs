//! The examples of `docs/clusters.md` on instances and backups are run, one after another.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use support::Home;

const MANUAL: &str = include_str!("../../docs/clusters.md");

#[test]
fn every_example_says_what_the_manual_says() {
    let home = Home::new();
    let (_, instances) = MANUAL.split_once("\n## Instances\n").unwrap();
    let sections = instances.split("\n## ").filter(|text| !text.starts_with("Clusters"));
    let mut count = 0;
    for section in sections {
        for block in section.split("\n```console\n").skip(1) {
            let (block, _) = block.split_once("\n```").unwrap();
            for example in block.split("$ cargo migrate ").skip(1) {
                let (command, expected) = example.split_once('\n').unwrap_or((example, ""));
                let ran = home.run_words(&words(command)).ok();
                assert!(fits(ran.stdout.trim_end(), expected.trim_end()), "{command}\n{}", ran.stdout);
                count += 1;
            }
        }
    }
    assert!(count > 15, "{count}");
}

/// The words of a command, some in quotes.
fn words(command: &str) -> Vec<&str> {
    let parts = command.split('"').enumerate();
    parts
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        })
        .collect()
}

/// Whether a text is the expected one, in which `…` stands for anything.
fn fits(text: &str, expected: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    for (index, part) in parts.iter().enumerate() {
        let at =
            if index + 1 == parts.len() { rest.strip_suffix(part).map(str::len) } else { rest.find(part) };
        let Some(at) = at else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.is_empty()
}
