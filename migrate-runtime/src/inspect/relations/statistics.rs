use embed_migrate_core::Result;
use embed_migrate_core::catalog::{Oid, QualifiedName, Statistics};

use crate::inspect::catalog_builder::CatalogBuilder;
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let oid: Oid = row.number(0)?;
    let Some(definition) = row.optional(5) else { return Ok(()) };
    let statistics = Statistics {
        name: QualifiedName { schema: row.text(2)?, name: row.text(3)? },
        table: row.number(1)?,
        owner: row.text(4)?,
        definition,
        target: row.get(6).and_then(|target| target.parse().ok()),
        comment: None,
    };
    builder.catalog.statistics.insert(oid, statistics);
    Ok(())
}
