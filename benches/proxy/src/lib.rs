//! A proxy in front of a PostgreSQL server that counts what the two sides say to each other, and that can keep each
//! side's bytes back for a fixed time. It reads the wire protocol, so connections through it must not be encrypted.

mod connection;
mod counts;
mod durability;
mod frames;
mod pipe;
mod proxy;
mod statements;

pub use counts::Counts;
pub use proxy::Proxy;
