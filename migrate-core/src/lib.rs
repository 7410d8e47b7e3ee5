//! The values and decisions of the migrate runtime.
//!
//! This crate is pure and synchronous: it opens no socket, knows no runtime and reads nothing but the
//! directory of a bundle. The macro and the runtime share it, so that what compiles is what runs.
//!
//! Features: `parse` reads and checks directories of SQL, which is what the macro and the command line need
//! and a boot does not; `facts` reads and plans facts, which is what a boot with facts needs; `dir` makes a bundle of a directory that `include_dir!` embedded.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod build;
mod bundle;
#[cfg(all(test, feature = "facts"))]
mod cases;
#[cfg(feature = "facts")]
#[doc(hidden)]
pub mod catalog;
#[cfg(feature = "facts")]
#[doc(hidden)]
pub mod diff;
mod directory;
mod embed;
mod error;
#[cfg(feature = "facts")]
#[doc(hidden)]
pub mod facts;
mod file;
#[cfg_attr(not(feature = "parse"), allow(dead_code, unused_imports))]
mod lex;
#[doc(hidden)]
pub mod macro_support;
mod patch;
mod plan;
#[cfg(feature = "facts")]
#[doc(hidden)]
pub mod rows;
#[cfg(feature = "parse")]
mod sql;
mod statement;
mod text;

#[cfg(feature = "facts")]
pub use catalog::{Difference, DifferenceKind, ObjectName};
#[cfg(feature = "facts")]
pub use diff::{ChangeAction, ChangeHazard, PlannedChange};
#[cfg(feature = "facts")]
pub use facts::Fact;

pub use bundle::{Accept, Bundle, CreateTree, FactsRevision, LOCK_FILE, MANIFEST};
pub use embed::PatchList;
#[cfg(feature = "parse")]
#[doc(hidden)]
pub use error::ReportStyle;
pub use error::{Error, ErrorKind, Place, Result};
pub use file::{is_passed_over, read_file};
pub use lex::{MadeKind, line_of_body, made_objects, only_changes_rows, plain_name, statement_ranges, words};
pub use patch::{
    Allow, Batch, Checksum, Directives, Isolation, Kind, MinApp, Patch, Requirement, Timeout, Version,
};
pub use plan::{
    Applied, History, Limit, OWN, Plan, Reach, Standing, Step, Targets, identity, resolve, resolve_within,
};
pub use statement::{Class, Outline, Statement, Trial, recover};
pub use text::{excerpt, listed, listed_patches, quote, redact, redact_from, redact_statement, visible};

#[cfg(feature = "parse")]
pub use directory::{Entry, Finding, Findings, LockFile, Locked, NAME_FORM, Name, Scheme, is_bundle_name};
#[cfg(feature = "parse")]
pub use patch::Role;
#[cfg(feature = "parse")]
pub use sql::{LintLevel, LintRule, Rewritten};
