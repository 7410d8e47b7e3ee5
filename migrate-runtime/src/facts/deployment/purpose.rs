/// What facts are walked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Deploy,
    Verify,
}

impl Purpose {
    pub(crate) fn doing(self) -> &'static str {
        match self {
            Purpose::Deploy => "deploying",
            Purpose::Verify => "verifying",
        }
    }
}
