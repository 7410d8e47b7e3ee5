use std::time::Instant;

use embed_migrate_core::{Class, Error, Kind, Patch, Result, Statement, Step, Version};

use super::cluster::SlonyCluster;
use super::locked_nodes::{LockedNodes, TargetPatch};
use super::node::SlonyNode;
use crate::options::options::Options;
use crate::pipeline::execute::execute;
use crate::pipeline::notice_log::NoticeLog;
use crate::pipeline::patch_failure;
use crate::pipeline::script::Script;
use crate::pipeline::transaction_frame::TransactionFrame;
use crate::query::ask::with_timeout;
use crate::query::failure::may_pass;
use crate::query::query_error::QueryError;
use crate::report::event::Event;
use crate::report::lock_holder::LockHolder;
use crate::report::patch_status::PatchStatus;
use crate::session::reset::PreparedStatements;
use crate::session::session::Session;
use crate::topology::slony::capture::captured_setting::tightens;
use crate::topology::slony::tables::columns::{RESHAPED, reshaped, unchanged};
use crate::topology::slony::tables::tables::{CLOSING, DROPPED, dropped};

/// Why a patch is not in.
pub(crate) enum CaptureFailure {
    Server { script: Script, error: QueryError, blockers: Vec<LockHolder> },
    Wrong(Error),
}

impl From<Error> for CaptureFailure {
    fn from(error: Error) -> CaptureFailure {
        CaptureFailure::Wrong(error)
    }
}

/// Brings Slony's triggers in line with what was altered, and its names. Nothing is captured by it.
const ALTERED: &str = "SELECT {slony}.ddlscript_complete_int();\n";

impl<'a> LockedNodes<'a> {
    /// Applies a direct or concurrent patch on each node that lacks it.
    ///
    /// What is added must be on the subscribers before the origin logs rows that need it; what is dropped must be gone
    /// from the origin, and from all rows that are still being replicated, before it is dropped on the subscribers, and what
    /// restricts rows must hold for all of these. Rows that a concurrent patch changes are changed on the origin, and
    /// travel before the subscribers go on.
    pub(crate) async fn everywhere(&mut self, goal: &TargetPatch) -> Result<()> {
        let leads = goal.patch(&self.origin).is_some_and(leads);
        let follows = goal.kind == Kind::Concurrent && self.changes_replicated(goal).await?;
        for node in &mut self.nodes {
            node.member.run.follows = follows;
        }
        if !leads && !follows {
            self.on_subscribers(goal).await?;
            return self.on_origin(goal).await;
        }
        // Even if the origin has it: an earlier run may have been interrupted right here.
        self.on_origin(goal).await?;
        self.confirmed().await?;
        self.on_subscribers(goal).await
    }

    async fn on_origin(&mut self, goal: &TargetPatch) -> Result<()> {
        let closing = match goal.patch(&self.origin) {
            Some(_) => self.closing(&self.origin, goal)?,
            None => String::new(),
        };
        advance(&self.cluster, &mut self.origin, goal, closing).await
    }

    async fn on_subscribers(&mut self, goal: &TargetPatch) -> Result<()> {
        let closing = self.cluster.fill(&format!("{CLOSING}{ALTERED}"));
        for node in &mut self.nodes {
            advance(&self.cluster, node, goal, closing.clone()).await?;
        }
        Ok(())
    }

    /// What ends a direct patch's transaction on the origin.
    fn closing(&self, origin: &SlonyNode<'a>, goal: &TargetPatch) -> Result<String> {
        let plan = origin.pending()?;
        let Some((_, step)) = goal.step(&plan) else { return Ok(String::new()) };
        let frame = origin.member.run.frame(&origin.member.session);
        Ok(self.record_created_tables(&frame, step) + &self.cluster.fill(&format!("{CLOSING}{ALTERED}")))
    }
}

/// Whether a direct or concurrent patch runs on the origin before the subscribers, for what it drops or restricts.
pub(crate) fn leads(patch: &Patch) -> bool {
    let drops = |statement: &Statement| patch.kind() == Kind::Direct && statement.class == Class::Drop;
    patch.outline().statements().any(|statement| {
        drops(&statement) || tightens(patch.text().get(statement.range.clone()).unwrap_or_default())
    })
}

