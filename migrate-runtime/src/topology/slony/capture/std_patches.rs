use std::time::Instant;

use embed_migrate_core::{
    Class, Error, ErrorKind, HISTORY_BUNDLE, Kind, Patch, Result, Statement, Step, words,
};

use super::capture::PatchCapture;
use super::captured_setting::{CapturedSetting, loosens, renames, stands_alone};
use crate::pipeline::patch_failure;
use crate::pipeline::transaction_frame::TransactionFrame;
use crate::report::event::Event;
use crate::report::patch_status::PatchStatus;
use crate::session::reset::PreparedStatements;
use crate::topology::slony::direct::{again, leads, listed};
use crate::topology::slony::locked_nodes::{LockedNodes, TargetPatch};

impl LockedNodes<'_> {
    /// Captures std patches on the origin, and waits until every node has them.
    ///
    /// # Errors
    ///
    /// A patch that the origin refuses, with what was applied before it; `SlonyNode` for nodes that don't have them in time.
    pub(crate) async fn captured(&mut self, goals: &[TargetPatch]) -> Result<()> {
        let plan = self.origin.pending()?;
        // What was captured by an earlier run is everywhere before anything else is: a node that lacks it for another
        // reason would stop at what comes next.
        let earlier: Vec<TargetPatch> =
            goals.iter().filter(|goal| goal.step(&plan).is_none()).cloned().collect();
        if !earlier.is_empty() {
            self.wait_until_current().await?;
            self.read().await?;
            self.arrived(&earlier)?;
        }
        let steps: Vec<&Step<'_>> =
            goals.iter().filter_map(|goal| goal.step(&plan)).map(|(_, step)| step).collect();
        let mut before: Option<&str> = None;
        for (index, step) in steps.iter().enumerate() {
            self.capture(step, before != Some(step.bundle.name())).await?;
            before = Some(step.bundle.name());
            let alone = |statement: Statement| {
                stands_alone(&statement, step.patch.text().get(statement.range.clone()).unwrap_or_default())
            };
            if index + 1 < steps.len() && step.patch.outline().statements().any(alone) {
                self.wait_until_current().await?;
            }
        }
        if steps.is_empty() {
            return Ok(());
        }
        self.wait_until_current().await?;
        self.read().await?;
        self.arrived(goals)
    }

    async fn read(&mut self) -> Result<()> {
        for node in self.nodes.iter_mut().chain([&mut self.origin]) {
            node.read().await?;
        }
        Ok(())
    }

    /// As [`LockedNodes::confirmed`], with what was applied if it fails.
    async fn wait_until_current(&self) -> Result<()> {
        let names = self.origin.member.run.names();
        self.confirmed().await.map_err(|error| error.applied(names))
    }

    async fn capture(&mut self, step: &Step<'_>, begins: bool) -> Result<()> {
        let started = Instant::now();
        let member = &self.origin.member;
        let given = member.run.context.options;
        // The connected role captures; new objects are given to the other role afterwards.
        let mut options = given.clone();
        let role = options.role.take();
        options.trust.extend(role);
        let frame = TransactionFrame {
            options: &options,
            prepared: PreparedStatements::Dropped,
            ..member.run.context.frame(&member.session)
        };
        let directives = step.patch.directives()?;
        self.untrusted_check(step).await.map_err(|error| error.applied(member.run.names()))?;
        given.tell(&Event::Node { name: member.name.clone() });
        let mut tries = 0;
        loop {
            let capture = PatchCapture { locked: self, frame: &frame, step, directives };
            let Err(refused) = capture.carry_out(begins).await else { break };
            let own = member.run.frame(&member.session);
            let tried = again(&member.session, given, &own, step, refused, &mut tries).await;
            tried.map_err(|error| member.on(error.applied(member.run.names())))?;
        }
        if step.bundle.name() == HISTORY_BUNDLE {
            return Ok(());
        }
        let (patch, elapsed) = (PatchStatus::applied(*step), started.elapsed());
        given.tell(&Event::Applied { patch: patch.clone(), elapsed });
        self.origin.member.run.applied.push(patch);
        Ok(())
    }

    /// Refuses to continue if a node has confirmed but does not have the captured patch.
    fn arrived(&self, goals: &[TargetPatch]) -> Result<()> {
        let mut problems = Vec::new();
        for node in &self.nodes {
            let plan = node.pending()?;
            let missing = goals.iter().filter(|goal| goal.step(&plan).is_some());
            let missing: Vec<_> = missing.map(|goal| (goal.bundle.clone(), goal.version)).collect();
            if missing.is_empty() {
                continue;
            }
            let message = format!(
                "node `{}` has confirmed everything, and its history lacks {}",
                node.name(),
                listed(&missing)
            );
            problems.push(Error::new(ErrorKind::Node, message).help(
                "was the node added or restored since? docs/operations.md, `Slony`, describes how to copy the history to it",
            ));
        }
        Error::all(problems).map_or(Ok(()), Err)
    }

    /// Refuses what can't be done on a cluster, before anything is started.
    pub(crate) async fn check(&self, goals: &[TargetPatch]) -> Result<()> {
        let mut problems: Vec<Error> =
            self.with_facts().into_iter().map(|bundle| facts(bundle.name())).collect();
        let plans = self.nodes.iter().chain([&self.origin]).map(|node| node.pending());
        let plans = plans.collect::<Result<Vec<_>>>()?;
        for goal in goals.iter().filter(|goal| goal.bundle != HISTORY_BUNDLE) {
            let Some((_, step)) = plans.iter().find_map(|plan| goal.step(plan)) else { continue };
            match step.patch.kind() {
                _ if step.patch.is_facts() => problems.push(facts(step.patch.file())),
                Kind::Std => problems.extend(uncapturable(step)),
                Kind::Direct => {
                    problems.extend(self.rows(step).await?.0);
                    problems.extend(self.reshaped(step).await?);
                    problems.extend(unordered(step));
                    problems.extend(torn(step, false));
                }
                Kind::Concurrent => {
                    let (replicated, others) = self.rows(step).await?;
                    problems.extend(mixed(step, &replicated, others));
                    problems.extend(self.reshaped(step).await?);
                    problems.extend(unordered(step));
                    problems.extend(torn(step, !replicated.is_empty()));
                }
            }
        }
        Error::all(problems).map_or(Ok(()), Err)
    }

    /// Whether a concurrent patch changes rows of replicated tables, which only the origin may.
    pub(crate) async fn changes_replicated(&self, goal: &TargetPatch) -> Result<bool> {
        for node in self.nodes.iter().chain([&self.origin]) {
            if let Some((_, step)) = goal.step(&node.pending()?) {
                return Ok(!self.rows(step).await?.0.is_empty());
            }
        }
        Ok(false)
    }

    /// The statements of a patch that change rows of replicated tables, as what is to be said of them if they may not;
    /// and how many change rows of others.
    async fn rows(&self, step: &Step<'_>) -> Result<(Vec<Error>, usize)> {
        let (mut replicated, mut others) = (Vec::new(), 0);
        let path = self.origin.member.run.frame(&self.origin.member.session).path(step.bundle);
        for statement in step.patch.outline().statements() {
            let writes = [Class::Rows, Class::Batch].contains(&statement.class);
            let target = step.patch.text().get(statement.target.clone()).unwrap_or_default();
            if !writes || target.is_empty() {
                continue;
            }
            if !self.writes_to(target, &path).await?.0 {
                others += 1;
                continue;
            }
            let message = format!(
                "patch `{}` of `{}` changes rows of `{target}`, which is replicated",
                step.patch.version(),
                step.bundle.name()
            );
            replicated.push(
                Error::new(ErrorKind::Unsupported, message)
                    .at(patch_failure::place_at(step, statement.range.start))
                    .note("Slony refuses changes of these rows on a subscriber, and replicates them itself")
                    .help("put the statement into a std patch, which changes them on the origin"),
            );
        }
        Ok((replicated, others))
    }

    /// What to say of rows that are written through a view.
    pub(crate) fn through_view(&self, step: &Step<'_>, statement: &Statement, view: &str) -> Error {
        let message = format!(
            "patch `{}` of `{}` writes to the view `{view}`, and the rows that this changes are not known",
            step.patch.version(),
            step.bundle.name()
        );
        Error::new(ErrorKind::Unsupported, message)
            .at(patch_failure::place_at(step, statement.range.start))
            .help("on a Slony cluster, name the table: if it is replicated, its rows are sent to the subscribers, and otherwise the statement")
    }
}

