use embed_migrate_core::Version;

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
