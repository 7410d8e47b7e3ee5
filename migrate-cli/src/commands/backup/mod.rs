//! `backup`: copies of whole instances.
//!
//! `command.rs` lists the commands, a file each: `create.rs` begins a backup, `wait.rs` waits for its end, `restore.rs`
//! makes a new instance from it, and `delete.rs` removes it. `description.rs` is how a backup is printed, after each of
//! these and by `list.rs`.

pub(super) mod command;
mod create;
mod delete;
mod description;
mod list;
mod restore;
mod wait;