/// Refuses a concurrent patch of which the subscribers would have to carry out some changes of rows and not others.
fn mixed(step: &Step<'_>, replicated: &[Error], others: usize) -> Option<Error> {
    if replicated.is_empty() || others == 0 {
        return None;
    }
    let message = format!(
        "patch `{}` of `{}` changes rows of replicated tables and of others",
        step.patch.version(),
        step.bundle.name()
    );
    Some(
        Error::new(ErrorKind::Unsupported, message)
            .at(patch_failure::place_at(step, 0))
            .note("the first are changed on the origin and travel; the others are changed on each node")
            .help("make two patches of it"),
    )
}

/// Refuses what no order of the nodes makes safe, while rows travel between them: a new name or type; and what takes
/// something away outside a transaction, where nothing can be checked before it is done.
fn unordered(step: &Step<'_>) -> Vec<Error> {
    let (version, bundle) = (step.patch.version(), step.bundle.name());
    let refused = step.patch.outline().statements().filter(|statement| {
        let text = step.patch.text().get(statement.range.clone()).unwrap_or_default();
        let alone = step.patch.kind() == Kind::Concurrent;
        // What only changes the columns of a table is harmless if that table is in no set, which was asked before.
        statement.class == Class::Drop && statement.target.is_empty() && (alone || renames(text))
    });
    let problem = |statement: Statement| {
        let message = format!(
            "patch `{version}` of `{bundle}` is {}, and drops, renames or retypes",
            step.patch.kind()
        );
        Error::new(ErrorKind::Unsupported, message)
            .at(patch_failure::place_at(step, statement.range.start))
            .note("rows that are being replicated have either the old columns or the new ones")
            .help("put the statement into a std patch: it takes effect on each node in order with the rows")
    };
    refused.map(problem).collect()
}

