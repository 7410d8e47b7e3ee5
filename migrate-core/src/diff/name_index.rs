use std::collections::HashMap;

use crate::catalog::{Catalog, Oid, QualifiedName};

/// The name of a surrogate key.
pub(crate) const SURROGATE_COLUMN: &str = "id";

/// Where the numbers of objects begin that are not made yet: the server counts from below.
pub(crate) const FIRST_PLANNED: Oid = 0xF000_0000;

/// Numbers by names, so that a fact finds its own without a look at all others.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameIndex {
    pub(super) tables: HashMap<QualifiedName, Oid>,
    /// What had that name once: whether it still has, the catalog says.
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
