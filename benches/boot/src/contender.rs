//! What is compared.

use std::path::PathBuf;

use harness::Tool;

/// A program that boots once and prints how long that took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Contender {
    /// Connects and selects 1.
    Bare,
    /// The same SQL and history rows, pipelined in one transaction.
    Floor,
    /// A tool with its patches embedded.
    Tool(Tool),
}

/// The tools that are compared.
pub(crate) const TOOLS: [Tool; 4] = [Tool::Refinery, Tool::Sqlx, Tool::Diesel, Tool::Ours];

impl Contender {
    /// Those that can boot when up to date.
    pub(crate) fn up_to_date() -> Vec<Contender> {
        std::iter::once(Contender::Bare).chain(TOOLS.map(Contender::Tool)).collect()
    }

    /// Those that can apply to an empty database.
    pub(crate) fn applying() -> Vec<Contender> {
        std::iter::once(Contender::Floor).chain(TOOLS.map(Contender::Tool)).collect()
    }

    /// Its crate here.
    pub(crate) fn package(self) -> &'static str {
        match self {
            Contender::Bare => "bare",
            Contender::Floor => "floor",
            Contender::Tool(tool) => tool.package(),
        }
    }

    /// Its name in tables, and in names of databases.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Contender::Bare => "bare",
            Contender::Floor => "floor",
            Contender::Tool(tool) => tool.name(),
        }
    }

    /// Where its binary with `n` patches is kept.
    pub(crate) fn binary(self, n: usize) -> PathBuf {
        let name = match self {
            Contender::Bare | Contender::Floor => self.package().to_owned(),
            Contender::Tool(_) => format!("{}-{n}", self.package()),
        };
        crate::results().join("bin").join(name)
    }

    /// Round trips that it is known to make, all told: to apply `n` patches, and when up to date. Counted by other
    /// means before, so the proxy can be held against them. Ours looks; and if it must, takes the lock and reads the
    /// history, and sends everything at once.
    pub(crate) fn known_round_trips(self, n: u64) -> (u64, u64) {
        match self {
            Contender::Bare | Contender::Floor => (2, 2),
            Contender::Tool(Tool::Refinery) => (4 * n + 8, 8),
            Contender::Tool(Tool::Sqlx) => (5 * n + 16, 14),
            Contender::Tool(Tool::Diesel) => (4 * n + 7, 6),
            Contender::Tool(Tool::Ours) => (4, 2),
        }
    }
}
