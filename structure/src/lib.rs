//! Measures of the project's own source: which file imports which, how long files and functions are, and what users can reach.
//!
//! [`Sources`] reads the files of one crate, [`imports`](Sources::imports) says which file uses what of which other one, and
//! [`circles`] finds files that import each other. [`Documented`] reads what rustdoc knows of a crate, and [`Listing`] follows
//! the facade's exports through it. `tests/layout.rs` holds the limits; `cargo run -p structure` writes `docs/interface.txt`.

mod circles;
mod documented;
mod exports;
mod imports;
mod listing;
mod paths;
mod sources;

pub use circles::{circles, folder_circles};
pub use documented::Documented;
pub use imports::Imports;
pub use listing::Listing;
pub use sources::{Source, Sources};
