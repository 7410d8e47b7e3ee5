use std::collections::HashSet;

use futures_util::FutureExt;
use migrate_core::{Error, ErrorKind, Kind, Limit, OWN, Reach, Result, Step, Version};

use super::side::Side;
use super::slots::{Followers, Slot, Subscription};
use super::synchrony::Synchrony;
use super::{fit, slots};
use crate::migrator::Migrator;
use crate::report::event::Event;
use crate::report::report::Report;
use crate::run::context::Errand;
use crate::run::run::Run;
use crate::session::lock::Lock;
use crate::session::session::Session;
use crate::topology::member::Member;
use crate::topology::node_set::Fleet;

/// Brings a publisher and its subscribers forward.
///
/// # Errors
///
/// A slot that nobody is configured for, a node that does not follow, a patch that can't be replicated: before anything
/// is written. Then the first thing that goes wrong, and on which node; the next run goes on from there.
pub(crate) async fn carry_out<'a>(
    migrator: &'a Migrator<'a>,
    origin: Member<'a>,
    errands: &'a [Errand<'a>],
) -> Result<Report> {
    let limit = migrator.options.limit.clone();
    // A standby of the publisher writes nothing.
    if origin.session.lock == Lock::None {
        return alone(origin, limit).await;
    }
    let publisher = Side::open("origin", origin.run.errand).await?;
    let slots = slots::followed(&publisher, &migrator.options).await?;
    if slots.is_empty() && errands.is_empty() {
        return alone(origin, limit).await;
    }
    slots::refuse_unknown(&slots, errands.len())?;
    let mut fleet = Fleet::muster(migrator, origin, errands).await?;
    fleet.nodes.iter_mut().for_each(|node| node.run.follows = true);
    let mut nodes = Vec::new();
    for (node, errand) in migrator.options.nodes.iter().zip(errands) {
        nodes.push(Side::open(&node.name, errand).await?);
    }
    let (subscribed, synchrony) = (Vec::new(), Synchrony::default());
    let replicated = Replicated { fleet, publisher, nodes, slots, subscribed, synchrony };
    replicated.carry_out(&limit).await
}

/// A run on a server that nobody follows.
async fn alone(mut origin: Member<'_>, limit: Limit) -> Result<Report> {
    let done = origin.advance(limit).await;
    origin.session.end().await;
    done
}

/// A publisher and its subscribers under their locks, and a second way to each for questions.
pub(super) struct Replicated<'a> {
    pub(super) fleet: Fleet<'a>,
    pub(super) publisher: Side<'a>,
    pub(super) nodes: Vec<Side<'a>>,
    pub(super) slots: Vec<Slot>,
    /// Each node's subscriptions to the publisher.
    pub(super) subscribed: Vec<Vec<Subscription>>,
    /// What commits of the publisher did not wait for.
    pub(super) synchrony: Synchrony,
}

