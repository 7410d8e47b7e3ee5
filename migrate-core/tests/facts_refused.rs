//! What is no fact, and what is said about it: `facts_refused.txt`.
//!
//! Each case is a heading, `=== WHAT IT SHOWS`, the files (`--- NAME`, or `--- (text)` for a text without files)
//! and after `>>>` the whole message. `UPDATE=1 cargo test` writes the messages anew, to be read before they are
//! committed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::fmt::Write as _;

use embed_migrate_core::facts::{self, EmbeddedFiles};

const CASES: &str = "tests/facts_refused.txt";

struct Case<'a> {
    heading: &'a str,
    files: Vec<(&'a str, &'a str)>,
    message: &'a str,
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let case = |text| {
        let (heading, rest): (&str, &str) = str::split_once(text, '\n').unwrap();
        let (files, message) = rest.split_once("\n>>>\n").unwrap_or_else(|| panic!("{heading}"));
        let files = format_files(files);
        Case { heading, files, message: message.trim_end() }
    };
    text.split("=== ").skip(1).map(case).collect()
}

fn format_files(text: &str) -> Vec<(&str, &str)> {
    text.split("--- ").skip(1).map(|file| file.split_once('\n').unwrap_or((file, ""))).collect()
}

fn message(case: &Case<'_>) -> String {
    let facts = match case.files.as_slice() {
        [("(text)", text)] => facts::parse("a text", text),
        files => facts::read(&EmbeddedFiles::new(files), "deploy.yaml"),
    };
    match facts {
        Ok(facts) => panic!("`{}` is read: {facts:?}", case.heading),
        Err(error) => {
            assert!(error.iter().all(|problem| problem.advice().is_some()), "{error}");
            error.to_string()
        }
    }
}

#[test]
fn what_is_no_fact_is_refused_with_a_place_and_a_help() {
    let text = std::fs::read_to_string(CASES).unwrap();
    let cases = cases(&text);
    if std::env::var_os("UPDATE").is_some() {
        let mut new = text.split("=== ").next().unwrap().to_owned();
        for case in &cases {
            let _ = writeln!(new, "=== {}", case.heading);
            for (name, text) in &case.files {
                let _ = write!(
                    new,
                    "--- {name}\n{}",
                    if text.is_empty() {
                        String::new()
                    } else {
                        format!("{}\n", text.trim_end_matches('\n'))
                    }
                );
            }
            let _ = writeln!(new, ">>>\n{}\n", message(case));
        }
        std::fs::write(CASES, new).unwrap();
        return;
    }
    assert!(cases.len() > 40);
    for case in &cases {
        assert_eq!(message(case), case.message, "=== {}", case.heading);
    }
}
