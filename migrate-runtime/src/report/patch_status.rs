use std::fmt;

use embed_migrate_core::{Bundle, Patch, Step, Version};

/// A patch in a database, or one that it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PatchStatus {
    /// The bundle's name.
    pub bundle: String,
    /// The patch's version.
    pub version: Version,
    /// The patch's file.
    pub file: String,
    /// Whether it is applied, embedded or both.
    pub state: PatchState,
}

/// Whether a patch is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatchState {
    /// It is in the database and in the binary.
    Applied,
    /// It is in the binary only.
    Pending,
    /// It is in the database only.
    Unknown,
    /// It was started and has no end.
    Interrupted,
}

impl PatchStatus {
    /// A patch of a bundle, which no database was asked for.
    #[doc(hidden)]
    pub fn embedded(bundle: &Bundle, patch: &Patch) -> PatchStatus {
        PatchStatus {
            bundle: bundle.name().to_owned(),
            version: patch.version(),
            file: patch.file().to_owned(),
            state: PatchState::Pending,
        }
    }

    /// A step that was carried out.
    pub(crate) fn applied(step: Step<'_>) -> PatchStatus {
        PatchStatus { state: PatchState::Applied, ..PatchStatus::pending(step) }
    }

    /// A step that is still to be carried out.
    pub(crate) fn pending(step: Step<'_>) -> PatchStatus {
        PatchStatus {
            bundle: step.bundle.name().to_owned(),
            version: step.patch.version(),
            file: step.patch.file().to_owned(),
            state: if step.started { PatchState::Interrupted } else { PatchState::Pending },
        }
    }
}

impl PatchState {
    /// One word for it, which does not change.
    #[doc(hidden)]
    pub fn as_str(self) -> &'static str {
        match self {
            PatchState::Applied => "applied",
            PatchState::Pending => "pending",
            PatchState::Unknown => "unknown",
            PatchState::Interrupted => "interrupted",
        }
    }
}

impl fmt::Display for PatchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PatchState::Applied => "applied",
            PatchState::Pending => "pending",
            PatchState::Unknown => "unknown to this binary",
            PatchState::Interrupted => "interrupted",
        })
    }
}
