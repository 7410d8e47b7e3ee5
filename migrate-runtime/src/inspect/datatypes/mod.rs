//! Types, and what belongs to them.

pub(super) mod attributes;
pub(super) mod base_types;
pub(super) mod checks;
pub(super) mod ranges;
pub(super) mod types;
