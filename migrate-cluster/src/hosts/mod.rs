//! Which hosts users may connect from: a block of our own in an instance's `pg_hba.conf`.

mod block;
mod host;
mod listening;
mod rules;

pub use host::Host;
pub use listening::Listening;
pub(crate) use rules::{Changing, Rules, readable, settle};
