//! Facts at boot: those of a bundle, and those that are the body of a patch.

use std::error::Error as _;

use embed_migrate_core::facts::Fact;
use embed_migrate_core::{Bundle, Error, ErrorKind, FactsRevision, Place, Plan, Result, Step, quote};
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::error::SqlState;

use super::deploy_report::DeployReport;
use crate::connection::backoff;
use crate::connection::rows::rows;
use crate::connection::source::Source;
use crate::facts::deployment::after_commit::finish;
use crate::facts::deployment::deployment::Deployment;
use crate::history::records::bundle_record::stops_short;
use crate::history::records::facts_record::FactsRecord;
use crate::options::options::Options;
use crate::pipeline::notice_log::NoticeLog;
use crate::pipeline::outside_transaction::{OutsideTransaction, build_timeout};
use crate::pipeline::patch_failure::within_directory;
use crate::pipeline::transaction_frame::{FACTS_PATH, LOCKED, TransactionFrame};
use crate::query::ask::with_timeout;
use crate::query::query_error::QueryError;
use crate::query::{failure, missing_right};
use crate::report::event::Event;
use crate::report::facts_status::FactsStatus;
use crate::report::patch_status::PatchStatus;
use crate::run::context::RunContext;
use crate::run::run::Run;
use crate::session::lock::Lock;
use crate::session::reset::{PreparedStatements, RESET, left_prepared};
use crate::session::server_process::PROCESS_COLUMNS;
use crate::session::session::Session;
use crate::session::synchronous_standby::confirmed;

const DEPLOY: &str = "deploy.yaml";

/// Checks that the bundles' facts hold, and that no untrusted role owns their schemas; writes nothing.
///
/// # Errors
///
/// `Drift`: each fact that does not hold, with what would fix it. `Permission`: what untrusted roles own or may
/// change. `Connect`: the connection fell silent.
pub(crate) async fn verify(
    source: &Source<'_>,
    session: &Session,
    options: &Options,
    bundles: &[&Bundle],
) -> Result<()> {
    let own = |error| failure::own("beginning to verify", error);
    let mut problems = Vec::new();
    for bundle in bundles {
        let facts = bundle.facts().map(|_| bundle.declared(bundles)).transpose()?;
        let path = match bundle.schema() {
            Some(schema) => {
                format!("SET LOCAL search_path = {}, public, pg_temp; ", quote::identifier(schema))
            }
            None if facts.is_some() => FACTS_PATH.to_owned(),
            None => String::new(),
        };
        let role =
            options.role.as_deref().map(|role| format!("SET LOCAL ROLE {}; ", quote::identifier(role)));
        let sql = format!(
            "BEGIN; {}{}{}{path}SELECT pg_catalog.current_schema(), pg_catalog.pg_is_in_recovery(), {PROCESS_COLUMNS}",
            // Behind a pooler it may have been anybody's; that is so again after the ROLLBACK.
            if session.direct { "" } else { RESET },
            session.keep_each(options),
            role.unwrap_or_default(),
        );
        let begun = with_timeout(options, session.simple_query(&sql)).await.map_err(own)?;
        let row = rows(&begun).last();
        let cell = |column| row.and_then(|row| row.get(column));
        let (schema, standby) = (cell(0).unwrap_or("public").to_owned(), cell(1) == Some("t"));
        let deployment = Deployment { standby, ..Deployment::new(session, options, bundle.name(), &schema) };
        let verified = async {
            match &facts {
                Some(facts) => deployment.verify(facts).await,
                None => deployment.refuse_untrusted(None).await,
            }
        };
        let doing = format!("verifying the facts of `{}`", bundle.name());
        let verified = session.watch(source, options, None, &begun).over(verified).await.0;
        let verified = verified.map_err(|error| failure::own(&doing, error))?;
        with_timeout(options, session.simple_query("ROLLBACK")).await.map_err(own)?;
        problems.extend(verified.err().into_iter().flat_map(Error::split));
    }
    Error::all(problems).map_or(Ok(()), Err)
}

