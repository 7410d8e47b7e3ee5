use std::collections::HashSet;

use embed_migrate_core::{Error, ErrorKind, HISTORY_BUNDLE, Kind, Limit, Reach, Result, Step, Version};
use futures_util::FutureExt;

use super::side_connection::SideConnection;
use super::slots::{ReplicationSlot, Subscribers, Subscription};
use super::synchronous_commits::SynchronousCommits;
use super::{replication_rules, slots};
use crate::migrator::Migrator;
use crate::report::event::Event;
use crate::report::report::Report;
use crate::run::context::RunContext;
use crate::run::run::Run;
use crate::session::lock::Lock;
use crate::session::session::Session;
use crate::topology::locked_node::LockedNode;
use crate::topology::node_set::NodeSet;

/// Migrates a publisher and its subscribers.
///
/// # Errors
///
/// A slot that nobody is configured for, a node that does not follow, a patch that can't be replicated: before anything
/// is written. Then the first thing that goes wrong, and on which node; the next run continues from there.
pub(crate) async fn carry_out<'a>(
    migrator: &'a Migrator<'a>,
    origin: LockedNode<'a>,
    contexts: &'a [RunContext<'a>],
) -> Result<Report> {
    let limit = migrator.options.limit.clone();
    // A standby of the publisher writes nothing.
    if origin.session.lock == Lock::None {
        return alone(origin, limit).await;
    }
    let publisher = SideConnection::open("origin", origin.run.context).await?;
    let slots = slots::followed(&publisher, &migrator.options).await?;
    if slots.is_empty() && contexts.is_empty() {
        return alone(origin, limit).await;
    }
    slots::refuse_unknown(&slots, contexts.len())?;
    let mut node_set = NodeSet::lock_all(migrator, origin, contexts).await?;
    node_set.nodes.iter_mut().for_each(|node| node.run.follows = true);
    let mut nodes = Vec::new();
    for (node, context) in migrator.options.nodes.iter().zip(contexts) {
        nodes.push(SideConnection::open(&node.name, context).await?);
    }
    let (subscribed, synchrony) = (Vec::new(), SynchronousCommits::default());
    let replicated = LogicalReplication { node_set, publisher, nodes, slots, subscribed, synchrony };
    replicated.carry_out(&limit).await
}

/// A run on a server that nobody follows.
async fn alone(mut origin: LockedNode<'_>, limit: Limit) -> Result<Report> {
    let done = origin.advance(limit).await;
    origin.session.end().await;
    done
}

/// A publisher and its subscribers under their locks, and a second way to each for questions.
pub(super) struct LogicalReplication<'a> {
    pub(super) node_set: NodeSet<'a>,
    pub(super) publisher: SideConnection<'a>,
    pub(super) nodes: Vec<SideConnection<'a>>,
    pub(super) slots: Vec<ReplicationSlot>,
    /// Each node's subscriptions to the publisher.
    pub(super) subscribed: Vec<Vec<Subscription>>,
    /// What commits of the publisher did not wait for.
    pub(super) synchrony: SynchronousCommits,
}

