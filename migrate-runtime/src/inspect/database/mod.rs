//! What belongs to the database as a whole.

pub(super) mod default_grants;
pub(super) mod event_triggers;
pub(super) mod extensions;
pub(super) mod namespaces;
pub(super) mod publications;
pub(super) mod server;
pub(super) mod servers;
pub(super) mod wrappers;
