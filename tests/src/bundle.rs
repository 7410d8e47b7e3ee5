use std::fs;
use std::path::Path;

use embed_migrate::Bundle;
use embed_migrate_core::{LOCK_FILE, LockFile};
use tempfile::TempDir;

/// A bundle's directory, gone when dropped.
pub struct Files {
    directory: TempDir,
    name: String,
}

/// A directory with these files.
pub fn files(name: &str, files: &[(&str, &str)]) -> Files {
    let created = Files { directory: tempfile::tempdir().unwrap(), name: name.to_owned() };
    files.iter().for_each(|(file, text)| created.write(file, text));
    created
}

impl Files {
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn remove(&self, file: &str) {
        fs::remove_file(self.path().join(file)).unwrap();
    }

    /// The bundle as it is, with drafts.
    pub fn read(&self) -> Bundle {
        let lock =
            LockFile::parse("", &fs::read_to_string(self.path().join(LOCK_FILE)).unwrap_or_default()).ok();
        Bundle::read_with(self.path(), "migrations", &self.name, lock.or(Some(LockFile::default()))).unwrap()
    }

    /// The bundle with all of its patches locked; its lock file is written too.
    pub fn lock(&self) -> Bundle {
        let lock = LockFile::of(&self.read()).unwrap();
        self.write(LOCK_FILE, &lock.to_string());
        self.read()
    }
}

/// A bundle whose patches are drafts.
pub fn bundle(name: &str, patches: &[(&str, &str)]) -> Bundle {
    files(name, patches).read()
}

/// A bundle whose patches are locked.
pub fn locked(name: &str, patches: &[(&str, &str)]) -> Bundle {
    files(name, patches).lock()
}
