//! What was said.

use std::collections::BTreeMap;

/// What went over all connections since the last call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that were opened.
    pub connections: u64,
    /// Times that a client, having nothing left to wait for, sent something and so had to wait again. The start of a
    /// connection counts, its end does not; any number of messages that are sent without waiting count once.
    pub round_trips: u64,
    /// Messages from clients, by type; `*` is what has none: the start of a connection.
    pub sent: BTreeMap<char, u64>,
    /// Messages from the server, by type.
    pub received: BTreeMap<char, u64>,
    /// Bytes from the server.
    pub bytes: u64,
    /// Those of them that belong to the start of a connection.
    pub bytes_connecting: u64,
    /// Statements sent that ask for an advisory lock.
    pub locks: u64,
    /// Transactions that a COMMIT ended: `COMMIT` tags, of which a failed transaction has none.
    pub commits: u64,
    /// Those of them with `synchronous_commit` on, by the statements that the server confirmed on that connection.
    pub synchronous_commits: u64,
}

impl Counts {
    /// All messages from clients.
    pub fn messages_sent(&self) -> u64 {
        self.sent.values().sum()
    }

    /// All messages from the server.
    pub fn messages_received(&self) -> u64 {
        self.received.values().sum()
    }

    /// Bytes from the server after connections were ready.
    pub fn bytes_replied(&self) -> u64 {
        self.bytes - self.bytes_connecting
    }
}
