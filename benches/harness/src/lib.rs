//! What both benchmarks need: a throwaway server, patches, shuffling, medians, tables.

mod args;
mod bars;
mod cargo;
pub mod patches;
mod report;
mod server;
mod shuffle;
mod stats;
mod tool;
mod versions;

pub use args::Args;
pub use bars::Bars;
pub use cargo::{Cargo, Profile};
pub use report::{Table, write_section};
pub use server::{Server, as_owner, binaries, owner, url};
pub use shuffle::Shuffle;
pub use stats::{Spread, ratios};
pub use tool::Tool;
pub use versions::Versions;

/// The benchmarks only ever print their errors.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Whatever went wrong, as text.
pub type Result<T> = std::result::Result<T, Error>;

/// Puts what was attempted, or on what, before an error.
pub fn context<E: std::fmt::Display>(what: impl std::fmt::Display) -> impl FnOnce(E) -> Error {
    move |error| format!("{what}: {error}").into()
}
