use migrate_core::Result;
use migrate_core::catalog::{Index, Oid, Part};

use super::assembly::{Assembly, Class};
use super::cells::Cells;

pub(super) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let (oid, name): (Oid, String) = (row.number(0)?, row.text(4)?);
    assembly.part(Class::Relation, row.number(1)?, Part::Index(oid, name.clone()));
    let Some(table) = assembly.table(oid) else { return Ok(()) };
    let mut keys: Vec<i16> = row.numbers(2)?;
    let include = keys.split_off(keys.len().min(row.number(3)?));
    let definition = row.optional(9);
    let index = Index {
        keys,
        include,
        unique: row.flag(5),
        plain: definition.is_none(),
        constraint: row.optional(6),
        valid: row.flag(7),
        clustered: row.flag(8),
        // Plain ones come without, and are printed when all columns are known.
        definition: definition.unwrap_or_default(),
        options: row.sorted(10),
        part_of: None,
        comment: None,
    };
    table.indexes.insert(name, index);
    Ok(())
}
