use std::collections::BTreeSet;

use super::comparison::{Comparison, FixPhase, object, pairs};
use super::dependency_order::in_dependency_order;
use super::difference::{CatalogObject, Difference, DifferenceKind};
use crate::catalog::catalog::Catalog;
use crate::catalog::ddl::{
    alter, cluster, force_row_security, option_list, parameters, partition, replica_identity, row_security,
    table_word,
};
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::object_part::ObjectPart;
use crate::catalog::table::{Relation, Table};
use crate::text::quote;

/// A table with its number.
pub(super) type TableWithOid<'a> = (Oid, &'a Table);

impl<'a> Comparison<'a> {
    pub(super) fn tables(&mut self) {
        let (mut missing, mut added) = (Vec::new(), Vec::new());
        for (_, pair) in pairs(named(self.before.catalog), named(self.after.catalog)) {
            match pair {
                (Some(before), Some(after)) => self.table(before, after),
                (Some((oid, _)), None) => missing.push(oid),
                (None, Some((oid, _))) => added.push(oid),
                (None, None) => {}
            }
        }
        for oid in missing {
            let Some(table) = self.before.catalog.tables.get(&oid) else { continue };
            let fix = self.before.clone().only([oid]).statements();
            let difference = Difference { object: table_object(table), kind: DifferenceKind::Missing, fix };
            self.later.insert(ObjectPart::Table(oid), difference);
        }
        let added: BTreeSet<ObjectPart> = added.into_iter().map(ObjectPart::Table).collect();
        for part in in_dependency_order(self.after.catalog, added).into_iter().rev() {
            let Some(table) = part.table().and_then(|oid| self.after.catalog.tables.get(&oid)) else {
                continue;
            };
            let fix = vec![format!("DROP {} {}", table_word(table), table.name.quoted())];
            let difference = Difference { object: table_object(table), kind: DifferenceKind::Added, fix };
            self.differences.push((FixPhase::DropNewTables, difference));
        }
    }

    fn table(&mut self, before: TableWithOid<'_>, after: TableWithOid<'_>) {
        let ((_, was), (_, is)) = (before, after);
        let (object, named) = (table_object(was), format!("{} {}", table_word(was), was.name.quoted()));
        if table_word(was) != table_word(is) {
            self.aspect(&object, "kind", (table_word(was), table_word(is)), Vec::new);
            return;
        }
        let from = self.differences.len();
        let again = self.relation(&object, before, after);
        self.owner(&object, &named, (&was.owner, &is.owner));
        self.table_privileges(&object, was, is);
        self.storage(&object, &named, was, is);
        self.columns(before, after);
        self.column_order(&object, was, is);
        self.constraints(before, after);
        self.indexes(before, after);
        self.triggers(was, is);
        self.rules(was, is);
        self.policies(was, is);
        self.by_index(&object, was, is);
        self.comment(&object, &named, (&was.comment, &is.comment));
        if again {
            // Recreating it fixes all the rest.
            let rest = self.differences.iter_mut().skip(from + 1);
            rest.for_each(|(_, difference)| difference.fix.clear());
        }
    }

    /// Revoking a privilege on a table revokes it on its columns too.
    fn table_privileges(&mut self, object: &CatalogObject, was: &Table, is: &Table) {
        let mut fix = Vec::new();
        if was.grants != is.grants {
            fix = self.before.table_grants(was).fix(was.grants.as_ref(), is.grants.as_ref());
            for column in was.columns.values() {
                let grants = self.before.column_grants(was, column);
                fix.extend(grants.statements(column.grants.as_ref(), false));
            }
        }
        self.aspect(object, "privileges", (&was.grants, &is.grants), || fix);
    }

