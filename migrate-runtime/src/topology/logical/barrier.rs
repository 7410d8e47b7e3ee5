use std::time::{Duration, Instant};

use embed_migrate_core::{Class, Error, ErrorKind, Patch, Result, Step};
use futures_util::FutureExt;
use futures_util::future::join_all;

use super::catch_up::CatchUp;
use super::comparison::rewritten_tables::RewrittenSums;
use super::logical_replication::LogicalReplication;
use super::replication_rules::followed;
use super::subscriber_gate::SubscriberGate;
use super::uncommitted_patch::UncommittedPatch;
use crate::pipeline::execute::execute;
use crate::pipeline::notice_log::NoticeLog;
use crate::pipeline::patch_failure;
use crate::pipeline::script::Script;
use crate::pipeline::transaction_frame::TransactionFrame;
use crate::query::failure::may_pass;
use crate::report::event::Event;
use crate::report::lock_holder::LockHolder;
use crate::report::patch_status::PatchStatus;
use crate::session::reset::PreparedStatements;
use crate::topology::locked_node::LockedNode;

/// Leaves a transaction open that has done all but commit, so that nothing ends it before its time, and its commit finds
/// nothing to complain of and is on the disk when it is answered. It waits for no standby, while locks are held: that is
/// done after it.
const PARK: &str =
    "SET CONSTRAINTS ALL IMMEDIATE;\nSET LOCAL statement_timeout = 0;\nSET LOCAL synchronous_commit = local";

/// Why a patch is not in.
struct AttemptFailure {
    error: Error,
    /// Whether it may succeed later: a lock was held, or a subscriber was slow.
    passes: bool,
    blockers: Vec<LockHolder>,
}

impl From<Error> for AttemptFailure {
    fn from(error: Error) -> AttemptFailure {
        let passes = error.kind() == ErrorKind::Locked;
        AttemptFailure { error, passes, blockers: Vec::new() }
    }
}

impl<'a> LogicalReplication<'a> {
    /// Applies a std or direct patch on all nodes at the same moment.
    ///
    /// The publisher carries it out and does not commit, so that nobody writes to what it changes. Once the subscribers
    /// have confirmed all that was written before, they carry out what changes the schema, and hold back what comes
    /// next. Then the publisher commits, and they do: whatever order the rest arrives in, it fits.
    ///
    /// The publisher is first, for a subscriber that lacks a change waits with the rows that need it, and continues once
    /// it has it; one that has it too early could never take the rows of before.
    ///
    /// # Errors
    ///
    /// The server refuses the patch, on the node that it names; or a lock was not to be had, or a subscriber did not
    /// catch up, often enough.
    pub(super) async fn apply_everywhere(&mut self, step: &Step<'_>) -> Result<()> {
        let (started, mut tries) = (Instant::now(), 0);
        let options = self.node_set.origin.run.context.options;
        loop {
            let attempt = match self.attempt(step).await {
                Ok(parked) => self.commit(step, parked).await.map_err(AttemptFailure::from),
                Err(refused) => Err(refused),
            };
            self.members_mut().for_each(|member| member.session.busy = false);
            let Err(AttemptFailure { error, passes, blockers }) = attempt else { break };
            let usable = self.roll_back().await;
            tries += 1;
            if !passes || !usable || tries > options.lock_retries {
                return Err(self.note_who_has(step, error).await.applied(self.node_set.origin.run.names()));
            }
            options.retry(step, tries, blockers).await;
        }
        options.tell(&Event::Applied { patch: PatchStatus::applied(*step), elapsed: started.elapsed() });
        Ok(())
    }

