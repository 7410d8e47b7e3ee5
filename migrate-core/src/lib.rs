//! The values and decisions of the migrate runtime.
//!
//! This crate is pure and synchronous: it opens no socket, knows no runtime and reads nothing but the
//! directory of a bundle. The macro and the runtime share it, so that what compiles is what runs.
//!
//! Features: `parse` reads and checks directories of SQL, which is what the macro and the command line need
//! and a boot does not; `facts` reads and plans facts, which is what a boot with facts needs; `dir` makes a bundle of a directory that `include_dir!` embedded.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(feature = "parse", feature = "facts"))]
#[doc(hidden)]
pub mod autogenerate;
pub mod build;
mod bundle;
#[cfg(all(test, feature = "facts"))]
mod cases;
#[cfg(feature = "facts")]
pub mod catalog;
#[cfg(feature = "facts")]
pub mod diff;
mod directory;
mod embed;
mod error;
#[cfg(feature = "facts")]
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
pub use catalog::{CatalogObject, Difference, DifferenceKind};
#[cfg(feature = "facts")]
pub use diff::{ChangeAction, ChangeHazard, PlannedChange};
#[cfg(feature = "facts")]
pub use facts::Fact;

pub use bundle::{Accept, Bundle, CreateTree, DeclaredSchema, FactsRevision, LOCK_FILE, MANIFEST};
pub use embed::PatchList;
#[cfg(feature = "parse")]
#[doc(hidden)]
pub use error::ReportStyle;
pub use error::{Error, ErrorKind, Place, Result};
pub use file::{is_ignored_file, read_file};
pub use lex::{
    CreatedKind, catalog_name, created_objects, line_of_body, only_changes_rows, statement_ranges, words,
};
pub use patch::{
    Allow, Batch, Checksum, Directives, Isolation, Kind, MinApp, Patch, Requirement, Timeout, Version,
};
pub use plan::{
    Applied, BundleHead, BundlePosition, HISTORY_BUNDLE, History, Limit, Plan, Reach, RunOptions, Step,
    Targets, identity, resolve, resolve_within,
};
pub use statement::{Class, Outline, RewriteProbe, Statement, recover};
pub use text::{
    escape_controls, list_names, list_patches, quote, redact, redact_excerpt, redact_from, redact_statement,
};

#[cfg(feature = "parse")]
pub use directory::{
    FileName, Finding, Findings, LockEntry, LockFile, LockedPatch, NAME_FORM, Scheme, is_bundle_name,
};
#[cfg(feature = "parse")]
pub use patch::FileRole;
#[cfg(feature = "parse")]
pub use sql::{LintLevel, LintRule, RewrittenTable};
