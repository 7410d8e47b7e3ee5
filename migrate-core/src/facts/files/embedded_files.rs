use super::lookup::{FilePath, Files, Lookup};

/// Files in memory, as pairs of path and text: what a binary embeds.
///
/// ```
/// use embed_migrate_core::facts::{self, EmbeddedFiles};
///
/// let files = EmbeddedFiles::new(&[
///     ("deploy.yaml", "include: deploy/study.yaml"),
///     ("deploy/study.yaml", "table: study"),
/// ]);
/// let facts = facts::read(&files, "deploy.yaml")?;
/// assert_eq!(facts.len(), 1);
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct EmbeddedFiles<'a> {
    files: &'a [(&'a str, &'a str)],
    label: &'a str,
    others: Vec<(&'a str, &'a [(&'a str, &'a str)])>,
}

impl<'a> EmbeddedFiles<'a> {
    /// These files, their paths relative to the bundle's root.
    pub fn new(files: &'a [(&'a str, &'a str)]) -> EmbeddedFiles<'a> {
        EmbeddedFiles { files, label: "", others: Vec::new() }
    }

    /// Sets what is put before their paths in messages, such as `migrations`.
    pub fn with_label(mut self, label: &'a str) -> EmbeddedFiles<'a> {
        self.label = label;
        self
    }

    /// Adds the files of another bundle.
    pub fn with_bundle(mut self, name: &'a str, files: &'a [(&'a str, &'a str)]) -> EmbeddedFiles<'a> {
        self.others.push((name, files));
        self
    }
}

impl Files for EmbeddedFiles<'_> {
    fn read(&self, path: &FilePath) -> Lookup<'_> {
        let files = match &path.bundle {
            None => Some(self.files),
            Some(name) => self.others.iter().find(|(other, _)| other == name).map(|(_, files)| *files),
        };
        let Some(files) = files else { return Lookup::Unseen };
        match files.iter().find(|(name, _)| *name == path.path) {
            Some((_, text)) => Lookup::Found(text.as_bytes().into()),
            None => Lookup::Missing,
        }
    }

    fn label(&self, path: &FilePath) -> String {
        match (&path.bundle, self.label) {
            (None, label) if !label.is_empty() => format!("{label}/{path}"),
            _ => path.to_string(),
        }
    }
}
