//! The tools that embed patches.

use std::path::PathBuf;
use std::str::FromStr;

/// A tool that embeds patches, each with its own crate here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tool {
    /// `refinery::embed_migrations!`, over tokio-postgres.
    Refinery,
    /// `sqlx::migrate!`.
    Sqlx,
    /// `diesel_migrations::embed_migrations!`, over libpq.
    Diesel,
    /// This project.
    Ours,
}

impl Tool {
    /// The crate here that embeds with it.
    pub fn package(self) -> &'static str {
        match self {
            Tool::Refinery => "peer-refinery",
            Tool::Sqlx => "peer-sqlx",
            Tool::Diesel => "peer-diesel",
            Tool::Ours => "ours",
        }
    }

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Refinery => "refinery",
            Tool::Sqlx => "sqlx",
            Tool::Diesel => "diesel",
            Tool::Ours => "ours",
        }
    }

    /// The directory of its crate.
    pub fn directory(self) -> PathBuf {
        crate::cargo::workspace().join(self.package())
    }

    /// The directory that its macro reads.
    pub fn migrations(self) -> PathBuf {
        self.directory().join("migrations")
    }
}

impl FromStr for Tool {
    type Err = String;

    fn from_str(name: &str) -> Result<Tool, String> {
        let all = [Tool::Refinery, Tool::Sqlx, Tool::Diesel, Tool::Ours];
        all.into_iter().find(|tool| tool.name() == name).ok_or_else(|| format!("`{name}` is not a tool"))
    }
}
