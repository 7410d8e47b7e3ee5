use std::collections::{BTreeMap, BTreeSet};

use super::database::{
    DefaultGrant, EventTrigger, ForeignDataWrapper, ForeignServer, GenericObject, Publication,
};
use super::function::Function;
use super::namespace::{Extension, Namespace, Oid, QualifiedName};
use super::object_part::ObjectPart;
use super::sequence::Sequence;
use super::statistics::Statistics;
use super::table::Table;
use super::types::DataType;

/// The contents of a database, without the server's own schemas, temporary objects and objects of extensions.
///
/// Definitions are printed by the server with an empty search path, so that every name in them is qualified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// `server_version_num`, such as 150018.
    pub server: u32,
    /// The schemas.
    pub namespaces: BTreeMap<String, Namespace>,
    /// The extensions.
    pub extensions: BTreeMap<String, Extension>,
    /// Tables, views and everything else with columns.
    pub tables: BTreeMap<Oid, Table>,
    /// Enums, domains, composite and range types that are not a table's own row type.
    pub types: BTreeMap<Oid, DataType>,
    /// Sequences.
    pub sequences: BTreeMap<Oid, Sequence>,
    /// Functions, procedures and aggregates.
    pub functions: BTreeMap<Oid, Function>,
    /// Extended statistics.
    pub statistics: BTreeMap<Oid, Statistics>,
    /// Foreign data wrappers.
    pub wrappers: BTreeMap<String, ForeignDataWrapper>,
    /// Foreign servers.
    pub servers: BTreeMap<String, ForeignServer>,
    /// Event triggers.
    pub event_triggers: BTreeMap<String, EventTrigger>,
    /// Publications.
    pub publications: BTreeMap<String, Publication>,
    /// Privileges that new objects get.
    pub default_grants: BTreeMap<DefaultGrant, Vec<String>>,
    /// Objects of all other kinds, such as collations and casts, by kind and name.
    pub objects: BTreeMap<(String, String), GenericObject>,
    /// What the database contains and its SQL does not give back, such as the passwords of user mappings: kind and name.
    pub others: BTreeSet<(String, String)>,
    /// The objects that each object depends on, as `pg_depend` says. The table that an object belongs to is left out, and
    /// so are columns that the model names: the keys of an index, the columns of a constraint.
    pub uses: BTreeMap<ObjectPart, BTreeSet<ObjectPart>>,
}

impl Catalog {
    /// The table, view or other relation with columns of that name.
    pub fn table(&self, name: &QualifiedName) -> Option<(Oid, &Table)> {
        self.tables.iter().find(|(_, table)| table.name == *name).map(|(oid, table)| (*oid, table))
    }
}