    /// Has all nodes that lack a patch do all of it but its commit.
    async fn attempt<'s>(
        &mut self,
        step: &Step<'s>,
    ) -> std::result::Result<UncommittedPatch<'a>, AttemptFailure> {
        let Some(first) = self.node_set.origin.pending(step)? else {
            let nodes = self.follow(step, "", false).await?;
            return Ok(UncommittedPatch { nodes, ..UncommittedPatch::default() });
        };
        let (gate, slots) = (self.gate().await?, self.synchronous_slots().await?);
        let evaluation = self.node_set.origin.evaluation(step.bundle.schema().is_some()).await?;
        let limit = self.node_set.origin.patience(&first)?;
        // What is streamed is applied while the publisher is still at it, in parallel to what was committed.
        let eager = self.subscribed.iter().flatten().any(|subscription| subscription.eager);
        if eager {
            self.wait_for_subscribers(limit).await?;
            self.hold(step, &evaluation).await?;
        }
        let stored = self.lead(&first, &gate).await?;
        let taken = self.taken(&first, &gate).await?;
        self.one_phase(&first).await?;
        self.wait_for_subscribers(limit).await?;
        let nodes = self.follow(step, &evaluation, eager).await?;
        self.check_new_columns(&first, &nodes).await?;
        self.check_table_shapes(&first, &taken, &nodes).await?;
        self.check_rewritten_values(&first, &stored, &taken, &nodes).await?;
        Ok(UncommittedPatch { publisher: Some(first), nodes, slots, limit })
    }

    /// Lets the publisher run the whole patch except its commit, and computes checksums of the rewritten tables in between.
    async fn lead(
        &mut self,
        step: &Step<'_>,
        gate: &SubscriberGate,
    ) -> std::result::Result<RewrittenSums, AttemptFailure> {
        let origin = &mut self.node_set.origin;
        let scripts = origin.leading(step, gate)?;
        let mut stored = None;
        for script in &scripts {
            self.node_set.origin.work(step, script).await?;
            if stored.is_none() {
                stored = Some(self.stored(step).await?);
            }
        }
        Ok(stored.unwrap_or_default())
    }

    async fn wait_for_subscribers(&self, limit: Duration) -> std::result::Result<(), AttemptFailure> {
        match self.confirmed(limit).await? {
            CatchUp::Done => Ok(()),
            CatchUp::Behind(slots) => {
                Err(AttemptFailure { error: self.behind(&slots).await, passes: true, blockers: Vec::new() })
            }
        }
    }

    /// Has the nodes that lack a patch keep back what comes of it, before they carry it out.
    async fn hold(&mut self, step: &Step<'_>, evaluation: &str) -> std::result::Result<(), AttemptFailure> {
        let held = self.node_set.nodes.iter_mut().map(|node| {
            let held = async {
                let Some(step) = node.pending(step)? else { return Ok(()) };
                let (before, _) = node.following(&step, evaluation)?;
                let script = Script::around(&before, "", "", 0);
                node.work(&step, &script).await
            };
            held.boxed()
        });
        join_all(held).await.into_iter().collect()
    }

    /// Has the nodes that lack a patch do all of it but its commit. Which they are.
    async fn follow(
        &mut self,
        step: &Step<'_>,
        evaluation: &str,
        held: bool,
    ) -> std::result::Result<Vec<bool>, AttemptFailure> {
        let parked = self.node_set.nodes.iter_mut().map(|node| {
            let parked = async {
                match node.pending(step)? {
                    Some(step) => node.apply_uncommitted(&step, evaluation, held).await.map(|()| true),
                    None => Ok(false),
                }
            };
            parked.boxed()
        });
        join_all(parked).await.into_iter().collect()
    }

    /// Takes back what is open on any node. Whether all of them can go on.
    async fn roll_back(&self) -> bool {
        let rolled = self.members().map(|member| {
            let context = member.run.context;
            member.session.roll_back(context.options, context.schema).boxed()
        });
        join_all(rolled).await.iter().all(std::result::Result::is_ok)
    }
}

