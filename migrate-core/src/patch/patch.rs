use std::borrow::Cow;

use super::checksum::Checksum;
use super::directive::Directives;
use super::kind::Kind;
use super::version::Version;
use crate::error::Error;
use crate::statement::Outline;

/// One versioned file, applied once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Its place in the bundle.
    pub version: Version,
    /// How it is applied.
    pub kind: Kind,
    /// Whether the lock file does not hold it yet: it may still change.
    pub draft: bool,
    /// The file's name, without its directory.
    pub file: Cow<'static, str>,
    /// The normalised text, which is what runs.
    pub text: Cow<'static, str>,
    /// The checksum of the text.
    pub checksum: Checksum,
    /// The checksum of the tokens: comments and white space don't change it.
    pub tokens: Checksum,
    /// Its statements, where they are sent one by one.
    pub outline: Outline,
}

impl Patch {
    /// Whether its body is facts, frozen as a step, rather than SQL.
    pub fn is_facts(&self) -> bool {
        self.file.ends_with(".yaml")
    }

    /// What the first comment block asks for.
    ///
    /// # Errors
    ///
    /// A malformed directive; never for a patch that was checked when it was embedded.
    pub fn directives(&self) -> Result<Directives, Error> {
        match self.is_facts() {
            true => Directives::parse(&self.file, &heading(&self.text)),
            false => Directives::parse(&self.file, &self.text),
        }
    }
}

/// The first comments of a YAML text, as SQL writes comments: directives stand in them.
pub(crate) fn heading(yaml: &str) -> String {
    let comments = yaml.lines().map_while(|line| line.strip_prefix('#'));
    comments.map(|comment| format!("--{comment}\n")).collect()
}
