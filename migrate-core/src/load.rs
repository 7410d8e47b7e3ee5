use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::create;
use crate::file::read_file;
use crate::findings::earlier;
use crate::lock_file::{Entry, LOCK_FILE, LockFile, Locked};
use crate::manifest::{MANIFEST, Manifest, NAME_FORM, is_bundle_name};
use crate::name::{Name, Role};
use crate::order;
use crate::patch::heading;
use crate::source::{File, Source};
use crate::sql::{self, Lint, Outcome, Rules, Script};
use crate::text::normalise;
use crate::{
    Bundle, Checksum, Directives, Error, ErrorKind, FactsRevision, Kind, LintLevel, LintRule, Outline, Patch,
    Place, Version, directive, facts,
};

impl Bundle {
    /// Reads and checks the bundle in a directory; `name` is its name where `bundle.yaml` gives none.
    ///
    /// The checks are those of `embed_migrations!()`. Patches that are not locked count as drafts.
    ///
    /// # Errors
    ///
    /// Every problem that the directory has, each with its place.
    pub fn read(directory: impl AsRef<Path>, name: &str) -> Result<Bundle, Error> {
        let directory = directory.as_ref();
        let label = directory.to_string_lossy();
        load(Source::read(directory, label.trim_end_matches('/'))?, name, None, true)
    }

    /// The same against a lock file that is still being made, and with `label` for the directory in messages.
    ///
    /// # Errors
    ///
    /// Every problem that the directory has, each with its place.
    pub fn read_with(
        directory: &Path,
        label: &str,
        name: &str,
        lock: Option<LockFile>,
    ) -> Result<Bundle, Error> {
        load(Source::read(directory, label)?, name, lock, true)
    }

    /// The same as if nothing were locked, and without the lint: what is locked may hold what it refuses.
    ///
    /// # Errors
    ///
    /// Every other problem that the directory has, each with its place.
    pub fn read_unlocked(directory: &Path, label: &str, name: &str) -> Result<Bundle, Error> {
        load(Source::read(directory, label)?, name, Some(LockFile::default()), false)
    }

    /// The name that a directory's `bundle.yaml` gives, if it does.
    ///
    /// # Errors
    ///
    /// The file can't be read or understood.
    pub fn declared_name(directory: impl AsRef<Path>) -> Result<Option<String>, Error> {
        let directory = directory.as_ref();
        let path = directory.join(MANIFEST).display().to_string();
        match read_file(path.as_ref()) {
            Ok(bytes) => Ok(Manifest::parse(&path, &normalise(&path, &bytes)?)?.name),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let message = format!("cannot read `{path}`: {error}");
                Err(Error::new(ErrorKind::File, message).caused_by(error))
            }
        }
    }

    /// Checks the bundle in a directory that `include_dir!` embedded; `name` is its name where `bundle.yaml`
    /// gives none.
    ///
    /// This links the SQL and YAML parsers into the binary and runs them at every start, so
    /// `embed_migrations!()` is the better choice where a directory is not embedded already.
    ///
    /// # Errors
    ///
    /// Every problem that the directory has, each with its place.
    #[cfg(feature = "dir")]
    pub fn from_dir(directory: &include_dir::Dir<'_>, name: &str) -> Result<Bundle, Error> {
        load(Source::embedded(directory), name, None, true)
    }
}

/// Makes a bundle of a directory's files.
fn load(mut source: Source<'_>, name: &str, lock: Option<LockFile>, lint: bool) -> Result<Bundle, Error> {
    let mut problems = Vec::new();
    let manifest = keep(&mut problems, manifest(&source)).unwrap_or_default();
    let lock = lock.unwrap_or_else(|| keep(&mut problems, lock_file(&source)).unwrap_or_default());
    // Without them, nobody knows what is refused.
    let lint = (lint && problems.is_empty()).then_some(&manifest.lint);
    let name = manifest.name.clone().unwrap_or_else(|| name.to_owned());
    if !is_bundle_name(&name) {
        problems
            .push(Error::new(ErrorKind::Format, format!("`{name}` is no name for a bundle")).help(NAME_FORM));
    }
    let mut files = FactFiles::default();
    let replicated = manifest.replicated;
    let Found { patches, downs, baseline } =
        Files::new(&source, &lock, replicated, lint).read(&mut files, &mut problems);
    let facts = keep(&mut problems, files.declared(&source)).flatten();
    let found = std::mem::take(&mut source.problems);
    if let Some(error) = Error::all(found.into_iter().chain(problems)) {
        return Err(error);
    }
    let mut bundle = Bundle {
        name: name.into(),
        requires: manifest.requires.into_iter().map(Into::into).collect::<Vec<_>>().into(),
        schema: manifest.schema.map(Into::into),
        lock_timeout: manifest.lock_timeout,
        statement_timeout: manifest.statement_timeout,
        facts: facts.map(|digest| FactsRevision::of(digest, &lock.facts, manifest.verify_facts)),
        files: files.embedded(),
        baseline,
        create: None,
        patches: patches.into(),
        downs: downs.into(),
        accepts: lock.accepts.clone().into(),
        digest: Checksum::new([0; 32]),
        directory: None,
        revision: None,
    };
    bundle.digest = bundle.digest_at(Version::new(u32::MAX, 0, 0));
    bundle.create = create::read(&source, &bundle, &lock)?;
    Ok(bundle)
}

