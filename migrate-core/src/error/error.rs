use std::borrow::Cow;
use std::fmt;

use super::kind::ErrorKind;
use super::place::Place;
use crate::text::{escape_controls, list_patches, redact, redact_excerpt, redact_from, redact_statement};

/// A result whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, at which place, and what to do about it.
///
/// One type for the whole workspace. It holds one problem, or several that were found together with the
/// gravest or first one in front. [`Error::all`] joins problems and [`Error::iter`] lists them.
///
/// ```
/// use embed_migrate_core::{Error, ErrorKind, Place};
///
/// let error = Error::new(ErrorKind::Edited, "patch `1.4.0` was edited after it was applied")
///     .at(Place::file("migrations/patch-1-4-0-std.sql"))
///     .help("restore the file with git, and put the change into a new patch");
/// assert_eq!(
///     error.to_string(),
///     "patch `1.4.0` was edited after it was applied\n  \
///        --> migrations/patch-1-4-0-std.sql\n  \
///      help: restore the file with git, and put the change into a new patch",
/// );
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    place: Option<Place>,
    notes: Vec<String>,
    contexts: Vec<String>,
    help: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    applied: Vec<String>,
    others: Vec<Error>,
}

impl Error {
    /// A problem, said in one lowercase clause with values in backticks and no period. No error
    /// shows a password ([`redact`]), or more than 20,000 characters of a text.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Inner {
            kind,
            message: shown(redact, message.into()),
            place: None,
            notes: Vec::new(),
            contexts: Vec::new(),
            help: None,
            source: None,
            applied: Vec::new(),
            others: Vec::new(),
        }))
    }

    /// Sets the place.
    pub fn at(mut self, place: Place) -> Error {
        self.0.place = Some(place);
        self
    }

    /// Adds a note, such as the server's detail or who holds a lock.
    pub fn note(mut self, note: impl Into<String>) -> Error {
        self.0.notes.push(shown(redact, note.into()));
        self
    }

    /// Adds what was being done, from the inside out: `while deploying the table fact at deploy.yaml:12:3`.
    pub fn context(mut self, context: impl Into<String>) -> Error {
        self.0.contexts.push(shown(redact_statement, context.into()));
        self
    }

    /// Sets the advice.
    pub fn help(mut self, help: impl Into<String>) -> Error {
        self.0.help = Some(shown(redact, help.into()));
        self
    }

    /// Removes the passwords of a statement from a server's message about it ([`redact_from`]).
    pub fn without_passwords_of(mut self, statement: &str) -> Error {
        let Inner { message, notes, contexts, .. } = &mut *self.0;
        for text in std::iter::once(message).chain(notes).chain(contexts) {
            if let Cow::Owned(shown) = redact_from(statement, text) {
                *text = shown;
            }
        }
        self
    }

    /// Keeps the error that caused this one.
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        self.0.source = Some(source.into());
        self
    }

    /// Sets the patches that were applied before it, each as its bundle and version.
    pub fn applied(mut self, patches: Vec<String>) -> Error {
        self.0.applied = patches;
        self
    }

    /// Joins several problems into one error; `None` if there are none.
    pub fn all(problems: impl IntoIterator<Item = Error>) -> Option<Error> {
        problems.into_iter().reduce(Error::and)
    }

    /// Adds a problem that was found together with it.
    pub fn and(mut self, mut other: Error) -> Error {
        let others = std::mem::take(&mut other.0.others);
        self.0.others.push(other);
        self.0.others.extend(others);
        self
    }

    /// What sort of problem it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The clause that says what went wrong, without place and help.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The place, if it is known.
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// The notes.
    pub fn notes(&self) -> &[String] {
        &self.0.notes
    }

    /// What was being done, from the inside out.
    pub fn contexts(&self) -> &[String] {
        &self.0.contexts
    }

    /// The advice, if there is one.
    pub fn advice(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The patches that were applied before it, and stay: each as its bundle and version.
    pub fn already_applied(&self) -> &[String] {
        &self.0.applied
    }

    /// This problem and those found together with it.
    pub fn iter(&self) -> impl Iterator<Item = &Error> {
        std::iter::once(self).chain(&self.0.others)
    }

    /// Splits the error into its problems.
    pub fn split(mut self) -> Vec<Error> {
        let others = std::mem::take(&mut self.0.others);
        std::iter::once(self).chain(others).collect()
    }

    fn one(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(place) = &self.0.place {
            write!(f, "\n{place}")?;
        }
        self.remarks(f)
    }

    /// The text below the place.
    pub(super) fn remarks(&self, f: &mut impl fmt::Write) -> fmt::Result {
        let notes = &self.0.notes;
        let shown = if notes.len() > NOTES { NOTES - 1 } else { notes.len() };
        for note in notes.iter().take(shown) {
            write!(f, "\n  note: {}", indent(note))?;
        }
        if notes.len() > shown {
            write!(f, "\n  note: and {} more like these", notes.len() - shown)?;
        }
        for context in &self.0.contexts {
            write!(f, "\n  {}", indent(context))?;
        }
        if !self.0.applied.is_empty() {
            write!(f, "\n  note: applied before it: {}", list_patches(&self.0.applied))?;
        }
        if let Some(help) = &self.0.help {
            write!(f, "\n  help: {}", indent(help))?;
        }
        Ok(())
    }
}

/// How many notes of a problem are shown, and how many problems of an error; [`Error::notes`] and [`Error::iter`] have all.
const NOTES: usize = 30;
const PROBLEMS: usize = 100;

/// How much of a text an error shows.
const MOST: usize = 20_000;

fn shown(redact: fn(&str) -> Cow<'_, str>, text: String) -> String {
    match redact_excerpt(&text, MOST, redact) {
        Cow::Owned(shown) => shown,
        Cow::Borrowed(_) => text,
    }
}

fn indent(text: &str) -> String {
    text.replace('\n', "\n        ")
}

/// What a server or a file says is shown by [`escape_controls`].
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.one(&mut text)?;
        for other in self.0.others.iter().take(PROBLEMS - 1) {
            text.push_str("\n\n");
            other.one(&mut text)?;
        }
        let more = (self.0.others.len() + 1).saturating_sub(PROBLEMS);
        if more > 0 {
            text.push_str(&format!("\n\nand {more} more problems"));
        }
        f.write_str(&escape_controls(&text))
    }
}

/// The same text as `Display`, so that a `main` that returns the error prints it readably.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_no_password_whatever_it_is_given() {
        let secret = "ALTER ROLE a PASSWORD 'hunter2'";
        let place = Place::offset("a.sql", secret, 0);
        let by_hand = Place { source: secret.to_owned(), ..place.clone() };
        for error in [
            Error::new(ErrorKind::Sql, secret),
            Error::new(ErrorKind::Sql, "it failed").note(secret),
            Error::new(ErrorKind::Sql, "it failed").context(secret),
            Error::new(ErrorKind::Sql, "it failed").help(secret),
            Error::new(ErrorKind::Sql, "it failed").at(place),
        ] {
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
            assert!(error.to_string().contains("PASSWORD '***"), "{error}");
        }
        assert!(!by_hand.to_string().contains("hunter2"), "{by_hand}");
    }
}
