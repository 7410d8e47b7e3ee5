//! PostgreSQL's programs, and how one of them is run.
//!
//! `installation.rs` finds the directory with the programs, if need be in the places of `install_locations.rs`. `guard.rs`
//! runs a program under a shell (`guard.sh`) that ends the program when this process ends. `hold_pipe.rs` is the named pipe
//! by which several processes hold one server. `log.rs` is the file with what a program said.

pub(crate) mod guard;
pub(crate) mod hold_pipe;
pub(crate) mod install_locations;
pub(crate) mod installation;
pub(crate) mod log;
