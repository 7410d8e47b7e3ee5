use std::fs;
use std::path::PathBuf;

use embed_migrate_core::{Bundle, Result};

use crate::directory::options::DirectoryOptions;
use crate::directory::write;

/// The bundle that a patch is written for, and those that come before it.
pub(crate) struct DiffBundle {
    /// Its directory.
    pub(crate) path: PathBuf,
    /// What the directory holds.
    pub(crate) bundle: Bundle,
    /// The bundles of the other directories.
    pub(crate) others: Vec<Bundle>,
    /// Whether the directory was made for it.
    is_new: bool,
}

impl DiffBundle {
    /// The bundle in the first directory, and those in the others.
    pub(crate) fn read(directory: &DirectoryOptions, embedded: &[&Bundle]) -> Result<DiffBundle> {
        let (path, rest) = directory.first(embedded)?;
        let is_new = !path.exists();
        if is_new {
            fs::create_dir_all(&path).map_err(|error| write::refused(&path, error))?;
        }
        let bundle = directory.bundle(&path);
        let others = rest.iter().map(|path| directory.bundle(path)).collect::<Result<Vec<_>>>();
        match (bundle, others) {
            (Ok(bundle), Ok(others)) => Ok(DiffBundle { path, bundle, others, is_new }),
            (Err(error), _) | (_, Err(error)) => {
                if is_new {
                    // It is as it was before.
                    let _ = fs::remove_dir(&path);
                }
                Err(error)
            }
        }
    }

    /// All bundles without the facts of this one: what is there before the patch.
    pub(crate) fn before(&self) -> Vec<Bundle> {
        let own = self.bundle.clone().with(|parts| parts.facts = None);
        self.others.iter().cloned().chain([own]).collect()
    }
}

impl Drop for DiffBundle {
    fn drop(&mut self) {
        if self.is_new {
            // Only an empty directory goes.
            let _ = fs::remove_dir(&self.path);
        }
    }
}
