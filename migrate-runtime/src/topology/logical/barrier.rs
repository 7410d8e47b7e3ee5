use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::join_all;
use migrate_core::{Error, ErrorKind, Result, Step};
use tokio_postgres::error::SqlState;

use super::fit::followed;
use super::lag::Lag;
use super::replicated::Replicated;
use crate::ask::within;
use crate::event::{Event, Holder};
use crate::failure;
use crate::report::Done;
use crate::script::{Frame, Script};
use crate::topology::Member;
use crate::watch::Watch;

/// Leaves a transaction open that has done all but commit, so that nothing ends it before its time, and its commit finds
/// nothing to complain of and is on the disk when it is answered.
const PARK: &str = "SET CONSTRAINTS ALL IMMEDIATE;\nSET LOCAL statement_timeout = 0;\n\
    SET LOCAL idle_in_transaction_session_timeout = 0;\nSET LOCAL synchronous_commit TO DEFAULT;\n\
    SELECT pg_catalog.set_config('synchronous_commit', 'local', true) \
    WHERE pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.=) 'off'";

/// Why a patch is not in.
struct Refused {
    error: Error,
    /// Whether it may pass: somebody held a lock, or a subscriber was slow.
    passes: bool,
    blockers: Vec<Holder>,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused { error, passes: false, blockers: Vec::new() }
    }
}

impl Replicated<'_> {
    /// Applies a std or direct patch on all nodes at one moment.
    ///
    /// The publisher carries it out and does not commit, so that nobody writes to what it changes. Once the subscribers
    /// have confirmed all that was written before, they carry out what changes the schema, and hold back what comes
    /// next. Then the publisher commits, and they do: whatever order the rest arrives in, it fits.
    ///
    /// The publisher is first, for a subscriber that lacks a change waits with the rows that need it, and goes on once
    /// it has it; one that has it too early could never take the rows of before.
    ///
    /// # Errors
    ///
    /// The server refuses the patch, on the node that it names; or a lock was not to be had, or a subscriber did not
    /// catch up, often enough.
    pub(super) async fn at_once(&mut self, step: &Step<'_>) -> Result<()> {
        let (started, mut tries) = (Instant::now(), 0);
        let options = self.fleet.origin.run.errand.options;
        loop {
            let attempt = self.attempt(step).await;
            self.members_mut().for_each(|member| member.session.busy = false);
            let Err(Refused { error, passes, blockers }) = attempt else { break };
            let usable = self.roll_back().await;
            tries += 1;
            if !passes || !usable || tries > options.lock_retries {
                return Err(error.applied(self.fleet.origin.run.names()));
            }
            options.retry(step, tries, blockers).await;
        }
        let (bundle, file) = (step.bundle.name.to_string(), step.patch.file.to_string());
        options.tell(&Event::Applied {
            bundle,
            version: step.patch.version,
            file,
            elapsed: started.elapsed(),
        });
        Ok(())
    }

    async fn attempt(&mut self, step: &Step<'_>) -> std::result::Result<(), Refused> {
        let origin = self.fleet.origin.pending(step)?;
        if let Some(step) = &origin {
            self.fleet.origin.park(step, Side::Publisher).await?;
            let limit = self.fleet.origin.patience(step)?;
            if let Lag::Slots(slots) = self.confirmed(limit).await? {
                let error = self.behind(&slots).await;
                return Err(Refused { error, passes: true, blockers: Vec::new() });
            }
        }
        let nodes = self.fleet.nodes.iter_mut();
        let parked = nodes.map(|node| {
            let parked = async {
                match node.pending(step)? {
                    Some(step) => node.park(&step, Side::Subscriber).await.map(|()| true),
                    None => Ok(false),
                }
            };
            parked.boxed()
        });
        let parked: Vec<bool> = join_all(parked).await.into_iter().collect::<std::result::Result<_, _>>()?;
        if let Some(step) = &origin {
            self.alike(step, &parked).await?;
            self.fleet.origin.commit(step).await?;
        }
        let nodes = self.fleet.nodes.iter_mut().zip(parked);
        let committed = nodes.filter(|(_, parked)| *parked).map(|(node, _)| node.commit(step).boxed());
        join_all(committed).await.into_iter().collect::<Result<Vec<()>>>()?;
        Ok(())
    }

    /// Takes back what is open on any node. Whether all of them can go on.
    async fn roll_back(&self) -> bool {
        let rolled = self
            .members()
            .map(|member| within(member.run.errand.options, member.session.simple_query("ROLLBACK")).boxed());
        join_all(rolled).await.iter().all(std::result::Result::is_ok)
    }
}

