//! A cluster that Slony-I 2.2 replicates.
//!
//! Std patches are captured: Slony's `ddlCapture` runs a text on the origin of the set and keeps it in its log, from where
//! each node's daemon takes it, in order with the rows that the triggers log, and runs it there. Direct and concurrent
//! patches go to each node by a connection of our own, once all that was captured is confirmed.
//!
//! Each node has its own history: what is captured writes each node's row.

mod capture;
mod cluster;
mod cluster_nodes;
mod confirm;
mod direct;
pub(crate) mod locked_nodes;
mod node;
mod tables;
