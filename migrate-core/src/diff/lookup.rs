//! What a planner finds in its catalog, by name or by number.

use std::collections::{BTreeSet, HashMap};

use super::planner::FIRST;
use super::surrogate::ID;
use super::{Planner, Stop};
use crate::catalog::{Catalog, Column, ConstraintKind, Function, Name, Oid, Relation, Rows, Table};
use crate::facts::{Fact, TableName};
use crate::{Error, ErrorKind};

/// Numbers by names, so that a fact finds its own without a look at all others.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    tables: HashMap<Name, Oid>,
    /// What had that name once: whether it still has, the catalog says.
    functions: HashMap<Name, Vec<Oid>>,
    types: HashMap<Name, Vec<Oid>>,
}

impl Names {
    pub(super) fn of(catalog: &Catalog) -> Names {
        let mut names = Names::default();
        catalog.tables.iter().for_each(|(oid, table)| names.table(table.name.clone(), *oid));
        catalog.functions.iter().for_each(|(oid, function)| names.function(function.name.clone(), *oid));
        catalog.types.iter().for_each(|(oid, kind)| names.kind(kind.name.clone(), *oid));
        names
    }

    pub(super) fn table(&mut self, name: Name, oid: Oid) {
        self.tables.insert(name, oid);
    }

    pub(super) fn no_table(&mut self, name: &Name) {
        self.tables.remove(name);
    }

    pub(super) fn function(&mut self, name: Name, oid: Oid) {
        self.functions.entry(name).or_default().push(oid);
    }

    pub(super) fn kind(&mut self, name: Name, oid: Oid) {
        self.types.entry(name).or_default().push(oid);
    }
}

impl Planner {
    /// Whether a table, or one that its rows link to, is among these, which are named `schema.table`.
    pub fn reaches(&self, name: &Name, tables: &BTreeSet<String>) -> bool {
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

    /// Notes that a table holds rows now.
    pub fn filled(&mut self, name: &Name) {
        if let Some(table) = self.find(name).and_then(|oid| self.catalog.tables.get_mut(&oid)) {
            table.rows = Rows::Perhaps;
        }
        self.ahead.clear();
    }

    /// The name that a label's table has.
    pub fn table_name(&self, table: &TableName) -> Name {
        self.name(table)
    }

    /// The table that a fact is about.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn known_table(&mut self, fact: &Fact, table: &TableName) -> Result<Oid, Error> {
        self.cause = (fact.claim.kind(), fact.place.clone());
        self.known(table).map_err(|stop| match stop {
            Stop::Fail(error) => *error,
            Stop::Ask(_) => self.problem(ErrorKind::Missing, format!("table `{table}` is not there yet")),
        })
    }

    /// Where a fact of this name lives.
    pub(super) fn name(&self, table: &TableName) -> Name {
        self.outline.name(table)
    }

    /// The name of what is called as a person writes it, such as a view or a sequence.
    pub(super) fn as_written(&self, name: &TableName) -> Name {
        let schema = name.schema.as_ref().unwrap_or(&self.schema);
        Name { schema: schema.clone(), name: name.label.clone() }
    }

    pub(super) fn find(&self, name: &Name) -> Option<Oid> {
        self.names.tables.get(name).copied()
    }

    /// The table of a label.
    pub(super) fn known(&self, table: &TableName) -> Result<Oid, Stop> {
        let name = self.name(table);
        self.find(&name).ok_or_else(|| {
            let near = if self.outline.tables.contains(&name) {
                "its fact comes later in the list: move it before this one".to_owned()
            } else {
                format!("declare it before this fact: `- table: {}`", spoken(table))
            };
            self.problem(ErrorKind::Missing, format!("there is no table `{}`", spoken(table)))
                .help(near)
                .into()
        })
    }

    pub(super) fn at(&self, oid: Oid) -> Result<&Table, Stop> {
        self.catalog.tables.get(&oid).ok_or_else(|| self.vanished())
    }

