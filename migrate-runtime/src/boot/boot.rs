use migrate_core::OWN;
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all, try_join};
use migrate_core::{Bundle, History, Result};

use crate::connection::connection::Connection;
use crate::connection::server_wait::{Arrival, CONNECT_WAIT};
use crate::connection::source::IntoSource;
use crate::connection::source::Source;
use crate::history::records::bundle_record::Recorded;
use crate::migrator::Migrator;
use crate::options::node::Topology;
use crate::report::event::Event;
use crate::report::report::{Report, Stand};
use crate::run::context::Errand;
use crate::run::lock_outcome::Turn;
use crate::run::run::Run;
use crate::session::session::Session;
use crate::topology::logical::replicated::carry_out as replicate;
use crate::topology::logical::subscriber::refuse_follower;
use crate::topology::member::Member;
use crate::topology::node_set::Fleet;
use crate::topology::slony::locked_nodes::run as run_slony;
use crate::topology::standbys;

impl Migrator<'_> {
    /// Brings the database to what the bundles say.
    ///
    /// An up-to-date database costs one round trip, one that is ahead two, and neither takes a lock. Otherwise the
    /// connection leaves its pool, takes the migration lock and applies all pending patches in one flight; dropping
    /// the future closes it and frees the lock within a second, see [`Migrator::idle_limit`] for a host that vanished. Any number of processes may run this at once.
    ///
    /// # Errors
    ///
    /// All reasons to refuse, before anything is written; or the first patch that failed, with what was applied
    /// before it. What a failed run applied stays, and the next run goes on from there.
    pub async fn run<'s>(&self, source: impl IntoSource<'s>) -> Result<Report> {
        self.boot(source.into_source()).await
    }

    /// Where each bundle stands, if nothing is to be done; `None` where [`Migrator::status`] has more to tell. It asks
    /// as a boot does that finds nothing to do, so that a health check may call it often, and writes nothing.
    ///
    /// # Errors
    ///
    /// The request itself is wrong, or the server can't be asked.
    pub async fn stands<'s>(&self, source: impl IntoSource<'s>) -> Result<Option<Vec<Stand>>> {
        self.check()?;
        let (source, schema, bundles) = (source.into_source(), self.schema(), self.all());
        let errand = Errand { source: &source, options: &self.options, schema: &schema, bundles: &bundles };
        let connection = source.connect().await?;
        let recorded = errand.looked(connection).await?.1;
        let current = recorded.filter(|recorded| errand.is_current(recorded));
        Ok(current.map(|recorded| stands(&bundles, &recorded)))
    }

    // Boxed, so that it is compiled here once: the crate that calls an async function compiles it and all that it
    // awaits, with each edit of a patch again.
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

    /// Tries until the server is there and takes writes, as long as nothing was written.
    async fn bring(&self, source: &Source<'_>) -> Result<Report> {
        let started = Instant::now();
        let tell = |event: &Event| self.options.tell(event);
        let mut arrival = Arrival::new(self.options.connect_wait.unwrap_or(CONNECT_WAIT), &tell);
        loop {
            let (tried, mut phase) = (Instant::now(), Phase::Connecting);
            let error = match self.attempt(source, &mut phase, started).await {
                Err(error) if phase != Phase::Writing => error,
                done => return done,
            };
            if phase == Phase::Looking {
                arrival.reached(tried);
            }
            arrival.again(error).await?;
        }
    }

    async fn attempt(&self, source: &Source<'_>, phase: &mut Phase, started: Instant) -> Result<Report> {
        // We get ready while the server does.
        let ready = async { self.check().map(|()| (self.schema(), self.all(), self.sources())) };
        let (connection, (schema, bundles, sources)) = try_join(source.connect(), ready).await?;
        connection.tell(&|event| self.options.tell(event));
        *phase = Phase::Looking;
        let errand = Errand { source, options: &self.options, schema: &schema, bundles: &bundles };
        let (connection, recorded) = errand.looked(connection).await?;
        if let Some(recorded) = recorded.as_ref().filter(|recorded| self.is_done(&errand, recorded))
            && sources.is_empty()
        {
            return Ok(report(&bundles, recorded, started));
        }
        let nodes: Vec<_> = sources.iter().map(|source| Errand { source, ..errand }).collect();
        // Boxed apart: what finds nothing to do has no use for its pages.
        self.work(&errand, &nodes, connection, recorded, phase, started).boxed().await
    }

    /// Whether the server of the run needs nothing.
    fn is_done(&self, errand: &Errand<'_>, recorded: &[Recorded]) -> bool {
        errand.is_current(recorded) && !self.goes_further()
    }

    /// Whether somebody asked for what no record tells of.
    fn goes_further(&self) -> bool {
        self.options.facts_again || self.options.add_to_set
    }

    async fn work(
        &self,
        errand: &Errand<'_>,
        nodes: &[Errand<'_>],
        mut connection: Connection,
        mut recorded: Option<Vec<Recorded>>,
        phase: &mut Phase,
        started: Instant,
    ) -> Result<Report> {
        let (session, history) = loop {
            if let Some(recorded) = recorded.as_ref().filter(|recorded| self.is_done(errand, recorded))
                && self.are_current(nodes).await
            {
                return Ok(report(errand.bundles, recorded, started));
            }
            match errand.open(connection, recorded.as_deref()).await? {
                Turn::Ours(session, history) => break (session, history),
                Turn::Done(recorded) if nodes.is_empty() && !self.goes_further() => {
                    return Ok(report(errand.bundles, &recorded, started));
                }
                // Whoever brought the origin there may be at the nodes still, or may have known of none.
                Turn::Done(_) => errand.wait_again(started).await?,
            }
            (connection, recorded) = errand.looked(errand.source.connect().await?).await?;
        };
        errand.whole(&session, recorded.is_some(), &history).await?;
        // To a standby nothing is written: it may become the primary, or replay what is pending.
        if !session.server.standby {
            *phase = Phase::Writing;
        }
        let recorded = recorded.unwrap_or_default();
        let report = self.carry_out(errand, nodes, *session, history, recorded).boxed().await?;
        Ok(Report { elapsed: started.elapsed(), ..report })
    }

    async fn carry_out(
        &self,
        errand: &Errand<'_>,
        nodes: &[Errand<'_>],
        mut session: Session,
        history: History,
        recorded: Vec<Recorded>,
    ) -> Result<Report> {
        let topology = self.hangs_together(&session).await?;
        if topology == Topology::Slony {
            return run_slony(self, errand, session, history, recorded).boxed().await;
        }
        refuse_follower(errand, &session, &history).await?;
        let mut run = Run::new(errand, recorded);
        if topology == Topology::Single {
            let done = run.carry_out(&mut session, history, self.options.limit.clone()).boxed().await;
            session.end().await;
            return done;
        }
        let origin = Member { name: "origin".to_owned(), run, session, history };
        match topology {
            Topology::Logical => replicate(self, origin, nodes).boxed().await,
            _ => Fleet::muster(self, origin, nodes).boxed().await?.carry_out().boxed().await,
        }
    }

    /// Whether no node needs anything. One that can't be asked is asked again, by name, once the origin is ours.
    async fn are_current(&self, nodes: &[Errand<'_>]) -> bool {
        let asked = nodes.iter().map(|errand| {
            let asked = async {
                let (_, recorded) = errand.looked(errand.source.connect().await?).await?;
                Ok(recorded.is_some_and(|recorded| errand.is_current(&recorded)))
            };
            asked.boxed()
        });
        let answers: Vec<Result<bool>> = join_all(asked).await;
        answers.into_iter().all(|answer| answer.unwrap_or(false))
    }
}

/// How far an attempt to boot came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Connecting,
    Looking,
    /// The lock is ours, and what comes next may be written.
    Writing,
}

fn report(bundles: &[&Bundle], recorded: &[Recorded], started: Instant) -> Report {
    Report { bundles: stands(bundles, recorded), elapsed: started.elapsed(), ..Report::default() }
}

fn stands(bundles: &[&Bundle], recorded: &[Recorded]) -> Vec<Stand> {
    let named = |bundle: &&&Bundle| bundle.name() != OWN;
    let stand = |bundle: &&Bundle| {
        let recorded = recorded.iter().find(|recorded| recorded.name == bundle.name());
        let ahead = recorded.is_some_and(|recorded| recorded.is_ahead(bundle));
        Stand { bundle: bundle.name().to_string(), head: recorded.and_then(Recorded::head), ahead }
    };
    bundles.iter().filter(named).map(stand).collect()
}
