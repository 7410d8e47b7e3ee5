//! What refers to other objects.

pub(super) mod comments;
pub(super) mod privileges;
pub(super) mod uses;
