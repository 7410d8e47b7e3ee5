use embed_migrate_core::Result;
use embed_migrate_core::catalog::{ObjectPart, Oid};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass, ObjectPlace};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let by = part(builder, row.str(0)?, row.number(1)?, row.number(2)?);
    let of = match row.oid(6).filter(|relation| builder.catalog.tables.contains_key(relation)) {
        Some(row_type) => Some(ObjectPart::Table(row_type)),
        None => part(builder, row.str(3)?, row.number(4)?, row.number(5)?),
    };
    if let (Some(by), Some(of)) = (by, of)
        && !is_own(&by, &of)
        && [&by, &of]
            .iter()
            .all(|part| part.table().is_none_or(|table| builder.catalog.tables.contains_key(&table)))
    {
        builder.catalog.uses.entry(by).or_default().insert(of);
    }
    Ok(())
}

fn part(builder: &CatalogBuilder, class: &str, oid: Oid, column: i16) -> Option<ObjectPart> {
    let (class, catalog) = (ObjectClass::parse(class)?, &builder.catalog);
    match builder.places.get(&(class, oid)) {
        Some(ObjectPlace::Part(part)) => return Some(part.clone()),
        Some(ObjectPlace::Check(domain, name)) => {
            return Some(ObjectPart::DomainCheck(*domain, name.clone()));
        }
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
        ObjectClass::Statistics if catalog.statistics.contains_key(&oid) => Some(ObjectPart::Statistics(oid)),
        ObjectClass::Function if catalog.functions.contains_key(&oid) => Some(ObjectPart::Function(oid)),
        _ => None,
    }
}

/// Whether an object uses itself or the table that it belongs to; a view's own columns are a part of it.
fn is_own(by: &ObjectPart, of: &ObjectPart) -> bool {
    match (by, of) {
        (ObjectPart::Table(by), of) => of.table() == Some(*by),
        (by, ObjectPart::Table(of)) => by.table() == Some(*of),
        (by, of) => by == of,
    }
}
