//! A publisher and the subscribers that follow it by native logical replication.
//!
//! Changes of the schema are not replicated, and a subscriber stops at a row that does not fit. So a patch takes effect on all
//! nodes at one moment (`barrier.rs`): while nobody can write, and after everything that was written before has arrived
//! (`catch_up.rs`). Changes of rows run on the publisher only, and are replicated.
//!
//! `logical_replication.rs` holds the publisher and its `subscriber.rs`s under their locks; `slots.rs` reads who follows, `published_tables.rs` what is
//! published, and `replication_rules.rs` refuses what cannot work. `uncommitted_patch.rs` is a patch of which all nodes have done
//! everything but the commit: `comparison/` asks over a `side_connection.rs` whether the nodes are alike, `subscriber_gate.rs` keeps
//! rows away from subscribers until they have the patch, `two_phase.rs` and `synchronous_commits.rs` refuse what would never end,
//! and `commit_wait.rs` waits for standbys.

mod barrier;
mod catch_up;
pub(crate) mod commit_wait;
mod comparison;
pub(crate) mod logical_replication;
mod published_tables;
mod replication_rules;
mod side_connection;
pub(crate) mod slots;
pub(crate) mod subscriber;
mod subscriber_gate;
mod synchronous_commits;
mod two_phase;
mod uncommitted_patch;