/// Tries a step whose body is facts, inside a dry run's transaction.
pub(crate) async fn rehearse_step(
    context: &RunContext<'_>,
    session: &Session,
    frame: &TransactionFrame<'_>,
    step: &Step<'_>,
) -> Result<()> {
    let facts = step.bundle.frozen(step.patch, context.bundles)?;
    let (_, before, after) = frame.around(step, false)?;
    within_transaction(context, session, step.bundle, &before, &facts, &after).await.map(drop)
}

/// Tries the facts of all bundles, inside a dry run's transaction; the SQL of those for which something is to be done.
pub(crate) async fn rehearse(
    context: &RunContext<'_>,
    session: &Session,
    frame: &TransactionFrame<'_>,
) -> Result<Vec<(String, Vec<String>)>> {
    let mut tried = Vec::new();
    for bundle in context.bundles {
        let Some(revision) = bundle.facts().filter(|revision| !revision.is_only_verified()) else { continue };
        if stops_short(bundle, &context.options.targets) {
            continue;
        }
        let facts = bundle.declared(context.bundles)?;
        let (_, before) = frame.before_facts(bundle);
        let after = frame.after_facts(bundle, FactsRecord::of(revision, false), &[]);
        context.options.tell(&Event::Deploying { what: bundle.name().to_string() });
        let deployed = within_transaction(context, session, bundle, &before, &facts, &after).await?;
        if deployed.is_empty() {
            continue;
        }
        let summary = format!("-- {deployed}");
        let changes = deployed.changes.into_iter().map(|change| change.sql);
        tried.push((bundle.name().to_string(), changes.chain(deployed.submitted).chain([summary]).collect()));
    }
    Ok(tried)
}

/// Sends the beginning of a deployment, and returns the schema in which its facts' names are looked up.
async fn opened(
    session: &Session,
    options: &Options,
    before: &str,
) -> std::result::Result<String, QueryError> {
    let sql = format!("{before}SELECT pg_catalog.current_schema()");
    let messages = with_timeout(options, session.simple_query(&sql)).await?;
    Ok(rows(&messages).last().and_then(|row| row.get(0)).unwrap_or("public").to_owned())
}

async fn within_transaction(
    context: &RunContext<'_>,
    session: &Session,
    bundle: &Bundle,
    before: &str,
    facts: &[Fact],
    after: &str,
) -> Result<DeployReport> {
    let own = |error| failure::own("trying facts", error);
    let (options, what) = (context.options, bundle.name());
    let schema = opened(session, options, &format!("{before};\n")).await.map_err(own)?;
    let said = NoticeLog::facts(options, what, None, DEPLOY);
    let at_boot = !options.facts_again;
    let deployment = Deployment { at_boot, ..Deployment::new(session, options, what, &schema) };
    let deployed = deployment.deploy_heard(session, said, facts).await?;
    with_timeout(context.options, session.simple_query(after)).await.map_err(own)?;
    Ok(deployed)
}

