use embed_migrate_core::Result;
use embed_migrate_core::catalog::{Index, ObjectPart, Oid};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass, Unprinted};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let (table, name): (Oid, String) = (row.number(0)?, row.text(4)?);
    let oid: Oid = row.number(1)?;
    builder.part(ObjectClass::Relation, oid, ObjectPart::Index(table, name.clone()));
    let constraint = builder.constraint_of.remove(&oid);
    let Some(owner) = builder.catalog.tables.get_mut(&table) else { return Ok(()) };
    let mut keys: Vec<i16> = row.numbers(2)?;
    let include = keys.split_off(keys.len().min(row.number(3)?));
    if row.get(8).is_none() {
        let (classes, collations) = (row.numbers(10)?, row.numbers(11)?);
        builder.unprinted.push(Unprinted { table, index: name.clone(), classes, collations });
    }
    let index = Index {
        keys,
        include,
        unique: row.flag(5),
        plain: row.get(8).is_none(),
        constraint,
        valid: row.flag(6),
        clustered: row.flag(7),
        // Those of the usual form come without, and are printed when all columns are known.
        definition: row.optional(8).unwrap_or_default(),
        options: row.list(9),
        tablespace: row.optional(12),
        statistics: row.list(13).iter().filter_map(|target| statistics(target)).collect(),
        part_of: None,
        comment: None,
    };
    owner.indexes.insert(name, index);
    Ok(())
}

/// A column's number and its statistics target.
fn statistics(target: &str) -> Option<(i16, i16)> {
    let (number, target) = target.split_once(' ')?;
    Some((number.parse().ok()?, target.parse().ok()?))
}