    pub(super) fn at_mut(&mut self, oid: Oid) -> Result<&mut Table, Stop> {
        let vanished = self.vanished();
        self.catalog.tables.get_mut(&oid).ok_or(vanished)
    }

    fn vanished(&self) -> Stop {
        self.problem(ErrorKind::Missing, "a table is gone that was there a moment ago".to_owned()).into()
    }

    /// `schema.table`, for messages.
    pub(super) fn object(&self, oid: Oid) -> String {
        let name = self.catalog.tables.get(&oid).map(|table| &table.name);
        name.map(|name| format!("{}.{}", name.schema, name.name)).unwrap_or_default()
    }

    /// Whether a view is in the catalog that is not in the database's yet, so that nothing is known of what it needs.
    pub(super) fn has_new_views(&self) -> bool {
        self.catalog.tables.range(FIRST..).any(|(_, table)| !matches!(table.relation, Relation::Table { .. }))
    }

    pub(super) fn functions_named<'a>(&'a self, name: &'a Name) -> impl Iterator<Item = (Oid, &'a Function)> {
        let known = self.names.functions.get(name).into_iter().flatten();
        let functions =
            known.filter_map(|oid| self.catalog.functions.get(oid).map(|function| (*oid, function)));
        functions.filter(move |(_, function)| function.name == *name)
    }

    /// Adds a function to the catalog, or gives it another definition.
    pub(super) fn put_function(&mut self, oid: Oid, function: Function) {
        if self.catalog.functions.get(&oid).is_none_or(|known| known.name != function.name) {
            self.names.function(function.name.clone(), oid);
        }
        self.catalog.functions.insert(oid, function);
    }

    pub(super) fn type_named(&self, name: &Name) -> Option<Oid> {
        let is_named = |oid: &&Oid| self.catalog.types.get(*oid).is_some_and(|kind| kind.name == *name);
        self.names.types.get(name)?.iter().find(is_named).copied()
    }

    /// The columns with a foreign key of their own to that table.
    pub(super) fn links_to(&self, oid: Oid) -> Vec<(Oid, i16)> {
        let id = self.column_named(oid, ID).ok().flatten();
        let tables = self.catalog.tables.iter();
        tables
            .flat_map(|(other, table)| {
                table.constraints.values().filter_map(move |constraint| match &constraint.kind {
                    // One of several columns, or to another than `id`, is no link.
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
    pub(super) fn is_unique(&self, oid: Oid, number: i16) -> Result<bool, Stop> {
        let table = self.at(oid)?;
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

    pub(super) fn column_named(&self, oid: Oid, name: &str) -> Result<Option<i16>, Stop> {
        let mut columns = self.at(oid)?.columns.iter();
        Ok(columns.find(|(_, column)| column.name == name).map(|(number, _)| *number))
    }

    pub(super) fn column_at(&self, oid: Oid, number: i16) -> Result<&Column, Stop> {
        self.at(oid)?.columns.get(&number).ok_or_else(|| {
            self.problem(ErrorKind::Missing, "a column is gone that was there a moment ago").into()
        })
    }

    pub(super) fn column_name(&self, oid: Oid, number: i16) -> Result<String, Stop> {
        Ok(self.at(oid)?.columns.get(&number).map(|column| column.name.clone()).unwrap_or_default())
    }

    pub(super) fn column_mut(&mut self, oid: Oid, number: i16) -> Result<&mut Column, Stop> {
        let gone = self.problem(crate::ErrorKind::Missing, "a column is gone that was there a moment ago");
        self.at_mut(oid)?.columns.get_mut(&number).ok_or_else(|| gone.into())
    }
}

/// A table's label as a person writes it.
pub(super) fn spoken(table: &TableName) -> String {
    match &table.schema {
        Some(schema) => format!("{schema}.{}", table.label),
        None => table.label.clone(),
    }
}
