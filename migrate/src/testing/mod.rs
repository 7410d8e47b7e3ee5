//! Support for a service's own tests. This is the one part of the library that reads the environment, to find PostgreSQL.

mod down;
mod prove;
mod way;

pub use prove::prove;
