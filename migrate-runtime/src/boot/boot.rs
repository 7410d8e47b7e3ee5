use std::time::Instant;

use embed_migrate_core::{Bundle, BundleHead, HISTORY_BUNDLE, History, Result};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all, try_join};

use crate::connection::connection::Connection;
use crate::connection::server_wait::{CONNECT_WAIT, ServerWait};
use crate::connection::source::{IntoSource, Source};
use crate::history::records::bundle_record::BundleRecord;
use crate::migrator::Migrator;
use crate::options::topology::Topology;
use crate::report::event::Event;
use crate::report::report::Report;
use crate::run::context::RunContext;
use crate::run::lock_outcome::LockOutcome;
use crate::run::run::Run;
use crate::session::session::Session;
use crate::topology::locked_node::LockedNode;
use crate::topology::logical::logical_replication::carry_out as replicate;
use crate::topology::logical::subscriber::refuse_follower;
use crate::topology::node_set::NodeSet;
use crate::topology::slony::locked_nodes::run as run_slony;
use crate::topology::standbys;

impl Migrator<'_> {
    /// Brings the database to the state that the bundles describe.
    ///
    /// An up-to-date database costs one round trip. A database that is ahead costs two. Neither takes a lock.
    /// Otherwise the connection leaves its pool, takes the migration lock and applies all pending patches in one
    /// pipeline. Dropping the future closes the connection and frees the lock within a second; see
    /// [`RunOptions::idle_limit`](embed_migrate_core::RunOptions::idle_limit) for a host that vanished. Any number of processes may run this at once.
    ///
    /// # Errors
    ///
    /// All reasons to refuse, before anything is written; or the first patch that failed, with the patches that were
    /// applied before it. The patches that a failed run applied stay, and the next run continues from there.
    pub async fn run<'s>(&self, source: impl IntoSource<'s>) -> Result<Report> {
        self.boot(source.into_source()).await
    }

    /// How far each bundle is applied, if nothing is to be done; otherwise `None`, and [`Migrator::status`] says more.
    /// It sends the same queries as an up-to-date boot, so that a health check may call it often. It writes nothing.
    ///
    /// # Errors
    ///
    /// The request itself is wrong, or the server can't be asked.
    pub async fn up_to_date<'s>(&self, source: impl IntoSource<'s>) -> Result<Option<Vec<BundleHead>>> {
        self.check()?;
        let (source, schema, bundles) = (source.into_source(), self.schema(), self.all());
        let context =
            RunContext { source: &source, options: &self.options, schema: &schema, bundles: &bundles };
        let connection = source.connect().await?;
        let recorded = context.look_up(connection).await?.1;
        let current = recorded.filter(|recorded| context.is_current(recorded));
        Ok(current.map(|recorded| bundle_heads(&bundles, &recorded)))
    }

    // Boxed, so that it is compiled once, in this crate. The crate that calls an async function compiles the function
    // and everything that it awaits, again after each edit of a patch.
    fn boot<'f>(&'f self, source: Source<'f>) -> BoxFuture<'f, Result<Report>> {
        Box::pin(async move {
            let report = self.bring(&source).await?;
            let Some(limit) = self.options.standby_wait else { return Ok(report) };
            let connection = source.reach(&self.options, CONNECT_WAIT).await?;
            let waited = standbys::wait(&connection, &self.options, limit).await;
            let applied = || report.applied.iter().map(|done| format!("{} {}", done.bundle, done.version));
            waited.map_err(|error| error.applied(applied().collect()))?;
            Ok(report)
        })
    }

    /// Tries until the server is there and takes writes, but not again once something may have been written.
    async fn bring(&self, source: &Source<'_>) -> Result<Report> {
        let started = Instant::now();
        let tell = |event: &Event| self.options.tell(event);
        let mut server_wait = ServerWait::new(self.options.connect_wait.unwrap_or(CONNECT_WAIT), &tell);
        loop {
            let (tried, mut phase) = (Instant::now(), BootPhase::Connecting);
            let error = match self.attempt(source, &mut phase, started).await {
                Err(error) if phase != BootPhase::Writing => error,
                done => return done,
            };
            if phase == BootPhase::Looking {
                server_wait.reached(tried);
            }
            server_wait.again(error).await?;
        }
    }

    async fn attempt(&self, source: &Source<'_>, phase: &mut BootPhase, started: Instant) -> Result<Report> {
        // We check the request while the connection is opened.
        let ready = async { self.check().map(|()| (self.schema(), self.all(), self.sources())) };
        let (connection, (schema, bundles, sources)) = try_join(source.connect(), ready).await?;
        connection.tell(&|event| self.options.tell(event));
        *phase = BootPhase::Looking;
        let context = RunContext { source, options: &self.options, schema: &schema, bundles: &bundles };
        let (connection, recorded) = context.look_up(connection).await?;
        if let Some(recorded) = recorded.as_ref().filter(|recorded| self.is_done(&context, recorded))
            && sources.is_empty()
        {
            return Ok(report(&bundles, recorded, started));
        }
        let nodes: Vec<_> = sources.iter().map(|source| RunContext { source, ..context }).collect();
        // Boxed by itself: a boot that finds nothing to do does not load the pages of this code.
        self.work(&context, &nodes, connection, recorded, phase, started).boxed().await
    }

    /// Whether there is nothing to do on the run's own server.
    fn is_done(&self, context: &RunContext<'_>, recorded: &[BundleRecord]) -> bool {
        context.is_current(recorded) && !self.goes_further()
    }

    /// Whether the options ask for work that no record shows.
    fn goes_further(&self) -> bool {
        self.options.facts_again || self.options.add_to_set
    }

    async fn work(
        &self,
        context: &RunContext<'_>,
        nodes: &[RunContext<'_>],
        mut connection: Connection,
        mut recorded: Option<Vec<BundleRecord>>,
        phase: &mut BootPhase,
        started: Instant,
    ) -> Result<Report> {
        let (session, history) = loop {
            if let Some(recorded) = recorded.as_ref().filter(|recorded| self.is_done(context, recorded))
                && self.are_current(nodes).await
            {
                return Ok(report(context.bundles, recorded, started));
            }
            match context.open(connection, recorded.as_deref()).await? {
                LockOutcome::Acquired(session, history) => break (session, history),
                LockOutcome::NothingToDo(recorded) if nodes.is_empty() && !self.goes_further() => {
                    return Ok(report(context.bundles, &recorded, started));
                }
                // The process that applied everything on the origin may still work on the nodes, or may not have known
                // of the nodes.
                LockOutcome::NothingToDo(_) => context.wait_again(started).await?,
            }
            (connection, recorded) = context.look_up(context.source.connect().await?).await?;
        };
        context.check_tables(&session, recorded.is_some(), &history).await?;
        // Nothing is written to a standby, so a boot may try again: the standby may become the primary, or replay what
        // is pending.
        if !session.server.standby {
            *phase = BootPhase::Writing;
        }
        let recorded = recorded.unwrap_or_default();
        let report = self.carry_out(context, nodes, *session, history, recorded).boxed().await?;
        Ok(Report { elapsed: started.elapsed(), ..report })
    }

    async fn carry_out(
        &self,
        context: &RunContext<'_>,
        nodes: &[RunContext<'_>],
        mut session: Session,
        history: History,
        recorded: Vec<BundleRecord>,
    ) -> Result<Report> {
        let topology = self.replication_type(&session).await?;
        if topology == Topology::Slony {
            return run_slony(self, context, session, history, recorded).boxed().await;
        }
        refuse_follower(context, &session, &history).await?;
        let mut run = Run::new(context, recorded);
        if topology == Topology::Single {
            let done = run.carry_out(&mut session, history, self.options.limit.clone()).boxed().await;
            session.end().await;
            return done;
        }
        let origin = LockedNode { name: "origin".to_owned(), run, session, history };
        match topology {
            Topology::Logical => replicate(self, origin, nodes).boxed().await,
            _ => NodeSet::lock_all(self, origin, nodes).boxed().await?.carry_out().boxed().await,
        }
    }

    /// Whether no node needs anything. A node that can't be asked counts as one that does: it is asked again, by name,
    /// once we have the origin's lock.
    async fn are_current(&self, nodes: &[RunContext<'_>]) -> bool {
        let asked = nodes.iter().map(|context| {
            let asked = async {
                let (_, recorded) = context.look_up(context.source.connect().await?).await?;
                Ok(recorded.is_some_and(|recorded| context.is_current(&recorded)))
            };
            asked.boxed()
        });
        let answers: Vec<Result<bool>> = join_all(asked).await;
        answers.into_iter().all(|answer| answer.unwrap_or(false))
    }
}

/// How far an attempt to boot came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BootPhase {
    Connecting,
    Looking,
    /// We have the lock, and the next step may write.
    Writing,
}

fn report(bundles: &[&Bundle], recorded: &[BundleRecord], started: Instant) -> Report {
    Report { bundles: bundle_heads(bundles, recorded), elapsed: started.elapsed(), ..Report::default() }
}

fn bundle_heads(bundles: &[&Bundle], recorded: &[BundleRecord]) -> Vec<BundleHead> {
    let named = |bundle: &&&Bundle| bundle.name() != HISTORY_BUNDLE;
    let head = |bundle: &&Bundle| {
        let recorded = recorded.iter().find(|recorded| recorded.name == bundle.name());
        let ahead = recorded.is_some_and(|recorded| recorded.is_ahead(bundle));
        BundleHead::new(bundle.name(), recorded.and_then(BundleRecord::head), ahead)
    };
    bundles.iter().filter(named).map(head).collect()
}
