/// What a plan considers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanOptions {
    /// Owners and privileges too.
    pub access: bool,
}

impl Default for PlanOptions {
    fn default() -> PlanOptions {
        PlanOptions { access: true }
    }
}
