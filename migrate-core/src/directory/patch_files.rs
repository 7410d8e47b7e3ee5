use std::collections::{BTreeMap, HashMap};

use super::declared_schema::SCHEMA_FILE;
use super::fact_files::{FACTS, FactFiles};
use super::file_name::FileName;
use super::lock_file::{LockEntry, LockFile, LockedPatch};
use super::problems::keep;
use super::source_directory::{SourceDirectory, SourceFile};
use super::sql_files::earlier_texts;
use super::version_rules;
use crate::bundle::{LOCK_FILE, MANIFEST};
use crate::error::{Error, ErrorKind, Place};
use crate::file::normalise;
use crate::patch::{Checksum, Directives, FileRole, Kind, Patch, PatchParts, Version, directive, heading};
use crate::sql::{self, Lint, LintLevel, LintResult, LintRule, Rules, Script, group_hazards};
use crate::statement::Outline;

/// What a directory's files are.
#[derive(Default)]
pub(crate) struct DirectoryPatches {
    pub(crate) patches: Vec<Patch>,
    pub(crate) downs: Vec<Patch>,
    pub(crate) baseline: Option<Patch>,
}

/// The patches among a directory's files.
pub(crate) struct PatchFiles<'a> {
    source: &'a SourceDirectory<'a>,
    lock: &'a LockFile,
    entries: HashMap<(bool, Version), &'a LockEntry>,
    /// Whether the statements of all patches must be known, and not only of those that are sent one by one.
    replicated: bool,
    /// `None` if nothing is refused.
    lint: Option<&'a BTreeMap<LintRule, LintLevel>>,
}

