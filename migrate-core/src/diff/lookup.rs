//! How a planner finds objects in its catalog, by name or by number.

use std::collections::BTreeSet;

use super::name_index::{FIRST_PLANNED, SURROGATE_COLUMN};
use super::planner::Planner;
use super::question::Interruption;
use crate::catalog::{Column, ConstraintKind, Function, Oid, QualifiedName, Relation, RowPresence, Table};
use crate::error::{Error, ErrorKind};
use crate::facts::{Fact, TableName};

impl Planner {
    /// Whether a table, or a table that its rows link to, is among these, which are written `schema.table`.
    pub fn reaches(&self, name: &QualifiedName, tables: &BTreeSet<String>) -> bool {
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<Oid> = self.find(name).into_iter().collect();
        while let Some(oid) = waiting.pop() {
            let Some(table) = self.catalog.tables.get(&oid).filter(|_| seen.insert(oid)) else { continue };
            if tables.contains(&format!("{}.{}", table.name.schema, table.name.name)) {
                return true;
            }
            waiting.extend(table.constraints.values().filter_map(|constraint| match &constraint.kind {
                ConstraintKind::Foreign(reference) => Some(reference.table),
                _ => None,
            }));
        }
        false
    }

    /// Records that a table has rows now.
    pub fn mark_filled(&mut self, name: &QualifiedName) {
        if let Some(table) = self.find(name).and_then(|oid| self.catalog.tables.get_mut(&oid)) {
            table.rows = RowPresence::Perhaps;
        }
        self.ahead.clear();
    }

    /// The name of the table with a label.
    pub fn table_name(&self, table: &TableName) -> QualifiedName {
        self.name(table)
    }

