use std::borrow::Cow;
use std::fmt;

/// The files that facts are read from.
///
/// [`DirectoryFiles`](super::directory::DirectoryFiles) reads them from disk, [`EmbeddedFiles`](super::embedded_files::EmbeddedFiles) has them in
/// memory.
pub trait Files {
    /// The bytes of a file.
    fn read(&self, path: &FilePath) -> Lookup<'_>;

    /// The file's name in messages.
    fn label(&self, path: &FilePath) -> String {
        path.to_string()
    }
}

/// The result of looking for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// Its bytes.
    Found(Cow<'a, [u8]>),
    /// There is no such file.
    Missing,
    /// The file belongs to a bundle that can't be seen from here.
    Unseen,
    /// The file may not be read; the reason is a clause such as `it is not a regular file`.
    Refused(String),
}

/// The path of a file in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath {
    /// The bundle; `None` is the bundle that the facts belong to.
    pub bundle: Option<String>,
    /// The path from the bundle's root, its parts joined by `/`, without `.` and `..`.
    pub path: String,
}

impl FilePath {
    /// A file of the facts' own bundle.
    pub fn own(path: impl Into<String>) -> FilePath {
        FilePath { bundle: None, path: path.into() }
    }

    /// The file that `name` means inside this file: a path from this file's directory, or `BUNDLE:/path`; `Err` is the
    /// reason if it can't be a path.
    pub(crate) fn resolve(&self, name: &str) -> Result<FilePath, &'static str> {
        let (bundle, directory, path) = match name.split_once(":/") {
            Some((bundle, path)) => (Some(bundle.to_owned()), "", path),
            None => (self.bundle.clone(), self.directory(), name),
        };
        if bundle.as_deref().is_some_and(|bundle| !is_bundle(bundle)) {
            return Err("the part before `:/` is not the name of a bundle");
        }
        if path.starts_with('/') {
            return Err("a path starts at the file that names it, not at the root");
        }
        let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or("it leaves the bundle's directory")?;
                }
                part => parts.push(part),
            }
        }
        let last = path.rsplit('/').next();
        if matches!(last, None | Some("" | "." | "..")) || path.contains(char::is_control) {
            return Err("it is not the path of a file");
        }
        Ok(FilePath { bundle, path: parts.join("/") })
    }

    /// The part of the path before its last `/`.
    fn directory(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(directory, _)| directory)
    }

    /// The name without directory and ending.
    pub(crate) fn stem(&self) -> &str {
        let name = self.path.rsplit_once('/').map_or(self.path.as_str(), |(_, name)| name);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// Whether its ending, in any case, is this.
    pub(crate) fn ends_in(&self, ending: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(ending))
    }
}

/// Whether a bundle may have that name: it is the name of a directory too, and must not lead out of one.
fn is_bundle(name: &str) -> bool {
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(fine)
}

/// As facts name it: `deploy/study.csv`, `audit:/deploy.yaml`.
impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.bundle {
            Some(bundle) => write!(f, "{bundle}:/{}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_starts_at_the_file_that_names_it() {
        let from = FilePath::own("deploy/study.yaml");
        let to = |name: &str| from.resolve(name).map(|path| path.to_string());
        assert_eq!(to("a.csv"), Ok("deploy/a.csv".to_owned()));
        assert_eq!(to("./x/../a.csv"), Ok("deploy/a.csv".to_owned()));
        assert_eq!(to("../a.csv"), Ok("a.csv".to_owned()));
        assert_eq!(to("audit:/deploy.yaml"), Ok("audit:/deploy.yaml".to_owned()));
        let other = FilePath { bundle: Some("audit".into()), path: "x/deploy.yaml".into() };
        assert_eq!(other.resolve("a.csv").unwrap().to_string(), "audit:/x/a.csv");
    }

    #[test]
    fn a_path_stays_in_its_bundle() {
        let from = FilePath::own("deploy/study.yaml");
        for name in ["../../a.csv", "/a.csv", "", ".", "..", "a/", "x:/../a", "../x:/a", ":/a", "a\0"] {
            assert!(from.resolve(name).is_err(), "{name:?}");
        }
    }
}
