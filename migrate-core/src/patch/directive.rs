use std::fmt;

use super::isolation::Isolation;
use super::kind::Kind;
use super::min_app::MinApp;
use super::timeout::Timeout;
use super::version::Version;
use crate::error::{Error, ErrorKind, Place};

/// The directives in the first comment of a patch, one `-- migrate: KEY VALUE` a line.
///
/// ```
/// use embed_migrate_core::Directives;
///
/// let text = "-- Studies get a title.\n-- migrate: lock-timeout 2s\nALTER TABLE study ADD title text;\n";
/// let directives = Directives::parse("patch-1-1-0-std.sql", text)?;
/// assert_eq!(directives.lock_timeout.map(|limit| limit.milliseconds()), Some(2_000));
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives {
    /// `min-app 1.3.0`, or `min-app any`.
    pub min_app: Option<MinApp>,
    /// `lock-timeout 2s`: how long a statement waits for a lock before the patch is tried again.
    pub lock_timeout: Option<Timeout>,
    /// `statement-timeout 10min`: how long one statement may run.
    pub statement_timeout: Option<Timeout>,
    /// `batch 5000 by id`: how many rows at once, by which key.
    pub batch: Option<Batch>,
    /// `allow RULE: reason`: a permitted hazard.
    pub allow: Vec<Allow>,
    /// `requires audit 1.2.0`: another bundle that must have come this far.
    pub requires: Vec<Requirement>,
    /// `irreversible: reason`: why there is no way back.
    pub irreversible: Option<String>,
    /// `isolation serializable`: that of the patch's transaction.
    pub isolation: Option<Isolation>,
    /// `kind concurrent`: how a way back is applied, if not as its patch.
    pub kind: Option<Kind>,
    /// `empty: reason`: why the patch has no statement.
    pub empty: Option<String>,
}

/// `batch 5000 by id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// How many rows are changed at once.
    pub rows: u32,
    /// The column whose ranges make the batches.
    pub key: String,
}

/// `allow RULE: reason`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// The rule's name.
    pub rule: String,
    /// Why it is fine here.
    pub reason: String,
}

/// `requires audit 1.2.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The other bundle's name.
    pub bundle: String,
    /// The version that must be in.
    pub version: Version,
}

/// What introduces a directive in a comment.
pub(crate) const MARK: &str = "migrate:";

const KEYS: &str = "the directives are `min-app VERSION|any`, `lock-timeout TIME`, `statement-timeout TIME`, \
`batch ROWS by COLUMN`,\n`allow RULE: reason`, `requires BUNDLE VERSION`, `irreversible: reason`, `isolation LEVEL`,\n\
`empty: reason`, and in a way back `kind std|direct|concurrent`";

impl Directives {
    /// Reads the comment lines at the top of a patch, up to the first line that is neither blank nor `--`.
    ///
    /// # Errors
    ///
    /// All unknown, malformed and repeated directives, each with its place.
    pub fn parse(file: &str, text: &str) -> Result<Directives, Error> {
        let mut directives = Directives::default();
        let mut problems = Vec::new();
        for (offset, directive) in written(text) {
            if let Err(error) = directives.add(directive) {
                problems.push(error.at(Place::offset(file, text, offset)));
            }
        }
        Error::all(problems).map_or(Ok(directives), Err)
    }

    fn add(&mut self, directive: &str) -> Result<(), Error> {
        let (key, value) = key_of(directive);
        let value = value.strip_prefix(':').unwrap_or(value).trim();
        match key {
            "min-app" => once(key, &mut self.min_app, value.parse()?),
            "lock-timeout" => once(key, &mut self.lock_timeout, value.parse()?),
            "statement-timeout" => once(key, &mut self.statement_timeout, value.parse()?),
            "batch" => once(key, &mut self.batch, batch(value)?),
            "irreversible" => once(key, &mut self.irreversible, reason(key, value)?),
            "isolation" => once(key, &mut self.isolation, value.parse()?),
            "kind" => once(key, &mut self.kind, value.parse()?),
            "empty" => once(key, &mut self.empty, reason(key, value)?),
            "allow" => {
                self.allow.push(allow(value)?);
                Ok(())
            }
            "requires" => {
                self.requires.push(requirement(value)?);
                Ok(())
            }
            _ => Err(Error::new(ErrorKind::Directive, format!("`{key}` is not a directive")).help(KEYS)),
        }
    }
}

