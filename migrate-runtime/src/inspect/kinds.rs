use migrate_core::Result;

use super::assembly::Assembly;
use super::cells::Cells;

/// A kind of object: the query that reads it, and what its rows are.
pub(crate) struct Kind {
    pub(crate) sql: &'static str,
    /// Whether it is part of a fingerprint; what only serves to read the rest is not.
    pub(crate) digested: bool,
    pub(crate) read: fn(&Cells<'_>, &mut Assembly) -> Result<()>,
}

macro_rules! kinds {
    ($($name:ident $digested:literal),+ $(,)?) => {
        &[$(Kind {
            sql: include_str!(concat!(stringify!($name), ".sql")),
            digested: $digested,
            read: super::$name::read,
        }),+]
    };
}

/// All of them, in an order in which each finds what it belongs to.
pub(crate) const KINDS: &[Kind] = kinds![
    server false,
    namespaces true,
    extensions true,
    types true,
    checks true,
    attributes true,
    ranges true,
    tables true,
    parents true,
    columns true,
    constraints true,
    classes false,
    indexes true,
    triggers true,
    rules true,
    policies true,
    statistics true,
    sequences true,
    functions true,
    event_triggers true,
    wrappers true,
    servers true,
    publications true,
    default_grants true,
    others true,
    uses false,
    comments true,
];
