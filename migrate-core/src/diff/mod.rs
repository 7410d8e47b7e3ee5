//! Facts against a catalog: which changes make the facts true.
//!
//! The [`Planner`] holds the catalog as it will be, applies one fact after another to it, and notes each change that
//! the fact asks for. It is pure: where a fact must know what the tables hold, it stops with a [`Question`].

mod ahead;
mod alias;
mod aside;
mod ask;
mod change;
mod check;
mod column;
mod comment;
mod convert;
mod default;
mod edit;
mod enums;
mod extension;
mod field;
mod fresh;
mod function;
mod generated;
mod generator;
mod grant;
mod identity;
mod index;
mod link;
mod lookup;
mod outline;
mod pending;
mod planner;
mod printed;
mod rename;
mod reorder;
mod schema;
mod surrogate;
mod table;
mod trigger;
mod types;
mod view;

pub use ask::{Answer, Question};
pub use change::{Action, Change, Hazard};
pub use planner::{Next, Planner};
#[cfg(feature = "parse")]
pub(crate) use types::printed as printed_type;

pub(crate) use ask::Stop;
