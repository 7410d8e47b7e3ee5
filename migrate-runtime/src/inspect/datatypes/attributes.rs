use embed_migrate_core::Result;
use embed_migrate_core::catalog::{Oid, TypeKind};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectPlace};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let (oid, name): (Oid, String) = (row.number(0)?, row.text(2)?);
    let Some(composite) = builder.catalog.types.get_mut(&oid) else { return Ok(()) };
    if let TypeKind::Composite(attributes) = &mut composite.kind {
        attributes.push((name.clone(), row.text(3)?));
    }
    let number = row.number(1)?;
    if let Some(ObjectPlace::Composite(_, names)) = builder.composite(oid) {
        names.push((number, name));
    }
    Ok(())
}
