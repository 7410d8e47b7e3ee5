//! Histories of other schemas and of other tools.

pub(crate) mod history_tables;
pub(crate) mod other_histories;
