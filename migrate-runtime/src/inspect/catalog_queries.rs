use embed_migrate_core::Result;

use super::catalog_builder::CatalogBuilder;
use super::row_cells::RowCells;
use super::scope::Scope;

/// A kind of object: the query that reads it, and what its rows are.
pub(crate) struct CatalogQuery {
    pub(crate) sql: &'static str,
    /// Whether it is part of a fingerprint; what only serves to read the rest is not.
    pub(crate) digested: bool,
    /// Whether facts speak of it, or need it to change what they speak of.
    pub(crate) declared: bool,
    pub(crate) read: fn(&RowCells<'_>, &mut CatalogBuilder) -> Result<()>,
}

/// The reader of a query: its own, or one that several queries share.
macro_rules! reader {
    ($folder:ident $name:ident) => {
        super::$folder::$name::read
    };
    ($folder:ident $name:ident $reader:ident) => {
        super::objects::$reader::read
    };
}

macro_rules! kinds {
    ($($folder:ident $name:ident $digested:literal $declared:literal $($reader:ident)?),+ $(,)?) => {
        &[$(CatalogQuery {
            sql: include_str!(concat!(stringify!($folder), "/", stringify!($name), ".sql")),
            digested: $digested,
            declared: $declared,
            read: reader!($folder $name $($reader)?),
        }),+]
    };
}

/// All of them, in an order in which each finds what it belongs to.
pub(crate) const KINDS: &[CatalogQuery] = kinds![
    database server false true,
    database namespaces true true,
    database extensions true true,
    datatypes types true true,
    datatypes checks true true,
    datatypes attributes true false,
    datatypes ranges true false,
    datatypes base_types true false,
    relations tables true true,
    relations parents true true,
    relations columns true true,
    relations constraints true true,
    relations classes false true,
    relations indexes true true,
    behavior triggers true true,
    behavior rules true true,
    behavior policies true true,
    relations statistics true true,
    relations sequences true true,
    behavior functions true true,
    objects collations true false generic,
    objects languages true false generic,
    objects access_methods true false generic,
    objects conversions true false generic,
    objects operators true false generic,
    objects operator_families true false generic,
    objects operator_classes true false generic,
    objects casts true false generic,
    objects transforms true false generic,
    objects text_search_parsers true false generic,
    objects text_search_templates true false generic,
    objects text_search_dictionaries true false generic,
    objects text_search_configurations true false generic,
    objects user_mappings true false generic,
    objects subscriptions true false generic,
    database event_triggers true false,
    database wrappers true false,
    database servers true false,
    database publications true true,
    database default_grants true true,
    references privileges true false,
    references labels true false generic,
    references extension_dependents true false generic,
    references uses false true,
    references comments true true,
];

/// Those that a scope asks for.
pub(crate) fn of(scope: &Scope<'_>) -> impl Iterator<Item = &'static CatalogQuery> + use<> {
    let facts = scope.facts;
    KINDS.iter().filter(move |kind| kind.declared || !facts)
}