/// Refuses, as a run does before it writes anything, what a dry run was asked to try.
///
/// # Errors
///
/// As [`carry_out`], as far as it needs no lock on nodes.
pub(crate) async fn admit(
    run: &Run<'_>,
    session: &Session,
    contexts: &[RunContext<'_>],
    steps: &[Step<'_>],
) -> Result<()> {
    let options = run.context.options;
    let publisher = SideConnection::open("origin", run.context).await?;
    let slots = slots::followed(&publisher, options).await?;
    if slots.is_empty() && contexts.is_empty() {
        return Ok(());
    }
    slots::refuse_unknown(&slots, contexts.len())?;
    let mut nodes = Vec::new();
    for (node, context) in options.nodes.iter().zip(contexts) {
        nodes.push(SideConnection::open(&node.name, context).await?);
    }
    unpooled(&publisher.name, session.lock)?;
    let subscribers = Subscribers { publisher: &publisher, nodes: &nodes, slots: &slots };
    subscribers.verify().await?;
    subscribers.verify_enabled(|_| true).await?;
    subscribers.verify_phases().await?;
    replication_rules::check(run.without_facts(), steps)
}

fn unpooled(node: &str, lock: Lock) -> Result<()> {
    if lock == Lock::Session {
        return Ok(());
    }
    let message =
        format!("node `{node}` is a standby or behind a pooler, and replicated nodes are changed together");
    Err(Error::new(ErrorKind::Unsupported, message)
        .note("a transaction on each is held open until all have it")
        .help("name the server itself, and the one that is written to"))
}

/// A patch, by its bundle and version.
type Name = (String, Version);

fn name(step: &Step<'_>) -> Name {
    (step.bundle.name().to_string(), step.patch.version())
}

impl<'a> LogicalReplication<'a> {
    async fn carry_out(mut self, limit: &Limit) -> Result<Report> {
        let done = self.forward(limit).boxed().await;
        let done = done.map_err(|error| match error.already_applied().is_empty() {
            true => error.applied(self.node_set.origin.run.names()),
            false => error,
        });
        self.node_set.end().await;
        done
    }

    async fn forward(&mut self, limit: &Limit) -> Result<Report> {
        self.refuse_pooled()?;
        self.subscribers().verify().await?;
        // One that stopped for what it lacks is enabled once it has it.
        let nodes_behind = self.nodes_behind()?;
        self.subscribers().verify_enabled(|node| !nodes_behind.contains(node)).await?;
        self.subscribers().verify_phases().await?;
        self.subscribed = self.subscribers().subscribed().await?;
        let pending = self.pending(limit)?;
        let lacking = self.members().flat_map(|member| member.run.without_facts());
        replication_rules::check(lacking, &pending)?;
        for member in self.members_mut() {
            member.show().await?;
        }
        self.own().await?;
        let unpublished = self.unpublished().await?;
        self.catch_up_nodes().await?;
        self.subscribers().verify_enabled(|_| true).await?;
        self.wait_until_current().await?;
        for step in pending.iter().filter(|step| step.bundle.name() != HISTORY_BUNDLE) {
            match step.patch.kind() {
                Kind::Concurrent => self.apply_concurrent(step).await?,
                Kind::Std | Kind::Direct => self.apply_everywhere(step).await?,
            }
        }
        self.refresh().await?;
        let notes = self.new_tables(&unpublished).await?;
        let mut report = self.record().await?;
        report.notes.extend(notes);
        report.notes.extend(self.synchrony.note());
        Ok(report)
    }

    fn refuse_pooled(&self) -> Result<()> {
        self.members().try_for_each(|member| unpooled(&member.name, member.session.lock))
    }

    /// The nodes, and the publisher last.
    pub(super) fn members(&self) -> impl Iterator<Item = &LockedNode<'a>> {
        self.node_set.nodes.iter().chain([&self.node_set.origin])
    }

    pub(super) fn members_mut(&mut self) -> impl Iterator<Item = &mut LockedNode<'a>> {
        self.node_set.nodes.iter_mut().chain([&mut self.node_set.origin])
    }

    /// What the publisher lacks, or else what a node lacks.
    fn pending(&self, limit: &Limit) -> Result<Vec<Step<'a>>> {
        let mut found = HashSet::new();
        let mut pending = Vec::new();
        for member in [&self.node_set.origin].into_iter().chain(&self.node_set.nodes) {
            let steps = member.plan_within(limit)?.steps;
            pending.extend(steps.into_iter().filter(|step| found.insert(name(step))));
        }
        Ok(pending)
    }

    /// The history's own tables: at the subscribers before the publisher writes a row that may be replicated, and with
    /// what keeps such rows out.
    async fn own(&mut self) -> Result<()> {
        for node in &mut self.node_set.nodes {
            node.own().await?;
            node.keep_own_rows().await?;
        }
        // It is noted in a table that subscribers may take.
        let origin = &mut self.node_set.origin;
        origin.run.back_up(&mut origin.session).await?;
        origin.own().await
    }

    /// The nodes that lack what the publisher has.
    fn nodes_behind(&self) -> Result<HashSet<String>> {
        let lacks = self.lacks()?;
        let mut nodes_behind = HashSet::new();
        for node in &self.node_set.nodes {
            let steps = node.plan_within(&Limit::default())?.steps;
            if steps.iter().any(|step| !lacks.contains(&name(step))) {
                nodes_behind.insert(node.name.clone());
            }
        }
        Ok(nodes_behind)
    }

    /// What the publisher lacks itself.
    fn lacks(&self) -> Result<HashSet<Name>> {
        Ok(self.node_set.origin.plan_within(&Limit::default())?.steps.iter().map(name).collect())
    }

    /// What the publisher has and a node lacks, because a run broke off between the two, or the node is new.
    async fn catch_up_nodes(&mut self) -> Result<()> {
        let lacks = self.lacks()?;
        let NodeSet { origin, nodes } = &mut self.node_set;
        for node in nodes {
            let steps = node.plan_within(&Limit::default())?.steps;
            for step in steps.iter().filter(|step| !lacks.contains(&name(step))) {
                node.run.context.options.tell(&Event::Node { name: node.name.clone() });
                let done = match step.patch.kind() {
                    Kind::Concurrent => node.apply_concurrent(step).await,
                    Kind::Std | Kind::Direct => {
                        let evaluation = origin.evaluation(step.bundle.schema().is_some()).await?;
                        node.alone(step, &evaluation).await
                    }
                };
                if let Err(error) = done {
                    return Err(self.note_who_has(step, error).await);
                }
            }
        }
        Ok(())
    }

    /// A concurrent patch, on each node by itself.
    async fn apply_concurrent(&mut self, step: &Step<'_>) -> Result<()> {
        for member in self.members_mut() {
            if let Some(step) = member.pending(step)? {
                member.run.context.options.tell(&Event::Node { name: member.name.clone() });
                member.apply_concurrent(&step).await?;
            }
        }
        Ok(())
    }

    /// The records, the publisher's last: until then each boot looks whether something is left to do.
    async fn record(&mut self) -> Result<Report> {
        let mut report = Report::default();
        for member in self.members_mut() {
            let limit = Limit { reach: Reach::Position(member.history.last()), ..Limit::default() };
            report = member.advance(limit).await?;
        }
        let nodes = &self.node_set.nodes;
        let counts =
            nodes.iter().map(|node| format!("{} applied on node `{}`", node.run.applied.len(), node.name));
        report.notes.extend(counts);
        Ok(report)
    }
}

