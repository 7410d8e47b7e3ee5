use std::borrow::Cow;
use std::collections::BTreeMap;

use super::source_directory::SourceDirectory;
use crate::error::Error;
use crate::facts;
use crate::patch::Checksum;

/// The file that a bundle's facts begin with.
pub(crate) const FACTS: &str = "deploy.yaml";

/// The files that facts were read from, and what was odd in them.
#[derive(Default)]
pub(crate) struct FactFiles {
    texts: BTreeMap<String, String>,
    pub(crate) warnings: Vec<Error>,
}

impl FactFiles {
    /// The digest of the bundle's facts, if it has any.
    pub(crate) fn declared(&mut self, source: &SourceDirectory<'_>) -> Result<Option<Checksum>, Error> {
        match source.file(FACTS) {
            Some(_) => Ok(Some(facts::digest(&self.load(source, FACTS)?))),
            None => Ok(None),
        }
    }

    /// The digest of a patch whose body is facts. What the file is called is not part of it.
    pub(crate) fn frozen(&mut self, source: &SourceDirectory<'_>, file: &str) -> Result<Checksum, Error> {
        let mut files = self.load(source, file)?;
        files.iter_mut().filter(|read| read.path.path == file).for_each(|read| read.path.path.clear());
        Ok(facts::digest(&files))
    }

    fn load(&mut self, source: &SourceDirectory<'_>, file: &str) -> Result<Vec<facts::FactFile>, Error> {
        let facts::FactSet { facts, files } = facts::load(source.facts.as_ref(), file)?;
        self.warnings.extend(facts::warnings(&facts));
        let own = files.iter().filter(|file| file.path.bundle.is_none());
        self.texts.extend(own.map(|file| (file.path.path.clone(), file.text.to_string())));
        Ok(files)
    }

    pub(crate) fn embedded(self) -> Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]> {
        self.texts.into_iter().map(|(path, text)| (path.into(), text.into())).collect()
    }
}
