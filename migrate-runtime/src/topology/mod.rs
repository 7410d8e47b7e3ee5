//! Several servers that are migrated together.
//!
//! Each node (`locked_node.rs`) has a history of its own, under its own lock, so that a run that was interrupted anywhere continues from
//! there. The origin comes last in every group of patches: as long as a node lacks something, the origin lacks it too.
//! `replication_type.rs` finds out how the servers are replicated: `node_set.rs` migrates a list, `logical/` native
//! subscribers, `slony/` a Slony cluster. `server_identity.rs` recognises one server under two names, before it waits for
//! itself; `standbys.rs` waits for physical standbys.

pub(crate) mod locked_node;
pub(crate) mod logical;
pub(crate) mod node_set;
pub(crate) mod replication_type;
mod server_identity;
pub(crate) mod slony;
pub(crate) mod standbys;
