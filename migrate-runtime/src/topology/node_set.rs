use std::collections::HashSet;

use embed_migrate_core::{HISTORY_BUNDLE, Kind, Limit, Plan, Reach, Result, Step, Version};
use futures_util::future::{join_all, try_join_all};
use futures_util::{FutureExt, TryFutureExt};

use super::locked_node::{LockedNode, on};
use super::server_identity::ServerIdentities;
use crate::connection::server_wait::CONNECT_WAIT;
use crate::migrator::Migrator;
use crate::report::event::Event;
use crate::report::report::Report;
use crate::run::context::RunContext;
use crate::run::lock_outcome::LockOutcome;
use crate::run::run::Run;
use crate::run::taken_backup::Backup;

/// All nodes of a run, each under its lock.
pub(crate) struct NodeSet<'a> {
    pub(crate) origin: LockedNode<'a>,
    pub(crate) nodes: Vec<LockedNode<'a>>,
}

/// The patches that go together, by bundle and version.
type Group = HashSet<(String, Version)>;

impl<'a> NodeSet<'a> {
    /// Takes every node's lock, the origin's being taken already. A node that can't be reached ends it before anything
    /// is written.
    ///
    /// # Errors
    ///
    /// The first node that can't be reached, or whose lock is not to be had, by name.
    pub(crate) async fn lock_all(
        migrator: &'a Migrator<'a>,
        origin: LockedNode<'a>,
        contexts: &'a [RunContext<'a>],
    ) -> Result<NodeSet<'a>> {
        let nodes = migrator.options.nodes.iter().zip(contexts);
        let asked = nodes.map(|(node, context)| {
            let asked = async {
                let connected = context.source.reach(context.options, CONNECT_WAIT).await?;
                context.look_up(connected).await
            };
            asked.map_err(|error| on(&node.name, error)).boxed()
        });
        let answers = try_join_all(asked).await?;
        let mut identities = ServerIdentities::default();
        if !contexts.is_empty() {
            identities.add(&origin.name, &origin.session, &migrator.options).await?;
        }
        for (node, (connection, _)) in migrator.options.nodes.iter().zip(&answers) {
            identities.add(&node.name, connection, &migrator.options).await?;
        }
        let mut nodes = Vec::new();
        // One after another and in the order in which they are named, as every run takes them.
        for ((node, context), (connection, recorded)) in
            migrator.options.nodes.iter().zip(contexts).zip(answers)
        {
            let opened = context.open(connection, recorded.as_deref()).await;
            let opened = opened.map_err(|error| on(&node.name, error))?;
            if let LockOutcome::Acquired(session, history) = opened {
                let mut run = Run::new(context, recorded.unwrap_or_default());
                run.backup = Backup::of_another();
                run.node = Some(node.name.clone());
                nodes.push(LockedNode { name: node.name.clone(), run, session: *session, history });
            }
        }
        Ok(NodeSet { origin, nodes })
    }

    /// Migrates all nodes, group by group, the origin last in each.
    ///
    /// # Errors
    ///
    /// The first thing that goes wrong, and on which node. What is done stays, and the next run continues from there.
    pub(crate) async fn carry_out(mut self) -> Result<Report> {
        let done = self.forward().boxed().await;
        self.end().await;
        done
    }

    /// Says goodbye to all nodes.
    pub(crate) async fn end(self) {
        join_all(self.nodes.into_iter().chain([self.origin]).map(|member| member.session.end())).await;
    }

    async fn forward(&mut self) -> Result<Report> {
        let plans = self.plans()?;
        for (member, plan) in self.nodes.iter().chain([&self.origin]).zip(&plans) {
            member.run.check(&member.session, plan).map_err(|error| member.on(error))?;
        }
        let longest = plans.iter().max_by_key(|plan| plan.steps.len());
        let groups = longest.map(groups).unwrap_or_default();
        drop(plans);
        // Before anything is written on any node.
        for member in self.nodes.iter_mut().chain([&mut self.origin]) {
            member.show().await?;
        }
        self.origin.run.back_up(&mut self.origin.session).await?;
        let mut report = Report::default();
        for group in groups {
            for member in self.nodes.iter_mut().chain([&mut self.origin]) {
                let limit = Limit { reach: reach(&member.plan()?, &group), ..Limit::default() };
                member.run.context.options.tell(&Event::Node { name: member.name.clone() });
                report = member.advance(limit).await?;
            }
        }
        // What is left is facts, and the records.
        for member in self.nodes.iter_mut().chain([&mut self.origin]) {
            let limit = Limit { reach: Reach::Position(member.history.last()), ..Limit::default() };
            report = member.advance(limit).await?;
        }
        let counts = self
            .nodes
            .iter()
            .map(|node| format!("{} applied on node `{}`", node.run.applied.len(), node.name));
        report.notes.extend(counts);
        Ok(report)
    }

    fn plans(&self) -> Result<Vec<Plan<'a>>> {
        self.nodes.iter().chain([&self.origin]).map(LockedNode::plan).collect()
    }
}

/// The groups among a plan's steps.
fn groups(plan: &Plan<'_>) -> Vec<Group> {
    let named = |step: &Step<'_>| (step.bundle.name().to_string(), step.patch.version());
    let steps: Vec<_> = plan.steps.iter().filter(|step| step.bundle.name() != HISTORY_BUNDLE).collect();
    let is_std = |step: &Step<'_>| step.patch.kind() == Kind::Std;
    steps
        .chunk_by(|a, b| is_std(a) == is_std(b))
        .map(|group| group.iter().map(|step| named(step)).collect())
        .collect()
}

/// How far a node goes so that it has a group's patches.
fn reach(plan: &Plan<'_>, group: &Group) -> Reach {
    let within = |step: &&Step<'_>| {
        step.bundle.name() == HISTORY_BUNDLE
            || group.contains(&(step.bundle.name().to_string(), step.patch.version()))
    };
    Reach::Position(plan.steps.iter().take_while(within).last().map_or(0, |step| step.position))
}
