use std::fmt;
use std::str::FromStr;

use super::manifest::{NAME_FORM, is_bundle_name};
use super::source_directory::SourceDirectory;
use super::stale_binary::locked_name;
use crate::bundle::{Accept, Bundle, CreateTree, LOCK_FILE, accepted};
use crate::error::{Error, ErrorKind, Place};
use crate::file::normalise;
use crate::patch::{Checksum, Kind, MinApp, Version};
use crate::plan::Step;

/// `migrations.lock`: a bundle's name, and the order, kinds and checksums of its patches, committed beside them.
///
/// It has a line for each patch and one digest over all lines, so that two branches that both add a patch conflict in
/// git. `cargo migrate new` and `cargo migrate lock` write it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockFile {
    /// The bundle's name, under which histories keep its patches; `None` if the file is of an earlier release.
    pub name: Option<String>,
    /// The patches and the baseline, in the order of their versions.
    pub entries: Vec<LockEntry>,
    /// The reviewed edits.
    pub accepts: Vec<Accept>,
    /// The digests of the facts' revisions, the first one's first.
    pub facts: Vec<Checksum>,
    /// The last patch that the create tree replaces, and the tree's digest.
    pub create: Option<(Version, Checksum)>,
    /// The digest of the declared schema to which the patches lead.
    pub schema: Option<Checksum>,
}

/// The line of one patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockEntry {
    /// Whether it is the line of the baseline rather than of a patch.
    pub baseline: bool,
    /// The patch's version.
    pub version: Version,
    /// The patch's kind.
    pub kind: Kind,
    /// The file's name.
    pub file: String,
    /// What was locked; `None` for a draft.
    pub locked: Option<LockedPatch>,
}

/// What a line holds of a locked patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockedPatch {
    /// The oldest binary that may run against the result.
    pub min_app: MinApp,
    /// The checksum of the text.
    pub checksum: Checksum,
    /// The checksum of the tokens.
    pub tokens: Checksum,
}

const HEADER: &str =
    "# The patches of this bundle and their checksums: commit this file, and let `cargo migrate` write it.";

/// What git writes around the sides of a conflict.
const CONFLICT: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

impl LockFile {
    /// The entry of a patch.
    pub fn entry(&self, version: Version) -> Option<&LockEntry> {
        self.entries.iter().find(|entry| entry.version == version && !entry.baseline)
    }

    /// Adds the line of a new draft, where its version belongs.
    pub fn insert_draft(&mut self, version: Version, kind: Kind, file: &str) {
        let later = |entry: &LockEntry| !entry.baseline && entry.version > version;
        let index = self.entries.iter().position(later).unwrap_or(self.entries.len());
        let draft = LockEntry { baseline: false, version, kind, file: file.to_owned(), locked: None };
        self.entries.insert(index, draft);
    }

    /// The lock file that holds all of a bundle's patches, and no drafts.
    ///
    /// # Errors
    ///
    /// A malformed directive; never for a bundle that was read from a directory.
    pub fn of(bundle: &Bundle) -> Result<LockFile, Error> {
        let patches = bundle.patches().iter().map(|patch| (false, patch));
        let all = bundle.baseline().into_iter().map(|baseline| (true, baseline)).chain(patches);
        let entries = all.map(|(baseline, patch)| {
            let step = Step { bundle, patch, baseline, position: 0, started: false };
            let locked =
                LockedPatch { min_app: step.min_app()?, checksum: patch.checksum(), tokens: patch.tokens() };
            let (version, kind) = (patch.version(), patch.kind());
            Ok(LockEntry { baseline, version, kind, file: patch.file().to_string(), locked: Some(locked) })
        });
        let revisions = bundle
            .facts()
            .into_iter()
            .flat_map(|facts| facts.locked.iter().copied().chain(facts.draft.then_some(facts.digest)));
        Ok(LockFile {
            name: Some(bundle.name().to_string()),
            entries: entries.collect::<Result<_, Error>>()?,
            accepts: bundle.accepted_edits().to_vec(),
            facts: revisions.collect(),
            create: bundle.create_tree().map(|CreateTree { version, digest, .. }| (*version, *digest)),
            schema: bundle.declared_schema().and_then(|schema| schema.locked),
        })
    }

