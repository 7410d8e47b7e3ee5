use embed_migrate_core::Checksum;

/// How the session keeps other runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// By a session lock, held until the connection closes.
    Session,
    /// By a lock in each transaction. Behind a pooler each transaction may go to another session, and a driver keeps
    /// nobody out between two of its transactions.
    Transaction(i64),
    /// Not at all: nothing is written to a standby.
    None,
}

/// The migration lock's key. The server keeps advisory locks apart by database. The schema is part of the key, so that
/// two histories in one database don't wait for each other.
pub(crate) fn key(schema: &str) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *Checksum::of(format!("migrate lock {schema}")).bytes();
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}
