//! Data facts: rows in bulk, in a constant number of round trips a fact.
//!
//! `load.rs` is the main file: `links.rs` looks up the rows that links name, `compare.rs` asks which rows are missing or differ,
//! `copy.rs` fills an empty table, and `change.rs` writes only what differs. `array.rs` and `send.rs` put columns into messages,
//! `blame.rs` finds the row and the line that the server refused, and `progress.rs` reports how far a load is.

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
