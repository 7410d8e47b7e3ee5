use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use harness::{Result, context};

/// What is tried as a whole.
pub(crate) enum Case {
    /// A directory with `old.sql` and `new.sql`, perhaps `old.rows.sql` and `new.rows.sql`.
    Pair {
        /// Whose tests it is from.
        suite: String,
        /// Its directory.
        directory: PathBuf,
    },
    /// The migrations of a project, one after another.
    History {
        /// The project.
        suite: String,
        /// The files in order.
        migrations: Vec<PathBuf>,
    },
}

impl Case {
    /// All of a directory, sorted.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn all(directory: &Path) -> Result<Vec<Case>> {
        let mut cases = Vec::new();
        // Histories take longest, so they begin.
        for history in entries(&directory.join("histories"))? {
            let migrations = entries(&history)?.into_iter().filter(|file| file.extension().is_some());
            cases.push(Case::History { suite: file_name(&history), migrations: migrations.collect() });
        }
        for suite in entries(&directory.join("pairs"))? {
            let pairs = entries(&suite)?.into_iter();
            cases.extend(pairs.map(|directory| Case::Pair { suite: file_name(&suite), directory }));
        }
        Ok(cases)
    }

    /// Whose it is.
    pub(crate) fn suite(&self) -> &str {
        match self {
            Case::Pair { suite, .. } | Case::History { suite, .. } => suite,
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Case::Pair { suite, directory } => write!(f, "{suite}/{}", file_name(directory)),
            Case::History { suite, .. } => write!(f, "{suite}/"),
        }
    }
}

/// The last part of a path.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What a directory has, sorted; nothing if there is no such directory.
fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let read = fs::read_dir(directory).map_err(context(directory.display()))?;
    let mut entries = read.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}