const OWN_ONLY: Limit = Limit { reach: Reach::Position(0), kinds: Vec::new() };

impl<'a> LockedNode<'a> {
    /// A patch as this node is to get it; `None` if it has it.
    pub(super) fn pending(&self, wanted: &Step<'_>) -> Result<Option<Step<'a>>> {
        let steps = self.plan_within(&Limit::default())?.steps;
        let found = steps.into_iter().find(|step| name(step) == name(wanted));
        let next = self.history.last() + 1;
        Ok(found.map(|step| match step.started {
            true => step,
            false => Step { position: next, ..step },
        }))
    }

    /// Makes the history's tables, if they are not there as they are to be.
    async fn own(&mut self) -> Result<()> {
        if self.plan_within(&OWN_ONLY)?.steps.is_empty() {
            return Ok(());
        }
        match self.advance(OWN_ONLY).await {
            // A standby is away: that is reported once all is done, as on a server without subscribers.
            Err(error) if error.kind() == ErrorKind::Node && self.session.server.synchronous => {
                self.reread().await
            }
            result => result.map(drop),
        }
    }

    async fn apply_concurrent(&mut self, step: &Step<'_>) -> Result<()> {
        let done = self.run.concurrent(&mut self.session, step).await;
        done.map_err(|error| self.on(error))?;
        self.reread().await
    }

    /// Reads the history again.
    pub(super) async fn reread(&mut self) -> Result<()> {
        self.history = self.run.context.history(&self.session).await.map_err(|error| self.on(error))?;
        Ok(())
    }
}

impl LogicalReplication<'_> {
    pub(super) fn subscribers(&self) -> Subscribers<'_, '_> {
        Subscribers { publisher: &self.publisher, nodes: &self.nodes, slots: &self.slots }
    }
}

impl LogicalReplication<'_> {
    /// The node's subscriptions to this publisher.
    pub(super) async fn subscriptions(&self, node: &SideConnection<'_>) -> Result<Vec<Subscription>> {
        self.subscribers().subscriptions(node).await
    }
}
