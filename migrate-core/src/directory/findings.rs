use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::lock_file::LockFile;
use super::manifest::Manifest;
use super::source_directory::SourceDirectory;
use super::sql_files::{SqlFile, earlier_texts, sql_files};
use crate::error::Error;
use crate::patch::{Directives, FileRole, Version};
use crate::sql::{GroupedHazards, Lint, LintLevel, LintResult, LintRule, Script, group_hazards};

/// What the lint finds in a directory, refused or not.
#[derive(Debug)]
pub struct Findings {
    /// The hazards that no directive allows and that `bundle.yaml` does not turn off.
    pub hazards: Vec<Finding>,
    /// `allow` directives of drafts that allow nothing.
    pub unused_allows: Vec<Error>,
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
    /// The lines of its hazards: more than three hazards of one rule in one patch are one finding.
    pub lines: Vec<u32>,
    /// Whether it is refused in a draft.
    pub level: LintLevel,
    /// What happens, the place, and the safe way.
    pub problem: Error,
}

impl Findings {
    /// The number of hazards by rule, the largest first: ``2863 of `index-not-concurrent`, 1 of `retype` ``; `None` if
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
    /// or no SQL, are skipped: `Bundle::read` reports them.
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
        let source = SourceDirectory::read(directory, label)?;
        let (manifest, lock) = (Manifest::read(&source)?, LockFile::read(&source)?);
        let locked: HashSet<Version> = lock
            .entries
            .iter()
            .filter(|entry| !entry.baseline && entry.locked.is_some())
            .map(|entry| entry.version)
            .collect();
        let mut findings = Findings { hazards: Vec::new(), unused_allows: Vec::new() };
        for SqlFile { name, path, text } in
            sql_files(&source).into_iter().filter(|file| file.name.role == FileRole::Up)
        {
            let locked = locked.contains(&name.version);
            if !wanted(name.version, locked) {
                continue;
            }
            let Ok(directives) = Directives::parse(&path, &text) else { continue };
            let earlier = || earlier_texts(&source, name.version);
            let (kind, levels) = (name.kind, &manifest.lint);
            let lint =
                Lint { file: &path, text: &text, kind, directives: &directives, levels, earlier: &earlier };
            let LintResult { hazards, unused_allows, .. } = lint.check(&Script::parse(&text));
            findings.hazards.extend(group_hazards(hazards).into_iter().map(
                |GroupedHazards { rule, level, lines, problem }| Finding {
                    version: name.version,
                    locked,
                    rule,
                    lines,
                    level,
                    problem,
                },
            ));
            if !locked {
                findings.unused_allows.extend(unused_allows);
            }
        }
        Ok(findings)
    }
}

/// What the lint knows of a directory: the texts of all its patches, and what its `bundle.yaml` says of rules.
///
/// # Errors
///
/// The directory or its `bundle.yaml` can't be read.
#[cfg(feature = "facts")]
pub(crate) fn lint_settings(
    directory: &Path,
    label: &str,
) -> Result<(Vec<String>, BTreeMap<LintRule, LintLevel>), Error> {
    let source = SourceDirectory::read(directory, label)?;
    let levels = Manifest::read(&source)?.lint;
    Ok((earlier_texts(&source, Version::new(u32::MAX, 0, 0)), levels))
}
