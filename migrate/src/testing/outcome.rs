/// What a test may return: nothing, or a `Result`.
#[diagnostic::on_unimplemented(
    message = "a test returns nothing or a `Result`, not `{Self}`",
    label = "it does not say whether the test failed"
)]
pub trait TestOutcome: Sized {
    /// Whether the test failed.
    fn failed(&self) -> bool;

    /// What a test with `should_panic` returns if it has no database: a panic would count as success.
    #[doc(hidden)]
    fn not_begun() -> Option<Self> {
        None
    }
}

impl TestOutcome for () {
    fn failed(&self) -> bool {
        false
    }

    fn not_begun() -> Option<()> {
        Some(())
    }
}

impl<T, E> TestOutcome for Result<T, E> {
    fn failed(&self) -> bool {
        self.is_err()
    }
}
