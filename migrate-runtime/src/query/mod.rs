//! A question to the server, and what its errors mean.

pub(crate) mod ask;
pub(crate) mod failure;
pub(crate) mod missing_right;
pub(crate) mod query_error;
