use std::path::Path;

use clap::Args;
use embed_migrate_core::{
    Accept, Bundle, Error, ErrorKind, Finding, Findings, HISTORY_BUNDLE, LOCK_FILE, LockFile, NAME_FORM,
    Place, Result, Version, is_bundle_name,
};

use crate::directory::label::label;
use crate::directory::lock_file::{lock_text, write_lock_file};
use crate::directory::lock_merge;
use crate::directory::options::DirectoryOptions;
use crate::options::version_spec::VersionSpec;
use crate::output::diagnostic::print_warning;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::print;

/// `lock`: turns drafts into locked patches.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Lock {
    /// Accept the edit of a locked patch, which must not change what the patch does; `head` is the last patch
    #[arg(long, value_name = "VERSION", requires = "reason")]
    accept: Option<VersionSpec>,
    /// Why the edit does not change what the patch does, for reviewers
    #[arg(long, value_name = "TEXT", requires = "accept")]
    reason: Option<String>,
    /// Rename the bundle. Databases that have its patches keep them under the old name
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// The directories.
    #[command(flatten)]
    directory: DirectoryOptions,
}

impl Lock {
    pub(crate) fn run(&self, bundles: &[&Bundle]) -> Result<Exit> {
        if self.accept.is_some() {
            self.directory.path(bundles, "an edit to accept")?;
        }
        if self.rename.is_some() {
            self.directory.path(bundles, "another name")?;
        }
        self.directory.each(bundles, |path| self.one(path))?;
        Ok(Exit::Done)
    }

    fn one(&self, path: &Path) -> Result<()> {
        let mut lock = lock_merge::read(&label(&path.join(LOCK_FILE)), &lock_text(path)?)?;
        let last = lock.entries.iter().map(|entry| entry.version).max();
        let accepted = self.accept.map(|point| point.of(last)).transpose()?;
        if let (Some(version), Some(reason)) = (accepted, &self.reason) {
            let accept = self.accepted(path, &lock, version, reason)?;
            lock.accepts.push(accept);
        }
        let before = match lock.name.take() {
            Some(name) => Some(name),
            None => self.directory.named(path)?,
        };
        let name = match &self.rename {
            Some(new) => Some(renamed(path, new)?),
            None => before.clone(),
        };
        lock.name = name.clone();
        let bundle = self.directory.read(path, Some(lock))?;
        let written = write_lock_file(path, &LockFile { name: name.clone(), ..LockFile::of(&bundle)? })?;
        if let (Some(name), Some(before)) =
            (&self.rename, before.filter(|before| self.rename.as_ref() != Some(before)))
        {
            print::result(format_args!("renamed {before} to {name}"));
            print::progress(format_args!(
                "databases that have patches of `{before}` keep them under that name, and refuse `{name}`: \
                 see `--new-history`"
            ));
        }
        for patch in bundle.patches().iter().chain(bundle.baseline()).filter(|patch| patch.is_draft()) {
            print::result(format_args!("locked {} ({})", patch.version(), patch.file()));
        }
        let drafts: Vec<_> =
            bundle.patches().iter().filter(|patch| patch.is_draft()).map(|patch| patch.version()).collect();
        // Hazards for which `bundle.yaml` has `warn`: nobody is warned about them after this.
        for Finding { problem, .. } in Findings::of_versions(path, &label(path), &drafts)?.hazards {
            print_warning(&problem);
        }
        if let Some(facts) = bundle.facts().filter(|facts| facts.is_draft()) {
            print::result(format_args!("locked revision {} of the facts (deploy.yaml)", facts.number()));
        }
        if let Some(tree) = bundle.create_tree().filter(|tree| tree.is_draft()) {
            print::result(format_args!("locked the create tree at {} (create)", tree.version()));
        }
        let mut accepts = bundle.accepted_edits().iter().filter(|accept| Some(accept.version) == accepted);
        if let Some(accept) = accepts.next_back() {
            print::result(format_args!("accepted {} ({})", accept.version, accept.reason));
        }
        let file = label(&path.join(LOCK_FILE));
        print::progress(match written {
            true => format!("wrote {file}: commit it"),
            false => format!("{file} is up to date"),
        });
        Ok(())
    }

    /// The line that accepts the present text of a locked patch.
    fn accepted(&self, path: &Path, lock: &LockFile, version: Version, reason: &str) -> Result<Accept> {
        // A line of the lock file ends where the reason does.
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        if reason.is_empty() {
            return Err(Error::new(ErrorKind::Format, "`--reason` is empty")
                .help("say why the edit does not change what the patch does: `--reason \"…\"`"));
        }
        let file = label(&path.join(LOCK_FILE));
        let entry = lock.entry(version).ok_or_else(|| {
            Error::new(ErrorKind::Missing, format!("the lock file has no patch `{version}`"))
                .at(Place::file(&file))
        })?;
        let locked = entry.locked.ok_or_else(|| {
            Error::new(ErrorKind::Unlocked, format!("patch `{version}` is a draft"))
                .help("a draft may be edited freely: run `cargo migrate lock` without `--accept`")
        })?;
        // Every text is read again.
        let bundle = self.directory.read_unlocked(path)?;
        let new = bundle.target(version).map(|version| bundle.patch(version).map(|patch| patch.tokens()))?;
        match new {
            Some(new) if new != locked.tokens => {
                Ok(Accept { version, old: locked.tokens, new, reason: reason.into() })
            }
            Some(_) | None => Err(Error::new(
                ErrorKind::Edited,
                format!("there is nothing to accept: patch `{version}` is as it was locked"),
            )
            .help("comments and white space may change without `--accept`: run `cargo migrate lock`")),
        }
    }
}

/// The new name of the bundle in a directory.
fn renamed(path: &Path, new: &str) -> Result<String> {
    if !is_bundle_name(new) || new == HISTORY_BUNDLE {
        return Err(Error::new(ErrorKind::Name, format!("`{new}` can't be the name of a bundle"))
            .help(format!("{NAME_FORM}; `{HISTORY_BUNDLE}` is the history's own")));
    }
    match Bundle::manifest_name(path, &label(path))?.filter(|(said, _)| said != new) {
        None => Ok(new.to_owned()),
        Some((said, place)) => {
            Err(Error::new(ErrorKind::Identity, format!("bundle.yaml calls the bundle `{said}`"))
                .at(place)
                .help(format!("write `name: {new}` there, or remove the key; then run this again")))
        }
    }
}
