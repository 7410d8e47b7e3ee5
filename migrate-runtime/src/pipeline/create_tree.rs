use std::ops::Range;

use embed_migrate_core::{CreateTree, Error, ErrorKind, Place, Plan, Result, Step};

use super::patch_failure;
use super::script::Script;
use super::stop::{SentText, StopPosition};
use super::transaction_frame::TransactionFrame;
use crate::options::options::Options;
use crate::query::failure;
use crate::query::query_error::QueryError;
use crate::trust::untrusted_search;

/// The steps of a plan that a create tree does, all in the transaction of the first of them, rows and all: a crash leaves
/// all of it or nothing.
pub(crate) struct CreateTreeSteps<'p> {
    pub(crate) steps: Range<usize>,
    tree: &'p CreateTree,
    first: &'p Step<'p>,
}

/// The steps of a plan that create trees replace, if the options ask for create trees: for each bundle that has one,
/// and nothing in the history.
///
/// # Errors
///
/// `Unsupported` if the run is to apply only a part of the patches that a tree replaces.
pub(crate) fn created<'p>(options: &Options, plan: &'p Plan<'p>) -> Result<Vec<CreateTreeSteps<'p>>> {
    let mut found = Vec::new();
    if !options.create_tree {
        return Ok(found);
    }
    let fresh = plan.bundles.iter().filter(|position| position.head.is_none());
    for (bundle, tree) in fresh.filter_map(|position| Some((position.bundle, position.bundle.create_tree()?)))
    {
        let stands_for =
            |step: &Step<'_>| step.bundle.name() == bundle.name() && step.patch.version() <= tree.version();
        let mut steps = plan.steps.iter().enumerate().skip_while(|(_, step)| !stands_for(step));
        let Some((start, first)) = steps.next() else { continue };
        let more = steps.take_while(|(_, step)| stands_for(step)).count();
        let end = start + 1 + more;
        let reached = plan.steps.get(end - 1).is_some_and(|step| step.patch.version() == tree.version());
        if !reached || plan.left.iter().any(stands_for) {
            let message = format!(
                "the create tree of `{}` makes all up to `{}`, and less was asked for",
                bundle.name(),
                tree.version()
            );
            return Err(Error::new(ErrorKind::Unsupported, message)
                .help("remove the limits of the run, or create the database with the patches"));
        }
        found.push(CreateTreeSteps { steps: start..end, tree, first });
    }
    Ok(found)
}

impl CreateTreeSteps<'_> {
    /// What is sent instead of the patches.
    ///
    /// # Errors
    ///
    /// A malformed directive; never for patches that were checked when they were embedded.
    pub(crate) fn script(&self, frame: &TransactionFrame<'_>, plan: &Plan<'_>) -> Result<Script> {
        let text = self.tree.text();
        let (opening, before, after) = frame.around_text(self.first, true, &text)?;
        let mut rows = String::new();
        for step in plan.steps.get(self.steps.clone()).unwrap_or_default().iter().skip(1) {
            rows += &frame.row(step, step.min_app()?);
            rows += &frame.end(step);
        }
        let commit = frame.commit();
        let after = after.strip_suffix(commit).unwrap_or(&after);
        let event = frame.event("created", Some(self.first), &self.what());
        let after = format!("{after}{rows}{event}{commit}");
        Ok(Script { opening, ..Script::around(&before, &text, &after, 0) })
    }

    /// What it does, for a report.
    pub(crate) fn what(&self) -> String {
        let (bundle, version, digest) = (self.first.bundle.name(), self.tree.version(), self.tree.digest());
        format!("the create tree of `{bundle}` replaced all patches up to `{version}` ({digest})")
    }

    /// The place of a byte of its text.
    pub(crate) fn place(&self, offset: usize) -> Option<Place> {
        let (path, text, offset) = self.tree.locate(offset)?;
        let path = match self.first.bundle.directory() {
            Some(directory) => format!("{directory}/{path}"),
            None => path.to_owned(),
        };
        Some(Place::offset(path, text, offset))
    }

    /// Why the server refused it, and the place.
    pub(crate) fn failure(&self, script: &Script, error: QueryError) -> Error {
        let bundle = self.first.bundle;
        let error = match error {
            QueryError::Refused(error) => error,
            late => {
                return failure::own(&format!("the create tree of `{}` was running", bundle.name()), late);
            }
        };
        let Some(db) = error.as_db_error().filter(|db| !failure::is_gone(db.code())) else {
            return failure::lost(error).note(format!("the create tree of `{}` was running", bundle.name()));
        };
        if let Some(refusal) = untrusted_search::found(db.message()) {
            return refusal;
        }
        let message = format!("the create tree of `{}` failed: {}", bundle.name(), db.message());
        let mut described = failure::noted(failure::kind(db.code()), message, db);
        let stop = SentText::from(script).stop(db);
        if let StopPosition::Behind(statement) = stop {
            described = described.note(patch_failure::behind("all of its statements", statement));
        }
        if let StopPosition::At(offset) = stop
            && let Some(place) = self.place(offset)
        {
            described = described.at(place);
        }
        let help = failure::limit(db).unwrap_or(
            "nothing of it was applied: correct the tree, or create the database with the patches",
        );
        failure::caused(described.help(help), error, &script.sql)
    }
}
