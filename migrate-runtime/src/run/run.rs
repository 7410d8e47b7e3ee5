use std::time::{Duration, Instant};

use embed_migrate_core::{Bundle, BundleHead, BundlePosition, HISTORY_BUNDLE, Plan};

use super::context::RunContext;
use super::taken_backup::Backup;
use crate::history::records::bundle_record::{BundleRecord, stops_short};
use crate::pipeline::transaction_frame::TransactionFrame;
use crate::report::facts_status::FactsStatus;
use crate::report::patch_status::PatchStatus;
use crate::report::report::Report;
use crate::session::reset::PreparedStatements;
use crate::session::session::Session;

/// A run that has the lock.
pub(crate) struct Run<'a> {
    pub(crate) context: &'a RunContext<'a>,
    /// The records that were read before we had the lock.
    pub(crate) recorded: Vec<BundleRecord>,
    pub(crate) started: Instant,
    pub(crate) applied: Vec<PatchStatus>,
    pub(crate) facts: Vec<FactsStatus>,
    /// Whether rows arrive by replication. Then the statements of concurrent patches that change rows are skipped.
    pub(crate) follows: bool,
    /// The node on which the run works, if that is not the server that the run was given.
    pub(crate) node: Option<String>,
    pub(crate) backup: Backup,
    /// Whether what is pending was shown.
    pub(crate) shown: bool,
    /// What create trees did.
    pub(crate) created: Vec<String>,
    /// What happens to statements that SQL prepares.
    pub(crate) prepared: PreparedStatements,
}

impl<'a> Run<'a> {
    pub(crate) fn new(context: &'a RunContext<'a>, recorded: Vec<BundleRecord>) -> Run<'a> {
        Run {
            context,
            recorded,
            started: Instant::now(),
            applied: Vec::new(),
            facts: Vec::new(),
            follows: false,
            node: None,
            backup: Backup::default(),
            shown: false,
            created: Vec::new(),
            prepared: PreparedStatements::Refused,
        }
    }

    pub(crate) fn frame<'f>(&'f self, session: &Session) -> TransactionFrame<'f> {
        TransactionFrame { prepared: self.prepared, ..self.context.frame(session) }
    }

    /// How the scripts of a pipeline are wrapped.
    pub(crate) fn pipeline_frame<'f>(&'f self, session: &Session) -> TransactionFrame<'f> {
        TransactionFrame { gate: session.server.gate(), ..self.frame(session) }
    }

    /// Whether the bundle's record has to be written again: patches are pending, or an edit was accepted.
    pub(crate) fn has_changed(&self, position: &BundlePosition<'_>) -> bool {
        let targets = &self.context.options.targets;
        let is_recorded = |recorded: &BundleRecord| recorded.has_patches(position.bundle, targets);
        let name = position.bundle.name();
        let mut recorded = self.recorded.iter().filter(|recorded| recorded.name == *name);
        position.pending > 0 || !recorded.next().is_some_and(is_recorded) || recorded.next().is_some()
    }

    /// The bundles whose facts the database did not have when we looked.
    pub(crate) fn without_facts(&self) -> Vec<&'a Bundle> {
        let has = |bundle: &Bundle| {
            if self.context.options.facts_again {
                return false;
            }
            let mut recorded = self.recorded.iter();
            recorded.any(|recorded| recorded.name == bundle.name() && recorded.has_facts(bundle))
        };
        let bundles = self.context.bundles.iter().copied();
        let targets = &self.context.options.targets;
        bundles
            .filter(|bundle| bundle.facts().is_some() && !stops_short(bundle, targets) && !has(bundle))
            .collect()
    }

    /// The bundle for which the record keeps the catalog: the last one that has facts. `None` if facts are still to be
    /// deployed, because their deployment keeps the catalog as well.
    pub(crate) fn to_keep_for(&self) -> Option<&Bundle> {
        let mut bundles = self.context.bundles.iter().copied();
        bundles.rfind(|bundle| bundle.facts().is_some()).filter(|_| self.without_facts().is_empty())
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.applied.iter().map(|done| format!("{} {}", done.bundle, done.version)).collect()
    }

    pub(crate) fn report(&self, plan: &Plan<'_>) -> Report {
        let positions = plan.bundles.iter().filter(|position| position.bundle.name() != HISTORY_BUNDLE);
        let bundles = positions.map(|position| {
            BundleHead::new(position.bundle.name(), position.target, !position.ahead.is_empty())
        });
        Report {
            applied: self.applied.clone(),
            facts: self.facts.clone(),
            bundles: bundles.collect(),
            left: plan.left.iter().map(|step| PatchStatus::pending(*step)).collect(),
            notes: plan.notes.clone(),
            elapsed: Duration::ZERO,
        }
    }
}

/// Whether a step is the first of its bundle. The steps of one bundle follow one another.
pub(crate) fn begins(plan: &Plan<'_>, index: usize) -> bool {
    let bundle = |index: usize| plan.steps.get(index).map(|step| step.bundle.name());
    index.checked_sub(1).and_then(bundle) != bundle(index)
}
