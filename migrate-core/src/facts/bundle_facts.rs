use super::read::read;
use crate::bundle::Bundle;
use crate::error::Error;
use crate::facts::files::EmbeddedFiles;
use crate::facts::kinds::Fact;
use crate::patch::Patch;

impl Bundle {
    /// The facts that it declares; they may include files of the other bundles.
    ///
    /// # Errors
    ///
    /// Embedding has found all problems except those in files of other bundles.
    #[doc(hidden)]
    pub fn declared(&self, others: &[&Bundle]) -> Result<Vec<Fact>, Error> {
        self.read_facts("deploy.yaml", others)
    }

    /// The facts that a patch consists of.
    ///
    /// # Errors
    ///
    /// As [`Bundle::declared`].
    #[doc(hidden)]
    pub fn frozen(&self, patch: &Patch, others: &[&Bundle]) -> Result<Vec<Fact>, Error> {
        self.read_facts(patch.file(), others)
    }

    fn read_facts(&self, file: &str, others: &[&Bundle]) -> Result<Vec<Fact>, Error> {
        let own = pairs(self);
        let others: Vec<(&str, Vec<(&str, &str)>)> =
            others.iter().map(|other| (other.name(), pairs(other))).collect();
        let label = self.directory().unwrap_or(self.name());
        let files = EmbeddedFiles::new(&own).with_label(label);
        let files = others.iter().fold(files, |files, (name, pairs)| files.with_bundle(name, pairs));
        read(&files, file)
    }
}

fn pairs(bundle: &Bundle) -> Vec<(&str, &str)> {
    bundle.files().iter().map(|(path, text)| (path.as_ref(), text.as_ref())).collect()
}
