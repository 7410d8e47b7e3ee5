//! The places on the disk: directories, and the names of the files in them.
//!
//! A state directory (`state_directory.rs`) has a directory for each instance (`server_directory.rs`, which throwaway servers
//! have as well) and one for each backup (`backup_directory.rs`). `limits.rs` is how many instances there may be.

pub(crate) mod backup_directory;
pub(crate) mod limits;
pub(crate) mod server_directory;
pub(crate) mod state_directory;
