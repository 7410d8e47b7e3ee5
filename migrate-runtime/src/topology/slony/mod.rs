//! A cluster that Slony-I 2.2 replicates.
//!
//! Std patches are captured: Slony's `ddlCapture` runs a text on the origin of the set and keeps it in its log, from where
//! each node's daemon takes it, in order with the rows that the triggers log, and runs it there. Direct and concurrent
//! patches go to each node by a connection of our own, once all that was captured is confirmed.
//!
//! Each node has its own history: what is captured writes each node's row.

mod adding;
mod capture;
mod captured;
mod cluster;
mod columns;
mod confirm;
mod crew;
mod direct;
mod node;
mod place;
mod setting;
mod tables;

pub(crate) use crew::run;
