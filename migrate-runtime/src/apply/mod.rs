//! What a run does once it holds the lock, beside sending patches: the backup, and what a refused message means.

pub(crate) mod backup;
pub(crate) mod carry_out;
mod existing_objects;
pub(crate) mod refusal;
pub(crate) mod show;
