//! What the targets in `tests/` share. Each runs for two seconds with `cargo test`, and otherwise for as many as
//! `FUZZ_SECONDS` says: `FUZZ_SECONDS=60 cargo test -p fuzz`. `FUZZ_SEED`, a number, gives other values. What fails is made
//! as small as it gets before it is shown.

mod libpq;
mod run;
mod words;

pub use libpq::{Libpq, Parsed};
pub use run::run;
pub use words::{Words, joined, words};
