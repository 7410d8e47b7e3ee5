use embed_migrate_core::Result;
use embed_migrate_core::catalog::Extension;

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass, ObjectPlace};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let name = row.text(1)?;
    builder.spot(ObjectClass::Extension, row.number(0)?, ObjectPlace::Named(name.clone()));
    let extension = Extension {
        version: row.text(2)?,
        schema: row.text(3)?,
        relocatable: row.flag(5),
        requires: row.list(4),
        comment: None,
    };
    builder.catalog.extensions.insert(name, extension);
    Ok(())
}
