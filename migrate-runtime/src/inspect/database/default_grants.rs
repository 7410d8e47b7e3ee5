use embed_migrate_core::Result;
use embed_migrate_core::catalog::DefaultGrant;

use crate::inspect::catalog_builder::CatalogBuilder;
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let grant = DefaultGrant { role: row.text(0)?, schema: row.optional(1), objects: row.text(2)? };
    builder.catalog.default_grants.insert(grant, row.list(3));
    Ok(())
}