    /// The lock file among a directory's files; an empty one if there is none.
    pub(super) fn read(source: &SourceDirectory<'_>) -> Result<LockFile, Error> {
        let Some(file) = source.file(LOCK_FILE) else { return Ok(LockFile::default()) };
        let path = source.path(LOCK_FILE);
        LockFile::parse(&path, &normalise(&path, &file.bytes)?)
    }

    /// Reads a lock file; `file` is its name in messages.
    ///
    /// # Errors
    ///
    /// The marks of a conflict; or every line that can't be understood, and a digest that does not match the lines:
    /// the mark of a merge by hand.
    pub fn parse(file: &str, text: &str) -> Result<LockFile, Error> {
        LockFile::resolved(file, text)?;
        let mut lock = LockFile::default();
        let mut digest = None;
        let mut lines = String::with_capacity(text.len());
        let mut problems = Vec::new();
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            match lock.line(line.trim(), &mut digest) {
                Ok(true) => lines.extend([line.trim(), "\n"]),
                Ok(false) => {}
                Err(error) => problems.push(error.at(Place::offset(file, text, offset))),
            }
            offset += line.len();
        }
        if problems.is_empty() && digest != Some(Checksum::of(lines)) {
            let help = "check that it has the lines of both sides of a merge, then run `cargo migrate lock`";
            problems.push(
                Error::new(ErrorKind::Format, "the lock file's digest does not match its lines")
                    .at(Place::file(file))
                    .help(help),
            );
        }
        Error::all(problems).map_or(Ok(lock), Err)
    }

    /// Refuses a text that still holds the marks of a conflict, as git leaves them.
    ///
    /// # Errors
    ///
    /// The first of them.
    pub fn resolved(file: &str, text: &str) -> Result<(), Error> {
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            if CONFLICT.iter().any(|mark| line.starts_with(mark)) {
                return Err(Error::new(ErrorKind::Format, "the lock file has an unresolved conflict")
                    .at(Place::offset(file, text, offset))
                    .help(
                        "keep the lines of both sides and remove the markers, then run `cargo migrate lock`, \
                         which writes a new digest",
                    ));
            }
            offset += line.len();
        }
        Ok(())
    }

    /// Reads the lines of a lock file whose digest may be out of date, as after a merge.
    ///
    /// # Errors
    ///
    /// Every line that can't be understood.
    pub fn parse_merged(file: &str, text: &str) -> Result<LockFile, Error> {
        let without_digest =
            text.lines().filter(|line| !line.starts_with("digest ")).collect::<Vec<_>>().join("\n");
        let mut lock = LockFile::default();
        let problems = without_digest.lines().filter_map(|line| lock.line(line.trim(), &mut None).err());
        let error = Error::all(problems.map(|error| error.at(Place::file(file))).collect::<Vec<_>>());
        error.map_or(Ok(lock), Err)
    }

    /// Takes in a line, and says whether the digest covers it.
    fn line(&mut self, line: &str, digest: &mut Option<Checksum>) -> Result<bool, Error> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "" => return Ok(false),
            _ if word.starts_with('#') => return Ok(false),
            "digest" => {
                *digest = Some(rest.parse()?);
                return Ok(false);
            }
            "bundle" => self.named(rest)?,
            "patch" | "baseline" | "draft" => self.entries.push(entry(word, rest)?),
            "accept" => self.accepts.push(accept(rest)?),
            "facts" => self.facts.push(revision(rest)?),
            "create" => self.create = Some(create(rest)?),
            "schema" => self.schema = Some(rest.trim().parse()?),
            _ => {
                return Err(malformed(
                    "a line begins with `bundle`, `patch`, `draft`, `baseline`, `accept`, `facts`, `create`, `schema` or `digest`",
                ));
            }
        }
        Ok(true)
    }

    /// Reads the bundle's name. After a merge the file may have it twice.
    fn named(&mut self, name: &str) -> Result<(), Error> {
        if !is_bundle_name(name) {
            return Err(malformed(&format!("the bundle's name is written `bundle NAME`; {NAME_FORM}")));
        }
        match self.name.replace(name.to_owned()).filter(|other| other != name) {
            None => Ok(()),
            Some(other) => Err(Error::new(
                ErrorKind::Identity,
                format!("the lock file has two names for the bundle: `{other}` and `{name}`"),
            )
            .help("keep the line with the name under which databases have its patches, and remove the other line")),
        }
    }

    /// Where a lock file's text has the bundle's name.
    pub(crate) fn place_of_name(file: &str, text: &str) -> Place {
        let name = locked_name(text).map(|name| name.as_ptr() as usize - text.as_ptr() as usize);
        name.map_or_else(|| Place::file(file), |offset| Place::offset(file, text, offset))
    }

    /// Whether an edit from `old` to `new` was reviewed.
    pub(crate) fn accepts(&self, version: Version, old: Checksum, new: Checksum) -> bool {
        accepted(&self.accepts, version, old, new)
    }

    fn lines(&self) -> String {
        let name = self.name.iter().map(|name| format!("bundle {name}\n"));
        let entries = self.entries.iter().map(|entry| format!("{entry}\n"));
        let accepts = self.accepts.iter().map(|accept| format!("{accept}\n"));
        let facts = self.facts.iter().enumerate().map(|(at, digest)| format!("facts {} {digest}\n", at + 1));
        let create = self.create.iter().map(|(version, digest)| format!("create {version} {digest}\n"));
        let schema = self.schema.iter().map(|digest| format!("schema {digest}\n"));
        name.chain(entries).chain(accepts).chain(facts).chain(create).chain(schema).collect()
    }
}

