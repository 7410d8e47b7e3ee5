use std::collections::HashMap;
use std::time::Instant;

use embed_migrate_core::HISTORY_BUNDLE;
use embed_migrate_core::{
    Bundle, Error, ErrorKind, History, Kind, Limit, Patch, Plan, Reach, Result, Step, Version, resolve,
};
use futures_util::FutureExt;

use super::cluster::{ClusterNode, SlonyCluster};
use super::cluster_nodes::{place, settings, strange};
use super::node::SlonyNode;
use crate::connection::rows::rows;
use crate::connection::server_wait::CONNECT_WAIT;
use crate::connection::source::Source;
use crate::history::records::bundle_record::BundleRecord;
use crate::migrator::Migrator;
use crate::options::options::{Options, refuse_several};
use crate::report::report::{Report, are_pending};
use crate::run::context::RunContext;
use crate::run::lock_outcome::LockOutcome;
use crate::run::run::Run;
use crate::session::lock::Lock;
use crate::session::session::Session;
use crate::settings::settings::Settings;
use crate::topology::locked_node::{LockedNode, on};
use crate::topology::server_identity::ServerIdentities;

/// All active nodes of a cluster, each under its lock.
pub(crate) struct LockedNodes<'a> {
    pub(crate) cluster: SlonyCluster,
    pub(crate) origin: SlonyNode<'a>,
    pub(crate) nodes: Vec<SlonyNode<'a>>,
    /// Where names without a schema live on the origin, ready for SQL.
    pub(crate) path: String,
}

/// A patch that is to be on every node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TargetPatch {
    pub(crate) bundle: String,
    pub(crate) version: Version,
    pub(crate) kind: Kind,
}

impl TargetPatch {
    fn of(step: &Step<'_>) -> TargetPatch {
        TargetPatch {
            bundle: step.bundle.name().to_string(),
            version: step.patch.version(),
            kind: step.patch.kind(),
        }
    }

    /// The step of a plan that it is, and how many come before it.
    pub(crate) fn step<'p, 'a>(&self, plan: &'p Plan<'a>) -> Option<(usize, &'p Step<'a>)> {
        let mut steps = plan.steps.iter().enumerate();
        steps.find(|(_, step)| step.bundle.name() == self.bundle && step.patch.version() == self.version)
    }

    /// The patch itself.
    pub(crate) fn patch<'a>(&self, node: &SlonyNode<'a>) -> Option<&'a Patch> {
        let context: &'a RunContext<'a> = node.member.run.context;
        let bundle = context.bundles.iter().find(|bundle| bundle.name() == self.bundle)?;
        bundle.patch(self.version)
    }
}

const SCHEMAS: &str = "SELECT pg_catalog.string_agg(pg_catalog.quote_ident(s), ', ') FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) AS s";

/// Migrates a cluster from the origin of its sets; on a subscriber, succeeds if nothing is pending.
///
/// # Errors
///
/// `SlonyNode` if a node is down, lags behind or is not what it should be; `Unsupported` for what can't be done on a cluster;
/// all that a run on one server says.
pub(crate) async fn run(
    migrator: &Migrator<'_>,
    context: &RunContext<'_>,
    session: Session,
    history: History,
    recorded: Vec<BundleRecord>,
) -> Result<Report> {
    let options = context.options;
    refuse_several(options)?;
    if session.lock != Lock::Session {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "the server is a node of a Slony cluster, and the connection goes through a pooler",
        )
        .help("run it with the URL of the server itself"));
    }
    let run = Run::new(context, recorded);
    let (cluster, members) = SlonyCluster::look(&session, options).await?;
    let (local, others) = place(&cluster, members)?;
    if !local.origin {
        let origin = others.iter().find(|known| known.origin);
        return subscriber(&run, &history, &cluster, &local, origin);
    }
    let settings =
        others.iter().map(|known| settings(&cluster, known, options)).collect::<Result<Vec<_>>>()?;
    strange(&cluster, &local, &others, options)?;
    let sources: Vec<_> = settings.iter().map(Source::Settings).collect();
    let contexts: Vec<_> = sources.iter().map(|source| RunContext { source, ..*context }).collect();
    let messages = crate::query::ask::with_timeout(options, session.simple_query(SCHEMAS)).await;
    let messages = messages.map_err(|error| super::cluster::refused("asking for the search path", error))?;
    let path = rows(&messages).next().and_then(|row| row.get(0)).unwrap_or("public");
    let path = format!("{path}, pg_temp");
    let mut identities = ServerIdentities::default();
    identities.add(&local.name(), &session, options).await?;
    let member = LockedNode { name: local.name(), run, session, history };
    let origin = SlonyNode { id: local.id, member };
    let mut locked = LockedNodes { cluster, origin, nodes: Vec::new(), path };
    for (known, context) in others.iter().zip(&contexts) {
        let name = known.name();
        let member =
            join(migrator, context, &name, &mut identities).await.map_err(|error| on(&name, error))?;
        let node = SlonyNode { id: known.id, member };
        node.check(&locked.cluster, options).await.map_err(|error| on(&name, error))?;
        locked.nodes.push(node);
    }
    locked.carry_out().await
}

