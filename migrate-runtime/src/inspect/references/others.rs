use embed_migrate_core::Result;

use crate::inspect::catalog_builder::CatalogBuilder;
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    if let (Some(kind), Some(name)) = (row.optional(0), row.optional(1)) {
        builder.catalog.others.insert((kind, name));
    }
    Ok(())
}
