use embed_migrate_core::Result;
use embed_migrate_core::catalog::{ObjectPart, Oid, Rule};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let (oid, name): (Oid, String) = (row.number(0)?, row.text(2)?);
    builder.part(ObjectClass::Rule, row.number(1)?, ObjectPart::Rule(oid, name.clone()));
    if let (Some(table), Some(definition)) = (builder.table(oid), row.optional(3)) {
        table.rules.insert(name, Rule { definition, enabled: row.letter(4), comment: None });
    }
    Ok(())
}