impl Run<'_> {
    /// Deploys the facts that the database does not have, each bundle's in a transaction of its own.
    ///
    /// # Errors
    ///
    /// A fact that can't be made true; nothing of its bundle's facts is deployed then.
    pub(crate) async fn deploy_facts(&mut self, session: &mut Session) -> Result<()> {
        for bundle in self.without_facts() {
            let Some(revision) = bundle.facts() else { continue };
            let facts = bundle.declared(self.context.bundles)?;
            let mut tries = 0;
            let done = loop {
                session.busy = true;
                let said = NoticeLog::facts(self.context.options, bundle.name(), None, DEPLOY);
                let done =
                    session.hear(Some(said), self.transaction(session, bundle, revision, &facts)).await?;
                session.busy = false;
                match done {
                    Ok(done) => break done,
                    Err(error) => self.again(session, DEPLOY, error, &mut tries).await?,
                }
            };
            self.facts.extend(done);
        }
        Ok(())
    }

    /// Deploys a bundle's facts in one transaction; the result is in the value, unless the server does not answer.
    async fn transaction(
        &self,
        session: &Session,
        bundle: &Bundle,
        revision: &FactsRevision,
        facts: &[Fact],
    ) -> Result<Result<Option<FactsStatus>>> {
        let frame = self.frame(session);
        let (opening, before) = frame.before_facts(bundle);
        let opened = match self.open(session, opening).await {
            Ok(opened) => opened,
            Err(error) => return Ok(Err(error)),
        };
        let doing = format!("deploying the facts of `{}`", bundle.name());
        let deployed = self.deployed(session, &frame, &before, bundle, revision, facts);
        let deployed = self.watched(session, None, &doing, &opened, deployed).await?;
        Ok(match deployed {
            Ok(Some(deployed)) => self.completed(session, bundle, revision, deployed).await.map(Some),
            nothing => nothing.map(|_| None),
        })
    }

    /// Sends the beginning of a transaction, if that is a message of its own.
    async fn open(&self, session: &Session, opening: Option<String>) -> Result<Vec<SimpleQueryMessage>> {
        let Some(opening) = opening else { return Ok(Vec::new()) };
        let opened = with_timeout(self.context.options, session.simple_query(&opening)).await;
        opened.map_err(|error| failure::own("beginning a deployment", error))
    }

    /// Makes the facts true and commits them; does nothing if the database has them.
    async fn deployed(
        &self,
        session: &Session,
        frame: &TransactionFrame<'_>,
        before: &str,
        bundle: &Bundle,
        revision: &FactsRevision,
        facts: &[Fact],
    ) -> Result<Option<DeployReport>> {
        let own = |error| failure::own("beginning a deployment", error);
        let messages = with_timeout(self.context.options, session.simple_query(before)).await.map_err(own)?;
        let schema = rows(&messages).last().and_then(|row| row.get(0)).unwrap_or("public").to_owned();
        let found = rows(&messages).filter(|row| row.columns().iter().any(|column| column.name() == "facts"));
        let recorded = found.last().and_then(|row| row.get(0)).map(str::parse::<FactsRecord>).transpose()?;
        if let Some(recorded) = recorded {
            recorded.check(bundle.name(), revision)?;
            let again = self.context.options.facts_again && recorded.number <= revision.number();
            if recorded.covers(revision) && !again {
                with_timeout(self.context.options, session.simple_query("ROLLBACK")).await.map_err(own)?;
                return Ok(None);
            }
        }
        let options = self.context.options;
        let apart = session.lock == Lock::Session;
        let at_boot = !options.facts_again;
        let between = match apart {
            true => frame.between_facts(bundle, FactsRecord::of(revision, true)),
            false => None,
        };
        let deployment = Deployment {
            apart,
            at_boot,
            between,
            ..Deployment::new(session, options, bundle.name(), &schema)
        };
        let deployed = match revision.is_only_verified() {
            true => {
                options.tell(&Event::Verifying { what: bundle.name().to_string() });
                deployment.verify(facts).await?;
                DeployReport::default()
            }
            false => {
                options.tell(&Event::Deploying { what: bundle.name().to_string() });
                let said = NoticeLog::facts(options, bundle.name(), None, DEPLOY);
                deployment.deploy_heard(session, said, facts).await?
            }
        };
        let open = is_open(session, &deployed);
        let after = frame.after_facts(bundle, FactsRecord::of(revision, open), &deployed.submitted);
        let committed = session.simple_query(&after).await;
        committed.map_err(|error| {
            failure::own("committing a deployment", error).at(Place::file(within_directory(bundle, DEPLOY)))
        })?;
        Ok(Some(deployed))
    }

    /// Does what is left for after the commit, and records that nothing is open any more.
    async fn completed(
        &self,
        session: &Session,
        bundle: &Bundle,
        revision: &FactsRevision,
        deployed: DeployReport,
    ) -> Result<FactsStatus> {
        let options = self.context.options;
        if is_open(session, &deployed) {
            self.after(session, bundle, &deployed).await?;
            if session.server.synchronous {
                let confirmed = confirmed(self.context.source, options).await;
                confirmed.map_err(|error| error.applied(self.names()))?;
            }
            let done = self.frame(session).facts_done(bundle, FactsRecord::of(revision, false));
            let recorded = with_timeout(options, session.simple_query(&done)).await;
            recorded.map_err(|error| failure::own("recording a deployment", error))?;
        }
        let summary = if revision.is_only_verified() { "they hold".to_owned() } else { deployed.to_string() };
        Ok(FactsStatus::done(bundle.name().to_string(), revision.number(), summary))
    }

    /// Does what is left for after the transaction.
    async fn after(&self, session: &Session, bundle: &Bundle, deployed: &DeployReport) -> Result<()> {
        let (options, source) = (self.context.options, self.context.source);
        let frame = TransactionFrame { prepared: PreparedStatements::Later, ..self.frame(session) };
        let lock = build_timeout(options);
        let outside = OutsideTransaction {
            client: session,
            options,
            settings: frame.outside(bundle, &deployed.names(), lock, bundle.statement_timeout()),
            restored: frame.clean("") + &frame.keep,
            watch: Some(session.watch(source, options, None, &[])),
        };
        finish(outside, &deployed.after).await
    }

    /// Carries out a step whose body is facts, in one transaction with its row.
    ///
    /// # Errors
    ///
    /// A fact that can't be made true, with what was applied before it.
    pub(crate) async fn frozen(
        &mut self,
        session: &mut Session,
        plan: &Plan<'_>,
        index: usize,
    ) -> Result<()> {
        let Some(step) = plan.steps.get(index) else { return Ok(()) };
        let facts = step.bundle.frozen(step.patch, self.context.bundles)?;
        let before = index.checked_sub(1).and_then(|before| plan.steps.get(before));
        let begins = before.is_none_or(|before| before.bundle.name() != step.bundle.name());
        let (mut tries, started) = (0, std::time::Instant::now());
        loop {
            session.busy = true;
            let (version, file) = (Some(step.patch.version()), step.patch.file());
            let said = NoticeLog::facts(self.context.options, step.bundle.name(), version, file);
            let done = session.hear(Some(said), self.step(session, step, begins, &facts)).await?;
            session.busy = false;
            let Err(error) = done else { break };
            if let Err(error) = self.again(session, step.patch.file(), error, &mut tries).await {
                return Err(self.failed_step(session, step, error).await);
            }
        }
        let (patch, elapsed) = (PatchStatus::applied(*step), started.elapsed());
        self.context.options.tell(&Event::Applied { patch: patch.clone(), elapsed });
        self.applied.push(patch);
        Ok(())
    }

    /// Applies such a step; the result is in the value, unless the server does not answer.
    async fn step(
        &self,
        session: &Session,
        step: &Step<'_>,
        begins: bool,
        facts: &[Fact],
    ) -> Result<Result<()>> {
        let (opening, before, after) = self.frame(session).around(step, begins)?;
        let opened = match self.open(session, opening).await {
            Ok(opened) => opened,
            Err(error) => return Ok(Err(error)),
        };
        let doing = format!("applying patch `{}` of `{}`", step.patch.version(), step.bundle.name());
        let applied = self.applied_step(session, step, (&before, &after), facts);
        self.watched(session, Some(step), &doing, &opened, applied).await
    }

    async fn applied_step(
        &self,
        session: &Session,
        step: &Step<'_>,
        (before, after): (&str, &str),
        facts: &[Fact],
    ) -> Result<()> {
        let own = |error| failure::own("beginning a deployment", error);
        let (options, what) = (self.context.options, step.bundle.name());
        let schema = opened(session, options, before).await.map_err(own)?;
        let deployment = Deployment::new(session, options, what, &schema);
        let said = NoticeLog::facts(options, what, Some(step.patch.version()), step.patch.file());
        deployment.deploy_heard(session, said, facts).await?;
        let committed = session.simple_query(after).await;
        committed.map(drop).map_err(|error| {
            let file = within_directory(step.bundle, step.patch.file());
            failure::own("committing a step", error).at(Place::file(file))
        })
    }

    /// Waits for what facts need, as long as the server works on it. If the wait ends without an answer, nothing more is asked of the
    /// session.
    async fn watched<T>(
        &self,
        session: &Session,
        step: Option<&Step<'_>>,
        doing: &str,
        opened: &[SimpleQueryMessage],
        done: impl Future<Output = T>,
    ) -> Result<T> {
        let RunContext { source, options, .. } = *self.context;
        let watch = session.watch(source, options, step, opened);
        let done = watch.over(done).await.0;
        done.map_err(|error| failure::own(doing, error).applied(self.names()))
    }

    /// Rolls back, and waits if another try may succeed.
    async fn again(&mut self, session: &Session, file: &str, error: Error, tries: &mut u32) -> Result<()> {
        let options = self.context.options;
        // Nothing is asked again of a server that does not answer, or that has it all and waits for a standby.
        let lost = matches!(error.kind(), ErrorKind::Connect | ErrorKind::Node);
        let usable = !lost && session.roll_back(options, self.context.schema).await.is_ok();
        let left = || cause(&error).is_some_and(|error| left_prepared(error.as_db_error()));
        if usable && self.prepared != PreparedStatements::Dropped && left() {
            self.prepared = PreparedStatements::Dropped;
            return Ok(());
        }
        let not_our_turn =
            code(&error).is_some_and(|code| code == LOCKED) && self.started.elapsed() < options.lock_wait;
        let isolated = || code(&error).is_some_and(|code| code == SqlState::T_R_SERIALIZATION_FAILURE.code());
        let late = (error.kind() == ErrorKind::Locked || isolated()) && *tries < options.lock_retries;
        if !usable || !not_our_turn && !late {
            return Err(error);
        }
        *tries += 1;
        let pause = backoff::retry(*tries);
        match not_our_turn {
            true => options.tell(&Event::Waiting { waited: self.started.elapsed(), holder: None }),
            false => {
                let (file, blockers) = (file.to_owned(), Vec::new());
                options.tell(&Event::Retrying { file, attempt: *tries, pause, blockers });
            }
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// Records that a step failed, with one synchronous commit, before we say what was applied.
    async fn failed_step(&self, session: &Session, step: &Step<'_>, error: Error) -> Error {
        let context = format!("while applying patch `{}` of `{}`", step.patch.version(), step.bundle.name());
        let error = error.context(context);
        let failed = self.frame(session).failed(step, error.message());
        if error.kind() == ErrorKind::Connect {
            return error.applied(self.names());
        }
        let recorded = with_timeout(self.context.options, session.simple_query(&failed)).await;
        let error = missing_right::explained(session, self.context.options, error).await;
        let error = error.applied(self.names());
        let why = match recorded {
            Ok(_) => return error,
            Err(QueryError::Refused(lost)) => lost.to_string(),
            Err(QueryError::Late(_) | QueryError::Unconfirmed(_)) => "no answer".to_owned(),
        };
        error.note(format!("that it failed could not be recorded: {why}"))
    }
}

/// Whether something is left for after the commit; also as long as no synchronous standby has it.
fn is_open(session: &Session, deployed: &DeployReport) -> bool {
    !deployed.after.is_empty() || session.server.synchronous
}

fn code(error: &Error) -> Option<&str> {
    cause(error)?.code().map(SqlState::code)
}

fn cause(error: &Error) -> Option<&tokio_postgres::Error> {
    error.source()?.downcast_ref::<tokio_postgres::Error>()
}
