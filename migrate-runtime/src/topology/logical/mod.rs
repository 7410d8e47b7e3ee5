//! A publisher and the subscribers that follow it by native logical replication.
//!
//! What changes the schema is not replicated, and a subscriber that meets a row that does not fit stops. So a patch takes
//! hold on all nodes at one moment (`barrier.rs`): while nobody can write, and after everything that was written before
//! has arrived. What changes rows runs on the publisher only, for it is replicated.

mod barrier;
pub(crate) mod commit_wait;
mod comparison;
mod fit;
mod gate;
mod lag;
mod parked;
mod phases;
mod published;
pub(crate) mod replicated;
mod side;
pub(crate) mod slots;
pub(crate) mod subscriber;
mod synchrony;
