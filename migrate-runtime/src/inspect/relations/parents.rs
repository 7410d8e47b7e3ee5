use migrate_core::Result;
use migrate_core::catalog::{Oid, Partition, Relation};

use crate::inspect::assembly::Assembly;
use crate::inspect::cells::Cells;

pub(crate) fn read(row: &Cells<'_>, assembly: &mut Assembly) -> Result<()> {
    let (oid, above): (Oid, Oid) = (row.number(0)?, row.number(1)?);
    assembly.parents.entry(oid).or_default().push(above);
    let Some(table) = assembly.table(oid) else { return Ok(()) };
    match &mut table.relation {
        Relation::Table { partition: Some(Partition { of, .. }), .. } => *of = above,
        _ => table.inherits.push(above),
    }
    Ok(())
}
