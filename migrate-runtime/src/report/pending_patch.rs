use embed_migrate_core::Patch;

/// A patch that a run is about to apply.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PendingPatch {
    /// The bundle's name.
    pub bundle: String,
    /// The schema that the bundle is for, if it says one: names without a schema are looked for there first.
    pub schema: Option<String>,
    /// The patch.
    pub patch: Patch,
}
