use std::time::{Duration, Instant};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRunner};

/// Runs a test with random values until its time is over.
///
/// # Panics
///
/// Where the test fails, with the smallest value for which it does.
pub fn run<S: Strategy>(values: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(2);
    let end = Instant::now() + Duration::from_secs(seconds);
    // The usual algorithm takes more time than the test, where it is not optimised.
    let rng_algorithm = RngAlgorithm::XorShift;
    let config = Config { cases: 100, failure_persistence: None, rng_algorithm, ..Config::default() };
    while Instant::now() < end {
        // One that has run its cases does nothing more.
        if let Err(failure) = TestRunner::new(config.clone()).run(values, &test) {
            panic!("{failure}");
        }
    }
}
