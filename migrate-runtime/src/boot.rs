use std::time::Instant;

use migrate_core::{Bundle, Result};

use crate::ask::ask;
use crate::history::{NAME, Recorded, fast_query, missing_table};
use crate::report::{Report, Stand};
use crate::run::Run;
use crate::session::{Errand, Turn};
use crate::source::{Connection, Source};
use crate::{Migrator, failure};

impl Migrator<'_> {
    /// Brings the database to what the bundles say.
    ///
    /// An up-to-date database costs one round trip and takes no lock. Otherwise the connection leaves its pool,
    /// takes the migration lock and applies all pending patches in one flight; dropping the future closes it and
    /// frees the lock within a second. Any number of processes may run this at once.
    ///
    /// # Errors
    ///
    /// All reasons to refuse, before anything is written; or the first patch that failed, with what was applied
    /// before it. What a failed run applied stays, and the next run goes on from there.
    pub async fn run<'s>(&self, source: impl Into<Source<'s>>) -> Result<Report> {
        let started = Instant::now();
        self.check()?;
        let (source, schema, bundles) = (source.into(), self.schema(), self.all());
        let errand = Errand { source: &source, options: &self.options, schema: &schema, bundles: &bundles };
        let connection = source.connect().await?;
        let recorded = self.look(&errand, &connection).await?;
        if let Some(recorded) = recorded.as_ref().filter(|recorded| errand.is_current(recorded)) {
            return Ok(stands(&bundles, recorded, started));
        }
        match errand.open(connection).await? {
            Turn::Done(recorded) => Ok(stands(&bundles, &recorded, started)),
            Turn::Ours(session, history) => {
                let mut run = Run {
                    migrator: self,
                    errand: &errand,
                    recorded: recorded.unwrap_or_default(),
                    started,
                    applied: Vec::new(),
                };
                let mut report = run.carry_out(*session, history).await?;
                report.elapsed = started.elapsed();
                Ok(report)
            }
        }
    }

    /// The one round trip of a boot that finds nothing to do; `None` where there is no history yet.
    async fn look(&self, errand: &Errand<'_>, connection: &Connection) -> Result<Option<Vec<Recorded>>> {
        let query = fast_query(errand.schema, errand.bundles, self.targets());
        match ask(connection, &self.options, &query).await {
            Ok(messages) => Recorded::parse(&messages).map(Some),
            Err(error) if missing_table(&error) => Ok(None),
            Err(error) => Err(failure::own("reading the history", error)),
        }
    }
}

fn stands(bundles: &[&Bundle], recorded: &[Recorded], started: Instant) -> Report {
    let named = |bundle: &&&Bundle| bundle.name != NAME;
    let stand = |bundle: &&Bundle| {
        let recorded = recorded.iter().find(|recorded| recorded.name == bundle.name);
        let ahead = recorded.is_some_and(|recorded| recorded.is_ahead(bundle));
        Stand { bundle: bundle.name.to_string(), head: recorded.and_then(Recorded::head), ahead }
    };
    Report {
        bundles: bundles.iter().filter(named).map(stand).collect(),
        elapsed: started.elapsed(),
        ..Report::default()
    }
}
