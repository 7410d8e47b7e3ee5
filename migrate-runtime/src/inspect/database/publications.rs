use embed_migrate_core::Result;
use embed_migrate_core::catalog::Publication;

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass, ObjectPlace};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let name = row.text(1)?;
    builder.spot(ObjectClass::Publication, row.number(0)?, ObjectPlace::Named(name.clone()));
    let publication = Publication {
        owner: row.text(2)?,
        all_tables: row.flag(3),
        publish: row.text(4)?,
        via_root: row.flag(5),
        tables: row.list(6),
        schemas: row.list(7),
        comment: None,
    };
    builder.catalog.publications.insert(name, publication);
    Ok(())
}
