/// A test's name and attributes.
#[derive(Debug, Clone)]
pub(super) struct TestInfo {
    /// Its path.
    pub(super) name: &'static str,
    /// Whether it has `should_panic`.
    pub(super) should_panic: bool,
    /// The number of its runtime's threads; `None` for the test's own thread only.
    pub(super) threads: Option<usize>,
}

impl TestInfo {
    pub(super) fn unnamed() -> TestInfo {
        TestInfo { name: "a test", should_panic: false, threads: None }
    }
}