impl<'a> PatchFiles<'a> {
    pub(crate) fn new(
        source: &'a SourceDirectory<'a>,
        lock: &'a LockFile,
        replicated: bool,
        lint: Option<&'a BTreeMap<LintRule, LintLevel>>,
    ) -> PatchFiles<'a> {
        let entries = lock.entries.iter().map(|entry| ((entry.baseline, entry.version), entry)).collect();
        PatchFiles { source, lock, entries, replicated, lint }
    }

    pub(crate) fn read(&self, files: &mut FactFiles, problems: &mut Vec<Error>) -> DirectoryPatches {
        let (mut found, mut named) = (DirectoryPatches::default(), Vec::new());
        for file in &self.source.files {
            if [MANIFEST, LOCK_FILE, FACTS, SCHEMA_FILE].contains(&file.name.as_str()) {
                continue;
            }
            let Some(name) = keep(problems, self.name(file)) else { continue };
            named.push((name, file));
            let Some(patch) = keep(problems, self.patch(file, name, files)) else { continue };
            match name.role {
                FileRole::Up => found.patches.push(patch),
                FileRole::Baseline => found.baseline = Some(patch),
                FileRole::Down => found.downs.push(patch),
            }
        }
        let unread = &self.source.unread;
        named.extend(unread.iter().filter_map(|file| Some((FileName::parse(&file.name).ok()?, file))));
        problems.extend(version_rules::names(self.source, &named, self.lock));
        problems.extend(version_rules::problems(self.source, &named, self.lock));
        found.patches.sort_by_key(|patch| patch.version());
        found.downs.sort_by_key(|down| down.version());
        found
    }

    fn name(&self, file: &'a SourceFile) -> Result<FileName<'a>, Error> {
        FileName::parse(&file.name).map_err(|error| error.at(Place::file(self.source.path(&file.name))))
    }

    fn patch(&self, file: &SourceFile, name: FileName<'_>, files: &mut FactFiles) -> Result<Patch, Error> {
        let path = self.source.path(&file.name);
        let text = normalise(&path, &file.bytes)?.into_owned();
        let checksum = match name.facts {
            true => files.frozen(self.source, &file.name)?,
            false => Checksum::of(text.as_bytes()),
        };
        let entry = self
            .entries
            .get(&(name.role == FileRole::Baseline, name.version))
            .filter(|entry| name.role != FileRole::Down && !self.is_locked_beside(entry, file));
        let locked = entry.and_then(|entry| entry.locked.as_ref());
        // Of a way back no line is kept: it is locked with its patch.
        let up = self.entries.get(&(false, name.version)).filter(|_| name.role == FileRole::Down);
        let draft = locked.is_none() && up.is_none_or(|up| up.locked.is_none());
        let (version, kind) = (name.version, name.kind);
        let (file, outline) = (file.name.clone().into(), Outline::default());
        let tokens = checksum;
        let parts = PatchParts { version, kind, draft, file, text: text.into(), checksum, tokens, outline };
        let patch = with_kind(Patch::new(parts), name.role, &path);
        if let Some(entry) = entry.filter(|entry| entry.kind != patch.kind() && entry.locked.is_some()) {
            return Err(changed_kind(&path, entry));
        }
        let whole = patch.kind() == Kind::Std && (name.facts || !self.replicated);
        let (tokens, outline) = match locked.filter(|locked| locked.checksum == checksum && whole) {
            // It was parsed when it was locked.
            Some(locked) => (locked.tokens, Outline::default()),
            None if name.facts => (self.checked_facts(&path, &patch, locked)?, Outline::default()),
            None => self.checked(&path, &patch, name.role, locked)?,
        };
        Ok(patch.checked(tokens, outline))
    }

    /// Whether the line is that of another file, which is there and claims the same version.
    fn is_locked_beside(&self, entry: &LockEntry, file: &SourceFile) -> bool {
        entry.file != file.name && self.source.file(&entry.file).is_some()
    }

    /// The checksum of facts serves as their token checksum: only their files count.
    fn checked_facts(
        &self,
        path: &str,
        patch: &Patch,
        locked: Option<&LockedPatch>,
    ) -> Result<Checksum, Error> {
        patch.directives_in(path)?;
        if let Some(error) = Error::all(without_effect(path, &heading(patch.text()))) {
            return Err(error);
        }
        let (version, checksum) = (patch.version(), patch.checksum());
        match locked {
            Some(locked)
                if locked.tokens != checksum && !self.lock.accepts(version, locked.tokens, checksum) =>
            {
                Err(edited(path, version))
            }
            _ => Ok(checksum),
        }
    }

    fn checked(
        &self,
        path: &str,
        patch: &Patch,
        role: FileRole,
        locked: Option<&LockedPatch>,
    ) -> Result<(Checksum, Outline), Error> {
        let (text, version, draft) = (patch.text(), patch.version(), patch.is_draft());
        // Everything else that is wrong with the text follows from these comments.
        if let Some(error) = Error::all(sql::foreign(path, text, role)).filter(|_| draft) {
            return Err(error);
        }
        let (mut problems, none) = (Vec::new(), Directives::default());
        let directives = keep(&mut problems, patch.directives_in(path)).unwrap_or(&none);
        // If the text is as it was locked, its line is trusted.
        let unchanged = locked.filter(|locked| locked.checksum == patch.checksum());
        let tokens = unchanged.map_or_else(|| sql::checksum(text, directives), |locked| locked.tokens);
        if let Some(locked) = locked.filter(|locked| locked.tokens != tokens)
            && !self.lock.accepts(version, locked.tokens, tokens)
        {
            return Err(edited_text(path, text, version));
        }
        let kind = patch.kind();
        let rules = Rules { file: path, text, kind, role, version, directives, locked: !draft };
        let script = Script::parse(text);
        // A text that was accepted when it was locked stays accepted: another release may have more rules.
        if unchanged.is_none() {
            problems.extend(sql::check(&rules, &script));
        }
        if let Some(levels) = self.lint.filter(|_| locked.is_none() && role == FileRole::Up) {
            problems.extend(self.hazards(&rules, &script, levels));
        }
        let outline = match kind == Kind::Std && !self.replicated {
            true => Outline::default(),
            false => sql::outline(text, &script, directives),
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
        let earlier = || earlier_texts(self.source, version);
        let lint = Lint { file, text, kind, directives, levels, earlier: &earlier };
        let LintResult { hazards, unknown, .. } = lint.check(script);
        let refused = hazards.into_iter().filter(|(_, level, _)| *level == LintLevel::Refuse).collect();
        group_hazards(refused).into_iter().map(|found| found.problem).chain(unknown).collect()
    }
}

/// The directives that have no effect on facts.
fn without_effect(path: &str, heading: &str) -> Vec<Error> {
    let allow =
        ("allow", "remove it: the lint does not check facts, which are deployed without long locks anyway");
    let batch = ("batch", "a batched patch is of kind `concurrent`, and has exactly one UPDATE or DELETE");
    let kind = ("kind", "remove it: a patch whose body is facts is a `std` one");
    let empty = ("empty", "remove it: a patch with facts has no statement that it could apply to");
    let found = [allow, batch, kind, empty].into_iter().flat_map(|(key, help)| {
        let message = format!("`{key}` has no effect in a patch whose body is facts");
        let problem = move |place| Error::new(ErrorKind::Directive, message.clone()).at(place).help(help);
        directive::places(path, heading, key).map(problem)
    });
    found.collect()
}

/// The patch with the kind that its directives give it, which only a way back may do.
fn with_kind(patch: Patch, role: FileRole, path: &str) -> Patch {
    let stated = match role {
        // A malformed directive is reported later, with all others.
        FileRole::Down => patch.directives_in(path).ok().and_then(|directives| directives.kind),
        FileRole::Up | FileRole::Baseline => None,
    };
    match stated {
        Some(kind) => patch.with_kind(kind),
        None => patch,
    }
}

fn edited(path: &str, version: Version) -> Error {
    Error::new(ErrorKind::Edited, format!("patch `{version}` was edited after it was locked")).at(Place::file(path)).help(
        format!(
            "{RESTORE}\n\
             or, if the edit changes nothing in effect: `cargo migrate lock --accept {version} --reason \"…\"`"
        ),
    )
}

/// The same, with what the edit broke: a formatter may have joined two lines.
fn edited_text(path: &str, text: &str, version: Version) -> Error {
    let script = Script::parse(text);
    let edited = edited(path, version);
    let broken: Vec<Error> = sql::syntax(path, text, &script).collect();
    if broken.is_empty() {
        return edited;
    }
    let edited = edited.note("the text does not parse any more").help(RESTORE);
    let all = std::iter::once(edited).chain(broken);
    Error::all(all).unwrap_or_else(|| self::edited(path, version))
}

const RESTORE: &str = "restore the file with git, and put the change into a new patch (`cargo migrate new`)";

fn changed_kind(path: &str, entry: &LockEntry) -> Error {
    let message =
        format!("patch `{}` is locked as {}, and its file says otherwise", entry.version, entry.kind);
    Error::new(ErrorKind::Edited, message)
        .at(Place::file(path))
        .help(format!("name the file `{}` again", entry.file))
}
