use migrate_core::Result;

use super::Scope;
use super::assembly::Assembly;
use super::cells::Cells;

/// A kind of object: the query that reads it, and what its rows are.
pub(crate) struct Kind {
    pub(crate) sql: &'static str,
    /// Whether it is part of a fingerprint; what only serves to read the rest is not.
    pub(crate) digested: bool,
    /// Whether facts speak of it, or need it to change what they speak of.
    pub(crate) declared: bool,
    pub(crate) read: fn(&Cells<'_>, &mut Assembly) -> Result<()>,
}

macro_rules! kinds {
    ($($name:ident $digested:literal $declared:literal),+ $(,)?) => {
        &[$(Kind {
            sql: include_str!(concat!(stringify!($name), ".sql")),
            digested: $digested,
            declared: $declared,
            read: super::$name::read,
        }),+]
    };
}

/// All of them, in an order in which each finds what it belongs to.
pub(crate) const KINDS: &[Kind] = kinds![
    server false true,
    namespaces true true,
    extensions true true,
    types true true,
    checks true true,
    attributes true false,
    ranges true false,
    tables true true,
    parents true true,
    columns true true,
    constraints true true,
    classes false true,
    indexes true true,
    triggers true true,
    rules true true,
    policies true true,
    statistics true true,
    sequences true true,
    functions true true,
    event_triggers true false,
    wrappers true false,
    servers true false,
    publications true false,
    default_grants true false,
    others true false,
    uses false true,
    comments true true,
];

/// Those that a scope asks for.
pub(crate) fn of(scope: &Scope<'_>) -> impl Iterator<Item = &'static Kind> + use<> {
    let facts = scope.facts;
    KINDS.iter().filter(move |kind| kind.declared || !facts)
}
