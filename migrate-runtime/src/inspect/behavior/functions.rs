use embed_migrate_core::Result;
use embed_migrate_core::catalog::{Function, FunctionKind, Oid, QualifiedName};

use crate::inspect::catalog_builder::CatalogBuilder;
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let oid: Oid = row.number(0)?;
    // One that vanished while the server printed it has no definition.
    let (Some(arguments), Some(definition)) = (row.optional(3), row.optional(8)) else { return Ok(()) };
    let function = Function {
        name: QualifiedName { schema: row.text(1)?, name: row.text(2)? },
        arguments,
        kind: match row.letter(4) {
            'p' => FunctionKind::Procedure,
            'a' => FunctionKind::Aggregate,
            'w' => FunctionKind::Window,
            _ => FunctionKind::Function,
        },
        owner: row.text(5)?,
        language: row.text(6)?,
        source: row.text(7)?,
        definition,
        types: row.text(11)?,
        grants: row.grants(9),
        comment: None,
    };
    builder.catalog.functions.insert(oid, function);
    Ok(())
}
