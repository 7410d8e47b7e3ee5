use crate::patch::Version;

/// How far a bundle is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BundleHead {
    /// The bundle's name.
    pub bundle: String,
    /// The highest version applied; `None` if none is.
    pub head: Option<Version>,
    /// Whether the database has patches that this binary does not know, and that admit it.
    pub ahead: bool,
}

impl BundleHead {
    /// The head of a bundle.
    #[doc(hidden)]
    pub fn new(bundle: &str, head: Option<Version>, ahead: bool) -> BundleHead {
        BundleHead { bundle: bundle.to_owned(), head, ahead }
    }
}