/// Refuses a patch that would have to go on the origin first for one statement, and on the subscribers first for another;
/// `follows` if it runs on the origin first for the rows that it changes.
fn torn(step: &Step<'_>, follows: bool) -> Option<Error> {
    let text = |statement: &Statement| step.patch.text().get(statement.range.clone()).unwrap_or_default();
    let loosens = step.patch.outline().statements().find(|statement| loosens(text(statement)))?;
    if !follows && !leads(step.patch) {
        return None;
    }
    let message = format!(
        "patch `{}` of `{}` is {}, and no order of the nodes is right for all of it",
        step.patch.version(),
        step.bundle.name(),
        step.patch.kind()
    );
    Some(
        Error::new(ErrorKind::Unsupported, message)
            .at(patch_failure::place_at(step, loosens.range.start))
            .note("this runs on the subscribers first, for rows that need it; other statements that drop, restrict or change rows run on the origin first")
            .help("make two patches of it, or a std patch, which takes effect on each node in order with the rows"),
    )
}

/// Why a std patch can't be captured, if it can't.
fn uncapturable(step: &Step<'_>) -> Vec<Error> {
    let (version, bundle) = (step.patch.version(), step.bundle.name());
    let statements: Vec<Statement> = step.patch.outline().statements().collect();
    if statements.is_empty() && !is_empty(step.patch) {
        let message =
            format!("patch `{version}` of `{bundle}` can't be captured: its statements are not known");
        return vec![
            Error::new(ErrorKind::Unsupported, message)
                .note("changes of replicated tables are sent as rows, all others as statements")
                .help("write `replicated: true` in bundle.yaml, and build again: the statements of std patches are embedded then"),
        ];
    }
    let problem = |statement: &Statement| {
        let text = step.patch.text().get(statement.range.clone()).unwrap_or_default();
        let CapturedSetting::Refused(why) = CapturedSetting::of(statement, text) else { return None };
        let message = format!("a statement of patch `{version}` of `{bundle}` can't be captured: {why}");
        Some(
            Error::new(ErrorKind::Unsupported, message)
                .at(patch_failure::place_at(step, statement.range.start))
                .help("it is not possible on a Slony cluster; change owners with `ALTER … OWNER TO`"),
        )
    };
    statements.iter().filter_map(problem).collect()
}

/// Whether it has nothing but comments.
fn is_empty(patch: &Patch) -> bool {
    words(patch.text()).iter().all(|word| word == ";")
}

fn facts(what: &str) -> Error {
    let message = format!("the facts of `{what}` can't be deployed on a Slony cluster");
    Error::new(ErrorKind::Unsupported, message)
        .note("the changes of facts are planned from the origin's catalog, and would be made on the origin only")
        .help("write it as a patch: `cargo migrate deploy --dry-run` against a copy shows the SQL")
}