fn malformed(help: &str) -> Error {
    Error::new(ErrorKind::Format, "a line of the lock file can't be understood")
        .help(format!("{help}; resolve a merge conflict, or restore the file with git"))
}

fn entry(word: &str, rest: &str) -> Result<LockEntry, Error> {
    let mut words = rest.split(' ').filter(|word| !word.is_empty());
    let mut next = || words.next().ok_or_else(|| malformed(FORM));
    let version = Version::from_str(next()?)?;
    let kind = Kind::from_str(next()?)?;
    let locked = match word {
        "draft" => None,
        _ => Some(LockedPatch {
            min_app: next()?.parse()?,
            checksum: next()?.parse()?,
            tokens: next()?.parse()?,
        }),
    };
    let file = next()?.to_owned();
    match words.next() {
        None => Ok(LockEntry { baseline: word == "baseline", version, kind, file, locked }),
        Some(_) => Err(malformed(FORM)),
    }
}

const FORM: &str =
    "a patch is written `patch VERSION KIND MIN-APP CHECKSUM TOKENS FILE` or `draft VERSION KIND FILE`";

/// The digest of a facts revision. Its number is for people, and for git: after a merge two lines may have the same.
fn revision(rest: &str) -> Result<Checksum, Error> {
    let wrong = || malformed("a revision of the facts is written `facts NUMBER DIGEST`");
    let (number, digest) = rest.trim().split_once(' ').ok_or_else(wrong)?;
    number.parse::<u32>().map_err(|_| wrong())?;
    digest.trim().parse()
}

fn create(rest: &str) -> Result<(Version, Checksum), Error> {
    let wrong = || malformed("the create tree is written `create VERSION DIGEST`");
    let (version, digest) = rest.trim().split_once(' ').ok_or_else(wrong)?;
    Ok((version.parse()?, digest.trim().parse()?))
}

fn accept(rest: &str) -> Result<Accept, Error> {
    let mut words = rest.splitn(4, ' ');
    let mut next = || {
        let word = words.next().map(str::trim).filter(|word| !word.is_empty());
        word.ok_or_else(|| malformed("an edit is accepted by `accept VERSION OLD NEW REASON`"))
    };
    let (version, old, new) = (next()?.parse()?, next()?.parse()?, next()?.parse()?);
    Ok(Accept { version, old, new, reason: next()?.to_owned().into() })
}

impl fmt::Display for LockEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LockEntry { version, kind, file, .. } = self;
        let word = if self.baseline { "baseline" } else { "patch" };
        match &self.locked {
            None => write!(f, "draft {version} {kind} {file}"),
            Some(LockedPatch { min_app, checksum, tokens }) => {
                write!(f, "{word} {version} {kind} {min_app} {checksum} {tokens} {file}")
            }
        }
    }
}

impl fmt::Display for Accept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "accept {} {} {} {}", self.version, self.old, self.new, self.reason)
    }
}

/// The file's whole text.
impl fmt::Display for LockFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines();
        write!(f, "{HEADER}\ndigest {}\n{lines}", Checksum::of(&lines))
    }
}
