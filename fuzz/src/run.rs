use std::time::{Duration, Instant};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Runs a test with random values until its time is over.
///
/// The values follow from `FUZZ_SEED`, so that the same change passes or fails everywhere.
///
/// # Panics
///
/// Where the test fails, with the smallest value for which it does.
pub fn run<S: Strategy>(values: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let end = Instant::now() + Duration::from_secs(setting("FUZZ_SECONDS").unwrap_or(2));
    let first = setting("FUZZ_SEED").unwrap_or(0);
    // The usual algorithm takes more time than the test, if it is not optimised.
    let algorithm = RngAlgorithm::XorShift;
    let config = Config { cases: 100, failure_persistence: None, ..Config::default() };
    for round in 0_u64.. {
        if Instant::now() >= end {
            break;
        }
        // A runner that has run its cases does nothing more.
        let seed = [first.to_le_bytes(), (round + 1).to_le_bytes()].concat();
        let random = TestRng::from_seed(algorithm, &seed);
        if let Err(failure) = TestRunner::new_with_rng(config.clone(), random).run(values, &test) {
            panic!("seed {first}, round {round}: {failure}");
        }
    }
}

/// The number that a variable holds.
fn setting(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is no number: `{value}`")))
}
