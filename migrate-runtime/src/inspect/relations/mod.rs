//! Tables, and what belongs to them.

pub(super) mod classes;
pub(super) mod columns;
pub(super) mod constraints;
pub(super) mod indexes;
pub(super) mod parents;
pub(super) mod sequences;
pub(super) mod statistics;
pub(super) mod tables;
