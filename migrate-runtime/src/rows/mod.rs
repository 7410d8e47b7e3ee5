//! Data facts: rows in bulk, in a constant number of round trips a fact.

mod blame;
mod change;
mod compare;
mod copy;
mod links;
mod load;
mod send;
mod texts;

pub use load::{Load, Loaded, Mode};
