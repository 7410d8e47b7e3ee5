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

#[doc(hidden)]
pub use connection::link::{Canceller, DirectConnection};
#[cfg(feature = "deadpool")]
pub use connection::pool::pool_error;
pub use connection::source::IntoSource;
#[doc(hidden)]
pub use connection::source::Source;
#[cfg(feature = "facts")]
pub use facts::{
    declared_ddl::declared, deploy_report::DeployReport, driver::driver::Driver, into_facts::IntoFacts,
};
#[doc(hidden)]
pub use history::tables::own_bundle::history_digest;
#[cfg(feature = "facts")]
pub use inspect::{
    ddl::{Ddl, ddl},
    inspection::{fingerprint, inspect},
    scope::Scope,
};
pub use migrator::Migrator;
#[doc(hidden)]
pub use nontransactional::repair::Repair;
#[doc(hidden)]
pub use options::node::Node;
pub use options::topology::Topology;
#[cfg(feature = "facts")]
pub use report::drift::Drift;
#[cfg(feature = "facts")]
#[doc(hidden)]
pub use report::drift::SnapshotOrigin;
pub use report::dry_run::DryRun;
pub use report::event::Event;
#[doc(hidden)]
pub use report::facts_status::FactsState;
pub use report::facts_status::FactsStatus;
#[doc(hidden)]
pub use report::history_log::{HistoryEvent, HistoryLog, HistoryRow, HistoryStatement};
#[doc(hidden)]
pub use report::lock_holder::LockHolder;
#[doc(hidden)]
pub use report::notice::Notice;
pub use report::patch_status::{PatchState, PatchStatus};
#[doc(hidden)]
pub use report::pending_patch::PendingPatch;
pub use report::report::Report;
pub use report::status::Status;
pub use settings::settings::Settings;
#[doc(hidden)]
pub use settings::sslmode::SslMode;
