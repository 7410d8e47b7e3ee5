use migrate_core::Result;

use super::assembly::Assembly;
use super::cells::Cells;

/// A kind of object: the query that reads it, and what its rows are.
pub(crate) struct Kind {
    pub(crate) sql: &'static str,
    pub(crate) read: fn(&Cells<'_>, &mut Assembly) -> Result<()>,
}

macro_rules! kinds {
    ($($name:ident),+ $(,)?) => {
        &[$(Kind { sql: include_str!(concat!(stringify!($name), ".sql")), read: super::$name::read }),+]
    };
}

/// All of them, in an order in which each finds what it belongs to.
pub(crate) const KINDS: &[Kind] = kinds![
    server,
    namespaces,
    extensions,
    types,
    checks,
    attributes,
    ranges,
    tables,
    parents,
    columns,
    constraints,
    classes,
    indexes,
    triggers,
    rules,
    policies,
    statistics,
    sequences,
    functions,
    event_triggers,
    wrappers,
    servers,
    publications,
    default_grants,
    others,
    uses,
    comments,
];
