use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::lookup::{FilePath, Files, Lookup};

/// The largest file that facts may be read from, in bytes: 1 GiB.
pub const LARGEST_FILE: u64 = 1 << 30;

/// The files of a directory. A symbolic link that leads out of it is refused, and so is everything that is not a
/// regular file or is larger than [`LARGEST_FILE`].
#[derive(Debug, Clone)]
pub struct DirectoryFiles {
    root: PathBuf,
    label: String,
    others: Option<PathBuf>,
}

impl DirectoryFiles {
    /// The files under `root`; `label` is put before their paths in messages, and may be empty.
    pub fn new(root: impl Into<PathBuf>, label: impl Into<String>) -> DirectoryFiles {
        DirectoryFiles { root: root.into(), label: label.into(), others: None }
    }

    /// Finds the files of other bundles too: in directories under `path` that have the bundles' names.
    pub fn with_bundles_in(mut self, path: impl Into<PathBuf>) -> DirectoryFiles {
        self.others = Some(path.into());
        self
    }

    fn root(&self, path: &FilePath) -> Option<PathBuf> {
        match &path.bundle {
            None => Some(self.root.clone()),
            Some(bundle) => Some(self.others.as_ref()?.join(bundle)).filter(|root| root.is_dir()),
        }
    }
}

impl Files for DirectoryFiles {
    fn read(&self, path: &FilePath) -> Lookup<'_> {
        let Some(root) = self.root(path) else { return Lookup::Unseen };
        match read(&root, &path.path) {
            Ok(lookup) => lookup,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Lookup::Missing,
            Err(error) => Lookup::Refused(error.to_string()),
        }
    }

    fn label(&self, path: &FilePath) -> String {
        match (&path.bundle, self.label.trim_end_matches('/')) {
            (None, label) if !label.is_empty() => format!("{label}/{path}"),
            _ => path.to_string(),
        }
    }
}

fn read(root: &Path, path: &str) -> io::Result<Lookup<'static>> {
    let root = root.canonicalize()?;
    let file = root.join(path).canonicalize()?;
    if !file.starts_with(&root) {
        return Ok(Lookup::Refused("a symbolic link leads out of the bundle's directory".into()));
    }
    // Checked before it is opened: opening a FIFO waits for a writer.
    if let Some(reason) = refusal(&file.metadata()?) {
        return Ok(Lookup::Refused(reason));
    }
    let mut bytes = Vec::new();
    File::open(&file)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LARGEST_FILE {
        true => Ok(Lookup::Refused(too_large())),
        false => Ok(Lookup::Found(bytes.into())),
    }
}

fn refusal(metadata: &Metadata) -> Option<String> {
    match metadata.is_file() {
        false => Some("it is not a regular file".into()),
        true => (metadata.len() > LARGEST_FILE).then(too_large),
    }
}

fn too_large() -> String {
    format!("it is larger than {} MiB", LARGEST_FILE >> 20)
}
