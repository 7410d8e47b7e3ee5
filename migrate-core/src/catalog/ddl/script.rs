use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::catalog::catalog::Catalog;
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::object_part::ObjectPart;
use crate::catalog::table::Table;

/// A catalog, or some of its tables, as SQL.
///
/// Run on an empty database, the whole creates an equal database, provided that the roles exist. Equal catalogs give
/// the same text: it depends on names, not on the order in which objects were created, except for columns.
///
/// ```
/// use embed_migrate_core::catalog::Catalog;
///
/// assert!(Catalog::default().ddl().to_string().starts_with("SET search_path = ''"));
/// ```
#[derive(Debug, Clone)]
pub struct DdlScript<'a> {
    pub(in crate::catalog) catalog: &'a Catalog,
    pub(super) access: bool,
    tables: Option<BTreeSet<Oid>>,
    /// Partitions that are created as separate tables, and attached later.
    apart: Arc<BTreeSet<&'a QualifiedName>>,
    /// Objects that are printed beside the tables.
    pub(super) parts: BTreeSet<ObjectPart>,
    /// What the database that it runs in contains before, if it is not empty.
    pub(super) present: Option<&'a Catalog>,
    /// The sequences of each table.
    pub(super) owned: Arc<BTreeMap<Oid, Vec<Oid>>>,
}

impl Catalog {
    /// The SQL that creates it.
    pub fn ddl(&self) -> DdlScript<'_> {
        let mut owned: BTreeMap<Oid, Vec<Oid>> = BTreeMap::new();
        for (oid, sequence) in &self.sequences {
            if let Some((table, _)) = sequence.owned_by {
                owned.entry(table).or_default().push(*oid);
            }
        }
        DdlScript {
            catalog: self,
            access: true,
            tables: None,
            apart: Arc::default(),
            parts: BTreeSet::new(),
            present: None,
            owned: Arc::new(owned),
        }
    }
}

impl<'a> DdlScript<'a> {
    /// Only these tables or views, with everything that belongs to them: constraints, indexes, sequences, triggers,
    /// policies. Objects that they need, such as types, are left out.
    pub fn only(mut self, tables: impl IntoIterator<Item = Oid>) -> DdlScript<'a> {
        self.tables = Some(tables.into_iter().collect());
        self
    }

    /// These objects too: functions, columns, defaults, constraints, indexes, rules, policies.
    pub(crate) fn parts(mut self, parts: BTreeSet<ObjectPart>) -> DdlScript<'a> {
        self.parts = parts;
        self
    }

    /// For the database that the catalog describes, in which the objects are made again: what its default privileges
    /// add is taken away.
    pub(crate) fn in_place(mut self) -> DdlScript<'a> {
        self.present = Some(self.catalog);
        self
    }

    /// For a database with this content: what its default privileges add to new objects is taken away.
    pub(in crate::catalog) fn beside(mut self, present: &'a Catalog) -> DdlScript<'a> {
        self.present = Some(present);
        self
    }

    /// Without owners and privileges, for a database with other roles.
    pub fn without_access(mut self) -> DdlScript<'a> {
        self.access = false;
        self
    }

    /// The statements, without semicolons, each after the statements that it needs.
    pub fn statements(&self) -> Vec<String> {
        let mut statements = Vec::new();
        if self.tables.is_none() {
            statements.extend(PROLOGUE.iter().map(|&statement| statement.to_owned()));
            statements.extend(self.schemas());
            statements.extend(self.extensions());
        }
        let (ordered, materialized) = self.ordered();
        statements.extend(ordered);
        statements.extend(self.each(DdlScript::attach_indexes));
        statements.extend(self.all_foreign_keys());
        statements.extend(self.each(DdlScript::table_statistics));
        statements.extend(self.each(DdlScript::rules));
        statements.extend(self.each(DdlScript::triggers));
        statements.extend(self.each(DdlScript::policies));
        statements.extend(self.parts.iter().flat_map(|part| self.late_part(part)));
        statements.extend(self.each(DdlScript::finish));
        if self.tables.is_none() {
            statements.extend(self.refreshes(&materialized));
            statements.extend(self.late());
            statements.extend(self.publications());
            statements.extend(self.default_grants());
            statements.extend(self.event_triggers());
        }
        statements
    }

    pub(in crate::catalog) fn has_access(&self) -> bool {
        self.access
    }

    pub(in crate::catalog) fn set_apart(&mut self, partitions: impl IntoIterator<Item = &'a QualifiedName>) {
        self.apart = Arc::new(partitions.into_iter().collect());
    }

    pub(super) fn is_apart_from_parent(&self, partition: &Table) -> bool {
        self.apart.contains(&partition.name)
    }

    /// Fills the materialized views.
    fn refreshes(&self, materialized: &[Oid]) -> Vec<String> {
        let filled = materialized.iter().filter(|oid| self.is_filled(**oid));
        filled.map(|oid| format!("REFRESH MATERIALIZED VIEW {}", self.name_of(*oid))).collect()
    }

    pub(super) fn has(&self, table: Oid) -> bool {
        self.tables.as_ref().is_none_or(|tables| tables.contains(&table))
    }

    pub(super) fn whole(&self) -> bool {
        self.tables.is_none()
    }

    /// The statements of one function for each table, in the order of the tables' names.
    fn each(&self, statements: impl Fn(&DdlScript<'a>, Oid) -> Vec<String>) -> Vec<String> {
        let mut tables: Vec<_> = self.catalog.tables.iter().filter(|(oid, _)| self.has(**oid)).collect();
        tables.sort_by_key(|(_, table)| &table.name);
        tables.into_iter().flat_map(|(oid, _)| statements(self, *oid)).collect()
    }
}

/// Function bodies may use objects that are created later; definitions were printed with an empty search path and these
/// settings.
const PROLOGUE: [&str; 8] = [
    "SET search_path = ''",
    "SET check_function_bodies = off",
    "SET standard_conforming_strings = on",
    "SET TimeZone = 'UTC'",
    "SET lc_monetary = 'C'",
    "SET xmloption = content",
    "SET default_tablespace = ''",
    "SET default_table_access_method = heap",
];

impl fmt::Display for DdlScript<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, statement) in self.statements().iter().enumerate() {
            let apart = if place == 0 { "" } else { "\n" };
            writeln!(f, "{apart}{statement};")?;
        }
        if !self.whole() {
            return Ok(());
        }
        self.catalog.others.iter().try_for_each(|(kind, name)| {
            let name = name.replace(['\n', '\r'], " ");
            write!(f, "\n-- not written here: {kind} {name}\n")
        })
    }
}
