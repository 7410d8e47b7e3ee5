use embed_migrate_core::Result;

use crate::inspect::catalog_builder::CatalogBuilder;
use crate::inspect::row_cells::RowCells;

/// Default operator classes of btree: the types that they are for, and their names.
pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    builder.classes.insert(row.number(0)?, (row.number(1)?, row.text(2)?));
    Ok(())
}
