//! Hazards: what a patch does to tables that others use, told before it runs, each with the safe way.
//!
//! The lint reads one patch's text, and of earlier patches only what proves something. It knows no catalog: a
//! table that the patch did not make is taken for a large one that is in use.

mod alter;
mod column;
mod constraint;
mod data;
mod enums;
mod gather;
mod hazard;
mod index;
mod known;
mod name;
mod partition;
mod rewritten;
mod rule;
mod seen;
mod session;
mod stored;
#[cfg(test)]
mod tests;
mod types;
mod walk;

pub(crate) use gather::{Gathered, gathered};
pub(crate) use name::fold;
pub use rewritten::Rewritten;
pub use rule::{LintLevel, LintRule};
pub(crate) use stored::repacks_concurrently;
pub(crate) use walk::{Lint, Outcome, reads};
