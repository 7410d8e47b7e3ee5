use embed_migrate_core::Result;
use embed_migrate_core::catalog::Namespace;

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass, ObjectPlace};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let name = row.text(1)?;
    builder.spot(ObjectClass::Namespace, row.number(0)?, ObjectPlace::Named(name.clone()));
    let namespace = Namespace { owner: row.text(2)?, grants: row.grants(3), comment: None };
    builder.catalog.namespaces.insert(name, namespace);
    Ok(())
}
