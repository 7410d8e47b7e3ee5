//! Asks the server a question of our own, with a time limit, and explains its errors.

pub(crate) mod ask;
pub(crate) mod failure;
pub(crate) mod missing_right;
pub(crate) mod query_error;
