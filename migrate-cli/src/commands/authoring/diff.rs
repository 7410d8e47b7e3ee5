use std::path::{Path, PathBuf};

use clap::Args;
use embed_migrate_cluster::{PatchProof, ProofOutcome, ProofPatch};
use embed_migrate_core::autogenerate::{
    LintContext, Ownership, PatchDraft, PatchPurpose, PlannedOperation, SplitContext, generated_rows, losses,
    operations, plain, split, way_back,
};
use embed_migrate_core::catalog::{CatalogObject, Difference, compare};
use embed_migrate_core::{Bundle, Error, ErrorKind, FileName, Result};
use embed_migrate_runtime::Settings;

use crate::autogenerate::diff_bundle::DiffBundle;
use crate::autogenerate::draft_files::{DraftFiles, renew};
use crate::autogenerate::schemas::{Schemas, Target};
use crate::autogenerate::{live_database, lost_rows};
use crate::directory::label::label;
use crate::directory::numbering::NumberingOptions;
use crate::directory::options::DirectoryOptions;
use crate::options::connection_url::parse;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::print;

/// `diff`: writes the patches that lead to what is declared.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Diff {
    /// A short name for the patch, such as `add-visit`: letters, digits, `-` and `_`
    #[arg(value_name = "SLUG", allow_hyphen_values = true)]
    slug: String,
    /// What is compared, and how it is written.
    #[command(flatten)]
    options: DiffOptions,
}

/// The options of `diff`, and of `revision --autogenerate`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DiffOptions {
    /// The database to start from, instead of what the patches make on a throwaway server
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// What to lead to, instead of the bundle's facts or its declared schema: a database, or the directory of another bundle
    #[arg(long, value_name = "URL|DIRECTORY")]
    to: Option<String>,
    /// Write one simple patch, whatever it locks
    #[arg(long)]
    plain: bool,
    /// Write the patch even if rows or values are lost
    #[arg(long)]
    allow_loss: bool,
    /// Write the patch even if it could not be proven, with what is left over as a comment
    #[arg(long)]
    keep: bool,
    /// Also change what other bundles own, and drop what no bundle declares
    #[arg(long)]
    all_bundles: bool,
    /// The schema of the history's tables (default: migrate)
    #[arg(long, value_name = "SCHEMA")]
    history_schema: Option<String>,
    /// Which version comes next.
    #[command(flatten)]
    numbering: NumberingOptions,
    /// The directories.
    #[command(flatten)]
    directory: DirectoryOptions,
}

impl Diff {
    pub(crate) async fn run(&self, bundles: &[&Bundle]) -> Result<Exit> {
        if !FileName::is_slug(&self.slug) {
            return Err(Error::new(ErrorKind::Name, format!("`{}` can't be part of a file name", self.slug))
                .help("a slug is letters, digits, `-` and `_`, such as `index-study-title`"));
        }
        self.options.write(&self.slug, bundles).await
    }
}

impl DiffOptions {
    /// Whether an option says what to compare, or how to write it.
    pub(crate) fn compares(&self) -> bool {
        let flags = [self.plain, self.allow_loss, self.keep, self.all_bundles];
        self.from.is_some() || self.to.is_some() || flags.contains(&true)
    }

    /// Which version comes next, and where.
    pub(crate) fn numbered(self) -> (NumberingOptions, DirectoryOptions) {
        (self.numbering, self.directory)
    }

    /// Compares, proves, and writes the patches.
    pub(crate) async fn write(&self, slug: &str, bundles: &[&Bundle]) -> Result<Exit> {
        let bundle = DiffBundle::read(&self.directory, bundles)?;
        let live = self.from.as_deref().map(parse).transpose()?;
        let target = self.target(&bundle)?;
        let history = self.history_schema.as_deref().unwrap_or("migrate");
        if let Some(live) = &live {
            live_database::has_all_patches(&bundle, live, history).await?;
        }
        let schemas = Schemas::make(&bundle, live.as_ref(), &target, history).await?;
        let work = Comparison {
            options: self,
            slug,
            bundle: &bundle,
            live: live.as_ref(),
            target: &target,
            history,
        };
        work.write(schemas).await
    }

