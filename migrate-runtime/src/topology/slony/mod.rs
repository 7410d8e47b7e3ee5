//! A cluster that Slony-I 2.2 replicates.
//!
//! `cluster.rs` and `cluster_nodes.rs` read the cluster's own tables, and `locked_nodes.rs` locks each `node.rs`. Std patches are
//! captured (`capture/`): Slony's `ddlCapture` runs a text on the origin of the set and keeps it in its log. Each node's daemon
//! takes it from there, in order with the rows that the triggers log. `confirm.rs` waits until every node has confirmed;
//! `tables/` refuses or notes what a patch does to replicated tables. Direct and concurrent patches go to each node over a
//! connection of our own (`direct.rs`), once all that was captured is confirmed.
//!
//! Each node has its own history: a captured text writes each node's row.

mod capture;
mod cluster;
mod cluster_nodes;
mod confirm;
mod direct;
pub(crate) mod locked_nodes;
mod node;
mod tables;
