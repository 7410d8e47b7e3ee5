//! Data facts: rows in bulk, in a constant number of round trips a fact.

mod array;
mod blame;
mod change;
mod compare;
mod copy;
mod links;
mod load;
pub(crate) mod progress;
mod send;

pub use load::{DataLoad, LoadMode, LoadReport};
