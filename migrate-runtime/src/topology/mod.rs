//! Several servers that are brought forward together.
//!
//! Each node has a history of its own, under its own lock: what a node says of itself is what is believed, so that a run
//! that broke off anywhere goes on from there. The origin comes last in every group of patches, and its record with it:
//! as long as a node lacks something, the origin lacks it too.

mod fleet;
mod identity;
mod logical;
mod member;
mod node;
mod slony;
pub(crate) mod standbys;
mod synchronous;

pub(crate) use fleet::Fleet;
pub(crate) use identity::Identities;
pub(crate) use logical::{admit, carry_out as replicate, refuse_follower};
pub(crate) use member::{Member, on};
pub use node::{Node, Topology};
pub(crate) use slony::run as run_slony;
pub(crate) use synchronous::confirmed;
