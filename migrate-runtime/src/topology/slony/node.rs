use embed_migrate_core::{Error, ErrorKind, History, Limit, Plan, Result, resolve_within};

use super::cluster::{ClusterNode, SlonyCluster};
use crate::connection::rows::rows;
use crate::options::options::Options;
use crate::topology::locked_node::LockedNode;

/// A node of the cluster under its lock.
pub(crate) struct SlonyNode<'a> {
    pub(crate) id: i32,
    pub(crate) member: LockedNode<'a>,
}

/// Whether a node's daemon holds the lock by which Slony has one daemon a node.
const DAEMON: &str = "SELECT EXISTS (SELECT FROM {slony}.sl_nodelock AS l \
     JOIN pg_stat_activity AS a ON a.pid = l.nl_backendpid AND a.datname = current_database() \
     WHERE l.nl_nodeid = {slony}.getlocalnodeid({cluster}))";

impl<'a> SlonyNode<'a> {
    /// Refuses a connection that leads to another node than was meant.
    ///
    /// # Errors
    ///
    /// `SlonyNode`, with where it leads to.
    pub(crate) async fn check(&self, cluster: &SlonyCluster, options: &Options) -> Result<()> {
        let (found, members) = SlonyCluster::look(&self.member.session, options).await?;
        let local = members.iter().find(|known| known.local).map(|known| known.id);
        if found.name() == cluster.name() && local == Some(self.id) {
            return Ok(());
        }
        let there =
            members.iter().find(|known| known.local).map_or("no active node".to_owned(), ClusterNode::name);
        let message =
            format!("the connection leads to {there} of `{}`, and was to lead to {}", found.name(), self.id);
        Err(Error::new(ErrorKind::Node, message).help(format!(
            "is the cluster's path to it (`sl_path`) right? `Migrator::node(\"{0}\", …)` (`--node {0}=URL`) gives another one",
            self.id
        )))
    }

    /// Whether its daemon runs.
    pub(crate) async fn has_daemon(&self, cluster: &SlonyCluster, options: &Options) -> Result<bool> {
        let messages = cluster.ask(&self.member.session, options, DAEMON).await;
        let messages = messages.map_err(|error| self.member.on(error))?;
        Ok(rows(&messages).next().and_then(|row| row.get(0)) == Some("t"))
    }

    /// What is pending here, however much of it a run is to apply.
    pub(crate) fn pending(&self) -> Result<Plan<'a>> {
        let context = self.member.run.context;
        let plan = resolve_within(
            context.bundles,
            &self.member.history,
            &context.options.targets,
            &Limit::default(),
        );
        plan.map_err(|error| self.member.on(error))
    }

    /// Reads its history again.
    pub(crate) async fn read(&mut self) -> Result<&History> {
        let read = self.member.run.context.history(&self.member.session).await;
        self.member.history = read.map_err(|error| self.member.on(error))?;
        Ok(&self.member.history)
    }

    pub(crate) fn name(&self) -> &str {
        &self.member.name
    }
}
