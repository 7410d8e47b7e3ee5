use embed_migrate_core::Result;
use embed_migrate_core::catalog::GenericObject;

use crate::inspect::catalog_builder::CatalogBuilder;
use crate::inspect::row_cells::RowCells;

/// Privileges on objects that come with the server or an extension, if they are others than those that they came with.
pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let (Some(on), column) = (row.optional(0), row.optional(1)) else { return Ok(()) };
    let owner = row.text(2)?;
    let (initial, current) = (row.sorted(3), row.sorted(4));
    if initial != current {
        let name = column.as_ref().map_or_else(|| on.clone(), |column| format!("{on}.{column}"));
        let object = GenericObject::privileges(on, column.as_deref(), &owner, (&initial, &current));
        builder.catalog.objects.insert(("privileges".to_owned(), name), object);
    }
    Ok(())
}
