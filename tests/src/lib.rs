//! What the tests of the promises share: a server for each test binary, a database for each test, bundles
//! made of a few lines.

mod bundle;
#[path = "../../migrate-core/src/cases.rs"]
mod cases;
pub mod catalog;
mod cluster;
mod counter;
mod durable;
mod logical;
mod moments;
mod pgbouncer;
mod relay;
mod reset;
mod server;
mod slony;
mod stall;
pub mod subject;
mod until;

pub use bundle::{Files, bundle, files, locked};
pub use cases::cases;
pub use cluster::{boot, undisturbed, url};
pub use counter::Counter;
pub use durable::{durable, held, synchronous, throwaway, waiting};
pub use logical::{Logical, PublishedTables, Writer, WriterReport, history, replicated};
pub use moments::Moments;
pub use pgbouncer::PgBouncer;
pub use relay::Relay;
pub use reset::{Reset, Sender};
pub use server::{connect, database, lasting_server, lock_holder, server, settings, values};
pub use slony::Slony;
pub use stall::{Stall, StallDirection};
pub use until::until;

// The manuals, whose examples run.
#[cfg(doctest)]
mod manuals {
    #[doc = include_str!("../../docs/clusters.md")]
    mod clusters {}
    #[doc = include_str!("../../docs/testing.md")]
    mod testing {}
}
