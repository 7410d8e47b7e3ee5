//! The tables of the history.

pub(crate) mod own_bundle;
