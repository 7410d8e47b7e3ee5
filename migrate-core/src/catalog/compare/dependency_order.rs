//! Which objects need which other objects.

use std::collections::BTreeSet;

use super::comparison::{Comparison, FixPhase};
use crate::catalog::catalog::Catalog;
use crate::catalog::constraint::ConstraintKind;
use crate::catalog::ddl::partition;
use crate::catalog::function::Function;
use crate::catalog::namespace::QualifiedName;
use crate::catalog::object_part::ObjectPart;

impl Comparison<'_> {
    /// Adds the missing objects, each after the objects that it needs.
    pub(crate) fn missing_in_order(&mut self) {
        let mut later = std::mem::take(&mut self.later);
        for part in in_dependency_order(self.before.catalog, later.keys().cloned().collect()) {
            self.differences
                .extend(later.remove(&part).map(|difference| (FixPhase::CreateMissingTables, difference)));
        }
    }

    /// Whether a function needs a missing table or view.
    pub(crate) fn needs_missing(&self, oid: u32) -> bool {
        let uses = self.before.catalog.uses.get(&ObjectPart::Function(oid)).into_iter().flatten();
        let mut tables =
            uses.filter_map(ObjectPart::table).filter_map(|table| self.before.catalog.tables.get(&table));
        tables.any(|table| self.after.catalog.table(&table.name).is_none())
    }
}

/// Objects of a catalog, each after those that it needs, otherwise sorted by name; objects in a circle are sorted by
/// name too.
pub(crate) fn in_dependency_order(catalog: &Catalog, parts: BTreeSet<ObjectPart>) -> Vec<ObjectPart> {
    let mut rest: Vec<(ObjectPart, BTreeSet<ObjectPart>)> = parts
        .into_iter()
        .map(|part| {
            let needs = needs(catalog, &part);
            (part, needs)
        })
        .collect();
    rest.sort_by_key(|(part, _)| name(catalog, part));
    let mut order = Vec::new();
    while !rest.is_empty() {
        let left: BTreeSet<ObjectPart> = rest.iter().map(|(part, _)| part.clone()).collect();
        let (mut free, held): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|(_, needs)| needs.is_disjoint(&left));
        rest = held;
        if free.is_empty() {
            free = std::mem::take(&mut rest);
        }
        order.extend(free.into_iter().map(|(part, _)| part));
    }
    order
}

fn name<'c>(catalog: &'c Catalog, part: &ObjectPart) -> Option<&'c QualifiedName> {
    match part {
        ObjectPart::Function(oid) => catalog.functions.get(oid).map(|function: &Function| &function.name),
        part => part.table().and_then(|oid| catalog.tables.get(&oid)).map(|table| &table.name),
    }
}

/// The tables and functions that an object, with everything that belongs to it, needs.
fn needs(catalog: &Catalog, part: &ObjectPart) -> BTreeSet<ObjectPart> {
    let own = catalog.uses.iter().filter(|(by, _)| match part.table() {
        Some(table) => by.table() == Some(table),
        None => *by == part,
    });
    let uses =
        own.flat_map(|(_, all)| all).map(|of| of.table().map_or_else(|| of.clone(), ObjectPart::Table));
    let mut needs: BTreeSet<ObjectPart> = uses.collect();
    if let Some(table) = part.table().and_then(|oid| catalog.tables.get(&oid)) {
        let keys = table.constraints.values().filter_map(|constraint| match &constraint.kind {
            ConstraintKind::Foreign(reference) => Some(reference.table),
            _ => None,
        });
        let above = partition(table).map(|partition| partition.of);
        needs.extend(keys.chain(above).chain(table.inherits.iter().copied()).map(ObjectPart::Table));
    }
    needs.remove(part);
    needs
}