/// The directives of a text as they are written, each with the offset of its mark.
fn written(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.split_inclusive('\n').scan(0, |end, line| {
        *end += line.len();
        Some((*end - line.len(), line))
    });
    lines.take_while(|(_, line)| is_heading(line)).filter_map(|(start, line)| {
        let directive = line.trim().trim_start_matches('-').trim().strip_prefix(MARK)?;
        Some((start + line.find(MARK).unwrap_or_default(), directive.trim()))
    })
}

fn is_heading(line: &str) -> bool {
    line.trim().is_empty() || line.trim().starts_with("--")
}

/// The end of the lines that may have directives.
#[cfg(feature = "parse")]
pub(crate) fn heading(text: &str) -> usize {
    text.split_inclusive('\n').take_while(|line| is_heading(line)).map(str::len).sum()
}

/// The places of the directives with this key.
#[cfg(feature = "parse")]
pub(crate) fn places(file: &str, text: &str, key: &str) -> impl Iterator<Item = Place> {
    let is = move |directive: &str| key_of(directive).0 == key;
    written(text)
        .filter(move |(_, written)| is(written))
        .map(move |(offset, _)| Place::offset(file, text, offset))
}

fn key_of(directive: &str) -> (&str, &str) {
    directive.split_at(directive.find([' ', ':', '\t']).unwrap_or(directive.len()))
}

fn once<T>(key: &str, slot: &mut Option<T>, value: T) -> Result<(), Error> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => {
            Err(Error::new(ErrorKind::Directive, format!("`{key}` is given twice")).help("keep one of them"))
        }
    }
}

fn malformed(directive: &str, form: &str) -> Error {
    Error::new(ErrorKind::Directive, format!("`{directive}` is malformed")).help(format!("write `{form}`"))
}

fn batch(value: &str) -> Result<Batch, Error> {
    let error = || malformed("batch", "batch 5000 by id");
    let (rows, key) = value.split_once(" by ").ok_or_else(error)?;
    let rows = rows.trim().parse().ok().filter(|rows| *rows > 0).ok_or_else(error)?;
    let key = key.trim();
    is_name(key).then(|| Batch { rows, key: key.to_owned() }).ok_or_else(error)
}

/// Whether it is one name, as SQL writes it.
fn is_name(text: &str) -> bool {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(quoted) => !quoted.is_empty() && !quoted.replace("\"\"", "").contains('"'),
        None => {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(word)
        }
    }
}

fn allow(value: &str) -> Result<Allow, Error> {
    let error = || malformed("allow", "allow RULE: why it is fine here");
    let (rule, reason) = value.split_once(':').ok_or_else(error)?;
    let (rule, reason) = (rule.trim(), reason.trim());
    let fine = !rule.is_empty() && !reason.is_empty() && !rule.contains(char::is_whitespace);
    fine.then(|| Allow { rule: rule.to_owned(), reason: reason.to_owned() }).ok_or_else(error)
}

fn requirement(value: &str) -> Result<Requirement, Error> {
    let error = || malformed("requires", "requires audit 1.2.0");
    let (bundle, version) = value.split_once(char::is_whitespace).ok_or_else(error)?;
    Ok(Requirement { bundle: bundle.to_owned(), version: version.trim().parse()? })
}

fn reason(key: &str, value: &str) -> Result<String, Error> {
    match value.is_empty() {
        true => Err(malformed(key, &format!("{key}: why"))),
        false => Ok(value.to_owned()),
    }
}

/// One directive a line in a fixed order, each as it would be written: what the token checksum covers.
impl fmt::Display for Directives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Directives {
            min_app,
            lock_timeout,
            statement_timeout,
            batch,
            allow,
            requires,
            irreversible,
            isolation,
            kind,
            empty,
        } = self;
        if let Some(min_app) = min_app {
            writeln!(f, "min-app {min_app}")?;
        }
        if let Some(limit) = lock_timeout {
            writeln!(f, "lock-timeout {limit}")?;
        }
        if let Some(limit) = statement_timeout {
            writeln!(f, "statement-timeout {limit}")?;
        }
        if let Some(Batch { rows, key }) = batch {
            writeln!(f, "batch {rows} by {key}")?;
        }
        for Allow { rule, reason } in allow {
            writeln!(f, "allow {rule}: {reason}")?;
        }
        for Requirement { bundle, version } in requires {
            writeln!(f, "requires {bundle} {version}")?;
        }
        if let Some(reason) = irreversible {
            writeln!(f, "irreversible: {reason}")?;
        }
        if let Some(level) = isolation {
            writeln!(f, "isolation {level}")?;
        }
        if let Some(kind) = kind {
            writeln!(f, "kind {kind}")?;
        }
        match empty {
            Some(reason) => writeln!(f, "empty: {reason}"),
            None => Ok(()),
        }
    }
}
