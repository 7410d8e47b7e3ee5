use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use super::embedded_patches::EmbeddedPatches;
use crate::patch::{Patch, Version};

/// Patches in the order of their versions: a slice, which a bundle has of its own.
///
/// Those that `embed_migrations!()` embedded are put together when one of them is used for the first time, which a boot
/// that finds nothing to do does not.
///
/// ```
/// use embed_migrate_core::PatchList;
///
/// let none = PatchList::new();
/// assert_eq!((none.len(), none.last_version()), (0, None));
/// ```
pub struct PatchList {
    embedded: EmbeddedPatches,
    patches: OnceLock<Vec<Patch>>,
}

impl PatchList {
    /// No patches.
    pub const fn new() -> PatchList {
        PatchList::embedded(EmbeddedPatches::NONE)
    }

    /// The patches that a program holds; called in a constant, so that the compiler reports a panic.
    ///
    /// The compiler reads the files again after the macro checked them. A text that became longer or shorter in between
    /// would move the texts of all patches after it.
    ///
    /// # Panics
    ///
    /// The texts have another length than when they were checked.
    #[doc(hidden)]
    pub const fn embedded(embedded: EmbeddedPatches) -> PatchList {
        assert!(
            embedded.texts.len() == embedded.length,
            "a patch was edited while it was embedded: build again"
        );
        PatchList { embedded, patches: OnceLock::new() }
    }

    /// The version of the last one, which is known without putting them together.
    pub fn last_version(&self) -> Option<Version> {
        match self.patches.get() {
            Some(patches) => patches.last().map(|patch| patch.version()),
            None => self.embedded.last(),
        }
    }

    fn whole(&self) -> &Vec<Patch> {
        self.patches.get_or_init(|| self.embedded.patches().collect())
    }
}

impl Deref for PatchList {
    type Target = [Patch];

    fn deref(&self) -> &[Patch] {
        self.whole()
    }
}

impl DerefMut for PatchList {
    fn deref_mut(&mut self) -> &mut [Patch] {
        self.whole();
        self.patches.get_mut().map_or(&mut [], Vec::as_mut_slice)
    }
}

impl From<Vec<Patch>> for PatchList {
    fn from(patches: Vec<Patch>) -> PatchList {
        PatchList { embedded: EmbeddedPatches::NONE, patches: patches.into() }
    }
}

impl Clone for PatchList {
    fn clone(&self) -> PatchList {
        PatchList { embedded: self.embedded, patches: self.patches.clone() }
    }
}

impl Default for PatchList {
    fn default() -> PatchList {
        PatchList::new()
    }
}

impl fmt::Debug for PatchList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for PatchList {
    fn eq(&self, other: &PatchList) -> bool {
        **self == **other
    }
}

impl Eq for PatchList {}
