use std::collections::BTreeSet;

use embed_migrate_core::{
    Error, ErrorKind, HISTORY_BUNDLE, History, Kind, Plan, Result, Step, quote, resolve_within,
};
use tokio_postgres::SimpleQueryMessage;

use crate::apply::patch_check::show;
use crate::connection::rows::rows;
use crate::connection::server_wait::CONNECT_WAIT;
use crate::connection::source::IntoSource;
use crate::facts::bundle_facts;
use crate::history::records::bundle_record::BundleRecord;
use crate::migrator::Migrator;
use crate::options::topology::Topology;
use crate::pipeline::execute::execute;
use crate::pipeline::notice_log::NoticeLog;
use crate::pipeline::patch_failure;
use crate::pipeline::transaction_frame::TransactionFrame;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::report::dry_run::DryRun;
use crate::report::patch_status::PatchStatus;
use crate::run::context::RunContext;
use crate::run::lock_outcome::LockOutcome;
use crate::run::run::Run;
use crate::session::lock::Lock;
use crate::session::reset::PreparedStatements;
use crate::session::session::Session;
use crate::topology::logical::logical_replication::admit;
use crate::topology::logical::subscriber::refuse_follower;

const CATALOG: &str = include_str!("catalog_lines.sql");

impl Migrator<'_> {
    /// Applies all pending patches in one transaction, looks at what changed, and rolls it back.
    ///
    /// Unlike a run, it holds all locks to its end, so that it may wait, and make others wait, where a run would
    /// not. Sequences that it advanced stay advanced.
    ///
    /// # Errors
    ///
    /// As [`Migrator::run`]: a refusal, also because of a subscriber or a replication slot, or the first patch that fails. On
    /// nodes nothing is tried.
    pub async fn dry_run<'s>(&self, source: impl IntoSource<'s>) -> Result<DryRun> {
        self.check()?;
        let (source, schema, bundles) = (source.into_source(), self.schema(), self.all());
        let context =
            RunContext { source: &source, options: &self.options, schema: &schema, bundles: &bundles };
        let (connection, recorded) =
            context.look_up(source.reach(&self.options, CONNECT_WAIT).await?).await?;
        let recorded = recorded.unwrap_or_default();
        let (mut session, history) = match context.open(connection, Some(&recorded)).await? {
            LockOutcome::Acquired(session, history) => (session, history),
            LockOutcome::NothingToDo(_) => return Ok(DryRun::default()),
        };
        let plan = resolve_within(&bundles, &history, self.targets(), &self.options.limit)?;
        if plan.is_empty() && bundles.iter().all(|bundle| bundle.facts().is_none()) {
            return Ok(DryRun { notes: plan.notes, ..DryRun::default() });
        }
        if session.lock == Lock::None {
            return Err(
                Error::new(ErrorKind::Standby, "a standby can't try patches").help("run against the primary")
            );
        }
        // A run that has nothing to do looks at no topology.
        let again = self.options.facts_again || self.options.add_to_set;
        if again || !context.is_current(&recorded) {
            self.admitted(&context, &session, &history, recorded, &plan).await?;
        }
        show(&self.options, &mut session, &plan).await?;
        session.busy = true;
        let tried = rehearse(&context, &session, &plan).await;
        session.busy = tried.as_ref().is_err_and(|error| error.kind() == ErrorKind::Connect);
        let untouched = self.nodes().iter().map(|node| format!("nothing was tried on node `{}`", node.name));
        let mut notes = std::mem::take(&mut session.notes);
        session.end().await;
        tried.map(|mut run| {
            run.notes.append(&mut notes);
            run.notes.extend(untouched);
            run
        })
    }

    /// Refuses what a run would refuse because of the servers that hang together with this one.
    async fn admitted(
        &self,
        context: &RunContext<'_>,
        session: &Session,
        history: &History,
        recorded: Vec<BundleRecord>,
        plan: &Plan<'_>,
    ) -> Result<()> {
        let topology = self.replication_type(session).await?;
        if topology == Topology::Slony {
            return Ok(());
        }
        refuse_follower(context, session, history).await?;
        if topology != Topology::Logical {
            return Ok(());
        }
        let sources = self.sources();
        let nodes: Vec<_> = sources.iter().map(|source| RunContext { source, ..*context }).collect();
        admit(&Run::new(context, recorded), session, &nodes, &plan.steps).await
    }
}

