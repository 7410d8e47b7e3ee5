use embed_migrate_core::Result;

use crate::inspect::catalog_builder::CatalogBuilder;
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    builder.catalog.server = row.number(0)?;
    builder.keywords = row.list(1).into_iter().collect();
    Ok(())
}
