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
pub mod catalog;
mod checksum;
mod create_tree;
#[cfg(feature = "facts")]
pub mod diff;
mod directive;
#[doc(hidden)]
pub mod embed;
mod error;
#[cfg(feature = "facts")]
pub mod facts;
mod facts_revision;
mod file;
mod history;
pub mod identity;
mod isolation;
mod kind;
#[cfg_attr(not(feature = "parse"), allow(dead_code, unused_imports))]
mod lex;
mod limit;
mod listed;
mod min_app;
mod passed_over;
mod patch;
mod patch_list;
mod place;
mod plan;
pub mod quote;
pub mod recover;
mod redact;
mod refuse;
mod requires;
mod resolve;
#[cfg(feature = "facts")]
pub mod rows;
mod stale;
mod statement;
#[cfg_attr(not(feature = "parse"), allow(dead_code))]
mod text;
mod timeout;
mod trial;
mod version;
mod visible;
mod written;

#[cfg(feature = "parse")]
mod create;
#[cfg(feature = "parse")]
mod fact_files;
#[cfg(feature = "parse")]
mod findings;
#[cfg(feature = "parse")]
mod lint_rule;
#[cfg(feature = "parse")]
mod load;
#[cfg(feature = "parse")]
mod lock_file;
#[cfg(feature = "parse")]
mod manifest;
#[cfg(feature = "parse")]
mod name;
#[cfg(feature = "parse")]
mod order;
#[cfg(feature = "parse")]
mod patch_files;
#[cfg(feature = "parse")]
mod source;
#[cfg(feature = "parse")]
mod sql;

pub use bundle::{Accept, Bundle, LOCK_FILE, MANIFEST};
pub use checksum::Checksum;
pub use create_tree::CreateTree;
pub use directive::{Allow, Batch, Directives, Requirement};
pub use error::{Error, ErrorKind, Result};
pub use facts_revision::FactsRevision;
pub use file::read_file;
pub use history::{Applied, History};
pub use isolation::Isolation;
pub use kind::Kind;
pub use lex::{MadeKind, line_of_body, made_objects, only_changes_rows, statement_ranges};
pub use limit::{Limit, OWN, Reach};
pub use listed::{listed, listed_patches};
pub use min_app::MinApp;
pub use passed_over::is_passed_over;
pub use patch::Patch;
pub use patch_list::PatchList;
pub use place::Place;
pub use plan::{Plan, Standing, Step};
pub use redact::{excerpt, redact, redact_from, redact_statement};
pub use resolve::{Targets, resolve, resolve_within};
pub use statement::{Class, Outline, Statement};
pub use timeout::Timeout;
pub use trial::Trial;
pub use version::Version;
pub use visible::visible;
pub use written::{plain_name, words};

#[cfg(feature = "parse")]
pub use findings::{Finding, Findings};
#[cfg(feature = "parse")]
pub use lint_rule::{LintLevel, LintRule};
#[cfg(feature = "parse")]
pub use lock_file::{Entry, LockFile, Locked};
#[cfg(feature = "parse")]
pub use manifest::{NAME_FORM, is_bundle_name};
#[cfg(feature = "parse")]
pub use name::{Name, Role, Scheme};
#[cfg(feature = "parse")]
pub use sql::Rewritten;
