use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::fact_files::FACTS;
use super::file_name::Name;
use super::load::{lock_file, manifest};
use super::source::Source;
use crate::error::Error;
use crate::facts;
use crate::file::normalise;
use crate::patch::Role;
use crate::patch::{Directives, Version};
use crate::sql::{Gathered, Lint, Outcome, Script, gathered};
use crate::sql::{LintLevel, LintRule};

/// What the lint says of a directory and does not refuse.
#[derive(Debug)]
pub struct Findings {
    /// The hazards that no directive allows and that `bundle.yaml` does not turn off.
    pub hazards: Vec<Finding>,
    /// `allow` directives of drafts that allow nothing.
    pub idle: Vec<Error>,
}

/// What a rule found in a patch: one hazard, or the first of many.
#[derive(Debug)]
pub struct Finding {
    /// The patch.
    pub version: Version,
    /// Whether it is locked: then it is not refused.
    pub locked: bool,
    /// The rule that found it.
    pub rule: LintRule,
    /// The line of each hazard that it stands for: more than three of one rule in one patch are one finding.
    pub lines: Vec<u32>,
    /// What becomes of it in a draft.
    pub level: LintLevel,
    /// What happens, where, and the safe way.
    pub problem: Error,
}

impl Findings {
    /// How many hazards each rule found, the most first: ``2863 of `index-not-concurrent`, 1 of `retype` ``; `None` where
    /// there are less than two.
    pub fn by_rule(&self) -> Option<String> {
        let mut counts: BTreeMap<LintRule, usize> = BTreeMap::new();
        self.hazards.iter().for_each(|found| *counts.entry(found.rule).or_default() += found.lines.len());
        let mut counts: Vec<(LintRule, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let said: Vec<String> = counts.iter().map(|(rule, count)| format!("{count} of `{rule}`")).collect();
        let total: usize = counts.iter().map(|(_, count)| count).sum();
        (total > 1).then(|| said.join(", "))
    }

    /// Looks at the drafts of a directory, with `label` for the directory in messages. Files that are no patches,
    /// or no SQL, are passed over: `Bundle::read` tells them.
    ///
    /// # Errors
    ///
    /// The directory, its `bundle.yaml` or its lock file can't be read.
    pub fn of_drafts(directory: &Path, label: &str) -> Result<Findings, Error> {
        Findings::read(directory, label, |_, locked| !locked)
    }

    /// The same of all patches: some may have been locked before a rule was there.
    ///
    /// # Errors
    ///
    /// The directory, its `bundle.yaml` or its lock file can't be read.
    pub fn of_all(directory: &Path, label: &str) -> Result<Findings, Error> {
        Findings::read(directory, label, |_, _| true)
    }

    /// The same of these patches, whether they are locked or not.
    ///
    /// # Errors
    ///
    /// The directory, its `bundle.yaml` or its lock file can't be read.
    pub fn of_versions(directory: &Path, label: &str, versions: &[Version]) -> Result<Findings, Error> {
        Findings::read(directory, label, |version, _| versions.contains(&version))
    }

    fn read(
        directory: &Path,
        label: &str,
        wanted: impl Fn(Version, bool) -> bool,
    ) -> Result<Findings, Error> {
        let source = Source::read(directory, label)?;
        let (manifest, lock) = (manifest(&source)?, lock_file(&source)?);
        let locked: HashSet<Version> = lock
            .entries
            .iter()
            .filter(|entry| !entry.baseline && entry.locked.is_some())
            .map(|entry| entry.version)
            .collect();
        let mut findings = Findings { hazards: Vec::new(), idle: Vec::new() };
        for SqlFile { name, path, text } in
            scripts(&source).into_iter().filter(|file| file.name.role == Role::Up)
        {
            let locked = locked.contains(&name.version);
            if !wanted(name.version, locked) {
                continue;
            }
            let Ok(directives) = Directives::parse(&path, &text) else { continue };
            let earlier = || earlier(&source, name.version);
            let (kind, levels) = (name.kind, &manifest.lint);
            let lint =
                Lint { file: &path, text: &text, kind, directives: &directives, levels, earlier: &earlier };
            let Outcome { hazards, idle, .. } = lint.outcome(&Script::parse(&text));
            findings.hazards.extend(gathered(hazards).into_iter().map(
                |Gathered { rule, level, lines, problem }| Finding {
                    version: name.version,
                    locked,
                    rule,
                    lines,
                    level,
                    problem,
                },
            ));
            if !locked {
                findings.idle.extend(idle);
            }
        }
        Ok(findings)
    }
}

/// The texts of the patches before a version, in the order of their versions; of patches whose body is facts, what these say.
/// Before all stands what `deploy.yaml` says of domains: what it says of tables holds where the patches end.
pub(crate) fn earlier(source: &Source<'_>, version: Version) -> Vec<String> {
    let before = |name: &Name<'_>| name.role != Role::Down && name.version < version;
    let scripts = scripts(source).into_iter().filter(|script| before(&script.name));
    let mut texts: Vec<(Version, String)> =
        scripts.map(|script| (script.name.version, script.text)).collect();
    let frozen = source.files.iter().filter_map(|file| {
        let name = Name::parse(&file.name).ok().filter(|name| name.facts && before(name))?;
        let facts = facts::read(source.facts.as_ref(), &file.name).ok()?;
        Some((name.version, facts::as_sql(&facts)))
    });
    texts.extend(frozen);
    texts.sort_by_key(|(version, _)| *version);
    let declared = source.file(FACTS).and_then(|_| facts::read(source.facts.as_ref(), FACTS).ok());
    let domains = declared.map(|facts| facts::domains(&facts));
    domains.into_iter().chain(texts.into_iter().map(|(_, text)| text)).collect()
}

struct SqlFile<'a> {
    name: Name<'a>,
    path: String,
    text: String,
}

fn scripts<'a>(source: &'a Source<'_>) -> Vec<SqlFile<'a>> {
    let scripts = source.files.iter().filter_map(|file| {
        let name = Name::parse(&file.name).ok().filter(|name| !name.facts)?;
        let path = source.path(&file.name);
        let text = normalise(&path, &file.bytes).ok()?.into_owned();
        Some(SqlFile { name, path, text })
    });
    let mut scripts: Vec<SqlFile<'_>> = scripts.collect();
    scripts.sort_by_key(|script| script.name.version);
    scripts
}
