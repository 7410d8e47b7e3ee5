//! What the tests of the promises share: a server for each test binary, a database for each test, bundles
//! made of a few lines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]
#![allow(missing_docs, reason = "test support is read, not published")]

mod bundle;
mod server;

pub use bundle::{Files, bundle, files, locked};
pub use server::{connect, database, server, settings};
