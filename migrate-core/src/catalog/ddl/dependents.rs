//! The objects that must be dropped before a change, because the server refuses it under them, and made again after it.

use std::collections::BTreeSet;

use crate::catalog::catalog::Catalog;
use crate::catalog::column::Generation;
use crate::catalog::constraint::ConstraintKind;
use crate::catalog::namespace::Oid;
use crate::catalog::object_part::ObjectPart;
use crate::catalog::table::{Relation, Table};

/// Objects that depend on what is changed, directly or through others.
#[derive(Debug, Default)]
pub(crate) struct Dependents {
    /// Views and materialized views.
    pub(crate) views: BTreeSet<Oid>,
    /// Everything else.
    pub(crate) parts: BTreeSet<ObjectPart>,
}

impl Catalog {
    /// The dependents of a column that is dropped, with the constraints and indexes that are dropped with it.
    pub(crate) fn dependents_of_column(&self, oid: Oid, number: i16) -> Dependents {
        let own = self.tables.get(&oid).map(|table| on_column(oid, table, number)).unwrap_or_default();
        let mut found = self.dependents(own.iter().cloned().chain([ObjectPart::Column(oid, number)]));
        found.parts.extend(own);
        found
    }

    /// The dependents of objects that are dropped, or of columns that get another type.
    pub(crate) fn dependents(&self, changed: impl IntoIterator<Item = ObjectPart>) -> Dependents {
        let mut found = Dependents::default();
        let mut waiting: Vec<ObjectPart> = changed.into_iter().collect();
        let mut seen: BTreeSet<ObjectPart> = waiting.iter().cloned().collect();
        while let Some(part) = waiting.pop() {
            for by in self.users(&part).into_iter().chain(self.parts_of(&part)) {
                if seen.insert(by.clone()) {
                    found.add(&by);
                    waiting.push(by);
                }
            }
        }
        // They are dropped and made again with their view.
        let of_view = |oid: Option<Oid>, views: &BTreeSet<Oid>| oid.is_some_and(|oid| views.contains(&oid));
        found.parts.retain(|part| !of_view(part.table(), &found.views));
        found
    }

    fn users(&self, part: &ObjectPart) -> Vec<ObjectPart> {
        // Who uses a column of a view uses the view.
        let whole = match part {
            ObjectPart::Table(oid) => Some(*oid),
            _ => None,
        };
        let is_used = |of: &ObjectPart| of == part || whole.is_some() && of.table() == whole;
        let users = self.uses.iter().filter(|(_, used)| used.iter().any(is_used));
        let users = users.filter(|(by, _)| !self.is_renewed(part, by));
        users.filter_map(|(by, _)| self.remade(by)).filter(|by| by != part).collect()
    }

    /// Whether the server renews a constraint or an index itself if a column of its table gets another type.
    fn is_renewed(&self, part: &ObjectPart, by: &ObjectPart) -> bool {
        match (part, by) {
            (ObjectPart::Column(oid, number), ObjectPart::Constraint(of, _) | ObjectPart::Index(of, _)) => {
                oid == of && self.tables.get(oid).is_some_and(|table| !is_generated(table, *number))
            }
            _ => false,
        }
    }

    /// What is made again of a user; `None` if the server renews it itself, or nothing can.
    fn remade(&self, by: &ObjectPart) -> Option<ObjectPart> {
        let table = by.table().and_then(|oid| self.tables.get(&oid));
        match (by, table) {
            (ObjectPart::Column(_, number), Some(table)) if is_generated(table, *number) => Some(by.clone()),
            (ObjectPart::Table(oid) | ObjectPart::Column(oid, _), Some(table)) => {
                is_view(table).then_some(ObjectPart::Table(*oid))
            }
            (ObjectPart::Trigger(_, name), Some(table)) => {
                table.triggers.get(name).is_some_and(|it| !it.inherited).then(|| by.clone())
            }
            (ObjectPart::Default(oid, number), Some(table)) => Some(match is_generated(table, *number) {
                true => ObjectPart::Column(*oid, *number),
                false => by.clone(),
            }),
            (ObjectPart::Constraint(_, name), Some(table)) => {
                table.constraints.get(name).is_some_and(|it| !it.inherited).then(|| by.clone())
            }
            (ObjectPart::Index(oid, name), Some(table)) => {
                let index = table.indexes.get(name).filter(|index| index.part_of.is_none())?;
                let constraint = index.constraint.as_ref();
                Some(constraint.map_or(by.clone(), |it| ObjectPart::Constraint(*oid, it.clone())))
            }
            (
                ObjectPart::Function(_)
                | ObjectPart::Policy(..)
                | ObjectPart::Rule(..)
                | ObjectPart::DomainCheck(..),
                _,
            ) => Some(by.clone()),
            // The server renews statistics with their columns.
            (
                ObjectPart::Named(..)
                | ObjectPart::Sequence(_)
                | ObjectPart::Type(_)
                | ObjectPart::Statistics(_),
                _,
            )
            | (_, None) => None,
        }
    }

    /// The parts of a table that are dropped with a column or a key, and must come again.
    fn parts_of(&self, part: &ObjectPart) -> Vec<ObjectPart> {
        let Some((oid, table)) = part.table().and_then(|oid| Some((oid, self.tables.get(&oid)?))) else {
            return Vec::new();
        };
        match part {
            ObjectPart::Column(_, number) if is_generated(table, *number) => on_column(oid, table, *number),
            ObjectPart::Constraint(_, name) => {
                table.constraints.get(name).map(|key| self.keys_to(oid, &key.columns)).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// The foreign keys to these columns.
    fn keys_to(&self, oid: Oid, columns: &[i16]) -> Vec<ObjectPart> {
        let constraints = self.tables.iter().flat_map(|(other, table)| {
            table.constraints.iter().map(move |(name, constraint)| (*other, name, constraint))
        });
        let keys = constraints.filter(|(_, _, constraint)| match &constraint.kind {
            ConstraintKind::Foreign(reference) => {
                reference.table == oid
                    && !constraint.inherited
                    && reference.columns.iter().collect::<BTreeSet<_>>() == columns.iter().collect()
            }
            _ => false,
        });
        keys.map(|(other, name, _)| ObjectPart::Constraint(other, name.clone())).collect()
    }
}

impl Dependents {
    fn add(&mut self, part: &ObjectPart) {
        match part {
            ObjectPart::Table(view) => self.views.insert(*view),
            part => self.parts.insert(part.clone()),
        };
    }
}

fn on_column(oid: Oid, table: &Table, number: i16) -> Vec<ObjectPart> {
    let constraints =
        table.constraints.iter().filter(|(_, it)| it.columns.contains(&number) && !it.inherited);
    let constraints = constraints.map(|(name, _)| ObjectPart::Constraint(oid, name.clone()));
    // An expression or a condition may name any column.
    let indexes = table.indexes.iter().filter(|(_, index)| {
        index.constraint.is_none()
            && index.part_of.is_none()
            && (index.keys.contains(&number) || index.include.contains(&number) || index.has_expression())
    });
    constraints.chain(indexes.map(|(name, _)| ObjectPart::Index(oid, name.clone()))).collect()
}

fn is_generated(table: &Table, number: i16) -> bool {
    let generation = table.columns.get(&number).and_then(|column| column.generation);
    matches!(generation, Some(Generation::Stored | Generation::Virtual))
}

fn is_view(table: &Table) -> bool {
    matches!(table.relation, Relation::View { .. } | Relation::Materialized { .. })
}
