//! How many cases a property is tried on, and which: also the integration tests' and the package `tests`'.
#![allow(unreachable_pub, reason = "one crate of several passes it on")]

use proptest::test_runner::{Config, RngSeed, contextualize_config};

/// So many cases, the same ones on every run. `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more, or for others; what
/// fails is printed, and kept nowhere.
pub fn cases(cases: u32) -> Config {
    let fixed = Config { cases, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() };
    let asked = contextualize_config(fixed);
    // Of many cases as many are passed over as of few.
    Config { max_global_rejects: asked.max_global_rejects.max(asked.cases), ..asked }
}