    /// The table that a fact is about.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn known_table(&mut self, fact: &Fact, table: &TableName) -> Result<Oid, Error> {
        self.cause = (fact.claim.kind(), fact.place.clone());
        self.require_table(table).map_err(|stop| match stop {
            Interruption::Fail(error) => *error,
            Interruption::Ask(_) => {
                self.problem(ErrorKind::Missing, format!("table `{table}` is not there yet"))
            }
        })
    }

    /// The qualified name of the table with a label.
    pub(crate) fn name(&self, table: &TableName) -> QualifiedName {
        self.outline.name(table)
    }

    /// The qualified name of an object whose name is used unchanged, such as a view or a sequence.
    pub(crate) fn as_written(&self, name: &TableName) -> QualifiedName {
        let schema = name.schema.as_ref().unwrap_or(&self.schema);
        QualifiedName { schema: schema.clone(), name: name.label.clone() }
    }

    pub(crate) fn find(&self, name: &QualifiedName) -> Option<Oid> {
        self.names.tables.get(name).copied()
    }

    /// The table of a label.
    pub(crate) fn require_table(&self, table: &TableName) -> Result<Oid, Interruption> {
        let name = self.name(table);
        self.find(&name).ok_or_else(|| {
            let near = if self.outline.tables.contains(&name) {
                "its fact comes later in the list: move it before this one".to_owned()
            } else {
                format!("declare it before this fact: `- table: {}`", table)
            };
            self.problem(ErrorKind::Missing, format!("there is no table `{}`", table)).help(near).into()
        })
    }

    pub(crate) fn table_at(&self, oid: Oid) -> Result<&Table, Interruption> {
        self.catalog.tables.get(&oid).ok_or_else(|| self.vanished())
    }

    pub(crate) fn table_at_mut(&mut self, oid: Oid) -> Result<&mut Table, Interruption> {
        let vanished = self.vanished();
        self.catalog.tables.get_mut(&oid).ok_or(vanished)
    }

    fn vanished(&self) -> Interruption {
        self.problem(ErrorKind::Missing, "a table is gone that was there a moment ago".to_owned()).into()
    }

    /// `schema.table`, for messages.
    pub(crate) fn object_name(&self, oid: Oid) -> String {
        let name = self.catalog.tables.get(&oid).map(|table| &table.name);
        name.map(|name| format!("{}.{}", name.schema, name.name)).unwrap_or_default()
    }

    /// Whether the planner's catalog has a view that the database does not have yet, so that its dependencies are not
    /// known.
    pub(crate) fn has_new_views(&self) -> bool {
        self.catalog
            .tables
            .range(FIRST_PLANNED..)
            .any(|(_, table)| !matches!(table.relation, Relation::Table { .. }))
    }

    pub(crate) fn functions_named<'a>(
        &'a self,
        name: &'a QualifiedName,
    ) -> impl Iterator<Item = (Oid, &'a Function)> {
        let known = self.names.functions.get(name).into_iter().flatten();
        let functions =
            known.filter_map(|oid| self.catalog.functions.get(oid).map(|function| (*oid, function)));
        functions.filter(move |(_, function)| function.name == *name)
    }

    /// Adds or replaces a function in the catalog.
    pub(crate) fn put_function(&mut self, oid: Oid, function: Function) {
        if self.catalog.functions.get(&oid).is_none_or(|known| known.name != function.name) {
            self.names.function(function.name.clone(), oid);
        }
        self.catalog.functions.insert(oid, function);
    }

    pub(crate) fn type_named(&self, name: &QualifiedName) -> Option<Oid> {
        let is_named = |oid: &&Oid| self.catalog.types.get(*oid).is_some_and(|kind| kind.name == *name);
        self.names.types.get(name)?.iter().find(is_named).copied()
    }

    /// The columns that alone have a foreign key to that table.
    pub(crate) fn links_to(&self, oid: Oid) -> Vec<(Oid, i16)> {
        let id = self.column_named(oid, SURROGATE_COLUMN).ok().flatten();
        let tables = self.catalog.tables.iter();
        tables
            .flat_map(|(other, table)| {
                table.constraints.values().filter_map(move |constraint| match &constraint.kind {
                    // A foreign key of several columns, or to a column other than `id`, is not a link.
                    ConstraintKind::Foreign(reference) if reference.table == oid => {
                        match (constraint.columns.as_slice(), reference.columns.as_slice()) {
                            ([column], [to]) if Some(*to) == id => Some((*other, *column)),
                            _ => None,
                        }
                    }
                    _ => None,
                })
            })
            .collect()
    }

    /// Whether a column alone is unique.
    pub(crate) fn is_unique(&self, oid: Oid, number: i16) -> Result<bool, Interruption> {
        let table = self.table_at(oid)?;
        let constrained = table.constraints.values().any(|constraint| {
            matches!(constraint.kind, ConstraintKind::Primary | ConstraintKind::Unique)
                && constraint.columns == [number]
        });
        Ok(constrained
            || table
                .indexes
                .values()
                .any(|index| index.unique && index.valid && index.plain && index.keys == [number]))
    }

    pub(crate) fn column_named(&self, oid: Oid, name: &str) -> Result<Option<i16>, Interruption> {
        let mut columns = self.table_at(oid)?.columns.iter();
        Ok(columns.find(|(_, column)| column.name == name).map(|(number, _)| *number))
    }

    pub(crate) fn column_at(&self, oid: Oid, number: i16) -> Result<&Column, Interruption> {
        self.table_at(oid)?.columns.get(&number).ok_or_else(|| {
            self.problem(ErrorKind::Missing, "a column is gone that was there a moment ago").into()
        })
    }

    pub(crate) fn column_name(&self, oid: Oid, number: i16) -> Result<String, Interruption> {
        Ok(self.table_at(oid)?.columns.get(&number).map(|column| column.name.clone()).unwrap_or_default())
    }

    pub(crate) fn column_mut(&mut self, oid: Oid, number: i16) -> Result<&mut Column, Interruption> {
        let gone =
            self.problem(crate::error::ErrorKind::Missing, "a column is gone that was there a moment ago");
        self.table_at_mut(oid)?.columns.get_mut(&number).ok_or_else(|| gone.into())
    }
}