    fn target(&self, bundle: &DiffBundle) -> Result<Target> {
        match &self.to {
            Some(to) if to.contains("://") || to.contains('=') => Ok(Target::Database(Box::new(parse(to)?))),
            Some(directory) => {
                let path = PathBuf::from(directory);
                let read = self.directory.bundle(&path)?;
                Ok(Target::Bundle(Box::new(read)))
            }
            None if bundle.bundle.facts().is_some() => Ok(Target::Facts),
            None if bundle.bundle.declared_schema().is_some() => Ok(Target::Declared),
            None => Err(undeclared(&bundle.path)),
        }
    }
}

fn undeclared(path: &Path) -> Error {
    Error::new(ErrorKind::Missing, format!("`{}` declares no schema", label(path))).help(
        "write the schema as facts into deploy.yaml, or in plain SQL into schema.sql; \
         or name what to lead to: `--to DATABASE_URL`, `--to DIRECTORY`",
    )
}

/// One run of `diff`.
struct Comparison<'a> {
    options: &'a DiffOptions,
    slug: &'a str,
    bundle: &'a DiffBundle,
    live: Option<&'a Settings>,
    target: &'a Target,
    history: &'a str,
}

impl Comparison<'_> {
    async fn write(&self, mut schemas: Schemas) -> Result<Exit> {
        let ownership = self.ownership(&schemas);
        if self.live.is_some() {
            live_database::has_no_drift(&schemas, &ownership)?;
        }
        let planned = operations(&schemas.from, &schemas.to, schemas.server.role());
        let (operations, left_alone) = ownership.own(planned.operations);
        tell_left_alone(&left_alone);
        let impossible: Vec<Difference> =
            planned.impossible.into_iter().filter(|difference| ownership.is_own(difference)).collect();
        if !impossible.is_empty() && !self.options.keep {
            return Err(cannot(&impossible));
        }
        if operations.is_empty() && impossible.is_empty() {
            schemas.server.stop().await?;
            return self.nothing();
        }
        if !self.options.allow_loss {
            lost_rows::refuse(&losses(&schemas.from, &operations), self.live).await?;
        }
        let drafts = self.drafts(&schemas, &operations)?;
        let outcome = self.prove(&mut schemas, &drafts, &ownership).await?;
        schemas.server.stop().await?;
        self.finish(drafts, outcome)
    }

    fn ownership(&self, schemas: &Schemas) -> Ownership {
        match self.options.all_bundles {
            true => Ownership::default(),
            false => Ownership::of(&schemas.from, &schemas.made, schemas.others.as_ref(), &schemas.to),
        }
    }

    fn drafts(&self, schemas: &Schemas, operations: &[PlannedOperation]) -> Result<Vec<PatchDraft>> {
        let lint = LintContext::read(&self.bundle.path, &label(&self.bundle.path))?;
        let context = SplitContext { from: &schemas.from, to: &schemas.to, lint: &lint };
        match self.options.plain {
            true => Ok(plain(context, operations)),
            false => split(context, operations),
        }
    }

    async fn prove(
        &self,
        schemas: &mut Schemas,
        drafts: &[PatchDraft],
        ownership: &Ownership,
    ) -> Result<ProofOutcome> {
        let patches: Vec<ProofPatch> = drafts.iter().map(proof_patch).collect();
        let statements: Vec<String> = patches.iter().flat_map(|patch| patch.statements.clone()).collect();
        let rows = generated_rows(&schemas.from, &statements);
        let Schemas { server, base, to, .. } = schemas;
        let role = server.role().to_owned();
        let proof = PatchProof {
            base,
            history: self.history,
            patches: &patches,
            rows: rows.into_iter().map(|rows| (rows.table, rows.inserts)).collect(),
            back: &|place, before, after| {
                let purpose = drafts.get(place).map_or(PatchPurpose::Plain, |draft| draft.purpose);
                let planned = operations(after, before, &role);
                match planned.impossible.first() {
                    Some(stays) => Err(format!("nothing takes back {}", stays.object)),
                    None => Ok(ProofPatch {
                        statements: way_back(after, before, &planned.operations, purpose),
                        kind: purpose.kind(),
                    }),
                }
            },
            residue: &|now| {
                let left = compare(to, now).into_iter();
                left.filter(|difference| !difference.is_column_order() && ownership.is_own(difference))
                    .collect()
            },
        };
        proof.run(server).await
    }

    fn finish(&self, mut drafts: Vec<PatchDraft>, outcome: ProofOutcome) -> Result<Exit> {
        let ProofOutcome { backs, residue, without_rows, .. } = outcome;
        if !residue.is_empty() && !self.options.keep {
            return Err(unproven(residue));
        }
        if let Some(first) = drafts.first_mut() {
            first.notes.extend(residue.iter().map(|error| format!("not proven: {}", error.message())));
        }
        let mut ways: Vec<Option<Vec<String>>> = Vec::new();
        for (draft, back) in drafts.iter_mut().zip(backs) {
            draft.irreversible = back.as_ref().err().cloned();
            ways.push(back.ok().map(|back| back.statements));
        }
        ways.resize(drafts.len(), None);
        let mut files =
            DraftFiles::new(&self.bundle.path, &self.options.numbering, self.slug, &drafts, &ways)?;
        if let Target::Declared = self.target {
            files.declare(self.bundle.bundle.declared_schema().map(|schema| schema.digest));
        }
        files.check(self.bundle.bundle.name())?;
        let written = files.write()?;
        written.iter().for_each(|path| print::result(label(path)));
        for (table, why) in without_rows {
            print::progress(format_args!("note: proven without rows in `{table}`: {why}"));
        }
        print::progress(match residue.is_empty() {
            true => "proven on a throwaway server: applied, taken back, and applied again",
            false => "not proven: what is left over is a comment in the first patch",
        });
        print::progress("read the drafts, then run `cargo migrate lock` and commit the files");
        Ok(Exit::Done)
    }

    fn nothing(&self) -> Result<Exit> {
        print::result("nothing to write: the patches lead there already");
        if let (Target::Declared, Some(schema)) = (self.target, self.bundle.bundle.declared_schema())
            && renew(&self.bundle.path, schema.digest)?
        {
            print::progress("migrations.lock has the digest of the declared schema: commit it");
        }
        Ok(Exit::Done)
    }
}

fn proof_patch(draft: &PatchDraft) -> ProofPatch {
    ProofPatch { statements: draft.statements.clone(), kind: draft.purpose.kind() }
}

fn tell_left_alone(objects: &[CatalogObject]) {
    for object in objects {
        print::progress(format_args!(
            "left alone: {object}, which this bundle does not own (`--all-bundles`)"
        ));
    }
}

fn cannot(differences: &[Difference]) -> Error {
    let error = Error::new(ErrorKind::Unsupported, "no statement leads to what is declared");
    let error = differences.iter().fold(error, |error, difference| error.note(difference.to_string()));
    error
        .note("nothing was written")
        .help("write this patch by hand; `--keep` writes the rest, and names these in a comment")
}

fn unproven(residue: Vec<Error>) -> Error {
    let error = Error::new(ErrorKind::Drift, "the patch is not proven");
    let error = residue.into_iter().fold(error, |error, left| {
        let told = left
            .contexts()
            .iter()
            .fold(left.message().to_owned(), |told, context| format!("{told} ({context})"));
        let error = error.note(told);
        left.notes().iter().fold(error, |error, note| error.note(note.to_string()))
    });
    error.note("nothing was written").help("`--keep` writes it, with what is left over as a comment")
}
