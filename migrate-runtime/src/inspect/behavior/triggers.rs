use embed_migrate_core::Result;
use embed_migrate_core::catalog::{ObjectPart, Oid, Trigger};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let (oid, name): (Oid, String) = (row.number(0)?, row.text(3)?);
    builder.part(ObjectClass::Trigger, row.number(1)?, ObjectPart::Trigger(oid, name.clone()));
    let (Some(table), Some(definition)) = (builder.table(oid), row.optional(4)) else { return Ok(()) };
    let trigger = Trigger {
        function: row.number(2)?,
        definition,
        enabled: row.letter(5),
        inherited: row.flag(6),
        comment: None,
    };
    table.triggers.insert(name, trigger);
    Ok(())
}
