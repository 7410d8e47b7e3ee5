//! Several servers that are brought forward together.
//!
//! Each node has a history of its own, under its own lock: what a node says of itself is what is believed, so that a run
//! that broke off anywhere goes on from there. The origin comes last in every group of patches, and its record with it:
//! as long as a node lacks something, the origin lacks it too.

pub(crate) mod locked_node;
pub(crate) mod logical;
pub(crate) mod node_set;
pub(crate) mod replication_type;
mod server_identity;
pub(crate) mod slony;
pub(crate) mod standbys;
