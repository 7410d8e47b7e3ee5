//! `instance`: named PostgreSQL servers.
//!
//! `command.rs` lists the commands, a file each: `create.rs` makes an instance, `start_stop.rs` starts and stops its
//! server, `resize.rs`, `listen.rs` and `port.rs` change it, and `delete.rs` removes it. `description.rs` is how an
//! instance is printed, after each of these and by `get.rs` and `list.rs`.

pub(super) mod command;
pub(super) mod create;
mod delete;
pub(super) mod description;
mod flavors;
mod get;
mod list;
mod listen;
mod port;
mod resize;
mod start_stop;