impl LockedNode<'_> {
    /// Applies a patch on this subscriber alone, which the publisher has already.
    ///
    /// # Errors
    ///
    /// As a run on one server, with the node's name.
    pub(super) async fn alone(&mut self, step: &Step<'_>, evaluation: &str) -> Result<()> {
        let Some(step) = self.pending(step)? else { return Ok(()) };
        let (options, mut tries) = (self.run.context.options, 0);
        loop {
            let Err(AttemptFailure { error, passes, blockers }) =
                self.apply_uncommitted(&step, evaluation, false).await
            else {
                break;
            };
            self.session.busy = false;
            let usable = self.session.roll_back(options, self.run.context.schema).await.is_ok();
            tries += 1;
            if !passes || !usable || tries > options.lock_retries {
                return Err(error);
            }
            options.retry(&step, tries, blockers).await;
        }
        self.commit(&step).await?;
        self.reread().await
    }

    /// Does all of a patch but its commit, as far as it is a subscriber's.
    async fn apply_uncommitted(
        &mut self,
        step: &Step<'_>,
        evaluation: &str,
        held: bool,
    ) -> std::result::Result<(), AttemptFailure> {
        let (before, after) = self.following(step, evaluation)?;
        let before = if held { "" } else { before.as_str() };
        let script = Script::around(before, &followed(step.patch), &after, 0);
        self.work(step, &script).await
    }

    async fn work(&mut self, step: &Step<'_>, script: &Script) -> std::result::Result<(), AttemptFailure> {
        self.session.busy = true;
        let (source, options) = (self.run.context.source, self.run.context.options);
        let watch = self.session.watch(source, options, Some(step), &[]);
        let place = |offset| Some(patch_failure::place_at(step, script.skipped + offset));
        let said = NoticeLog::patch(options, step, script, &place);
        let answer = watch.answer(execute(&self.session, script));
        let (answer, blockers) = self.session.hear(Some(said), answer).await;
        let Err(error) = answer else { return Ok(()) };
        let passes = error.code().is_some_and(may_pass);
        Err(AttemptFailure {
            error: self.on(patch_failure::patch(step, script, error, &blockers)),
            passes,
            blockers,
        })
    }

    /// How long the publisher may keep others waiting.
    fn patience(&self, step: &Step<'_>) -> Result<Duration> {
        let frame = self.run.frame(&self.session);
        let limit = frame.lock_timeout(step).map_err(|error| self.on(error))?;
        Ok(match limit.milliseconds() {
            0 => self.run.context.options.node_wait,
            limit => Duration::from_millis(limit.into()),
        })
    }
}

impl LockedNode<'_> {
    /// What the publisher is sent of a patch: up to its commit, and in two pieces if it changes rows.
    fn leading(&self, step: &Step<'_>, gate: &SubscriberGate) -> Result<Vec<Script>> {
        let TransactionText { mut before, after } = self.around(step, "")?;
        let frame = self.run.frame(&self.session);
        let row = frame.row(step, step.min_app()?);
        before = before.replacen(&row, &gate.around(&row, &frame.schema.quoted), 1);
        let (head, tail) = halves(step.patch);
        let end = format!("\n;\n{after}{PARK}");
        Ok(match tail.is_empty() {
            true => vec![Script::around(&before, head, &end, 0)],
            false => {
                vec![Script::around(&before, head, "\n;", 0), Script::around("", tail, &end, head.len())]
            }
        })
    }

    /// What a subscriber is sent of it: what begins its transaction and keeps back what comes, and all but the commit.
    fn following(&self, step: &Step<'_>, evaluation: &str) -> Result<(String, String)> {
        let TransactionText { mut before, after } = self.around(step, evaluation)?;
        let schema = &self.run.context.schema.quoted;
        // The publisher's transaction has a row of its history in it: the subscriber waits here with all that comes in or
        // after that transaction.
        before += &format!("LOCK TABLE ONLY {schema}.patch IN EXCLUSIVE MODE;\n{evaluation}");
        Ok((before, format!("\n;\n{after}{PARK}")))
    }

    fn around(&self, step: &Step<'_>, evaluation: &str) -> Result<TransactionText> {
        let frame = self.run.frame(&self.session);
        let frame =
            TransactionFrame { prepared: PreparedStatements::Dropped, apart: Some(evaluation), ..frame };
        let (opening, before, after) = frame.around(step, true).map_err(|error| self.on(error))?;
        if opening.is_some() {
            let message = "a transaction can't be held open behind a pooler";
            return Err(self.on(Error::new(ErrorKind::Unsupported, message)));
        }
        Ok(TransactionText { before, after: after.strip_suffix(frame.commit()).unwrap_or(&after).to_owned() })
    }
}

/// The SQL around a patch's own text, without the commit.
struct TransactionText {
    before: String,
    after: String,
}

/// A patch's text up to its first statement that changes rows, and the rest.
fn halves(patch: &Patch) -> (&str, &str) {
    let rows = patch.outline().statements().find(|statement| statement.class == Class::Rows);
    let end = rows.map_or(patch.text().len(), |statement| statement.range.start);
    patch.text().split_at_checked(end).unwrap_or((patch.text(), ""))
}