/// Refuses, as a run does before it writes anything, what a dry run was asked to try.
///
/// # Errors
///
/// As [`carry_out`], as far as it needs no lock on nodes.
pub(crate) async fn admit(
    run: &Run<'_>,
    session: &Session,
    errands: &[Errand<'_>],
    steps: &[Step<'_>],
) -> Result<()> {
    let options = run.errand.options;
    let publisher = Side::open("origin", run.errand).await?;
    let slots = slots::followed(&publisher, options).await?;
    if slots.is_empty() && errands.is_empty() {
        return Ok(());
    }
    slots::refuse_unknown(&slots, errands.len())?;
    let mut nodes = Vec::new();
    for (node, errand) in options.nodes.iter().zip(errands) {
        nodes.push(Side::open(&node.name, errand).await?);
    }
    unpooled(&publisher.name, session.lock)?;
    let followers = Followers { publisher: &publisher, nodes: &nodes, slots: &slots };
    followers.verify().await?;
    followers.verify_enabled(|_| true).await?;
    followers.verify_phases().await?;
    fit::check(run.without_facts(), steps)
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

impl<'a> Replicated<'a> {
    async fn carry_out(mut self, limit: &Limit) -> Result<Report> {
        let done = self.forward(limit).boxed().await;
        let done = done.map_err(|error| match error.already_applied().is_empty() {
            true => error.applied(self.fleet.origin.run.names()),
            false => error,
        });
        self.fleet.end().await;
        done
    }

    async fn forward(&mut self, limit: &Limit) -> Result<Report> {
        self.refuse_pooled()?;
        self.followers().verify().await?;
        // One that stopped for what it lacks is enabled once it has it.
        let owed = self.owed()?;
        self.followers().verify_enabled(|node| !owed.contains(node)).await?;
        self.followers().verify_phases().await?;
        self.subscribed = self.followers().subscribed().await?;
        let pending = self.pending(limit)?;
        let lacking = self.members().flat_map(|member| member.run.without_facts());
        fit::check(lacking, &pending)?;
        for member in self.members_mut() {
            member.show().await?;
        }
        self.own().await?;
        let unpublished = self.unpublished().await?;
        self.arrears().await?;
        self.followers().verify_enabled(|_| true).await?;
        self.settled().await?;
        for step in pending.iter().filter(|step| step.bundle.name() != OWN) {
            match step.patch.kind() {
                Kind::Concurrent => self.by_itself(step).await?,
                Kind::Std | Kind::Direct => self.at_once(step).await?,
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
    pub(super) fn members(&self) -> impl Iterator<Item = &Member<'a>> {
        self.fleet.nodes.iter().chain([&self.fleet.origin])
    }

    pub(super) fn members_mut(&mut self) -> impl Iterator<Item = &mut Member<'a>> {
        self.fleet.nodes.iter_mut().chain([&mut self.fleet.origin])
    }

    /// What the publisher lacks, or else what a node lacks.
    fn pending(&self, limit: &Limit) -> Result<Vec<Step<'a>>> {
        let mut found = HashSet::new();
        let mut pending = Vec::new();
        for member in [&self.fleet.origin].into_iter().chain(&self.fleet.nodes) {
            let steps = member.plan_within(limit)?.steps;
            pending.extend(steps.into_iter().filter(|step| found.insert(name(step))));
        }
        Ok(pending)
    }

    /// The history's own tables: at the subscribers before the publisher writes a row that may be replicated, and with
    /// what keeps such rows out.
    async fn own(&mut self) -> Result<()> {
        for node in &mut self.fleet.nodes {
            node.own().await?;
            node.keep_own_rows().await?;
        }
        // It is noted in a table that subscribers may take.
        let origin = &mut self.fleet.origin;
        origin.run.back_up(&mut origin.session).await?;
        origin.own().await
    }

    /// The nodes that lack what the publisher has.
    fn owed(&self) -> Result<HashSet<String>> {
        let lacks = self.lacks()?;
        let mut owed = HashSet::new();
        for node in &self.fleet.nodes {
            let steps = node.plan_within(&Limit::default())?.steps;
            if steps.iter().any(|step| !lacks.contains(&name(step))) {
                owed.insert(node.name.clone());
            }
        }
        Ok(owed)
    }

    /// What the publisher lacks itself.
    fn lacks(&self) -> Result<HashSet<Name>> {
        Ok(self.fleet.origin.plan_within(&Limit::default())?.steps.iter().map(name).collect())
    }

    /// What the publisher has and a node lacks, because a run broke off between the two, or the node is new.
    async fn arrears(&mut self) -> Result<()> {
        let lacks = self.lacks()?;
        let Fleet { origin, nodes } = &mut self.fleet;
        for node in nodes {
            let steps = node.plan_within(&Limit::default())?.steps;
            for step in steps.iter().filter(|step| !lacks.contains(&name(step))) {
                node.run.errand.options.tell(&Event::Node { name: node.name.clone() });
                let done = match step.patch.kind() {
                    Kind::Concurrent => node.by_itself(step).await,
                    Kind::Std | Kind::Direct => {
                        let evaluation = origin.evaluation(step.bundle.schema().is_some()).await?;
                        node.alone(step, &evaluation).await
                    }
                };
                if let Err(error) = done {
                    return Err(self.whereabouts(step, error).await);
                }
            }
        }
        Ok(())
    }

    /// A concurrent patch, on each node by itself.
    async fn by_itself(&mut self, step: &Step<'_>) -> Result<()> {
        for member in self.members_mut() {
            if let Some(step) = member.pending(step)? {
                member.run.errand.options.tell(&Event::Node { name: member.name.clone() });
                member.by_itself(&step).await?;
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
        let nodes = &self.fleet.nodes;
        let counts =
            nodes.iter().map(|node| format!("{} applied on node `{}`", node.run.applied.len(), node.name));
        report.notes.extend(counts);
        Ok(report)
    }
}

const OWN_ONLY: Limit = Limit { reach: Reach::Position(0), kinds: Vec::new() };

impl<'a> Member<'a> {
    /// A patch as this node is to get it; `None` where it has it.
    pub(super) fn pending(&self, wanted: &Step<'_>) -> Result<Option<Step<'a>>> {
        let steps = self.plan_within(&Limit::default())?.steps;
        let found = steps.into_iter().find(|step| name(step) == name(wanted));
        let next = self.history.last() + 1;
        Ok(found.map(|step| match step.started {
            true => step,
            false => Step { position: next, ..step },
        }))
    }

    /// Makes the history's tables, where they are not there as they are to be.
    async fn own(&mut self) -> Result<()> {
        if self.plan_within(&OWN_ONLY)?.steps.is_empty() {
            return Ok(());
        }
        match self.advance(OWN_ONLY).await {
            // A standby is away: that is told once all is done, as on a server without subscribers.
            Err(error) if error.kind() == ErrorKind::Node && self.session.server.synchronous => {
                self.reread().await
            }
            made => made.map(drop),
        }
    }

    async fn by_itself(&mut self, step: &Step<'_>) -> Result<()> {
        let done = self.run.concurrent(&mut self.session, step).await;
        done.map_err(|error| self.on(error))?;
        self.reread().await
    }

    /// Reads the history again.
    pub(super) async fn reread(&mut self) -> Result<()> {
        self.history = self.run.errand.history(&self.session).await.map_err(|error| self.on(error))?;
        Ok(())
    }
}

impl Replicated<'_> {
    pub(super) fn followers(&self) -> Followers<'_, '_> {
        Followers { publisher: &self.publisher, nodes: &self.nodes, slots: &self.slots }
    }
}

impl Replicated<'_> {
    /// The node's subscriptions to this publisher.
    pub(super) async fn subscriptions(&self, node: &Side<'_>) -> Result<Vec<Subscription>> {
        self.followers().subscriptions(node).await
    }
}
