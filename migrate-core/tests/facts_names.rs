//! Names of database objects, as rex.deploy makes them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use migrate_core::facts::mangle;
use proptest::prelude::*;

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

proptest! {
    #[test]
    fn a_name_fits(fragments in prop::collection::vec("\\w{1,40}", 1..4), suffix in prop::option::of("[a-z]{2,4}")) {
        let fragments: Vec<&str> = fragments.iter().map(String::as_str).collect();
        prop_assert!(mangle(&fragments, suffix.as_deref()).len() <= 63);
    }

    #[test]
    fn labels_that_differ_have_names_that_differ(a in prop::collection::vec("[a_]{1,4}", 1..4), b in prop::collection::vec("[a_]{1,4}", 1..4)) {
        let name = |labels: &[String]| mangle(&labels.iter().map(String::as_str).collect::<Vec<_>>(), None);
        prop_assert!(a == b || name(&a) != name(&b), "{}", name(&a));
    }
}
