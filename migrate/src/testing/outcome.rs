/// What a test may return: nothing, or a `Result`.
#[diagnostic::on_unimplemented(
    message = "a test returns nothing or a `Result`, not `{Self}`",
    label = "whether that is a failure can't be told"
)]
pub trait Outcome: Sized {
    /// Whether the test failed.
    fn failed(&self) -> bool;

    /// What a test that is to panic returns where it never began, since a panic would be its success.
    #[doc(hidden)]
    fn not_begun() -> Option<Self> {
        None
    }
}

impl Outcome for () {
    fn failed(&self) -> bool {
        false
    }

    fn not_begun() -> Option<()> {
        Some(())
    }
}

impl<T, E> Outcome for Result<T, E> {
    fn failed(&self) -> bool {
        self.is_err()
    }
}
