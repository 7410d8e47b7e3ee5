use std::collections::{BTreeMap, HashMap};

use super::fact_files::{FACTS, FactFiles};
use super::file_name::Name;
use super::lock_file::{Entry, LockFile, Locked};
use super::order;
use super::problems::keep;
use super::source::{File, Source};
use super::sql_files::earlier_texts;
use crate::bundle::{LOCK_FILE, MANIFEST};
use crate::error::{Error, ErrorKind, Place};
use crate::file::normalise;
use crate::patch::Role;
use crate::patch::heading;
use crate::patch::{Checksum, Directives, Kind, Patch, Version, directive};
use crate::sql::{self, Lint, LintResult, Rules, Script, group_hazards};
use crate::sql::{LintLevel, LintRule};
use crate::statement::Outline;

/// What a directory's files are.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) patches: Vec<Patch>,
    pub(crate) downs: Vec<Patch>,
    pub(crate) baseline: Option<Patch>,
}

/// The patches among a directory's files.
pub(crate) struct PatchFiles<'a> {
    source: &'a Source<'a>,
    lock: &'a LockFile,
    entries: HashMap<(bool, Version), &'a Entry>,
    /// Whether the statements of all patches must be known, and not only of those that are sent one by one.
    replicated: bool,
    /// `None` where nothing is refused.
    lint: Option<&'a BTreeMap<LintRule, LintLevel>>,
}

impl<'a> PatchFiles<'a> {
    pub(crate) fn new(
        source: &'a Source<'a>,
        lock: &'a LockFile,
        replicated: bool,
        lint: Option<&'a BTreeMap<LintRule, LintLevel>>,
    ) -> PatchFiles<'a> {
        let entries = lock.entries.iter().map(|entry| ((entry.baseline, entry.version), entry)).collect();
        PatchFiles { source, lock, entries, replicated, lint }
    }

    pub(crate) fn read(&self, files: &mut FactFiles, problems: &mut Vec<Error>) -> Found {
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
        let unread = &self.source.unread;
        named.extend(unread.iter().filter_map(|file| Some((Name::parse(&file.name).ok()?, file))));
        problems.extend(order::names(self.source, &named, self.lock));
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
        let name = Name { kind: kind(name, &path, &text), ..name };
        let checksum = match name.facts {
            true => files.frozen(self.source, &file.name)?,
            false => Checksum::of(text.as_bytes()),
        };
        let entry = self
            .entries
            .get(&(name.role == Role::Baseline, name.version))
            .filter(|entry| name.role != Role::Down && !self.is_locked_beside(entry, file));
        if let Some(entry) = entry.filter(|entry| entry.kind != name.kind && entry.locked.is_some()) {
            return Err(changed_kind(&path, entry));
        }
        let locked = entry.and_then(|entry| entry.locked.as_ref());
        // Of a way back no line is kept: it is locked with its patch.
        let up = self.entries.get(&(false, name.version)).filter(|_| name.role == Role::Down);
        let draft = locked.is_none() && up.is_none_or(|up| up.locked.is_none());
        let whole = name.kind == Kind::Std && (name.facts || !self.replicated);
        let unchanged = locked.filter(|locked| locked.checksum == checksum && whole);
        let (tokens, outline) = match unchanged {
            None if name.facts => {
                (self.checked_facts(&path, &text, name, checksum, locked)?, Outline::default())
            }
            // It was parsed when it was locked.
            Some(locked) => (locked.tokens, Outline::default()),
            None => self.checked(&path, &text, name, checksum, locked, draft)?,
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

    /// Whether the line is that of another file, which is there and claims the same version.
    fn is_locked_beside(&self, entry: &Entry, file: &File) -> bool {
        entry.file != file.name && self.source.file(&entry.file).is_some()
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
        checksum: Checksum,
        locked: Option<&Locked>,
        draft: bool,
    ) -> Result<(Checksum, Outline), Error> {
        // What else is wrong with it comes of that.
        if let Some(error) = Error::all(sql::foreign(path, text, name.role)).filter(|_| draft) {
            return Err(error);
        }
        let mut problems = Vec::new();
        let directives = keep(&mut problems, Directives::parse(path, text)).unwrap_or_default();
        // Of a text that is as it was locked, the line is believed, as it is where nothing is parsed.
        let unchanged = locked.filter(|locked| locked.checksum == checksum);
        let tokens = unchanged.map_or_else(|| sql::checksum(text, &directives), |locked| locked.tokens);
        if let Some(locked) = locked.filter(|locked| locked.tokens != tokens)
            && !self.lock.accepts(name.version, locked.tokens, tokens)
        {
            return Err(edited_text(path, text, name.version));
        }
        let rules = Rules {
            file: path,
            text,
            kind: name.kind,
            role: name.role,
            version: name.version,
            directives: &directives,
            locked: !draft,
        };
        let script = Script::parse(text);
        // What was accepted when it was locked stays so: another release may have more rules.
        if unchanged.is_none() {
            problems.extend(sql::check(&rules, &script));
        }
        // What is locked was accepted then: a rule that is new does not break it.
        if let Some(levels) = self.lint.filter(|_| locked.is_none() && name.role == Role::Up) {
            problems.extend(self.hazards(&rules, &script, levels));
        }
        let outline = match name.kind == Kind::Std && !self.replicated {
            true => Outline::default(),
            false => sql::outline(text, &script, &directives),
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

/// The directives of facts that nobody would heed.
fn without_effect(path: &str, heading: &str) -> Vec<Error> {
    let allow = (
        "allow",
        "remove it: facts are deployed with care by themselves, and the lint does not look at them",
    );
    let batch = ("batch", "a batched patch is of kind `concurrent` and holds one UPDATE or DELETE");
    let kind = ("kind", "remove it: a patch whose body is facts is a `std` one");
    let empty = ("empty", "remove it: what facts say is no statement");
    let found = [allow, batch, kind, empty].into_iter().flat_map(|(key, help)| {
        let message = format!("`{key}` has no effect in a patch whose body is facts");
        let problem = move |place| Error::new(ErrorKind::Directive, message.clone()).at(place).help(help);
        directive::places(path, heading, key).map(problem)
    });
    found.collect()
}

/// The kind by which a file is checked: that of its name, unless it is a way back that says another one.
fn kind(name: Name<'_>, path: &str, text: &str) -> Kind {
    let said = || Directives::parse(path, text).ok()?.kind;
    match name.role {
        Role::Down => said().unwrap_or(name.kind),
        Role::Up | Role::Baseline => name.kind,
    }
}

fn edited(path: &str, version: Version) -> Error {
    Error::new(ErrorKind::Edited, format!("patch `{version}` was edited after it was locked")).at(Place::file(path)).help(
        format!(
            "{RESTORE}\n\
             or, where the edit changes nothing in effect: `cargo migrate lock --accept {version} --reason \"…\"`"
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

fn changed_kind(path: &str, entry: &Entry) -> Error {
    let message =
        format!("patch `{}` is locked as {}, and its file says otherwise", entry.version, entry.kind);
    Error::new(ErrorKind::Edited, message)
        .at(Place::file(path))
        .help(format!("name the file `{}` again", entry.file))
}
