use embed_migrate_core::{Error, ErrorKind, HISTORY_BUNDLE, Plan, Result, Step, Version, resolve};

use super::started_statement::StartedStatement;
use crate::connection::server_wait::CONNECT_WAIT;
use crate::connection::source::IntoSource;
use crate::migrator::Migrator;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::run::context::RunContext;
use crate::run::lock_outcome::LockOutcome;
use crate::session::session::Session;

/// A person's answer about a statement that may or may not have completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// It completed: the next run continues after it.
    Done,
    /// It did not complete: the next run starts it again.
    Retry,
}

impl Migrator<'_> {
    /// Records the answer for the one statement of an interrupted concurrent patch that was started and has no end, and
    /// returns its text. A run decides most of them itself; this is for those that it refuses with
    /// [`ErrorKind::Interrupted`]. With several servers, `source` is the server on which the patch was interrupted: for
    /// example the settings of a [`Node`](crate::Node).
    ///
    /// # Errors
    ///
    /// `Missing` if no such patch is interrupted, or none of its statements is in doubt.
    #[doc(hidden)]
    pub async fn repair<'s>(
        &self,
        source: impl IntoSource<'s>,
        bundle: &str,
        version: Version,
        repair: Repair,
    ) -> Result<String> {
        self.check()?;
        let (source, schema, bundles) = (source.into_source(), self.schema(), self.all());
        let context =
            RunContext { source: &source, options: &self.options, schema: &schema, bundles: &bundles };
        let connection = source.reach(&self.options, CONNECT_WAIT).await?;
        let (session, history) = match context.open(connection, Some(&[])).await? {
            LockOutcome::Acquired(session, history) => (session, history),
            LockOutcome::NothingToDo(_) => return Err(nothing(bundle, version)),
        };
        let plan = resolve(&bundles, &history, self.targets())?;
        let step = started(&plan, bundle, version).ok_or_else(|| nothing(bundle, version))?;
        let settled = settle(&context, &session, step, repair).await;
        session.end().await;
        settled
    }
}

fn started<'a, 'p>(plan: &'p Plan<'a>, bundle: &str, version: Version) -> Option<&'p Step<'a>> {
    let steps = plan.steps.iter().filter(|step| step.started && step.bundle.name() != HISTORY_BUNDLE);
    steps.into_iter().find(|step| step.bundle.name() == bundle && step.patch.version() == version)
}

async fn settle(
    context: &RunContext<'_>,
    session: &Session,
    step: &Step<'_>,
    repair: Repair,
) -> Result<String> {
    let begun = StartedStatement::of(session, context.options, context.schema, step.position).await?;
    let open = begun.iter().find(|begun| !begun.ended).ok_or_else(|| {
        let (version, bundle) = (step.patch.version(), step.bundle.name());
        Error::new(ErrorKind::Missing, format!("no statement of patch `{version}` of `{bundle}` is in doubt"))
            .help("the next run continues it: `cargo migrate up`")
    })?;
    let frame = context.frame(session);
    let (word, done) = match repair {
        Repair::Done => ("done", true),
        Repair::Retry => ("to be tried again", false),
    };
    let detail = format!("statement {} was said to be {word}", open.number);
    let sql = frame.apart(&format!(
        "{}{}",
        frame.settled(step.position, open.number, done),
        frame.event("repaired", Some(step), &detail)
    ));
    let written = with_timeout(context.options, session.simple_query(&sql)).await;
    written.map_err(|error| failure::own("recording a repair", error))?;
    let statement = step.patch.outline().statements().nth(open.number - 1);
    let text = statement.and_then(|statement| step.patch.text().get(statement.range));
    Ok(text.unwrap_or_default().to_owned())
}

fn nothing(bundle: &str, version: Version) -> Error {
    Error::new(ErrorKind::Missing, format!("patch `{version}` of `{bundle}` is not interrupted"))
        .help("`cargo migrate status` lists what is")
}
