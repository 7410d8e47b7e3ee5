//! Who we are in a cluster, and how its other nodes are reached.

use embed_migrate_core::{Error, ErrorKind, Result};

use super::cluster::{ClusterNode, SINGLE, SlonyCluster};
use crate::options::options::Options;
use crate::settings::settings::Settings;

/// The node that we are connected to, and the others.
///
/// # Errors
///
/// `Unsupported` if no set has its origin on an active node, or sets have several; `SlonyNode` if ours is not active.
pub(crate) fn place(
    cluster: &SlonyCluster,
    members: Vec<ClusterNode>,
) -> Result<(ClusterNode, Vec<ClusterNode>)> {
    let name = cluster.name();
    let origins: Vec<String> =
        members.iter().filter(|known| known.origin).map(|known| format!("`{}`", known.name())).collect();
    let (local, others): (Vec<_>, Vec<_>) = members.into_iter().partition(|known| known.local);
    let Some(local) = local.into_iter().next() else {
        let message = format!("this server is not an active node of the Slony cluster `{name}`");
        return Err(Error::new(ErrorKind::Node, message).help(SINGLE));
    };
    let message = match origins.as_slice() {
        [_] => return Ok((local, others)),
        [] => format!("no set of the Slony cluster `{name}` has its origin on an active node"),
        several => {
            format!("the sets of the Slony cluster `{name}` have several origins: {}", several.join(", "))
        }
    };
    Err(Error::new(ErrorKind::Unsupported, message)
        .note("a patch is captured on the origin of the sets, in order with their rows")
        .help(format!("move all sets to one origin (`MOVE SET`) and run it there;\n{SINGLE}")))
}

/// How to connect to a node: as the options say, or else as its neighbours do.
pub(crate) fn settings(cluster: &SlonyCluster, known: &ClusterNode, options: &Options) -> Result<Settings> {
    let named = options.nodes.iter().find(|node| is(known, &node.name));
    if let Some(node) = named {
        return Ok(node.settings.clone());
    }
    let help = format!("say where it is: `Migrator::node(\"{0}\", …)` (`--node {0}=URL`)", known.id);
    let Some(conninfo) = &known.conninfo else {
        let message =
            format!("the Slony cluster `{}` has no path to its node `{}`", cluster.name(), known.name());
        return Err(Error::new(ErrorKind::Node, message).help(help));
    };
    Settings::parse(conninfo, &|_| None).map_err(|error| {
        error
            .context(format!(
                "in the path to node `{}` of the Slony cluster `{}`",
                known.name(),
                cluster.name()
            ))
            .help(help)
    })
}

fn is(known: &ClusterNode, name: &str) -> bool {
    known.id.to_string() == name || known.comment.trim() == name || known.name() == name
}

/// Refuses nodes that the cluster does not have.
pub(crate) fn strange(
    cluster: &SlonyCluster,
    local: &ClusterNode,
    others: &[ClusterNode],
    options: &Options,
) -> Result<()> {
    let known = |name: &str| others.iter().chain([local]).any(|known| is(known, name));
    let strange = options.nodes.iter().filter(|node| !known(&node.name)).map(|node| {
        let names: Vec<String> =
            others.iter().chain([local]).map(|known| format!("`{}`", known.name())).collect();
        let message =
            format!("`{}` is not an active node of the Slony cluster `{}`", node.name, cluster.name());
        Error::new(ErrorKind::Settings, message)
            .help(format!("its nodes are {}; a node is named by its number or its comment", names.join(", ")))
    });
    Error::all(strange).map_or(Ok(()), Err)
}
