//! Support for a service's own tests: a database for each ([`crate::test`], [`TestDatabase`]), and a proof that its
//! bundles work. This is the one part of the library that reads the environment and prints.

mod contents;
mod database;
#[cfg(feature = "facts")]
mod down;
mod outcome;
#[cfg(feature = "facts")]
mod prove;
mod run;
mod server;
#[cfg(feature = "facts")]
mod way;

pub use contents::Contents;
pub use database::TestDatabase;
pub use outcome::Outcome;
#[cfg(feature = "facts")]
pub use prove::prove;
use run::About;
