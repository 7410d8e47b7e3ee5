//! A publisher and the subscribers that follow it by native logical replication.
//!
//! What changes the schema is not replicated, and a subscriber that meets a row that does not fit stops. So a patch takes
//! hold on all nodes at one moment (`barrier.rs`): while nobody can write, and after everything that was written before
//! has arrived. What changes rows runs on the publisher only, for it is replicated.

mod barrier;
mod catch_up;
pub(crate) mod commit_wait;
mod comparison;
mod published;
mod replicable;
pub(crate) mod replicated;
mod side_connection;
pub(crate) mod slots;
pub(crate) mod subscriber;
mod subscriber_gate;
mod synchronous_commits;
mod two_phase;
mod uncommitted_patch;
