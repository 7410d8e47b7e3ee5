use embed_migrate_core::Result;
use embed_migrate_core::catalog::{ForeignDataWrapper, ObjectPart};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let name = row.text(1)?;
    let part = ObjectPart::Named("foreign data wrapper".to_owned(), name.clone());
    builder.part(ObjectClass::Wrapper, row.number(0)?, part);
    let wrapper = ForeignDataWrapper {
        owner: row.text(2)?,
        handler: row.optional(3),
        validator: row.optional(4),
        options: row.sorted(5),
        grants: row.grants(6),
        comment: None,
    };
    builder.catalog.wrappers.insert(name, wrapper);
    Ok(())
}