/// What a boot on a subscriber comes to.
fn subscriber(
    run: &Run<'_>,
    history: &History,
    cluster: &SlonyCluster,
    local: &ClusterNode,
    origin: Option<&ClusterNode>,
) -> Result<Report> {
    let plan = resolve(run.context.bundles, history, &run.context.options.targets)?;
    let pending = plan.steps.iter().filter(|step| step.bundle.name() != HISTORY_BUNDLE).count();
    if plan.steps.is_empty() {
        return Ok(run.report(&plan));
    }
    let message = format!(
        "this server is node `{}` of the Slony cluster `{}`, a subscriber, and {}",
        local.name(),
        cluster.name(),
        are_pending(pending)
    );
    let origin = origin.map_or_else(String::new, |origin| {
        let place = origin.conninfo.as_deref().and_then(|text| Settings::parse(text, &|_| None).ok());
        let place = place.map(|settings| format!(" at {settings}")).unwrap_or_default();
        format!(", which is node `{}`{place}", origin.name())
    });
    Err(Error::new(ErrorKind::Node, message)
        .help(format!("run against the origin of the sets{origin}; or wait until the node has the patches")))
}

/// Connects to a node and takes its lock.
async fn join<'a>(
    _migrator: &'a Migrator<'a>,
    context: &'a RunContext<'a>,
    name: &str,
    identities: &mut ServerIdentities,
) -> Result<LockedNode<'a>> {
    let (since, mut asked) = (Instant::now(), false);
    loop {
        let connected = context.source.reach(context.options, CONNECT_WAIT).await?;
        let (connection, recorded) = context.look_up(connected).await?;
        if !std::mem::replace(&mut asked, true) {
            identities.add(name, &connection, context.options).await?;
        }
        if let LockOutcome::Acquired(session, history) = context.open(connection, recorded.as_deref()).await?
        {
            let mut run = Run::new(context, recorded.unwrap_or_default());
            run.node = Some(name.to_owned());
            return Ok(LockedNode { name: name.to_owned(), run, session: *session, history });
        }
        // A boot there has its lock, and nothing to do; we have, on other nodes.
        context.wait_again(since).await?;
    }
}

impl<'a> LockedNodes<'a> {
    pub(crate) fn options(&self) -> &'a Options {
        self.origin.member.run.context.options
    }

    async fn carry_out(mut self) -> Result<Report> {
        let done = self.forward().boxed().await;
        for node in self.nodes.into_iter().chain([self.origin]) {
            node.member.session.end().await;
        }
        done
    }

    async fn forward(&mut self) -> Result<Report> {
        self.agree()?;
        let goals = self.goals()?;
        self.check(&goals).await?;
        let known = self.unreplicated().await?;
        if !goals.is_empty() {
            self.has_daemons().await?;
        }
        for node in self.nodes.iter_mut().chain([&mut self.origin]) {
            node.member.show().await?;
        }
        for part in goals.chunk_by(|a, b| (a.kind == Kind::Std) == (b.kind == Kind::Std)) {
            match part.first().map(|goal| goal.kind) {
                Some(Kind::Std) => self.captured(part).await?,
                _ => {
                    for goal in part {
                        self.everywhere(goal).await?;
                    }
                }
            }
        }
        // The origin's record comes last: as long as a node lacks something, no boot may go by it.
        let mut report = Report::default();
        for node in self.nodes.iter_mut().chain([&mut self.origin]) {
            let limit = Limit { reach: Reach::Position(node.member.history.last()), ..Limit::default() };
            report = node.member.advance(limit).await?;
        }
        for node in &self.nodes {
            let count = node.member.run.applied.len();
            if count > 0 {
                report.notes.push(format!("{count} applied on node `{}`", node.name()));
            }
        }
        report.notes.extend(self.tables(&known).await?);
        Ok(report)
    }

    /// Refuses histories of which none can follow the other.
    fn agree(&self) -> Result<()> {
        let applied = &self.origin.member.history.applied;
        let places: HashMap<_, _> =
            applied.iter().map(|row| ((row.bundle.as_str(), row.version), row.position)).collect();
        let differs = self.nodes.iter().filter_map(|node| {
            let row = node.member.history.applied.iter().find(|row| {
                match places.get(&(row.bundle.as_str(), row.version)) {
                    Some(position) => *position != row.position,
                    None => row.kind == Kind::Std || row.position <= self.origin.member.history.last(),
                }
            })?;
            let message = format!(
                "the history of node `{}` is not the origin's: patch `{}` of `{}` is at place {} there",
                node.name(),
                row.version,
                row.bundle,
                row.position
            );
            Some(Error::new(ErrorKind::Node, message).help(
                "copy the origin's history to the node: docs/operations.md, `Slony`, describes how a node is added",
            ))
        });
        Error::all(differs).map_or(Ok(()), Err)
    }

    /// What is to be on every node after this run.
    fn goals(&self) -> Result<Vec<TargetPatch>> {
        let nodes: Vec<_> = self.nodes.iter().chain([&self.origin]).collect();
        let mut behind: Option<(usize, &SlonyNode<'_>)> = None;
        for node in nodes {
            let pending = node.pending()?.steps.len();
            if behind.is_none_or(|(most, _)| pending >= most) {
                behind = Some((pending, node));
            }
        }
        let Some((_, node)) = behind else { return Ok(Vec::new()) };
        Ok(node.member.plan()?.steps.iter().map(TargetPatch::of).collect())
    }

    /// The bundles whose facts would have to be deployed.
    pub(crate) fn with_facts(&self) -> Vec<&'a Bundle> {
        self.origin.member.run.without_facts()
    }
}

/// What to say if nodes lack different patches.
pub(crate) fn apart(goal: &TargetPatch) -> Error {
    let message = format!(
        "patch `{}` of `{}` can't be applied, for the node lacks another one before it",
        goal.version, goal.bundle
    );
    Error::new(ErrorKind::Node, message).help("run again without a limit, or copy the origin's history to it")
}
