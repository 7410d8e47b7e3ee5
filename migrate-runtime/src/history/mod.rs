//! The history's tables: what creates them, what reads them, and what a boot asks of them first.

#[cfg_attr(not(feature = "facts"), allow(dead_code, reason = "written only where facts are deployed"))]
mod facts;
mod found;
#[cfg(feature = "facts")]
mod kept;
mod own;
mod patches;
mod read;
mod recorded;
mod stated;
mod trust;

pub(crate) use facts::Facts;
pub(crate) use found::{Found, found, may_be_found};
#[cfg(feature = "facts")]
pub(crate) use kept::{Kept, keep_query, read_kept};
pub use own::history_digest;
pub(crate) use own::{NAME, own};
pub(crate) use patches::{INTERRUPTED, Patches};
pub(crate) use read::{is_missing, missing_table, read_all, read_together, read_trusted, rows};
pub(crate) use recorded::{Recorded, ahead_query, fast_query, is_vouched_for, records_query, stops_short};
pub(crate) use stated::{Stated, read_stated};
pub(crate) use trust::{guarded, is_refused, refusal, strangers_query};

use migrate_core::{Version, quote};

/// The schema of the history's tables, ready to stand in SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schema {
    pub(crate) name: String,
    /// The name in double quotes.
    pub(crate) quoted: String,
}

impl Schema {
    pub(crate) fn new(name: &str) -> Schema {
        Schema { name: name.to_owned(), quoted: quote::identifier(name) }
    }

    pub(crate) fn fill(&self, sql: &str) -> String {
        sql.replace("{schema}", &self.quoted)
    }
}

/// A version as the tables hold it.
pub(crate) fn array(version: Version) -> String {
    let [major, minor, point] = version.parts();
    format!("ARRAY[{major},{minor},{point}]")
}
