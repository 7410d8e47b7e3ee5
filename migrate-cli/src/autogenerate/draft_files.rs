use std::fs;
use std::path::{Path, PathBuf};

use embed_migrate_core::autogenerate::{PatchDraft, back_text, patch_text};
use embed_migrate_core::{Bundle, Checksum, FileName, FileRole, LockFile, Result};

use crate::directory::label::label;
use crate::directory::lock_file::{lock_file, write_lock_file};
use crate::directory::numbering::{NumberingOptions, PatchNumbers};
use crate::directory::write;

/// Patches and their ways back, with the names and texts that they are to have.
pub(crate) struct DraftFiles {
    directory: PathBuf,
    lock: LockFile,
    files: Vec<(String, String)>,
}

impl DraftFiles {
    /// Names the patches by what the directory has, and writes their texts.
    pub(crate) fn new(
        directory: &Path,
        numbering: &NumberingOptions,
        slug: &str,
        drafts: &[PatchDraft],
        backs: &[Option<Vec<String>>],
    ) -> Result<DraftFiles> {
        let mut lock = lock_file(directory)?;
        let slugs: Vec<String> = match drafts {
            [_] => vec![slug.to_owned()],
            _ => drafts.iter().map(|draft| format!("{slug}{}", draft.purpose.suffix())).collect(),
        };
        let wanted: Vec<_> =
            drafts.iter().zip(&slugs).map(|(draft, slug)| (draft.purpose.kind(), slug.as_str())).collect();
        let names = PatchNumbers::read(directory, &lock)?.several(numbering, &wanted)?;
        let mut files = Vec::new();
        let title = slug.replace(['-', '_'], " ");
        for ((name, draft), back) in names.iter().zip(drafts).zip(backs) {
            lock.insert_draft(name.version, name.kind, &name.to_string());
            files.push((name.to_string(), patch_text(draft, name.version, &title)));
            if let Some(back) = back {
                let down = FileName { role: FileRole::Down, ..*name };
                files.push((down.to_string(), back_text(name.version, back)));
            }
        }
        Ok(DraftFiles { directory: directory.to_owned(), lock, files })
    }

    /// Keeps the digest of the declared schema to which the patches lead.
    pub(crate) fn declare(&mut self, digest: Option<Checksum>) {
        if digest.is_some() {
            self.lock.schema = digest;
        }
    }

    /// Checks the directory as it would be.
    ///
    /// # Errors
    ///
    /// Every problem that `cargo migrate check` would find.
    pub(crate) fn check(&self, name: &str) -> Result<Bundle> {
        let label = label(&self.directory);
        Bundle::read_with_files(&self.directory, &label, name, self.lock.clone(), &self.files)
    }

    /// Writes all files, or none; gives their paths.
    pub(crate) fn write(&self) -> Result<Vec<PathBuf>> {
        let mut written: Vec<PathBuf> = Vec::new();
        let all = self.files.iter().try_for_each(|(name, text)| {
            let path = self.directory.join(name);
            write::create(&path, text)?;
            written.push(path);
            Ok(())
        });
        if let Err(error) = all.and_then(|()| write_lock_file(&self.directory, &self.lock).map(drop)) {
            // The error says enough if one stays.
            written.iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(error);
        }
        Ok(written)
    }
}

/// Keeps the digest of a declared schema to which the patches lead already. Returns whether it changed.
pub(crate) fn renew(directory: &Path, digest: Checksum) -> Result<bool> {
    let lock = lock_file(directory)?;
    write_lock_file(directory, &LockFile { schema: Some(digest), ..lock })
}