/// Begins the transaction, and tries all in it as long as the server works on it.
async fn rehearse(context: &RunContext<'_>, session: &Session, plan: &Plan<'_>) -> Result<DryRun> {
    let frame = context.frame(session);
    let keep = frame.keep.clone() + &frame.each;
    let frame = TransactionFrame { nested: true, prepared: PreparedStatements::Dropped, keep, ..frame };
    let RunContext { source, options, .. } = *context;
    // One transaction has one level: the strictest that a patch asks for.
    let levels = plan.steps.iter().filter_map(|step| step.patch.directives().ok()?.isolation);
    let opening = frame.opening(levels.max().unwrap_or_default());
    let begun = with_timeout(options, session.simple_query(&opening)).await;
    let begun = begun.map_err(|error| failure::own("beginning a dry run", error))?;
    let watch = session.watch(source, options, None, &begun);
    let tried = watch.over(tried(context, session, &frame, plan)).await.0;
    tried.map_err(|error| failure::own("trying what is pending", error)).flatten()
}

async fn tried(
    context: &RunContext<'_>,
    session: &Session,
    frame: &TransactionFrame<'_>,
    plan: &Plan<'_>,
) -> Result<DryRun> {
    let options = context.options;
    let before = catalog(context, session).await?;
    let (mut tried, untried): (Vec<Step<'_>>, Vec<_>) =
        plan.steps.iter().partition(|step| step.patch.kind() != Kind::Concurrent);
    // Each row names the one before it, and those that are passed over have none.
    let positions = plan.steps.iter().filter(|step| !step.started).map(|step| step.position);
    tried.iter_mut().zip(positions).for_each(|(step, position)| step.position = position);
    for step in &tried {
        if step.patch.is_facts() {
            bundle_facts::rehearse_step(context, session, frame, step).await?;
            continue;
        }
        let script = frame.script(step, false)?;
        let place = |offset| Some(patch_failure::place_at(step, offset));
        let said = NoticeLog::patch(options, step, &script, &place);
        let said = Some(said).filter(|_| step.bundle.name() != HISTORY_BUNDLE);
        if let Err(error) = session.hear(said, execute(session, &script)).await {
            return Err(match step.bundle.name() == HISTORY_BUNDLE {
                true => failure::own("making the history's tables", error),
                false => after_untried(patch_failure::patch(step, &script, error, &[]), step, &untried),
            });
        }
    }
    // As in a run, facts follow all patches.
    let declared = match plan.left.is_empty() {
        true => bundle_facts::rehearse(context, session, frame).await?,
        false => Vec::new(),
    };
    let after = catalog(context, session).await?;
    let ended = session.roll_back(options, context.schema).await;
    ended.map_err(|error| failure::own("ending a dry run", error))?;
    let gone = before.difference(&after).map(|line| format!("- {line}"));
    let come = after.difference(&before).map(|line| format!("+ {line}"));
    Ok(DryRun {
        tried: tried
            .iter()
            .filter(|step| step.bundle.name() != HISTORY_BUNDLE)
            .map(|step| (PatchStatus::pending(*step), step.patch.text().to_string()))
            .collect(),
        facts: declared,
        untried: untried.into_iter().map(PatchStatus::pending).collect(),
        changes: gone.chain(come).collect(),
        notes: plan.notes.clone(),
    })
}

/// A patch may fail for what a patch before it would have made.
fn after_untried(error: Error, step: &Step<'_>, untried: &[Step<'_>]) -> Error {
    let same = |one: &&Step<'_>| {
        one.bundle.name() == step.bundle.name() && one.patch.version() < step.patch.version()
    };
    untried.iter().filter(same).fold(error, |error, one| {
        let (version, bundle) = (one.patch.version(), one.bundle.name());
        error.note(format!(
            "patch `{version}` of `{bundle}` comes before it, and can't be tried in a transaction"
        ))
    })
}

async fn catalog(context: &RunContext<'_>, session: &Session) -> Result<BTreeSet<String>> {
    let sql = CATALOG.replace("{history}", &quote::literal(&context.schema.name));
    let path = "SET LOCAL search_path = pg_catalog, pg_temp";
    let sql = format!("{path}; {sql}; SET LOCAL search_path TO DEFAULT");
    let read = with_timeout(context.options, session.simple_query(&sql)).await;
    let messages: Vec<SimpleQueryMessage> =
        read.map_err(|error| failure::own("reading the catalog", error))?;
    Ok(rows(&messages).filter_map(|row| row.get(0)).map(str::to_owned).collect())
}
