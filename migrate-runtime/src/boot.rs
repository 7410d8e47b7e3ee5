use std::time::Instant;

use futures_util::future::{BoxFuture, join_all};
use migrate_core::{Bundle, Error, ErrorKind, Result};

use crate::ask::{ask, ask_history};
use crate::history::{NAME, Recorded, ahead_query, fast_query};
use crate::report::{Report, Stand};
use crate::run::Run;
use crate::session::{Errand, Session, Turn};
use crate::source::{Connection, Source};
use crate::topology::{Fleet, Member, refuse_follower, replicate, run_slony, standbys};
use crate::{Migrator, Topology, failure};

impl Migrator<'_> {
    /// Brings the database to what the bundles say.
    ///
    /// An up-to-date database costs one round trip, one that is ahead two, and neither takes a lock. Otherwise the
    /// connection leaves its pool, takes the migration lock and applies all pending patches in one flight; dropping
    /// the future closes it and frees the lock within a second. Any number of processes may run this at once.
    ///
    /// # Errors
    ///
    /// All reasons to refuse, before anything is written; or the first patch that failed, with what was applied
    /// before it. What a failed run applied stays, and the next run goes on from there.
    pub async fn run<'s>(&self, source: impl Into<Source<'s>>) -> Result<Report> {
        self.boot(source.into()).await
    }

    /// Where each bundle stands, if nothing is to be done; `None` where [`Migrator::status`] has more to tell. It asks
    /// as a boot does that finds nothing to do, so that a health check may call it often, and writes nothing.
    ///
    /// # Errors
    ///
    /// The server can't be asked.
    pub async fn stands<'s>(&self, source: impl Into<Source<'s>>) -> Result<Option<Vec<Stand>>> {
        let (source, schema, bundles) = (source.into(), self.schema(), self.all());
        let errand = Errand { source: &source, options: &self.options, schema: &schema, bundles: &bundles };
        let connection = source.connect().await?;
        let recorded = self.looked(&errand, connection).await?.1;
        let current = recorded.filter(|recorded| errand.is_current(recorded));
        Ok(current.map(|recorded| stands(&bundles, &recorded)))
    }

    // Boxed, so that it is compiled here once: the crate that calls an async function compiles it and all that it
    // awaits, with each edit of a patch again.
    fn boot<'f>(&'f self, source: Source<'f>) -> BoxFuture<'f, Result<Report>> {
        Box::pin(async move {
            let report = self.bring(&source).await?;
            let Some(limit) = self.options.standby_wait else { return Ok(report) };
            let waited = standbys::wait(&*source.connect().await?, &self.options, limit).await;
            let applied = || report.applied.iter().map(|done| format!("{} {}", done.bundle, done.version));
            waited.map_err(|error| error.applied(applied().collect()))?;
            Ok(report)
        })
    }

    async fn bring(&self, source: &Source<'_>) -> Result<Report> {
        let started = Instant::now();
        self.check()?;
        let (schema, bundles) = (self.schema(), self.all());
        let errand = Errand { source, options: &self.options, schema: &schema, bundles: &bundles };
        let sources = self.sources();
        let errands: Vec<_> = sources.iter().map(|source| Errand { source, ..errand }).collect();
        loop {
            let (connection, recorded) = self.looked(&errand, source.connect().await?).await?;
            let again = self.options.facts_again || self.options.add_to_set;
            let current = |recorded: &&Vec<Recorded>| errand.is_current(recorded) && !again;
            if let Some(recorded) = recorded.as_ref().filter(current)
                && self.nodes_are_current(&errands).await
            {
                return Ok(report(&bundles, recorded, started));
            }
            let (mut session, history) = match errand.open(connection).await? {
                Turn::Done(recorded) if errands.is_empty() && !self.options.add_to_set => {
                    return Ok(report(&bundles, &recorded, started));
                }
                // Whoever brought the origin there may be at the nodes still, or may have known of none.
                Turn::Done(_) => continue,
                Turn::Ours(session, history) => (session, history),
            };
            errand.whole(&session, recorded.is_some(), &history).await?;
            if self.is_slony(&session)? {
                let recorded = recorded.unwrap_or_default();
                let report = run_slony(self, &errand, *session, history, recorded).await?;
                return Ok(Report { elapsed: started.elapsed(), ..report });
            }
            refuse_follower(&session, &self.options, &bundles, &history)?;
            let mut run = Run::new(self, &errand, recorded.unwrap_or_default());
            let replicated = self.hangs_together(&session.server) == Topology::Logical;
            let report = match errands.is_empty() {
                _ if replicated => {
                    let origin = Member { name: "origin".to_owned(), run, session: *session, history };
                    replicate(self, origin, &errands).await?
                }
                true => run.carry_out(&mut session, history, self.options.limit.clone()).await?,
                false => {
                    let origin = Member { name: "origin".to_owned(), run, session: *session, history };
                    Fleet::muster(self, origin, &errands).await?.carry_out().await?
                }
            };
            return Ok(Report { elapsed: started.elapsed(), ..report });
        }
    }

    /// Whether the server is a node of a Slony cluster, and to be taken for one.
    ///
    /// # Errors
    ///
    /// `Unsupported` where it is none, and something was asked for that only such a cluster has.
    fn is_slony(&self, session: &Session) -> Result<bool> {
        let wanted = matches!(self.options.topology, None | Some(Topology::Slony));
        let found = session.server.slony.is_some() && !session.server.standby;
        let needed = self.options.topology == Some(Topology::Slony) || self.options.add_to_set;
        match wanted && found {
            true => Ok(true),
            false if needed && !session.server.standby => {
                Err(Error::new(ErrorKind::Unsupported, "the server is no node of a Slony cluster").help(
                    "run against the origin of its sets; or leave out `add_to_set` and `Topology::Slony`",
                ))
            }
            false => Ok(false),
        }
    }

    /// Whether no node needs anything. One that can't be asked is asked again, by name, once the origin is ours.
    async fn nodes_are_current(&self, errands: &[Errand<'_>]) -> bool {
        let asked = errands.iter().map(async |errand| {
            let (_, recorded) = self.looked(errand, errand.source.connect().await?).await?;
            Ok(recorded.is_some_and(|recorded| errand.is_current(&recorded)))
        });
        let answers: Vec<Result<bool>> = join_all(asked).await;
        answers.into_iter().all(|answer| answer.unwrap_or(false))
    }

    pub(crate) async fn looked(
        &self,
        errand: &Errand<'_>,
        connection: Connection,
    ) -> Result<(Connection, Option<Vec<Recorded>>)> {
        match self.look(errand, &connection).await {
            Ok(recorded) => Ok((connection, recorded)),
            Err(error) => {
                // It may still be busy with what we gave up on: that is nothing for a pool.
                drop(connection.take());
                Err(error)
            }
        }
    }

    /// The one round trip of a boot that finds nothing to do, and another where the database may be ahead; `None`
    /// where there is no history yet.
    async fn look(&self, errand: &Errand<'_>, connection: &Connection) -> Result<Option<Vec<Recorded>>> {
        let recorded = match ask(connection, &self.options, &fast_query(errand.schema)).await {
            Ok(messages) => Recorded::parse(&messages).ok(),
            Err(error) if error.code().is_some() => None,
            Err(error) => return Err(failure::own("reading the history", error)),
        };
        // Whatever is wrong with it, the session finds out, with more to say: this question is worded to be cheap.
        let Some(recorded) = recorded else { return Ok(None) };
        if !errand.may_be_ahead(&recorded) {
            return Ok(Some(recorded));
        }
        let query = ahead_query(errand.schema, errand.bundles, self.targets());
        let messages = ask_history(connection, &self.options, errand.schema, &query).await?;
        messages.map(|messages| Recorded::parse(&messages)).transpose()
    }
}

fn report(bundles: &[&Bundle], recorded: &[Recorded], started: Instant) -> Report {
    Report { bundles: stands(bundles, recorded), elapsed: started.elapsed(), ..Report::default() }
}

fn stands(bundles: &[&Bundle], recorded: &[Recorded]) -> Vec<Stand> {
    let named = |bundle: &&&Bundle| bundle.name != NAME;
    let stand = |bundle: &&Bundle| {
        let recorded = recorded.iter().find(|recorded| recorded.name == bundle.name);
        let ahead = recorded.is_some_and(|recorded| recorded.is_ahead(bundle));
        Stand { bundle: bundle.name.to_string(), head: recorded.and_then(Recorded::head), ahead }
    };
    bundles.iter().filter(named).map(stand).collect()
}
