use embed_migrate_core::Result;
use embed_migrate_core::catalog::{Oid, Partition, Relation};

use crate::inspect::catalog_builder::CatalogBuilder;
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let (oid, above): (Oid, Oid) = (row.number(0)?, row.number(1)?);
    builder.parents.entry(oid).or_default().push(above);
    let Some(table) = builder.table(oid) else { return Ok(()) };
    match &mut table.relation {
        Relation::Table { partition: Some(Partition { of, .. }), .. }
        | Relation::Foreign { partition: Some(Partition { of, .. }), .. } => *of = above,
        _ => table.inherits.push(above),
    }
    Ok(())
}
