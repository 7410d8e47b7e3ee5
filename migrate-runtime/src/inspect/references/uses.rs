use migrate_core::Result;
use migrate_core::catalog::{ConstraintKind, ObjectPart, Oid};

use crate::inspect::assembly::{Assembly, Class, Spot};
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let by = part(assembly, row.str(0)?, row.number(1)?, 0);
    let of = match row.oid(6).filter(|relation| assembly.catalog.tables.contains_key(relation)) {
        Some(row_type) => Some(ObjectPart::Table(row_type)),
        None => part(assembly, row.str(3)?, row.number(4)?, row.number(5)?),
    };
    if let (Some(by), Some(of)) = (by, of)
        && by.table().is_none_or(|table| of.table() != Some(table))
        && [&by, &of]
            .iter()
            .all(|part| part.table().is_none_or(|table| assembly.catalog.tables.contains_key(&table)))
        && !is_foreign_key(assembly, &by)
    {
        assembly.catalog.uses.entry(by).or_default().insert(of);
    }
    Ok(())
}

fn part(assembly: &Assembly, class: &str, oid: Oid, column: i16) -> Option<ObjectPart> {
    let (class, catalog) = (Class::parse(class)?, &assembly.catalog);
    match assembly.spots.get(&(class, oid)) {
        Some(Spot::Part(part)) => return Some(part.clone()),
        Some(Spot::Check(domain, _)) => return Some(ObjectPart::Type(*domain)),
        Some(Spot::Composite(data_type, _)) => return Some(ObjectPart::Type(*data_type)),
        _ => {}
    }
    match class {
        Class::Relation if catalog.tables.contains_key(&oid) && column != 0 => {
            Some(ObjectPart::Column(oid, column))
        }
        Class::Relation if catalog.tables.contains_key(&oid) => Some(ObjectPart::Table(oid)),
        Class::Relation if catalog.sequences.contains_key(&oid) => Some(ObjectPart::Sequence(oid)),
        Class::Type if catalog.types.contains_key(&oid) => Some(ObjectPart::Type(oid)),
        Class::Function if catalog.functions.contains_key(&oid) => Some(ObjectPart::Function(oid)),
        _ => None,
    }
}

fn is_foreign_key(assembly: &Assembly, part: &ObjectPart) -> bool {
    let ObjectPart::Constraint(table, name) = part else { return false };
    let constraint = assembly.catalog.tables.get(table).and_then(|table| table.constraints.get(name));
    constraint.is_some_and(|constraint| matches!(constraint.kind, ConstraintKind::Foreign(_)))
}
