use std::collections::HashMap;

use crate::catalog::{Catalog, Oid, QualifiedName};

/// The name of a surrogate key.
pub(crate) const SURROGATE_COLUMN: &str = "id";

/// The first number for objects that do not exist yet; the server uses lower numbers.
pub(crate) const FIRST_PLANNED: Oid = 0xF000_0000;

/// Object numbers by name, so that a fact finds its object without searching the whole catalog.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameIndex {
    pub(super) tables: HashMap<QualifiedName, Oid>,
    /// Functions that have or had that name; the catalog knows whether they still have it.
    pub(super) functions: HashMap<QualifiedName, Vec<Oid>>,
    pub(super) types: HashMap<QualifiedName, Vec<Oid>>,
}

impl NameIndex {
    pub(crate) fn of(catalog: &Catalog) -> NameIndex {
        let mut names = NameIndex::default();
        catalog.tables.iter().for_each(|(oid, table)| names.table(table.name.clone(), *oid));
        catalog.functions.iter().for_each(|(oid, function)| names.function(function.name.clone(), *oid));
        catalog.types.iter().for_each(|(oid, kind)| names.kind(kind.name.clone(), *oid));
        names
    }

    pub(crate) fn table(&mut self, name: QualifiedName, oid: Oid) {
        self.tables.insert(name, oid);
    }

    pub(crate) fn no_table(&mut self, name: &QualifiedName) {
        self.tables.remove(name);
    }

    pub(crate) fn function(&mut self, name: QualifiedName, oid: Oid) {
        self.functions.entry(name).or_default().push(oid);
    }

    pub(crate) fn kind(&mut self, name: QualifiedName, oid: Oid) {
        self.types.entry(name).or_default().push(oid);
    }
}
