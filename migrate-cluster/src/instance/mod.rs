//! Servers that this crate runs: instances.
//!
//! `instance.rs` is a server that ends with the process that started it. A named instance (`named_instance.rs`) runs until it
//! is stopped. `instances.rs` creates them from a `new_instance.rs` and finds them by `name.rs` through `registry.rs`; until one
//! is complete, it is an `unfinished_instance.rs`. `instance_record.rs` is what its directory keeps: among others the `flavor.rs`, which
//! is how much memory the server is meant to have. `status.rs` and `backup_status.rs` show what it is doing, and `resize.rs`
//! changes it. `disk_space.rs` and `table_rewrite.rs` compare the space that is left with the space that a change takes.
//! `ineffective_setting.rs` finds settings that something else overrides.

pub(crate) mod backup_status;
pub(crate) mod disk_space;
pub(crate) mod flavor;
pub(crate) mod ineffective_setting;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod instance;
pub(crate) mod instance_record;
pub(crate) mod instances;
pub(crate) mod name;
pub(crate) mod named_instance;
pub(crate) mod new_instance;
pub(crate) mod registry;
pub(crate) mod resize;
pub(crate) mod status;
pub(crate) mod table_rewrite;
pub(crate) mod unfinished_instance;