/// Applies a patch on one node, if it lacks it.
async fn advance(
    cluster: &SlonyCluster,
    node: &mut SlonyNode<'_>,
    goal: &TargetPatch,
    closing: String,
) -> Result<()> {
    let plan = node.pending()?;
    let Some((index, step)) = goal.step(&plan) else { return Ok(()) };
    if index > 0 {
        return Err(node.member.on(super::locked_nodes::apart(goal)));
    }
    let options = node.member.run.context.options;
    options.tell(&Event::Node { name: node.name().to_owned() });
    let name = node.name().to_owned();
    let done = match step.patch.kind() {
        Kind::Concurrent => node.member.run.concurrent(&mut node.member.session, step).await,
        Kind::Direct | Kind::Std => direct(cluster, node, step, closing).await,
    };
    done.map_err(|error| crate::topology::locked_node::on(&name, error))?;
    node.read().await.map(drop)
}

async fn direct(
    cluster: &SlonyCluster,
    node: &mut SlonyNode<'_>,
    step: &Step<'_>,
    closing: String,
) -> Result<()> {
    let started = Instant::now();
    let member = &mut node.member;
    let closing = closing + &unchanged(cluster, &member.session, member.run.context.options).await?;
    let frame = TransactionFrame {
        closing,
        prepared: PreparedStatements::Dropped,
        ..member.run.frame(&member.session)
    };
    let (source, options) = (member.run.context.source, member.run.context.options);
    let mut tries = 0;
    loop {
        let script = frame.script(step, true)?;
        let watch = member.session.watch(source, options, Some(step), &[]);
        let place = |offset| Some(patch_failure::place_at(step, offset));
        let said = NoticeLog::patch(options, step, &script, &place);
        let answer = watch.answer(execute(&member.session, &script));
        let (answer, blockers) = member.session.hear(Some(said), answer).await;
        let Err(error) = answer else { break };
        let refused = CaptureFailure::Server { script, error, blockers };
        again(&member.session, options, &frame, step, refused, &mut tries).await?;
    }
    let (patch, elapsed) = (PatchStatus::applied(*step), started.elapsed());
    options.tell(&Event::Applied { patch: patch.clone(), elapsed });
    member.run.applied.push(patch);
    Ok(())
}

/// Rolls back, and waits if a lock was not free.
///
/// # Errors
///
/// It was tried often enough, or something else is wrong.
pub(crate) async fn again(
    session: &Session,
    options: &Options,
    frame: &TransactionFrame<'_>,
    step: &Step<'_>,
    refused: CaptureFailure,
    tries: &mut u32,
) -> Result<()> {
    let usable = session.roll_back(options, frame.schema).await.is_ok();
    let error = match refused {
        CaptureFailure::Wrong(error) => error,
        CaptureFailure::Server { error, blockers, .. }
            if usable && passes(&error) && *tries < options.lock_retries =>
        {
            *tries += 1;
            options.retry(step, *tries, blockers).await;
            return Ok(());
        }
        CaptureFailure::Server { script, error, blockers } => describe(step, &script, error, &blockers),
    };
    if usable {
        // The error is reported whether or not it can be written to the history.
        let _ = with_timeout(options, session.simple_query(&frame.failed(step, error.message()))).await;
    }
    Err(error)
}

fn passes(error: &QueryError) -> bool {
    error.code().is_some_and(may_pass)
}

fn describe(step: &Step<'_>, script: &Script, error: QueryError, blockers: &[LockHolder]) -> Error {
    match error.as_db_error() {
        Some(db) if db.code().code() == DROPPED => dropped(step, db),
        Some(db) if db.code().code() == RESHAPED => reshaped(step, db),
        Some(db) if db.message().contains("cannot be modified on a subscriber node") => patch_failure::patch(
            step, script, error, blockers,
        )
        .help("rows of replicated tables are changed on the origin only: put the statement into a std patch"),
        _ => patch_failure::patch(step, script, error, blockers),
    }
}

/// The versions of goals, as errors list them.
pub(crate) fn listed(versions: &[(String, Version)]) -> String {
    let names: Vec<String> =
        versions.iter().map(|(bundle, version)| format!("`{bundle} {version}`")).collect();
    names.join(", ")
}