fn keep<T>(problems: &mut Vec<Error>, result: Result<T, Error>) -> Option<T> {
    result.map_err(|error| problems.push(error)).ok()
}

pub(crate) fn manifest(source: &Source<'_>) -> Result<Manifest, Error> {
    let Some(file) = source.file(MANIFEST) else { return Ok(Manifest::default()) };
    let path = source.path(MANIFEST);
    Manifest::parse(&path, &normalise(&path, &file.bytes)?)
}

pub(crate) fn lock_file(source: &Source<'_>) -> Result<LockFile, Error> {
    let Some(file) = source.file(LOCK_FILE) else { return Ok(LockFile::default()) };
    let path = source.path(LOCK_FILE);
    LockFile::parse(&path, &normalise(&path, &file.bytes)?)
}

/// What a directory's files are.
#[derive(Default)]
struct Found {
    patches: Vec<Patch>,
    downs: Vec<Patch>,
    baseline: Option<Patch>,
}

/// The patches among a directory's files.
struct Files<'a> {
    source: &'a Source<'a>,
    lock: &'a LockFile,
    entries: HashMap<(bool, Version), &'a Entry>,
    /// Whether the statements of all patches must be known, and not only of those that are sent one by one.
    replicated: bool,
    /// `None` where nothing is refused.
    lint: Option<&'a BTreeMap<LintRule, LintLevel>>,
}

impl<'a> Files<'a> {
    fn new(
        source: &'a Source<'a>,
        lock: &'a LockFile,
        replicated: bool,
        lint: Option<&'a BTreeMap<LintRule, LintLevel>>,
    ) -> Files<'a> {
        let entries = lock.entries.iter().map(|entry| ((entry.baseline, entry.version), entry)).collect();
        Files { source, lock, entries, replicated, lint }
    }

    fn read(&self, files: &mut FactFiles, problems: &mut Vec<Error>) -> Found {
        let (mut found, mut named) = (Found::default(), Vec::new());
        for file in &self.source.files {
            if [MANIFEST, LOCK_FILE, FACTS].contains(&file.name.as_str()) {
                continue;
            }
            let Some(name) = keep(problems, self.name(file)) else { continue };
            named.push((name, file));
            let Some(patch) = keep(problems, self.patch(file, name, files)) else { continue };
            match name.role {
                Role::Up => found.patches.push(patch),
                Role::Baseline => found.baseline = Some(patch),
                Role::Down => found.downs.push(patch),
            }
        }
        problems.extend(order::names(self.source, &named));
        problems.extend(order::problems(self.source, &named, self.lock));
        found.patches.sort_by_key(|patch| patch.version);
        found.downs.sort_by_key(|down| down.version);
        found
    }

    fn name(&self, file: &'a File) -> Result<Name<'a>, Error> {
        Name::parse(&file.name).map_err(|error| error.at(Place::file(self.source.path(&file.name))))
    }

    fn patch(&self, file: &File, name: Name<'_>, files: &mut FactFiles) -> Result<Patch, Error> {
        let path = self.source.path(&file.name);
        let text = normalise(&path, &file.bytes)?;
        let checksum = match name.facts {
            true => files.frozen(self.source, &file.name)?,
            false => Checksum::of(text.as_bytes()),
        };
        let entry = self
            .entries
            .get(&(name.role == Role::Baseline, name.version))
            .filter(|_| name.role != Role::Down);
        if let Some(entry) = entry.filter(|entry| entry.kind != name.kind && entry.locked.is_some()) {
            return Err(changed_kind(&path, entry));
        }
        let locked = entry.and_then(|entry| entry.locked.as_ref());
        let draft = locked.is_none();
        let whole = name.kind == Kind::Std && (name.facts || !self.replicated);
        let unchanged = locked.filter(|locked| locked.checksum == checksum && whole);
        let (tokens, outline) = match unchanged {
            None if name.facts => {
                (self.checked_facts(&path, &text, name, checksum, locked)?, Outline::default())
            }
            // It was parsed when it was locked.
            Some(locked) => (locked.tokens, Outline::default()),
            None => self.checked(&path, &text, name, locked)?,
        };
        let text = text.into_owned().into();
        Ok(Patch {
            version: name.version,
            kind: name.kind,
            draft,
            file: file.name.clone().into(),
            text,
            checksum,
            tokens,
            outline,
        })
    }

    /// Facts have no tokens: the files that they stand in are all that counts.
    fn checked_facts(
        &self,
        path: &str,
        text: &str,
        name: Name<'_>,
        checksum: Checksum,
        locked: Option<&Locked>,
    ) -> Result<Checksum, Error> {
        let heading = heading(text);
        Directives::parse(path, &heading)?;
        if let Some(error) = Error::all(without_effect(path, &heading)) {
            return Err(error);
        }
        match locked {
            Some(locked)
                if locked.tokens != checksum && !self.lock.accepts(name.version, locked.tokens, checksum) =>
            {
                Err(edited(path, name.version))
            }
            _ => Ok(checksum),
        }
    }

    fn checked(
        &self,
        path: &str,
        text: &str,
        name: Name<'_>,
        locked: Option<&Locked>,
    ) -> Result<(Checksum, Outline), Error> {
        let mut problems = Vec::new();
        let directives = keep(&mut problems, Directives::parse(path, text)).unwrap_or_default();
        let tokens = sql::checksum(text, &directives);
        if let Some(locked) = locked.filter(|locked| locked.tokens != tokens)
            && !self.lock.accepts(name.version, locked.tokens, tokens)
        {
            return Err(edited(path, name.version));
        }
        let rules = Rules {
            file: path,
            text,
            kind: name.kind,
            role: name.role,
            version: name.version,
            directives: &directives,
        };
        let script = Script::parse(text);
        problems.extend(sql::check(&rules, &script));
        // What is locked was accepted then: a rule that is new does not break it.
        if let Some(levels) = self.lint.filter(|_| locked.is_none() && name.role == Role::Up) {
            problems.extend(self.hazards(&rules, &script, levels));
        }
        let outline = match name.kind == Kind::Std && !self.replicated {
            true => Outline::default(),
            false => sql::outline(&script, &directives),
        };
        Error::all(problems).map_or(Ok((tokens, outline)), Err)
    }

    fn hazards(
        &self,
        rules: &Rules<'_>,
        script: &Script,
        levels: &BTreeMap<LintRule, LintLevel>,
    ) -> Vec<Error> {
        let Rules { file, text, kind, directives, version, .. } = *rules;
        let earlier = || earlier(self.source, version);
        let lint = Lint { file, text, kind, directives, levels, earlier: &earlier };
        let Outcome { hazards, unknown, .. } = lint.outcome(script);
        let refused = hazards.into_iter().filter(|(_, level, _)| *level == LintLevel::Refuse);
        refused.map(|(_, _, problem)| problem).chain(unknown).collect()
    }
}

