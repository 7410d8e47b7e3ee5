//! What is asked of the operating system.
//!
//! `account.rs` is the user that PostgreSQL's programs run as, and `environment.rs` the variables that they get. `file.rs`
//! creates files and directories that only their owner may open, `scratch.rs` makes random names for them, `discard.rs`
//! removes a directory in two steps. `file_lock.rs` locks files between processes, and `record.rs` reads and writes small
//! files of keys and values. `disk.rs` and `memory.rs` measure, `clock.rs` reads the time, `poll.rs` waits in short steps.

pub(crate) mod account;
pub(crate) mod clock;
pub(crate) mod discard;
pub(crate) mod disk;
pub(crate) mod environment;
pub(crate) mod file;
pub(crate) mod file_lock;
pub(crate) mod memory;
pub(crate) mod poll;
pub(crate) mod record;
pub(crate) mod scratch;
