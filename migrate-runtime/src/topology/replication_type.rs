use embed_migrate_core::{Error, ErrorKind, Result};

use crate::connection::source::Source;
use crate::migrator::Migrator;
use crate::options::node::Node;
use crate::options::topology::Topology;
use crate::session::session::Session;
use crate::topology::logical::slots::publishes;

impl Migrator<'_> {
    /// The replication type of the servers: the configured one, or else the one that the server of the run shows. From a standby nothing
    /// is written, to nobody.
    ///
    /// # Errors
    ///
    /// `Unsupported` if something was asked for that only a Slony cluster has, and the server is no node of one.
    pub(crate) async fn replication_type(&self, session: &Session) -> Result<Topology> {
        let (options, server) = (&self.options, &session.server);
        let said = options.topology;
        if server.standby {
            return Ok(Topology::Single);
        }
        if server.slony && said.is_none_or(|said| said == Topology::Slony) {
            return Ok(Topology::Slony);
        }
        if said == Some(Topology::Slony) || options.add_to_set {
            let message = "the server is not a node of a Slony cluster";
            return Err(Error::new(ErrorKind::Unsupported, message).help(
                "run against the origin of its sets; or do not set `add_to_set` and `Topology::Slony`",
            ));
        }
        match said {
            Some(said) => Ok(said),
            None if server.logical && publishes(session, options).await? => Ok(Topology::Logical),
            None if options.nodes.is_empty() => Ok(Topology::Single),
            None => Ok(Topology::List),
        }
    }

    /// The sources of the nodes; none if the replication type is `single`.
    pub(crate) fn sources(&self) -> Vec<Source<'_>> {
        self.nodes().iter().map(|Node { settings, .. }| Source::Settings(settings)).collect()
    }
}
