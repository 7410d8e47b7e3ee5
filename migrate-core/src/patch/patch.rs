use std::borrow::Cow;
use std::sync::OnceLock;

use super::checksum::Checksum;
use super::directive::Directives;
use super::kind::Kind;
use super::version::Version;
use crate::error::Error;
use crate::statement::Outline;

/// One versioned file, applied once.
#[derive(Debug, Clone)]
pub struct Patch {
    parts: PatchParts,
    /// Set when they are first asked for.
    directives: OnceLock<Box<Directives>>,
}

/// What [`Patch::new`] takes: no part of the public interface.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchParts {
    pub version: Version,
    pub kind: Kind,
    pub draft: bool,
    pub file: Cow<'static, str>,
    pub text: Cow<'static, str>,
    pub checksum: Checksum,
    pub tokens: Checksum,
    pub outline: Outline,
}

impl Patch {
    /// A patch of its parts, as `embed_migrations!()` writes them.
    #[doc(hidden)]
    pub const fn new(parts: PatchParts) -> Patch {
        Patch { parts, directives: OnceLock::new() }
    }

    /// Its place in the bundle.
    pub fn version(&self) -> Version {
        self.parts.version
    }

    /// How it is applied.
    pub fn kind(&self) -> Kind {
        self.parts.kind
    }

    /// Whether the lock file does not hold it yet: it may still change.
    pub fn is_draft(&self) -> bool {
        self.parts.draft
    }

    /// The file's name, without its directory.
    pub fn file(&self) -> &str {
        &self.parts.file
    }

    /// The normalised text, which is what runs.
    pub fn text(&self) -> &str {
        &self.parts.text
    }

    /// The checksum of the text.
    pub fn checksum(&self) -> Checksum {
        self.parts.checksum
    }

    /// The checksum of the tokens: comments and white space don't change it.
    pub fn tokens(&self) -> Checksum {
        self.parts.tokens
    }

    /// Its statements, if they are sent one by one.
    pub fn outline(&self) -> &Outline {
        &self.parts.outline
    }

    /// Whether its body is facts, applied as one step, rather than SQL.
    pub fn is_facts(&self) -> bool {
        self.parts.file.ends_with(".yaml")
    }

    /// What the comment at its top asks for. It is parsed once, when it is first asked for.
    ///
    /// # Errors
    ///
    /// A malformed directive; never for a patch that was checked when it was embedded.
    pub fn directives(&self) -> Result<&Directives, Error> {
        self.directives_in(&self.parts.file)
    }

    /// The same; `path` names the file in messages.
    pub(crate) fn directives_in(&self, path: &str) -> Result<&Directives, Error> {
        if let Some(directives) = self.directives.get() {
            return Ok(directives);
        }
        let directives = match self.is_facts() {
            true => Directives::parse(path, &heading(&self.parts.text))?,
            false => Directives::parse(path, &self.parts.text)?,
        };
        Ok(self.directives.get_or_init(|| Box::new(directives)))
    }

    /// The patch with other parts.
    #[doc(hidden)]
    pub fn with(self, change: impl FnOnce(&mut PatchParts)) -> Patch {
        let mut parts = self.parts;
        change(&mut parts);
        Patch::new(parts)
    }

    /// The same patch, applied in another way.
    #[cfg(feature = "parse")]
    pub(crate) fn with_kind(mut self, kind: Kind) -> Patch {
        self.parts.kind = kind;
        self
    }

    /// The same patch, with what was found when it was checked.
    #[cfg(feature = "parse")]
    pub(crate) fn checked(mut self, tokens: Checksum, outline: Outline) -> Patch {
        (self.parts.tokens, self.parts.outline) = (tokens, outline);
        self
    }
}

/// Two patches are equal if their parts are, whether or not their directives were read.
impl PartialEq for Patch {
    fn eq(&self, other: &Patch) -> bool {
        self.parts == other.parts
    }
}

impl Eq for Patch {}

/// The comments at the top of a YAML text, as SQL writes comments: they hold its directives.
pub(crate) fn heading(yaml: &str) -> String {
    let comments = yaml.lines().map_while(|line| line.strip_prefix('#'));
    comments.map(|comment| format!("--{comment}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_parsed_once() {
        let text = "-- migrate: min-app any\nSELECT 1;";
        let patch = Patch::new(PatchParts {
            version: Version::new(1, 0, 0),
            kind: Kind::Std,
            draft: false,
            file: "patch-1-0-0-std.sql".into(),
            text: text.into(),
            checksum: Checksum::of(text),
            tokens: Checksum::of(text),
            outline: Outline::EMPTY,
        });
        let other = patch.clone();
        let first = patch.directives().unwrap();
        assert!(std::ptr::eq(first, patch.directives().unwrap()));
        assert_eq!(patch, other, "whether somebody asked for them or not");
    }
}
