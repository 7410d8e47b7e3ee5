//! Triggers, rules, policies and functions.

pub(super) mod functions;
pub(super) mod policies;
pub(super) mod rules;
pub(super) mod triggers;