/// The directives of facts that nobody would heed.
fn without_effect(path: &str, heading: &str) -> Vec<Error> {
    let allow = (
        "allow",
        "remove it: facts are deployed with care by themselves, and the lint does not look at them",
    );
    let batch = ("batch", "a batched patch is of kind `concurrent` and holds one UPDATE or DELETE");
    let found = [allow, batch].into_iter().flat_map(|(key, help)| {
        let message = format!("`{key}` has no effect in a patch whose body is facts");
        let problem = move |place| Error::new(ErrorKind::Directive, message.clone()).at(place).help(help);
        directive::places(path, heading, key).map(problem)
    });
    found.collect()
}

/// The file that a bundle's facts begin with.
const FACTS: &str = "deploy.yaml";

/// The files that facts were read from.
#[derive(Default)]
struct FactFiles(BTreeMap<String, String>);

impl FactFiles {
    /// The digest of the bundle's facts, if it has any.
    fn declared(&mut self, source: &Source<'_>) -> Result<Option<Checksum>, Error> {
        match source.file(FACTS) {
            Some(_) => Ok(Some(facts::digest(&self.load(source, FACTS)?))),
            None => Ok(None),
        }
    }

    /// The digest of a patch whose body is facts. What the file is called is not part of it.
    fn frozen(&mut self, source: &Source<'_>, file: &str) -> Result<Checksum, Error> {
        let mut files = self.load(source, file)?;
        files.iter_mut().filter(|read| read.path.path == file).for_each(|read| read.path.path.clear());
        Ok(facts::digest(&files))
    }

    fn load(&mut self, source: &Source<'_>, file: &str) -> Result<Vec<facts::FactFile>, Error> {
        let files = facts::load(source.facts.as_ref(), file)?.files;
        let own = files.iter().filter(|file| file.path.bundle.is_none());
        self.0.extend(own.map(|file| (file.path.path.clone(), file.text.to_string())));
        Ok(files)
    }

    fn embedded(self) -> Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]> {
        self.0.into_iter().map(|(path, text)| (path.into(), text.into())).collect()
    }
}

fn edited(path: &str, version: Version) -> Error {
    Error::new(ErrorKind::Edited, format!("patch `{version}` was edited after it was locked")).at(Place::file(path)).help(
        format!(
            "restore the file with git, and put the change into a new patch (`cargo migrate new`)\n\
             or, where the edit changes nothing in effect: `cargo migrate lock --accept {version} --reason \"…\"`"
        ),
    )
}

fn changed_kind(path: &str, entry: &Entry) -> Error {
    let message =
        format!("patch `{}` is locked as {}, and its file says otherwise", entry.version, entry.kind);
    Error::new(ErrorKind::Edited, message)
        .at(Place::file(path))
        .help(format!("name the file `{}` again", entry.file))
}
