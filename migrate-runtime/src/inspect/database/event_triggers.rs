use embed_migrate_core::Result;
use embed_migrate_core::catalog::EventTrigger;

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass, ObjectPlace};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let name = row.text(2)?;
    builder.spot(ObjectClass::EventTrigger, row.number(0)?, ObjectPlace::Named(name.clone()));
    let trigger = EventTrigger {
        event: row.text(3)?,
        tags: row.list(4),
        function: row.number(1)?,
        calls: row.text(5)?,
        owner: row.text(6)?,
        enabled: row.letter(7),
        comment: None,
    };
    builder.catalog.event_triggers.insert(name, trigger);
    Ok(())
}
