use super::comparison::{Comparison, object};
use crate::catalog::catalog::Catalog;
use crate::catalog::ddl::{partition, table_word};
use crate::catalog::difference::CatalogObject;
use crate::catalog::difference::pairs;
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::table::{Relation, Table};

/// A table with its number.
pub(super) type TableWithOid<'a> = (Oid, &'a Table);

impl Comparison<'_> {
    pub(super) fn tables(&mut self) {
        for (_, pair) in pairs(named(self.before.catalog), named(self.after.catalog)) {
            match pair {
                (Some(before), Some(after)) => self.table(before, after),
                (Some((_, table)), None) => self.missing(table_object(table)),
                (None, Some((_, table))) => self.added(table_object(table)),
                (None, None) => {}
            }
        }
    }

    fn table(&mut self, before: TableWithOid<'_>, after: TableWithOid<'_>) {
        let ((_, was), (_, is)) = (before, after);
        let object = table_object(was);
        if table_word(was) != table_word(is) {
            self.aspect(&object, "kind", (table_word(was), table_word(is)));
            return;
        }
        self.relation(&object, was, is);
        self.owner(&object, (&was.owner, &is.owner));
        self.grants(&object, (&was.grants, &is.grants));
        self.storage(&object, was, is);
        self.columns(before, after);
        self.column_order(&object, was, is);
        self.constraints(was, is);
        self.indexes(was, is);
        self.triggers(was, is);
        self.rules(was, is);
        self.policies(was, is);
        self.by_index(&object, was, is);
        self.comment(&object, (&was.comment, &is.comment));
    }

    /// Compares the properties that name an index.
    fn by_index(&mut self, object: &CatalogObject, was: &Table, is: &Table) {
        self.aspect(object, "replica identity", (&was.replica_identity, &is.replica_identity));
        let clustered = |table: &'_ Table| -> Option<String> {
            table.indexes.iter().find(|(_, index)| index.clustered).map(|(name, _)| name.clone())
        };
        self.aspect(object, "clustering index", (&clustered(was), &clustered(is)));
    }

    fn storage(&mut self, object: &CatalogObject, was: &Table, is: &Table) {
        self.aspect(object, "unlogged", (&was.unlogged, &is.unlogged));
        self.aspect(object, "options", (&sorted(&was.options), &sorted(&is.options)));
        self.aspect(object, "tablespace", (&was.tablespace, &is.tablespace));
        self.aspect(object, "access method", (&was.access_method, &is.access_method));
        let security = (was.row_security, is.row_security);
        self.aspect(object, "row security", (&security.0.0, &security.1.0));
        self.aspect(object, "row security for the owner", (&security.0.1, &security.1.1));
        self.aspect(object, "composite type", (&was.of_type, &is.of_type));
    }

    /// Compares what sort of relation it is.
    fn relation(&mut self, object: &CatalogObject, was: &Table, is: &Table) {
        match (&was.relation, &is.relation) {
            (Relation::View { query }, Relation::View { query: now })
            | (Relation::Materialized { query, .. }, Relation::Materialized { query: now, .. }) => {
                self.aspect(object, "query", (query, now));
            }
            (
                Relation::Foreign { server, options, .. },
                Relation::Foreign { server: other, options: now, .. },
            ) => {
                self.aspect(object, "server", (server, other));
                self.aspect(object, "foreign options", (options, now));
            }
            (Relation::Table { partitioned_by, .. }, Relation::Table { partitioned_by: now, .. }) => {
                self.aspect(object, "partition key", (partitioned_by, now));
            }
            _ => {}
        }
        let parents = (partition_of(self.before.catalog, was), partition_of(self.after.catalog, is));
        self.aspect(object, "parent", (&parents.0, &parents.1));
        let inherits = (parent_names(self.before.catalog, was), parent_names(self.after.catalog, is));
        self.aspect(object, "parents", (&inherits.0, &inherits.1));
    }

    /// The order of the columns that both have.
    fn column_order(&mut self, object: &CatalogObject, was: &Table, is: &Table) {
        let names = |table: &'_ Table, other: &'_ Table| -> Vec<String> {
            let columns = table.columns.values();
            let common = columns.filter(|column| other.columns.values().any(|it| it.name == column.name));
            common.map(|column| column.name.clone()).collect()
        };
        self.aspect(object, "order of columns", (&names(was, is), &names(is, was)));
    }
}

/// Options in the order of their names.
pub(in crate::catalog) fn sorted(options: &[String]) -> Vec<String> {
    let mut options = options.to_vec();
    options.sort_unstable();
    options
}

fn partition_of(catalog: &Catalog, table: &Table) -> Option<String> {
    let partition = partition(table)?;
    let parent = quoted_name(catalog, partition.of).unwrap_or_default();
    Some(format!("{parent} {}", partition.bound))
}

fn named(catalog: &Catalog) -> Vec<(&QualifiedName, TableWithOid<'_>)> {
    catalog.tables.iter().map(|(oid, table)| (&table.name, (*oid, table))).collect()
}

fn quoted_name(catalog: &Catalog, oid: Oid) -> Option<String> {
    catalog.tables.get(&oid).map(|table| table.name.quoted())
}

fn parent_names(catalog: &Catalog, table: &Table) -> Vec<String> {
    table.inherits.iter().filter_map(|parent| quoted_name(catalog, *parent)).collect()
}

fn table_object(table: &Table) -> CatalogObject {
    object(&table_word(table).to_lowercase(), table.name.to_string())
}
