//! What refers to other objects.

pub(super) mod comments;
pub(super) mod others;
pub(super) mod uses;
