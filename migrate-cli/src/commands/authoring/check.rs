use std::path::Path;

use clap::Args;
use embed_migrate_core::{
    Bundle, DeclaredSchema, Error, ErrorKind, Finding, Findings, LOCK_FILE, LockFile, Patch, Place, Result,
};

use crate::directory::label::label;
use crate::directory::lock_file::lock_text;
use crate::directory::options::DirectoryOptions;
use crate::output::diagnostic::{Severity, print_problem};
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::print;

/// `check`: the checks of the macro.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Check {
    /// For CI: also refuse drafts, and a lock file that `cargo migrate lock` would change
    #[arg(long)]
    locked: bool,
    /// Also list the hazards of locked patches, which were accepted when the patches were locked
    #[arg(long)]
    all: bool,
    /// The directories.
    #[command(flatten)]
    directory: DirectoryOptions,
}

impl Check {
    pub(crate) fn run(&self, bundles: &[&Bundle]) -> Result<Exit> {
        self.directory.each(bundles, |path| self.one(path))?;
        Ok(Exit::Done)
    }

    fn one(&self, path: &Path) -> Result<()> {
        let text = lock_text(path)?;
        LockFile::resolved(&label(&path.join(LOCK_FILE)), &text)?;
        let bundle = self.directory.read(path, None).map_err(|error| counted(error, path))?;
        if self.locked {
            locked(&bundle, path, &text)?;
        }
        let findings = match self.all {
            true => Findings::of_all(path, &label(path))?,
            false => Findings::of_drafts(path, &label(path))?,
        };
        let rules = findings.by_rule();
        tell(findings);
        let drafts = drafts(&bundle).count();
        let patches = bundle.patches().len();
        let end = bundle.head().map_or(String::new(), |head| format!(", the last is {head}"));
        let drafts = if drafts == 0 { String::new() } else { format!(", drafts: {drafts}") };
        if let Some(rules) = rules {
            print::progress(format_args!("hazards by rule: {rules}"));
        }
        print::result(format_args!("{}: no problems; patches: {patches}{drafts}{end}", label(path)));
        Ok(())
    }
}

fn tell(findings: Findings) {
    for Finding { locked, problem, .. } in findings.hazards {
        print_problem(if locked { Severity::LockedHazard } else { Severity::Warning }, &problem, "\n");
    }
    findings
        .unused_allows
        .iter()
        .for_each(|unused_allows| print_problem(Severity::Note, unused_allows, "\n"));
}

/// Adds the number of hazards by rule, if a directory is refused because of hazards.
fn counted(error: Error, path: &Path) -> Error {
    if error.iter().all(|problem| problem.kind() != ErrorKind::Hazard) {
        return error;
    }
    let findings = Findings::of_drafts(path, &label(path)).ok();
    match findings.and_then(|findings| findings.by_rule()) {
        Some(rules) => error.and(Error::new(ErrorKind::Hazard, format!("hazards by rule: {rules}"))),
        None => error,
    }
}

fn drafts(bundle: &Bundle) -> impl Iterator<Item = &Patch> {
    bundle.patches().iter().chain(bundle.baseline()).filter(|patch| patch.is_draft())
}

fn locked(bundle: &Bundle, path: &Path, text: &str) -> Result<()> {
    let problems = drafts(bundle).map(|patch| {
        Error::new(ErrorKind::Unlocked, format!("patch `{}` is a draft", patch.version()))
            .at(Place::file(label(&path.join(patch.file()))))
            .help("run `cargo migrate lock` when it is ready to be released, and commit the lock file")
    });
    if let Some(error) = Error::all(problems) {
        return Err(error);
    }
    if let Some(error) = bundle.forged_lock_lines(&label(path)) {
        return Err(error);
    }
    if let Some(schema) = bundle.declared_schema().filter(|schema| schema.has_changed()) {
        return Err(without_patch(schema, path));
    }
    let empty = bundle.patches().is_empty() && bundle.baseline().is_none() && text.is_empty();
    // A lock file of an earlier release has no name: the next `lock` with a new patch writes it.
    let name = LockFile::parse_merged("", text)?.name.map(|_| bundle.name().to_string());
    if empty || (LockFile { name, ..LockFile::of(bundle)? }).to_string() == text {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Unlocked, "the lock file is out of date")
        .at(Place::file(label(&path.join(LOCK_FILE))))
        .help("run `cargo migrate lock`, and commit the lock file"))
}

/// A declared schema that no patch leads to, as far as the lock file tells.
fn without_patch(schema: &DeclaredSchema, path: &Path) -> Error {
    let file = schema.files.first().map_or("", |(file, _)| file.as_ref());
    let what = match schema.locked {
        Some(_) => "the declared schema was changed after the last patch was written from it",
        None => "no patch was written from the declared schema yet",
    };
    Error::new(ErrorKind::Unlocked, what).at(Place::file(label(&path.join(file)))).help(
        "run `cargo migrate diff SLUG`: it writes the patch, or only the lock file if nothing is missing",
    )
}
