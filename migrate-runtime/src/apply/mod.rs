//! What a run does once it holds the lock, beside sending patches: the backup, and what a refused message means.

pub(crate) mod backup;
mod existing_objects;
pub(crate) mod refused;
