//! A bundle's directory on disk: where it is, what it is called, and the files that commands read and write in it.
//!
//! `options.rs` are the arguments `--dir` and `--name`, and reads the bundles. Without `--dir`, `search.rs` looks for the
//! directory; without a name in the directory, `package.rs` takes the one in Cargo.toml. `cargo migrate new` takes the
//! next version from `numbering.rs` and the text from `template.rs`. `lock_file.rs` reads and writes migrations.lock,
//! `lock_merge.rs` joins the two sides of a git merge in it, and `write.rs` writes files whole or not at all. `facts.rs`
//! reads facts that a command names by their path. `label.rs` is how a path is printed.

pub(crate) mod facts;
pub(crate) mod label;
pub(crate) mod lock_file;
pub(crate) mod lock_merge;
pub(crate) mod numbering;
pub(crate) mod options;
mod package;
mod search;
pub(crate) mod template;
pub(crate) mod write;
