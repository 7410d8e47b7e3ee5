//! Support for a service's own tests: a database for each ([`crate::test`], [`TestDatabase`]), and a proof that its
//! bundles work. This is the one part of the library that reads the environment and prints.
//!
//! `#[embed_migrate::test]` calls `run.rs`, which asks `database.rs` for a database with the test's `contents.rs`, on the
//! shared server of `server.rs`; `outcome.rs` decides whether the test failed, so that its database is kept. `prove.rs`
//! makes databases by each `setup_method.rs`, and compares them by `catalog_comparison.rs`; `down_patches.rs` proves
//! that each `NAME.down.sql` leads back.

#[cfg(feature = "facts")]
mod catalog_comparison;
mod contents;
mod database;
#[cfg(feature = "facts")]
mod down_patches;
mod outcome;
#[cfg(feature = "facts")]
mod prove;
mod run;
mod server;
#[cfg(feature = "facts")]
mod setup_method;
mod test_info;

pub use contents::Contents;
pub use database::TestDatabase;
pub use outcome::TestOutcome;
#[cfg(feature = "facts")]
pub use prove::prove;
