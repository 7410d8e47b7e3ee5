use embed_migrate_core::Result;
use embed_migrate_core::catalog::{ObjectPart, Oid, Policy};

use crate::inspect::catalog_builder::{CatalogBuilder, ObjectClass};
use crate::inspect::row_cells::RowCells;

pub(crate) fn read(row: &RowCells<'_>, builder: &mut CatalogBuilder) -> Result<()> {
    let (oid, name): (Oid, String) = (row.number(0)?, row.text(2)?);
    builder.part(ObjectClass::Policy, row.number(1)?, ObjectPart::Policy(oid, name.clone()));
    let Some(table) = builder.table(oid) else { return Ok(()) };
    let policy = Policy {
        permissive: row.flag(3),
        command: row.text(4)?,
        roles: row.list(5),
        using: row.optional(6),
        check: row.optional(7),
        comment: None,
    };
    table.policies.insert(name, policy);
    Ok(())
}
