//! Brings a PostgreSQL database to what a binary expects: under a lock, in one pipeline, or not at all.
//!
//! [`Migrator`] is the way in. What it decides is decided by `migrate-core`, which knows no connection; this
//! crate sends and waits.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod apply;
mod boot;
mod checks;
mod connection;
mod facts;
mod history;
#[cfg(feature = "facts")]
mod inspect;
mod migrator;
mod nontransactional;
mod options;
mod pipeline;
mod query;
mod report;
#[cfg(feature = "facts")]
#[doc(hidden)]
pub mod rows;
mod run;
mod session;
mod settings;
mod topology;
mod trust;

pub use connection::link::{Canceller, Link};
#[cfg(feature = "deadpool")]
pub use connection::pool::pool_error;
pub use connection::source::{IntoSource, Source};
#[cfg(feature = "facts")]
pub use facts::{declared::declared, deployed::Deployed, driver::driver::Driver, given::Given};
#[doc(hidden)]
pub use history::tables::own_bundle::history_digest;
#[cfg(feature = "facts")]
pub use inspect::{
    ddl::ddl,
    inspection::{fingerprint, inspect},
    scope::Scope,
};
pub use migrator::Migrator;
pub use nontransactional::repair::Repair;
pub use options::node::{Node, Topology};
#[cfg(feature = "facts")]
pub use report::drift::Drift;
#[cfg(feature = "facts")]
pub use report::drift::Since;
pub use report::dry_run::DryRun;
pub use report::event::Event;
pub use report::facts_line::{FactsLine, FactsState};
pub use report::lock_holder::Holder;
pub use report::notice::Notice;
pub use report::pending::Pending;
pub use report::report::{Done, FactsDone, Report, Stand};
pub use report::status::Line;
pub use report::status::State;
pub use report::status::Status;
pub use settings::settings::Settings;
pub use settings::sslmode::SslMode;
