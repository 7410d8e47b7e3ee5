//! Names of database objects, as rex.deploy makes them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../src/cases.rs"]
mod cases;

use std::collections::HashSet;

use embed_migrate_core::facts::mangle;
use proptest::prelude::*;

use cases::cases;

#[test]
fn a_database_that_rex_deploy_made_is_recognised_by_its_names() {
    for line in include_str!("names.jsonl").lines() {
        let vector: serde_json::Value = serde_json::from_str(line).unwrap();
        let fragments: Vec<&str> = vector["fragments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fragment| fragment.as_str().unwrap())
            .collect();
        let name = mangle(&fragments, vector["suffix"].as_str());
        assert_eq!(Some(name.as_str()), vector["name"].as_str(), "{line}");
    }
}

/// Labels that neither begin nor end with `_`, of few letters, so that much of what is made of them is alike.
fn label() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab](_{0,3}[ab]){0,2}",
        // Words that make a name a reserved one.
        "((a|pg)_{1,2})?(id|uk|enum|pg)",
    ]
}

type Parts = (Vec<String>, Option<&'static str>);

/// Twice what a name is made of: labels with a suffix, often the same one, or a label without.
fn two() -> impl Strategy<Value = (Parts, Parts)> {
    let suffix = || prop::sample::select(vec!["id", "pk", "uk", "fk", "chk", "seq", "enum"]);
    let labels = || prop::collection::vec(label(), 1..4);
    let bare = |label| (vec![label], None);
    prop_oneof![
        1 => (label(), label()).prop_map(move |(a, b)| (bare(a), bare(b))),
        2 => (labels(), labels(), suffix()).prop_map(|(a, b, suffix)| ((a, Some(suffix)), (b, Some(suffix)))),
        2 => (labels(), labels(), suffix(), suffix()).prop_map(|(a, b, of_a, of_b)| ((a, Some(of_a)), (b, Some(of_b)))),
    ]
}

fn name(labels: &[String], suffix: Option<&str>) -> String {
    mangle(&labels.iter().map(String::as_str).collect::<Vec<_>>(), suffix)
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn a_name_fits(fragments in prop::collection::vec("\\w{1,40}", 1..4), suffix in prop::option::of("[a-z]{2,4}")) {
        prop_assert!(name(&fragments, suffix.as_deref()).len() <= 63);
    }

    #[test]
    fn labels_that_differ_have_names_that_differ((a, b) in two()) {
        prop_assert!(a == b || name(&a.0, a.1) != name(&b.0, b.1), "{}", name(&a.0, a.1));
    }
}

#[test]
fn what_differs_where_a_name_is_cut_is_in_its_digits() {
    let long = |middle: u32| vec![format!("{0}{middle}{0}", "x".repeat(40)), "y".into()];
    let names: HashSet<String> = (0..1000).map(|middle| name(&long(middle), Some("uk"))).collect();
    assert_eq!(names.len(), 1000);
}

/// All of them, if few letters make few labels.
#[test]
fn short_labels_that_differ_have_names_that_differ() {
    let letters = ["a", "_"];
    let longer = |words: &[String]| -> Vec<String> {
        words.iter().flat_map(|word| letters.map(|letter| format!("{word}{letter}"))).collect()
    };
    let mut words = vec![vec![String::new()]];
    for length in 0..5 {
        words.push(longer(&words[length]));
    }
    let labels: Vec<String> =
        words.concat().into_iter().filter(|word| word.starts_with('a') && word.ends_with('a')).collect();
    let one = labels.iter().map(|a| vec![a.clone()]);
    let two = labels.iter().flat_map(|a| labels.iter().map(|b| vec![a.clone(), b.clone()]));
    let lists: Vec<Vec<String>> = one.chain(two).collect();
    let mut names = HashSet::new();
    for list in &lists {
        for suffix in ["uk", "fk", "enum"] {
            assert!(names.insert(name(list, Some(suffix))), "{list:?} {suffix}");
        }
    }
    assert!(names.len() > 800, "{}", names.len());
}
