//! The tables of the history: the bundle that makes them (`own_bundle.rs`), and those that are made when needed.

pub(crate) mod own_bundle;