/// Which side of replication a node is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Publisher,
    Subscriber,
}

impl Member<'_> {
    /// Applies a patch on this subscriber alone, which the publisher has already.
    ///
    /// # Errors
    ///
    /// As a run on one server, with the node's name.
    pub(super) async fn alone(&mut self, step: &Step<'_>) -> Result<()> {
        let Some(step) = self.pending(step)? else { return Ok(()) };
        let (options, mut tries) = (self.run.errand.options, 0);
        loop {
            let Err(Refused { error, passes, blockers }) = self.park(&step, Side::Subscriber).await else {
                break;
            };
            self.session.busy = false;
            let usable = within(options, self.session.simple_query("ROLLBACK")).await.is_ok();
            tries += 1;
            if !passes || !usable || tries > options.lock_retries {
                return Err(error);
            }
            options.retry(&step, tries, blockers).await;
        }
        self.commit(&step).await
    }

    /// Does all of a patch but its commit.
    async fn park(&mut self, step: &Step<'_>, side: Side) -> std::result::Result<(), Refused> {
        let frame = self.run.frame(&self.session);
        let script = parked(&frame, step, side).map_err(|error| self.on(error))?;
        self.session.busy = true;
        let (source, options) = (self.run.errand.source, self.run.errand.options);
        let watch = Watch { source, options, pid: self.session.server.pid, step };
        let (answer, blockers) = watch.over(self.session.batch_execute(&script.sql)).await;
        let Err(error) = answer else { return Ok(()) };
        const PASSING: [SqlState; 2] = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
        let passes = error.code().is_some_and(|code| PASSING.contains(code));
        Err(Refused { error: self.on(failure::patch(step, &script, error, &blockers)), passes, blockers })
    }

    /// Commits it, and reads the history again.
    async fn commit(&mut self, step: &Step<'_>) -> Result<()> {
        // A commit may wait for standbys as long as it takes.
        let committed = self.session.simple_query("COMMIT").await;
        self.session.busy = false;
        committed.map_err(|error| {
            let error = failure::own("committing a patch", error);
            self.on(error.note(format!("patch `{}` of `{}`", step.patch.version, step.bundle.name)))
        })?;
        self.run.applied.push(Done::from(*step));
        self.reread().await
    }

    /// How long the publisher may keep others waiting.
    fn patience(&self, step: &Step<'_>) -> Result<Duration> {
        let frame = self.run.frame(&self.session);
        let limit = frame.lock_timeout(step).map_err(|error| self.on(error))?;
        Ok(match limit.milliseconds() {
            0 => self.run.errand.options.node_wait,
            limit => Duration::from_millis(limit.into()),
        })
    }
}

/// A patch without its commit.
fn parked(frame: &Frame<'_>, step: &Step<'_>, side: Side) -> Result<Script> {
    let (opening, mut before, after) = frame.around(step, true)?;
    if opening.is_some() {
        return Err(Error::new(ErrorKind::Unsupported, "a transaction can't be held open behind a pooler"));
    }
    let body = match side {
        Side::Publisher => step.patch.text.to_string(),
        Side::Subscriber => {
            // The publisher's transaction has a row of its history in it. Where that is replicated too, the subscriber
            // waits here with all that comes in or after that transaction.
            let schema = &frame.schema.quoted;
            before += &format!("LOCK TABLE ONLY {schema}.patch IN EXCLUSIVE MODE;\n");
            followed(step.patch)
        }
    };
    let after = after.strip_suffix(frame.commit()).unwrap_or(&after);
    let sql = format!("{before}{body}\n;\n{after}{PARK}");
    Ok(Script { opening: None, sql, before: before.chars().count(), skipped: 0 })
}