    /// Compares the properties that name an index.
    fn by_index(&mut self, object: &CatalogObject, was: &Table, is: &Table) {
        self.aspect(object, "replica identity", (&was.replica_identity, &is.replica_identity), || {
            vec![replica_identity(was)]
        });
        let clustered = |table: &'_ Table| -> Option<String> {
            table.indexes.iter().find(|(_, index)| index.clustered).map(|(name, _)| name.clone())
        };
        let indexes = (clustered(was), clustered(is));
        self.aspect(object, "clustering index", (&indexes.0, &indexes.1), || {
            vec![cluster(was, indexes.0.as_deref())]
        });
    }

    fn storage(&mut self, object: &CatalogObject, named: &str, was: &Table, is: &Table) {
        self.aspect(object, "unlogged", (&was.unlogged, &is.unlogged), || {
            vec![format!("{} SET {}", alter(was), if was.unlogged { "UNLOGGED" } else { "LOGGED" })]
        });
        self.aspect(object, "options", (&was.options, &is.options), || {
            let gone = is.options.iter().filter_map(|option| option.split_once('=')).map(|(name, _)| name);
            let gone =
                gone.filter(|name| !was.options.iter().any(|option| option.split('=').next() == Some(name)));
            let gone: Vec<String> = gone.map(quote::identifier).collect();
            let set = format!("ALTER {named} SET ({})", parameters(&was.options));
            let reset = format!("ALTER {named} RESET ({})", gone.join(", "));
            let (any, left) = (!was.options.is_empty(), !gone.is_empty());
            any.then_some(set).into_iter().chain(left.then_some(reset)).collect()
        });
        let security = (was.row_security, is.row_security);
        self.aspect(object, "row security", (&security.0.0, &security.1.0), || vec![row_security(was)]);
        self.aspect(object, "row security for the owner", (&security.0.1, &security.1.1), || {
            vec![force_row_security(was)]
        });
        self.aspect(object, "composite type", (&was.of_type, &is.of_type), || match &was.of_type {
            Some(of) => vec![format!("{} OF {of}", alter(was))],
            None => vec![format!("{} NOT OF", alter(was))],
        });
    }

    /// Compares what sort of relation it is; returns whether it must be created again.
    fn relation(
        &mut self,
        object: &CatalogObject,
        before: TableWithOid<'_>,
        after: TableWithOid<'_>,
    ) -> bool {
        let ((oid, was), (_, is)) = (before, after);
        let mut again = false;
        match (&was.relation, &is.relation) {
            (
                Relation::View { query } | Relation::Materialized { query, .. },
                Relation::View { query: now } | Relation::Materialized { query: now, .. },
            ) => {
                let fix = if query == now { Vec::new() } else { self.replace_view(oid, was, is) };
                again = fix.len() > 1;
                self.aspect(object, "query", (query, now), || fix);
            }
            (Relation::Foreign { server, options }, Relation::Foreign { server: other, options: now }) => {
                self.aspect(object, "server", (server, other), Vec::new);
                self.aspect(object, "foreign options", (options, now), || {
                    vec![format!(
                        "ALTER FOREIGN TABLE {} OPTIONS ({})",
                        was.name.quoted(),
                        changed_options(options, now)
                    )]
                });
            }
            (Relation::Table { partitioned_by, .. }, Relation::Table { partitioned_by: now, .. }) => {
                self.aspect(object, "partition key", (partitioned_by, now), Vec::new);
            }
            _ => {}
        }
        let parents =
            (self.partition_of(self.before.catalog, was), self.partition_of(self.after.catalog, is));
        self.aspect(object, "parent", (&parents.0, &parents.1), || {
            let detach = partition(is).and_then(|it| {
                let parent = quoted_name(self.after.catalog, it.of)?;
                Some(format!("ALTER TABLE {parent} DETACH PARTITION {}", is.name.quoted()))
            });
            let attach = partition(was).and_then(|it| {
                let parent = quoted_name(self.before.catalog, it.of)?;
                Some(format!("ALTER TABLE {parent} ATTACH PARTITION {} {}", was.name.quoted(), it.bound))
            });
            detach.into_iter().chain(attach).collect()
        });
        let inherits = (parent_names(self.before.catalog, was), parent_names(self.after.catalog, is));
        self.aspect(object, "parents", (&inherits.0, &inherits.1), || {
            let gone = inherits.1.iter().filter(|name| !inherits.0.contains(name));
            let gone = gone.map(|name| format!("{} NO INHERIT {name}", alter(was)));
            let missing = inherits.0.iter().filter(|name| !inherits.1.contains(name));
            gone.chain(missing.map(|name| format!("{} INHERIT {name}", alter(was)))).collect()
        });
        again
    }

    fn replace_view(&self, oid: Oid, was: &Table, is: &Table) -> Vec<String> {
        let columns = |table: &'_ Table| -> Vec<(String, String)> {
            table.columns.values().map(|column| (column.name.clone(), column.kind.clone())).collect()
        };
        let view = matches!(was.relation, Relation::View { .. });
        if view && columns(was) == columns(is) {
            return vec![self.before.view(was).replacen("CREATE VIEW", "CREATE OR REPLACE VIEW", 1)];
        }
        let mut statements = vec![format!("DROP {} {}", table_word(is), is.name.quoted())];
        statements.extend(self.before.clone().only([oid]).statements());
        statements
    }

    fn partition_of(&self, catalog: &Catalog, table: &Table) -> Option<String> {
        let partition = partition(table)?;
        let parent = quoted_name(catalog, partition.of).unwrap_or_default();
        Some(format!("{parent} {}", partition.bound))
    }

    /// The order of the columns that both have.
    fn column_order(&mut self, object: &CatalogObject, was: &Table, is: &Table) {
        let names = |table: &'_ Table, other: &'_ Table| -> Vec<String> {
            let columns = table.columns.values();
            let common = columns.filter(|column| other.columns.values().any(|it| it.name == column.name));
            common.map(|column| column.name.clone()).collect()
        };
        self.aspect(object, "order of columns", (&names(was, is), &names(is, was)), Vec::new);
    }
}

/// `SET`, `ADD` and `DROP`, as ALTER … OPTIONS takes them.
pub(super) fn changed_options(before: &[String], after: &[String]) -> String {
    let split = |options: &[String]| -> Vec<(String, String)> {
        let pairs = options.iter().map(|option| option.split_once('=').unwrap_or((option, "")));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let changes = pairs(split(before), split(after)).into_iter().filter_map(|(name, pair)| match pair {
        (Some(before), Some(after)) if before == after => None,
        (Some(before), Some(_)) => Some(format!("SET {}", option_list(&[format!("{name}={before}")]))),
        (Some(before), None) => Some(format!("ADD {}", option_list(&[format!("{name}={before}")]))),
        (None, _) => Some(format!("DROP {}", quote::identifier(&name))),
    });
    changes.collect::<Vec<_>>().join(", ")
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

pub(super) fn table_object(table: &Table) -> CatalogObject {
    object(&table_word(table).to_lowercase(), table.name.to_string())
}
