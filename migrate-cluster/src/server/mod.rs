//! Starting the server of a directory, and what is known of a server that runs.
//!
//! `program_context.rs` is what every program is run with; `initdb.rs` makes a cluster with it, and `start.rs` starts the
//! server. A `profile.rs` says how: its settings go to `server_conf.rs`; `listen_address.rs`, `port.rs` and `socket.rs` choose
//! where the server listens, which is its `server_address.rs`; `certificate.rs` lets other machines connect encrypted. A
//! running server is found by its `pid_file.rs`. What a crash left is cleared by `orphaned_server.rs` and `shared_memory.rs`.
//! `server_error.rs` turns an error of the server into one of ours.

pub(crate) mod certificate;
pub(crate) mod initdb;
pub(crate) mod listen_address;
pub(crate) mod orphaned_server;
pub(crate) mod pid_file;
pub(crate) mod port;
pub(crate) mod profile;
pub(crate) mod program_context;
pub(crate) mod server_address;
pub(crate) mod server_conf;
pub(crate) mod server_error;
pub(crate) mod shared_memory;
pub(crate) mod socket;
pub(crate) mod start;
