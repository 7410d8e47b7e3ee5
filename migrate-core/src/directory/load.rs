use std::path::Path;

use super::create;
use super::declared_schema;
use super::fact_files::FactFiles;
use super::lock_file::LockFile;
use super::manifest::{Manifest, NAME_FORM, is_bundle_name};
use super::patch_files::{DirectoryPatches, PatchFiles};
use super::problems::keep;
use super::source_directory::{SourceDirectory, SourceFile};
use super::stale_binary::locked_name;
use crate::bundle::{Bundle, BundleParts, FactsRevision, LOCK_FILE, MANIFEST};
use crate::error::{Error, ErrorKind, Place};
use crate::file::{normalise, read_file};
use crate::patch::{Checksum, Version};
use crate::sql;

impl Bundle {
    /// Reads and checks the bundle in a directory; `name` is its name if neither `bundle.yaml` nor the lock file gives one.
    ///
    /// The checks are those of `embed_migrations!()`. Patches that are not locked count as drafts.
    ///
    /// # Errors
    ///
    /// Every problem that the directory has, each with its place.
    pub fn read(directory: impl AsRef<Path>, name: &str) -> Result<Bundle, Error> {
        let directory = directory.as_ref();
        let label = directory.to_string_lossy();
        Ok(load(SourceDirectory::read(directory, label.trim_end_matches('/'))?, name, None, true)?.0)
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
        Ok(Bundle::read_warned(directory, label, name, lock)?.0)
    }

    /// The same, with what was read though it is not written as it should be, each with its place.
    ///
    /// # Errors
    ///
    /// Every problem that the directory has, each with its place.
    pub fn read_warned(
        directory: &Path,
        label: &str,
        name: &str,
        lock: Option<LockFile>,
    ) -> Result<(Bundle, Vec<Error>), Error> {
        load(SourceDirectory::read(directory, label)?, name, lock, true)
    }

    /// The same with files that the directory does not have yet: names and texts.
    ///
    /// # Errors
    ///
    /// Every problem that the directory would have with them, each with its place.
    #[doc(hidden)]
    pub fn read_with_files(
        directory: &Path,
        label: &str,
        name: &str,
        lock: LockFile,
        files: &[(String, String)],
    ) -> Result<Bundle, Error> {
        let mut source = SourceDirectory::read(directory, label)?;
        let files = files.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes()));
        source.files.extend(files.map(|(name, bytes)| SourceFile { name, bytes }));
        source.files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(load(source, name, Some(lock), true)?.0)
    }

    /// The same as if nothing were locked, and without the lint: what is locked may hold what it refuses.
    ///
    /// # Errors
    ///
    /// Every other problem that the directory has, each with its place.
    pub fn read_unlocked(directory: &Path, label: &str, name: &str) -> Result<Bundle, Error> {
        Ok(load(SourceDirectory::read(directory, label)?, name, Some(LockFile::default()), false)?.0)
    }

    /// The name that a directory gives its bundle: in its `bundle.yaml`, or else in its lock file.
    ///
    /// # Errors
    ///
    /// One of them can't be read or understood.
    pub fn declared_name(directory: impl AsRef<Path>) -> Result<Option<String>, Error> {
        let directory = directory.as_ref();
        if let Some((name, _)) = Bundle::manifest_name(directory, &directory.to_string_lossy())? {
            return Ok(Some(name));
        }
        let text = text(directory, LOCK_FILE)?;
        Ok(text.as_deref().and_then(locked_name).map(str::to_owned))
    }

    /// The name in a directory's `bundle.yaml`, and its place; `label` names the directory in messages.
    ///
    /// # Errors
    ///
    /// The file can't be read or understood.
    pub fn manifest_name(directory: &Path, label: &str) -> Result<Option<(String, Place)>, Error> {
        let Some(text) = text(directory, MANIFEST)? else { return Ok(None) };
        Ok(Manifest::parse(&format!("{label}/{MANIFEST}"), &text)?.name)
    }

    /// The locked patches whose tokens are not those that the lock file has, in a bundle that was read from a directory;
    /// `label` names it in messages.
    ///
    /// If the text has the checksum of its line, the tokens in that line are used: `cargo migrate lock` wrote
    /// them. This shows that nobody else did.
    pub fn forged_lock_lines(&self, label: &str) -> Option<Error> {
        let locked = self.patches().iter().chain(self.baseline()).filter(|patch| !patch.is_draft());
        let forged = locked.filter(|patch| {
            let generated = patch.directives().is_ok_and(|directives| {
                let sums = [sql::checksum, sql::former_checksum];
                sums.iter().any(|sum| sum(patch.text(), directives) == patch.tokens())
            });
            patch.file().ends_with(".sql") && !generated
        });
        let problems = forged.map(|patch| {
            let message =
                format!("the lock file's line of patch `{}` was not made from its file", patch.version());
            Error::new(ErrorKind::Edited, message)
                .at(Place::file(format!("{label}/{}", patch.file())))
                .note("the checksum of the text is right, and that of the tokens is another one")
                .help("restore the file and its line with git: only `cargo migrate lock` writes them")
        });
        Error::all(problems)
    }

    /// Checks the bundle in a directory that `include_dir!` embedded; `name` is its name if neither
    /// `bundle.yaml` nor the lock file gives one.
    ///
    /// This links the SQL and YAML parsers into the binary and runs them at every start, so
    /// `embed_migrations!()` is the better choice if a directory is not embedded already.
    ///
    /// # Errors
    ///
    /// Every problem that the directory has, each with its place.
    #[cfg(feature = "dir")]
    pub fn from_dir(directory: &include_dir::Dir<'_>, name: &str) -> Result<Bundle, Error> {
        Ok(load(SourceDirectory::embedded(directory), name, None, true)?.0)
    }
}

