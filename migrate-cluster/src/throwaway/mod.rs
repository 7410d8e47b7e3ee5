//! Servers for tests, which leave nothing behind.
//!
//! `throwaway.rs` starts one in a directory of its own (`directory.rs`); `reaper.rs` removes directories that killed processes
//! left. It starts from an image of a fresh cluster (`base_image.rs`) or of one with a filled database (`filled_image.rs`),
//! both kept in the `cache.rs`. A `database_content.rs` says what a database is filled with, and `template_database.rs` fills and copies
//! it. A `shared_server.rs` serves all processes of a test run, and `clones.rs` gives each test a copy of the template.
//! `standby.rs` starts a standby.

pub(crate) mod base_image;
pub(crate) mod cache;
pub(crate) mod clones;
pub(crate) mod database_content;
pub(crate) mod directory;
pub(crate) mod filled_image;
pub(crate) mod reaper;
pub(crate) mod shared_server;
pub(crate) mod standby;
pub(crate) mod template_database;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod throwaway;
