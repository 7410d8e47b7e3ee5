use std::collections::BTreeMap;

use super::{DataType, Extension, Function, Name, Namespace, Oid, Sequence, Table};

/// What a database contains, without the server's own schemas, temporary objects and what extensions own.
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
}

impl Catalog {
    /// The table, view or other relation with columns of that name.
    pub fn table(&self, name: &Name) -> Option<(Oid, &Table)> {
        self.tables.iter().find(|(_, table)| table.name == *name).map(|(oid, table)| (*oid, table))
    }
}
