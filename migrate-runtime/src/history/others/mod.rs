//! Finds a bundle that is in the database already under another name, in another schema, or made by another tool.

pub(crate) mod history_tables;
pub(crate) mod other_histories;