/// Makes a bundle of a directory's files, and returns warnings about them.
fn load(
    mut source: SourceDirectory<'_>,
    name: &str,
    lock: Option<LockFile>,
    lint: bool,
) -> Result<(Bundle, Vec<Error>), Error> {
    let mut problems = Vec::new();
    let manifest = keep(&mut problems, Manifest::read(&source)).unwrap_or_default();
    let lock = lock.unwrap_or_else(|| keep(&mut problems, LockFile::read(&source)).unwrap_or_default());
    // Without them, it is not known what is refused.
    let known = problems.is_empty() && ![MANIFEST, LOCK_FILE].iter().any(|name| source.is_unread(name));
    let lint = (lint && known).then_some(&manifest.lint);
    let name = keep(&mut problems, named(&source, &manifest, &lock)).flatten().unwrap_or(name).to_owned();
    if !is_bundle_name(&name) {
        problems.push(
            Error::new(ErrorKind::Format, format!("`{name}` is not a valid name for a bundle"))
                .help(NAME_FORM),
        );
    }
    if manifest.requires.contains(&name) {
        problems.push(
            Error::new(ErrorKind::Requires, format!("bundle `{name}` requires itself"))
                .at(Place::file(source.path(MANIFEST)))
                .help("name only others under `requires`"),
        );
    }
    let mut files = FactFiles::default();
    let replicated = manifest.replicated;
    let DirectoryPatches { patches, downs, baseline } =
        PatchFiles::new(&source, &lock, replicated, lint).read(&mut files, &mut problems);
    let facts = keep(&mut problems, files.declared(&source)).flatten();
    let declared = keep(&mut problems, declared_schema::read(&source, &lock)).flatten();
    let found = std::mem::take(&mut source.problems);
    if let Some(error) = Error::all(found.into_iter().chain(problems)) {
        return Err(error);
    }
    let warnings = std::mem::take(&mut files.warnings);
    let written = source.file(MANIFEST).map(|file| String::from_utf8_lossy(&file.bytes).into_owned().into());
    let bundle = Bundle::new(BundleParts {
        name: name.into(),
        separate: manifest.separate,
        requires: manifest.requires.into_iter().map(Into::into).collect::<Vec<_>>().into(),
        schema: manifest.schema.map(Into::into),
        trust: manifest.trust.into_iter().map(Into::into).collect::<Vec<_>>().into(),
        lock_timeout: manifest.lock_timeout,
        statement_timeout: manifest.statement_timeout,
        facts: facts.map(|digest| FactsRevision::of(digest, &lock.facts, manifest.verify_facts)),
        files: files.embedded(),
        baseline,
        create: None,
        declared: None,
        patches: patches.into(),
        downs: downs.into(),
        accepts: lock.accepts.clone().into(),
        digest: Checksum::new([0; 32]),
        directory: None,
        manifest: written,
        revision: None,
    });
    let digest = bundle.digest_at(Version::new(u32::MAX, 0, 0));
    let create = create::read(&source, &bundle, &lock)?;
    let bundle =
        bundle.with(|parts| (parts.digest, parts.create, parts.declared) = (digest, create, declared));
    Ok((bundle, warnings))
}

/// The text of a file in a directory, if it is there.
fn text(directory: &Path, file: &str) -> Result<Option<String>, Error> {
    let path = directory.join(file).display().to_string();
    match read_file(path.as_ref()) {
        Ok(bytes) => Ok(Some(normalise(&path, &bytes)?.into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let message = format!("cannot read `{path}`: {error}");
            Err(Error::new(ErrorKind::File, message).caused_by(error))
        }
    }
}

/// The name that the directory gives its bundle. That of the lock file stays, whatever the crate is called.
fn named<'a>(
    source: &SourceDirectory<'_>,
    manifest: &'a Manifest,
    lock: &'a LockFile,
) -> Result<Option<&'a str>, Error> {
    match (&manifest.name, &lock.name) {
        (Some((said, place)), Some(locked)) if said != locked => {
            let path = source.path(LOCK_FILE);
            let text =
                source.file(LOCK_FILE).map(|file| String::from_utf8_lossy(&file.bytes)).unwrap_or_default();
            let Place { file, line, column, .. } = LockFile::place_of_name(&path, &text);
            let locked_at = if line == 0 { file } else { format!("{file}:{line}:{column}") };
            let message = format!("bundle.yaml calls the bundle `{said}`, but it is locked as `{locked}`");
            Err(Error::new(ErrorKind::Identity, message)
                .at(place.clone())
                .note(format!("`{locked}` is in {locked_at}, and databases have its patches under that name"))
                .help(format!(
                    "write `name: {locked}` into bundle.yaml, or remove the key; \
                     `cargo migrate lock --rename {said}` changes the name"
                )))
        }
        (Some((said, _)), _) => Ok(Some(said)),
        (None, locked) => Ok(locked.as_deref()),
    }
}
