use embed_migrate_core::Result;
use embed_migrate_core::catalog::{ConstraintKind, ObjectPart, Oid};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass, ObjectPlace};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let by = part(builder, row.str(0)?, row.number(1)?, 0);
    let of = match row.oid(6).filter(|relation| builder.catalog.tables.contains_key(relation)) {
        Some(row_type) => Some(ObjectPart::Table(row_type)),
        None => part(builder, row.str(3)?, row.number(4)?, row.number(5)?),
    };
    if let (Some(by), Some(of)) = (by, of)
        && by.table().is_none_or(|table| of.table() != Some(table))
        && [&by, &of]
            .iter()
            .all(|part| part.table().is_none_or(|table| builder.catalog.tables.contains_key(&table)))
        && !is_foreign_key(builder, &by)
    {
        builder.catalog.uses.entry(by).or_default().insert(of);
    }
    Ok(())
}

fn part(builder: &CatalogBuilder, class: &str, oid: Oid, column: i16) -> Option<ObjectPart> {
    let (class, catalog) = (ObjectClass::parse(class)?, &builder.catalog);
    match builder.places.get(&(class, oid)) {
        Some(ObjectPlace::Part(part)) => return Some(part.clone()),
        Some(ObjectPlace::Check(domain, _)) => return Some(ObjectPart::Type(*domain)),
        Some(ObjectPlace::Composite(data_type, _)) => return Some(ObjectPart::Type(*data_type)),
        _ => {}
    }
    match class {
        ObjectClass::Relation if catalog.tables.contains_key(&oid) && column != 0 => {
            Some(ObjectPart::Column(oid, column))
        }
        ObjectClass::Relation if catalog.tables.contains_key(&oid) => Some(ObjectPart::Table(oid)),
        ObjectClass::Relation if catalog.sequences.contains_key(&oid) => Some(ObjectPart::Sequence(oid)),
        ObjectClass::Type if catalog.types.contains_key(&oid) => Some(ObjectPart::Type(oid)),
        ObjectClass::Function if catalog.functions.contains_key(&oid) => Some(ObjectPart::Function(oid)),
        _ => None,
    }
}

fn is_foreign_key(builder: &CatalogBuilder, part: &ObjectPart) -> bool {
    let ObjectPart::Constraint(table, name) = part else { return false };
    let constraint = builder.catalog.tables.get(table).and_then(|table| table.constraints.get(name));
    constraint.is_some_and(|constraint| matches!(constraint.kind, ConstraintKind::Foreign(_)))
}
