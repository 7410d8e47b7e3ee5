//! Brings a PostgreSQL database to what a binary expects: under a lock, in one flight, or not at all.
//!
//! [`Migrator`] is the way in. What it decides is decided by `migrate-core`, which knows no connection; this
//! crate sends and waits.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod agreement;
mod arrival;
mod ask;
mod backup;
mod boot;
mod clean;
mod concurrent;
mod create;
#[cfg(feature = "facts")]
mod drift;
#[cfg(feature = "facts")]
mod driver;
mod dry_run;
mod elsewhere;
mod errand;
mod event;
mod execute;
#[cfg_attr(not(feature = "facts"), path = "no_facts.rs")]
mod facts;
mod facts_line;
mod failure;
mod flight;
mod history;
mod holders;
#[cfg(feature = "facts")]
mod inspect;
mod keeper;
mod made;
mod migrator;
mod notice;
mod notices;
mod opening;
mod options;
mod outside;
mod pause;
mod pending;
mod pid;
mod planted;
mod record;
mod refused;
mod report;
#[cfg(feature = "facts")]
#[doc(hidden)]
pub mod rows;
mod run;
mod script;
mod session;
mod settings;
mod source;
mod status;
mod stopped;
mod topology;
mod trusted;
mod view;
mod watch;
mod worker;

pub use concurrent::Repair;
#[cfg(feature = "facts")]
pub use drift::{Drift, Since};
#[cfg(feature = "facts")]
pub use driver::{Deployed, Driver, Given, declared};
pub use dry_run::DryRun;
pub use event::{Event, Holder};
pub use facts_line::{FactsLine, FactsState};
#[doc(hidden)]
pub use history::history_digest;
#[cfg(feature = "facts")]
pub use inspect::{Scope, ddl, fingerprint, inspect};
pub use migrator::Migrator;
pub use notice::Notice;
pub use pending::Pending;
pub use report::{Done, FactsDone, Report, Stand};
pub use settings::{Canceller, Link, Settings, SslMode, pool_error};
pub use source::{IntoSource, Source};
pub use status::{Line, State, Status};
pub use topology::{Node, Topology};
