use std::borrow::Cow;
use std::fmt;

use crate::{Place, excerpt, listed_patches, redact, redact_from, redact_statement, visible};

/// A result whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, where, and what to do about it.
///
/// One type for the whole workspace. It holds one problem or several that were found together, the
/// gravest or first one in front; [`Error::all`] joins and [`Error::iter`] walks them.
///
/// ```
/// use migrate_core::{Error, ErrorKind, Place};
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

/// What sort of problem an [`Error`] is, for a program that wants to tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A file or directory can't be read or written.
    File,
    /// A URL, a `key=value` string or an environment variable can't be understood.
    Settings,
    /// No connection to the server: it is down, or has no room for us.
    Connect,
    /// The server does not let us in: a wrong password, or none; no such role; a rule of `pg_hba.conf`.
    Login,
    /// A file in a bundle's directory has a name that no form accepts, or a database or user one that PostgreSQL
    /// can't keep.
    Name,
    /// Two files claim one version.
    Duplicate,
    /// A version is not the successor of the one before it.
    Gap,
    /// A patch's tokens differ from those that were locked or applied.
    Edited,
    /// A patch is not in the lock file, or only as a draft.
    Unlocked,
    /// The lock file or `bundle.yaml` can't be understood.
    Format,
    /// A directive is unknown, malformed or missing.
    Directive,
    /// SQL that does not parse, or text that is not SQL.
    Syntax,
    /// A statement that may not stand in a patch of its kind.
    Statement,
    /// A statement that keeps others from their work, and that no directive allows.
    Hazard,
    /// A patch that was applied is missing from the binary.
    Missing,
    /// A patch comes after one of a higher version was applied.
    Late,
    /// A patch was started and has no end.
    Interrupted,
    /// A bundle has two names; or the database has its patches under another name, or in another history.
    Identity,
    /// The history's tables say different things: somebody changed one by hand.
    Record,
    /// A bundle that this one requires is missing, or they require each other.
    Requires,
    /// The database is newer than this binary can work with.
    TooNew,
    /// The binary's bundle differs from its directory.
    Stale,
    /// The migration lock, or a lock that a patch needs, was not to be had in time.
    Locked,
    /// The server is a standby and patches are pending.
    Standby,
    /// Somebody asked the run to stop.
    Stopped,
    /// The database is not what the binary expects, and nothing was to be changed.
    Pending,
    /// The role lacks a right.
    Permission,
    /// What was asked for can't be done in this place, or by this version.
    Unsupported,
    /// Facts do not hold, or the database is not what the last run left.
    Drift,
    /// The server refused a statement.
    Sql,
    /// PostgreSQL's programs are not installed.
    NotInstalled,
    /// A node of a replicated set is down or behind, or is not what it should be.
    Node,
    /// A server process of ours did not start, or stopped.
    Instance,
    /// There is a database, user, instance or backup of that name already, or a port is in use.
    Exists,
    /// There is no database, user, instance or backup of that name.
    NotFound,
    /// A value out of the range that it may have, such as a volume's size.
    Value,
    /// What was asked for has to wait: a backup is taken, or another process is at work.
    Busy,
    /// There is not room enough.
    Full,
    /// A backup, a dump or a restore failed.
    Backup,
    /// Somebody is connected to the database, or the user owns something.
    InUse,
}

impl Error {
    /// A problem, said in one lowercase clause with values in backticks and no period. Whatever an error is given, it
    /// shows no password ([`redact`]), and of a text of more than 20,000 characters no more.
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

    /// Says where it is.
    pub fn at(mut self, place: Place) -> Error {
        self.0.place = Some(place);
        self
    }

    /// Adds a line of what else is known, such as the server's detail or who holds a lock.
    pub fn note(mut self, note: impl Into<String>) -> Error {
        self.0.notes.push(shown(redact, note.into()));
        self
    }

    /// Adds a line of what was under way, from the inside out: `while deploying the table fact at deploy.yaml:12:3`.
    pub fn context(mut self, context: impl Into<String>) -> Error {
        self.0.contexts.push(shown(redact_statement, context.into()));
        self
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Error {
        self.0.help = Some(shown(redact, help.into()));
        self
    }

    /// Takes the passwords of a statement out of what a server says of it ([`redact_from`]).
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

    /// Says which patches were applied before it, each as its bundle and version.
    pub fn applied(mut self, patches: Vec<String>) -> Error {
        self.0.applied = patches;
        self
    }

    /// Joins several problems into one error; `None` where there are none.
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

    /// Where it is, if that is known.
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// What else is known.
    pub fn notes(&self) -> &[String] {
        &self.0.notes
    }

    /// What was under way, from the inside out.
    pub fn contexts(&self) -> &[String] {
        &self.0.contexts
    }

    /// What to do, if that is known.
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

    /// Takes several problems apart.
    pub fn split(mut self) -> Vec<Error> {
        let others = std::mem::take(&mut self.0.others);
        std::iter::once(self).chain(others).collect()
    }

    fn one(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(place) = &self.0.place {
            write!(f, "\n{place}")?;
        }
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
            write!(f, "\n  note: applied before it: {}", listed_patches(&self.0.applied))?;
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
    match excerpt(&text, MOST, redact) {
        Cow::Owned(shown) => shown,
        Cow::Borrowed(_) => text,
    }
}

fn indent(text: &str) -> String {
    text.replace('\n', "\n        ")
}

/// What a server or a file says is shown by [`visible`].
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
        f.write_str(&visible(&text))
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
